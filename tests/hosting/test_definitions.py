"""The fields of classes: read once, again when a class has changed, and checked once."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

import plugbay
from plugbay.hosting.definitions import MISSING, Field, fields


class Column:
    """What a field of a model is made of, as in an object-relational mapper."""

    def __get__(self, instance: object, owner: type) -> "Column":
        raise AssertionError("reading the fields runs no code of theirs")


def a_model(**namespace: Any) -> type:
    """A new class with the fields `id: int` and `title: str = "-"`, and what is given."""
    annotations = {"id": int, "title": str, **namespace.pop("annotations", {})}
    return type("Model", (), {"__annotations__": annotations, "title": "-", **namespace})


def shown(cls: type) -> list[tuple[str, Any, Any]]:
    return [(each.name, each.annotation, each.default) for each in fields(cls).values()]


def test_fields_are_those_that_are_annotated() -> None:
    """In the order of their writing, bases first, with the default that counts."""
    base = a_model(helper=3, data=Column(), annotations={"data": "Column"})
    derived = type("Derived", (base,), {"__annotations__": {"size": float}, "title": "x"})
    assert shown(derived) == [
        ("id", int, MISSING),
        ("title", str, "x"),
        ("data", "Column", vars(base)["data"]),
        ("size", float, MISSING),
    ]
    assert [each.is_required for each in fields(derived).values()] == [True, False, False, True]
    assert repr(fields(derived)["title"]) == "<Field title: <class 'str'> = 'x'>"


def test_fields_are_read_once() -> None:
    """The same mapping is given until the class changes; nobody can change it."""
    model = a_model()
    first = fields(model)
    assert fields(model) is first
    with pytest.raises(TypeError):
        first["new"] = first["id"]  # type: ignore[index]  # it is what is tried


@pytest.mark.parametrize("way", ["set", "annotate", "delete", "base", "bases"])
def test_a_change_of_a_class_is_seen(way: str) -> None:
    """An attribute set or deleted, a field added, a base changed or exchanged."""
    base = a_model()
    model = type("Derived", (base,), {"__annotations__": {"size": int}, "size": 1})
    before = shown(model)
    if way == "set":
        model.size = 2  # type: ignore[attr-defined]  # as a program does while it runs
    elif way == "annotate":
        vars(model)["__annotations__"]["more"] = str
        model.__annotations__ = dict(model.__annotations__)
    elif way == "delete":
        del model.size  # type: ignore[attr-defined]
    elif way == "base":
        base.title = "other"  # type: ignore[attr-defined]
    else:
        model.__bases__ = (a_model(title="third"),)
    assert shown(model) != before


def test_a_new_default_is_seen() -> None:
    """Also one that is equal to the old one."""
    model = a_model(annotations={"flag": bool}, flag=True)
    assert fields(model)["flag"].default is True
    model.flag = 1  # type: ignore[attr-defined]
    assert fields(model)["flag"].default is not True


def test_many_threads_read_while_one_changes() -> None:
    """Each reading is of one state of the class, and the last one is of the last."""
    model = a_model(annotations={f"field{number}": int for number in range(50)})
    wrong: list[object] = []
    over = threading.Event()

    def read() -> None:
        last = 0
        while not over.is_set():
            number = len(fields(model))
            if number < last:
                wrong.append((last, number))
            last = number

    readers = [threading.Thread(target=read) for _ in range(4)]
    for each in readers:
        each.start()
    for number in range(1000):
        model.__annotations__ = model.__annotations__ | {f"more{number}": int}
        if f"more{number}" not in fields(model):
            wrong.append(number)
    over.set()
    for each in readers:
        each.join()
    assert not wrong


def test_classes_are_not_kept() -> None:
    """What is known of a class goes with it."""
    import gc
    import weakref

    model = a_model()
    fields(model)
    reference = weakref.ref(model)
    del model
    gc.collect()
    assert reference() is None


def test_a_descriptor_that_knows_its_class_does_not_keep_it() -> None:
    """As those of object-relational mappers do."""
    import gc
    import weakref

    class Owned:
        def __set_name__(self, owner: type, name: str) -> None:
            self.owner = owner

    model = a_model(annotations={"owned": "Owned"}, owned=Owned())
    assert isinstance(fields(model)["owned"].default, Owned)
    field = fields(model)["owned"]
    reference = weakref.ref(model)
    del model
    gc.collect()
    assert reference() is None
    assert field.default is MISSING


class Counting:
    """A check that counts its calls, and wants fields to be in lower case."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, found: Mapping[str, Field]) -> Iterator[str]:
        self.calls += 1
        yield from (f"{name!r} is not lower case" for name in found if not name.islower())


def test_a_definition_is_checked_once() -> None:
    """A hundred classes of the same fields cost one check, one of others another."""
    check = Counting()

    class Record(plugbay.Extension, group="definitions.once", check=check):
        number: int = 0

    for number in range(100):
        type(f"Record{number}", (Record,), {}, name=f"record{number}")
    assert check.calls == 1
    type("Another", (Record,), {"number": 1}, name="another")
    assert check.calls == 2
    type("Truth", (Record,), {"number": True}, name="truth")
    assert check.calls == 3


def test_a_wrong_definition_is_told_each_time() -> None:
    """Also where the answer is known already; the class does not come to be."""
    check = Counting()

    class Sheet(plugbay.Extension, group="definitions.wrong", check=check): ...

    for _ in range(2):
        with pytest.raises(plugbay.ExtensionError) as caught:
            type("Wrong", (Sheet,), {"__annotations__": {"Size": int}}, name="wrong")
        assert str(caught.value) == "Wrong is not defined as it should: 'Size' is not lower case"
    assert check.calls == 1
    assert "wrong" not in plugbay.Host("definitions").group("definitions.wrong")


def test_defaults_that_cannot_be_hashed_are_checked_each_time() -> None:
    """They may have changed since."""
    check = Counting()

    class Form(plugbay.Extension, group="definitions.unhashable", check=check): ...

    for number in range(3):
        namespace = {"__annotations__": {"values": list}, "values": [number]}
        type(f"Form{number}", (Form,), namespace, name=f"form{number}")
    assert check.calls == 3


def test_checks_of_all_kinds_count() -> None:
    """A class answers to the check of each of its bases."""

    def no_numbers(found: Mapping[str, Field]) -> Iterable[str]:
        return ["it has a number"] if "number" in found else []

    check = Counting()

    class Page(plugbay.Extension, group="definitions.all", check=check): ...

    class Text(Page, check=no_numbers): ...

    with pytest.raises(plugbay.ExtensionError) as caught:
        type("Both", (Text,), {"__annotations__": {"number": int, "B": int}}, name="both")
    assert "it has a number; 'B' is not lower case" in str(caught.value)


def test_a_field_of_its_own_class_does_not_keep_it() -> None:
    """As that of a tree may be."""
    import gc
    import weakref

    node = a_model()
    node.__annotations__["next"] = node
    assert fields(node)["next"].annotation is node
    reference = weakref.ref(node)
    del node
    gc.collect()
    assert reference() is None
