"""Misspelt names, each of which is an error where it is written and says what was meant."""

import plugbay


class Validator(plugbay.Extension, group="forms.validators"):
    """What checks a field of a form."""

    message: str = "not valid"
    required: bool = False


def defined(number: int) -> None:
    """Define one of three wrong classes."""
    if number == 1:

        class Email(Validator, name="email"):
            mesage = "not an address"

    elif number == 2:

        class Phone(Validator, name="phone", priorty=1):
            message = "not a number"

    else:
        plugbay.Host("forms").group("forms.validators")["emial"]


class Url(Validator, name="url"):
    message = "not a link"


for number in (1, 2, 3):
    try:
        defined(number)
    except plugbay.PlugbayError as error:
        print(f"{type(error).__name__}: {error}")

# Prints:
# ExtensionError: defined.<locals>.Email sets 'mesage', which its bases do not have; did you mean 'message'? If not, annotate it
# ExtensionError: defined.<locals>.Phone has the option 'priorty', which is none; did you mean 'priority'?
# PluginNotFoundError: the group 'forms.validators' has no plugin 'emial'; there are url
