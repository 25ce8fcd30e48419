"""Codecs: arguments and results that JSON does not have, carried as what it has."""

import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import plugbay
from plugbay import Sandbox

MONEY = """
from decimal import Decimal

class Codec:
    def encode(self, value):
        return {"decimal": str(value)} if isinstance(value, Decimal) else value

    def decode(self, value):
        return Decimal(value["decimal"]) if isinstance(value, dict) else value

codec = Codec()
half = object()

def times(amount, by=1, *, of=0):
    assert isinstance(amount, Decimal), amount
    return amount * by + of

def odd():
    return {"decimal": "none"}

def lost():
    return object()

async def later(amount):
    return amount
"""


@pytest.fixture
def money(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox that carries amounts."""
    (tmp_path / "money.py").write_text(MONEY)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "money", raising=False)
    with Sandbox("process", timeout=20, codec="money:codec") as sandbox:
        yield sandbox
    sys.modules.pop("money", None)


def test_arguments_and_results_are_carried(money: Sandbox) -> None:
    """By position and by name, and what a coroutine gives."""
    assert money.run("money:times", Decimal("0.10"), 3).unwrap() == Decimal("0.30")
    assert money.run("money:times", Decimal(1), of=Decimal("0.5")).unwrap() == Decimal("1.5")
    assert money.run("money:later", Decimal("0.10")).unwrap() == Decimal("0.10")
    assert money.run("math:sqrt", 16).unwrap() == 4


@pytest.mark.parametrize("call", ["money:odd", "money:lost"])
def test_what_a_codec_does_not_take_is_an_error(money: Sandbox, call: str) -> None:
    """Of data, and the next call is a healthy one."""
    assert isinstance(money.run(call).error, plugbay.SandboxDataError)
    assert money.run("money:times", Decimal(1)).success


def test_arguments_that_it_does_not_take_are_an_error(money: Sandbox) -> None:
    """Before anything is sent."""
    result = money.run("money:times", {1, 2})
    assert isinstance(result.error, plugbay.SandboxDataError)


@pytest.mark.parametrize(
    "codec", ["nothing_of_this:x", "math:nothing", "math:pi", 3, "no reference"]
)
def test_a_codec_that_cannot_be_used_is_refused(codec: Any) -> None:
    """When the sandbox is made, with its name and the reason."""
    with pytest.raises(plugbay.SandboxError, match=str(codec)):
        Sandbox("process", codec=codec)


@pytest.mark.parametrize("level", ["inprocess", "thread"])
def test_other_levels_have_no_use_for_one(level: Any) -> None:
    """Nor for an environment, and say so."""
    with pytest.raises(plugbay.SandboxError, match="no use for an environment or a codec"):
        Sandbox(level, codec="money:codec")
    with pytest.raises(plugbay.SandboxError, match="no use for an environment or a codec"):
        Sandbox(level, environment={"A": "b"})
