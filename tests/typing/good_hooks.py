"""Uses of hooks that type checkers accept, with the types that they must find."""

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from typing import Any, Protocol, assert_type

from plugbay import Group, Hook, HookCall, Hooks, Strategy

hooks = Hooks("tabletop", order={"show": ["csv"]}, on_failure="skip", disable_after=3)


# What a call takes and gives.


@hooks.spec
def show(rows: list[int], title: str = "", *, verbose: bool = False) -> str | None: ...


@hooks.spec(historic=True, required=True, on_failure="collect", disable_after=3)
def started() -> int:
    raise NotImplementedError


@hooks.spec()
def stopped() -> None: ...


@hooks.spec
def unknown(rows: list[int]) -> Any: ...


assert_type(show([1]), list[str])
assert_type(show([1], "a title"), list[str])
assert_type(show(rows=[1], verbose=True, title="a title"), list[str])
assert_type(started(), list[int])
stopped()
for anything in unknown([1]):
    anything.is_not_looked_at()

as_hook: Hook[..., list[str], str | None] = show
as_function: Callable[[list[int]], list[str]] = show


# What becomes of the results.


def give(name: str, /) -> str | None: ...


assert_type(hooks.spec(strategy="all")(give)("x"), list[str | None])
assert_type(hooks.spec(strategy="all_avails")(give)("x"), list[str])
assert_type(hooks.spec(strategy="first")(give)("x"), str | None)
assert_type(hooks.spec(strategy=Strategy.ALL)(give)("x"), list[str | None])
assert_type(hooks.spec(strategy=Strategy.ALL_AVAILS)(give)("x"), list[str])
assert_type(hooks.spec(strategy=Strategy.ALL_FIRST_AVAIL)(give)("x"), str)
assert_type(hooks.spec(strategy=Strategy.ALL_LAST_AVAIL)(give)("x"), str)
assert_type(hooks.spec(strategy=Strategy.FIRST_AVAIL)(give)("x"), str)
assert_type(hooks.spec(strategy=Strategy.LAST_AVAIL)(give)("x"), str)
assert_type(hooks.spec(strategy=Strategy.TRY_ALL_FIRST_AVAIL)(give)("x"), str | None)
assert_type(hooks.spec(strategy=Strategy.TRY_ALL_LAST_AVAIL)(give)("x"), str | None)
assert_type(hooks.spec(strategy=Strategy.TRY_FIRST_AVAIL)(give)("x"), str | None)
assert_type(hooks.spec(strategy=Strategy.TRY_LAST_AVAIL)(give)("x"), str | None)


def count(name: str, /) -> int:
    raise NotImplementedError


assert_type(hooks.spec(strategy=Strategy.ALL_FIRST)(count)("x"), int)
assert_type(hooks.spec(strategy=Strategy.ALL_LAST)(count)("x"), int)
assert_type(hooks.spec(strategy=Strategy.FIRST)(count)("x"), int)
assert_type(hooks.spec(strategy=Strategy.LAST)(count)("x"), int)
assert_type(hooks.spec(strategy=Strategy.SINGLE)(count)("x"), int)
assert_type(hooks.spec(strategy=Strategy.TRY_ALL_FIRST)(count)("x"), int | None)
assert_type(hooks.spec(strategy=Strategy.TRY_ALL_LAST)(count)("x"), int | None)
assert_type(hooks.spec(strategy=Strategy.TRY_FIRST)(count)("x"), int | None)
assert_type(hooks.spec(strategy=Strategy.TRY_LAST)(count)("x"), int | None)
assert_type(hooks.spec(strategy=Strategy.TRY_SINGLE)(count)("x"), int | None)


@hooks.spec(strategy=Strategy.PIPELINE)
def prepare(rows: list[int], reverse: bool = False) -> list[int]:
    raise NotImplementedError


assert_type(prepare([1]), list[int])
assert_type(prepare([1], reverse=True), list[int])


def by_plugin(calls: list[HookCall[Any]]) -> dict[str, int]:
    return {call.plugin: call() for call in calls}


def mean(calls: list[HookCall[int]]) -> float:
    return sum(call() for call in calls) / len(calls)


async def newest(calls: list[HookCall[Awaitable[str]]]) -> bytes:
    return (await calls[-1]()).encode()


def last(calls: list[HookCall[Awaitable[str]]]) -> Awaitable[str]:
    return calls[-1]()


assert_type(hooks.spec(strategy=by_plugin)(count)("x"), dict[str, int])
assert_type(hooks.spec(strategy=mean)(count)("x"), float)
assert_type(hooks.spec(strategy=len)(count)("x"), int)
assert_type(hooks.spec(strategy=lambda calls: [*map(str, calls)])(count)("x"), list[str])


# Other ways to call.

assert_type(show.iterate([1], verbose=True), Iterator[str])
assert_type(show.pairs([1], "a title"), list[tuple[str, str]])
assert_type(show.of("csv")([1], title="a title"), str | None)
assert_type(show.calls([1]), list[HookCall[str | None]])
assert_type(show.calls([1])[0](), str | None)
assert_type(show.calls([1])[0].plugin, str)
assert_type(show.explain(), str)
show.clear_history()

every = hooks.spec(strategy="all")(give)
assert_type(every.iterate("x"), Iterator[str | None])
assert_type(every.pairs("x"), list[tuple[str, str | None]])
assert_type(every.of("csv")("x"), str | None)

single = hooks.spec(strategy="single")(count)
assert_type(single.of("csv")("x"), int)
assert_type(single.calls("x"), list[HookCall[int]])


# Asynchronous hooks.


@hooks.spec(together=True)
async def fetch(key: str, *, again: bool = False) -> bytes | None: ...


@hooks.spec
async def closed(code: int) -> None: ...


async def ask(name: str, /) -> str | None: ...


async def tell(name: str, /) -> str:
    raise NotImplementedError


async def asynchronous() -> None:
    assert_type(await fetch("a", again=True), list[bytes])
    assert_type(fetch.iterate("a"), AsyncIterator[bytes])
    assert_type(await fetch.pairs("a"), list[tuple[str, bytes]])
    assert_type(await fetch.of("web")("a"), bytes | None)
    assert_type(await fetch.calls("a")[0](), bytes | None)
    async for each in fetch.iterate("a"):
        assert_type(each, bytes)
    await closed(1)

    plain = hooks.spec(ask)
    assert_type(await plain("x"), list[str])
    every = hooks.spec(strategy="all")(ask)
    assert_type(await every("x"), list[str | None])
    assert_type(await every.pairs("x"), list[tuple[str, str | None]])
    assert_type(await hooks.spec(strategy="first_avail")(ask)("x"), str)
    assert_type(await hooks.spec(strategy="try_first_avail")(ask)("x"), str | None)
    assert_type(await hooks.spec(strategy="last")(tell)("x"), str)
    assert_type(await hooks.spec(strategy="try_last")(tell)("x"), str | None)
    assert_type(await hooks.spec(strategy="pipeline")(tell)("x"), str)
    single = hooks.spec(strategy="single")(tell)
    assert_type(await single.of("csv")("x"), str)
    assert_type(await hooks.spec(strategy=len)(tell)("x"), int)
    assert_type(await hooks.spec(strategy=newest)(tell)("x"), bytes)
    assert_type(await hooks.spec(strategy=last)(tell)("x"), str)


# Implementations stay what they are.


@hooks.impl
def alone(rows: list[int]) -> str:
    return ""


@hooks.impl(name="alone", priority=(1.5, 2), before="csv", after=["json"], first=True)
def named(rows: list[int], *, verbose: bool) -> str:
    return ""


@hooks.impl(wrapper=True, last=True, optional=True, priority=1)
def around(rows: list[int]) -> Generator[None, list[str], list[str]]:
    return (yield)


class Plugin:
    @hooks.impl
    def method(self, rows: list[int]) -> str:
        return ""

    @hooks.impl
    @staticmethod
    def static(rows: list[int]) -> str:
        return ""

    @staticmethod
    @hooks.impl(last=True)
    def marked_static(rows: list[int]) -> str:
        return ""

    @hooks.impl
    @classmethod
    def of_class(cls, rows: list[int]) -> "Plugin":
        return cls()

    @classmethod
    @hooks.impl
    def marked_of_class(cls, rows: list[int]) -> "Plugin":
        return cls()

    @hooks.impl
    async def waits(self, key: str) -> bytes:
        return b""


assert_type(alone([1]), str)
assert_type(named([1], verbose=True), str)
assert_type(around([1]), Generator[None, list[str], list[str]])
assert_type(Plugin().method([1]), str)
assert_type(Plugin.method(Plugin(), rows=[1]), str)
assert_type(Plugin.static([1]), str)
assert_type(Plugin().marked_static([1]), str)
assert_type(Plugin.of_class([1]), Plugin)
assert_type(Plugin().marked_of_class([1]), Plugin)


async def implemented() -> None:
    assert_type(await Plugin().waits("a"), bytes)


# Who takes part.


class Base(Protocol):
    def method(self, rows: list[int]) -> str: ...


hooks.register(Plugin, Plugin(), alone, on_failure="collect", disable_after=1)
hooks.register(Plugin, name="another")
assert_type(hooks.discover("tabletop.plugins", strict=True, on_failure="raise"), Group[Any])
assert_type(hooks.discover("tabletop.plugins", expect=Base), Group[Base])
assert_type(hooks["show"], Hook[..., Any, Any])
assert_type(list(hooks), list[str])
assert_type(hooks.problems, tuple[str, ...])
assert_type(hooks.trace(), Callable[[], None])
with hooks.only("csv"), hooks.without("json"):
    show([1])
