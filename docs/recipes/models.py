"""Models with many columns: their fields are read once, and again when a model is changed."""

import plugbay


class Column:
    """A descriptor, which is costly to ask for a value."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __get__(self, instance: object, owner: type) -> object:
        raise RuntimeError("this would ask the database")


class Model(plugbay.Extension, group="orm.models"):
    """What is stored in a table."""


class User(Model, name="user"):
    id: int = Column("integer")  # type: ignore[assignment]  # as in object-relational mappers
    name: str = Column("text")  # type: ignore[assignment]


columns = plugbay.fields(User)
print({name: field.default.kind for name, field in columns.items()})
print("read again:", plugbay.fields(User) is not columns)

User.__annotations__["email"] = str
User.email = Column("text")  # type: ignore[attr-defined]
print({name: field.default.kind for name, field in plugbay.fields(User).items()})

# Prints:
# {'id': 'integer', 'name': 'text'}
# read again: False
# {'id': 'integer', 'name': 'text', 'email': 'text'}
