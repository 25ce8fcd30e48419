"""Mixins that work together, and two of which one would silently hide the other."""

import plugbay


class Model(plugbay.Extension, group="store.models"):
    """What is stored."""

    def saved(self) -> list[str]:
        return ["written"]


class Timed:
    def saved(self) -> list[str]:
        return ["timed", *super().saved()]  # type: ignore[misc]  # of whatever comes next


class Audited:
    def saved(self) -> list[str]:
        return ["audited", *super().saved()]  # type: ignore[misc]


class Cached:
    def saved(self) -> list[str]:
        return ["cached"]


class Order(Timed, Audited, Model, name="order"):
    pass


print(plugbay.Host("store").group("store.models")["order"].saved())

try:

    class Invoice(Cached, Audited, Model, name="invoice"):
        pass

except plugbay.ExtensionError as error:
    print(error)

# Prints:
# ['timed', 'audited', 'written']
# Invoice has saved() of Cached, which does not call that of Audited; define it in Invoice, or call super().saved() in Cached
