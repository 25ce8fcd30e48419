"""Validators that are registered by being defined; a misspelt one is an error where it stands."""

import re

import plugbay


class Validator(plugbay.Extension, group="forms.validators"):
    """What says whether a text is of some form."""

    pattern: str

    def is_valid(self, text: str) -> bool:
        return re.fullmatch(self.pattern, text) is not None


class Email(Validator, name="email"):
    pattern = r"[^@\s]+@[^@\s]+"


class Phone(Validator, name="phone"):
    pattern = r"\+?[\d\s-]{7,15}"


class Url(Validator, name="url"):
    pattern = r"https?://.+"


validators = plugbay.Host("forms").group("forms.validators", expect=Validator)
print(f"Available validators: {sorted(validators)}")
print(f"email valid: {validators['email'].is_valid('ada@example.org')}")
print(f"phone valid: {validators['phone'].is_valid('+1 555 0100')}")
print(f"url valid: {validators['url'].is_valid('not-a-url')}")
print(f"in the namespace of the base: {[each for each in vars(Validator) if each[0] != '_']}")

try:

    class Digits(Validator, name="digits"):
        patern = r"\d+"

except plugbay.ExtensionError as error:
    print(error)

# Prints:
# Available validators: ['email', 'phone', 'url']
# email valid: True
# phone valid: True
# url valid: False
# in the namespace of the base: ['is_valid']
# Digits sets 'patern', which its bases do not have; did you mean 'pattern'? If not, annotate it
