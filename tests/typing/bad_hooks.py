"""Uses of hooks that type checkers must not accept: each line that ends in `# error`."""

from typing import Any

from plugbay import HookCall, Hooks, Strategy

hooks = Hooks("tabletop")


# Wrong arguments and wrong uses of the results.


@hooks.spec
def show(rows: list[int], title: str = "", *, verbose: bool = False) -> str | None: ...


@hooks.spec
def unknown(rows: list[int], /) -> dict[str, Any]:
    raise NotImplementedError


show()  # error
show(["x"])  # error
show([1], 2)  # error
show([1], "a title", True)  # error
show([1], verbose="yes")  # error
show([1], verbos=True)  # error
show([1], "a title", title="a title")  # error
unknown(rows=[1])  # error
show([1]).upper()  # error
show([1])[0].uper()  # error
one: str = show([1])  # error
numbers: list[int] = show([1])  # error

show.iterate(["x"])  # error
next(show.iterate([1])).uper()  # error
show.pairs([1], verbos=True)  # error
show.pairs([1])[0][1].uper()  # error
show.of(1)  # error
show.of("csv")("x")  # error
show.of("csv")([1]).upper()  # error
show.calls()  # error
show.calls([1])[0](1)  # error
show.calls([1])[0]().upper()  # error
show.explain([1])  # error
show.other()  # error


# What becomes of the results.


def give(name: str, /) -> str | None: ...


def count(name: str, /) -> int:
    raise NotImplementedError


def total(calls: list[HookCall[int]]) -> int:
    return sum(call() for call in calls)


hooks.spec(strategy=Strategy.ALL)(give)("x")[0].upper()  # error
hooks.spec(strategy="all_avails")(give)("x")[0].uper()  # error
hooks.spec(strategy="first")(give)("x").upper()  # error
hooks.spec(strategy="first_avail")(give)("x").uper()  # error
hooks.spec(strategy="try_first_avail")(give)("x").upper()  # error
hooks.spec(strategy="all_last")(count)("x").upper()  # error
hooks.spec(strategy="try_last")(count)("x") + 1  # error
hooks.spec(strategy="single")(count)(1)  # error
hooks.spec(strategy="single")(count).of("csv")(1)  # error
hooks.spec(strategy="try_single")(count)("x") + 1  # error
hooks.spec(strategy=total)(count)("x").upper()  # error
hooks.spec(strategy=total)(count)(1)  # error


@hooks.spec(strategy="pipeline")
def prepare(rows: list[int], reverse: bool = False) -> list[int]:
    raise NotImplementedError


prepare(["x"])  # error
prepare([1], revers=True)  # error
prepare([1])[0].upper()  # error


# Wrong options.


def of_nothing() -> int:
    return 1


def of_numbers(numbers: list[int]) -> int:
    return sum(numbers)


hooks.spec(strategy="fist")(give)  # error
hooks.spec(strategy=Strategy.FIST)(give)  # error
hooks.spec(strategy=1)(give)  # error
hooks.spec(strategy=of_nothing)(give)  # error
hooks.spec(strategy=of_numbers)(give)  # error
hooks.spec(strateg="all")(give)  # error
hooks.spec("all")  # error
hooks.spec(give, strategy="all")  # error
hooks.spec(historic="yes")(give)  # error
hooks.spec(on_failure="ignore")(give)  # error
hooks.spec(disable_after="3")(give)  # error
hooks.spec(strategy="first", on_failure="ignore")(give)  # error
hooks.spec(1)  # error
Hooks()  # error
Hooks("tabletop", {"show": ["csv"]})  # error
Hooks("tabletop", order={"show": 1})  # error
Hooks("tabletop", on_failure="ignore")  # error


@hooks.spec(strategy="fist")  # error
def misspelt() -> str | None: ...


# Asynchronous hooks.


@hooks.spec(together=True)
async def fetch(key: str, *, again: bool = False) -> bytes | None: ...


async def tell(name: str, /) -> str:
    raise NotImplementedError


async def newest(calls: list[HookCall[Any]]) -> bytes:
    return b""


async def asynchronous() -> None:
    await fetch(1)  # error
    await fetch("a", True)  # error
    await fetch("a", agin=True)  # error
    fetch("a")  # error
    fetch("a")[0]  # error
    (await fetch("a"))[0].encode()  # error
    for _ in fetch.iterate("a"):  # error
        pass
    async for each in fetch.iterate("a"):
        each.encode()  # error
    fetch.pairs("a")[0]  # error
    (await fetch.pairs("a"))[0][1].encode()  # error
    fetch.of("web")("a").decode()  # error
    (await fetch.of("web")("a")).decode()  # error
    fetch.calls("a")[0]().decode()  # error
    (await hooks.spec(strategy="first")(tell)("x")).decode()  # error
    (await hooks.spec(strategy="try_first")(tell)("x")).upper()  # error
    (await hooks.spec(strategy=newest)(tell)("x")).encode()  # error
    await show([1])  # error


# Implementations stay what they are.


@hooks.impl
def alone(rows: list[int]) -> str:
    return ""


class Plugin:
    @hooks.impl(last=True)
    def method(self, rows: list[int]) -> str:
        return ""

    @hooks.impl
    @staticmethod
    def static(rows: list[int]) -> str:
        return ""

    @hooks.impl
    @classmethod
    def of_class(cls, rows: list[int]) -> str:
        return ""


alone(["x"])  # error
alone([1]).uper()  # error
Plugin().method(["x"])  # error
Plugin.method([1])  # error
Plugin.static()  # error
Plugin.of_class([1]).uper()  # error
hooks.impl("show")  # error
hooks.impl(nam="show")(alone)  # error
hooks.impl(name=1)(alone)  # error
hooks.impl(priority="high")(alone)  # error
hooks.impl(priority=(1, 2, 3))(alone)  # error
hooks.impl(before=1)(alone)  # error
hooks.impl(first="yes")(alone)  # error
hooks.impl(alone, first=True)  # error


# Who takes part.

hooks.register(Plugin, names="another")  # error
hooks.register(Plugin, on_failure="ignore")  # error
hooks.discover()  # error
hooks.discover("tabletop.plugins", strct=True)  # error
hooks.discover("tabletop.plugins", on_conflict="last")  # error
hooks.discover("tabletop.plugins", on_failure="ignore")  # error
hooks.discover("tabletop.plugins", expect=Plugin)["csv"].other()  # error
hooks.only(1)  # error
hooks[1]  # error
hooks.monitor(before=of_nothing)  # error
