"""Specifications: a hook is called like the function that specifies it, and described like it."""

import asyncio
import functools
import inspect
from collections.abc import Callable, Generator
from typing import Any, get_type_hints

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from plugging import module

from plugbay import Hook, HookError, Hooks, HookSpecificationError
from plugbay.hooks import calls

# Names that the code of a hook's call uses itself.
USED = [
    *calls._NAMES,
    *("BaseException", "Exception", "SystemExit", "hasattr"),
    *("bound_", "error_", "function", "plugins", "plugins_0", "plugins_1", "self"),
]


def written(source: str, **scope: object) -> Any:
    """The function `ask` with these parameters, and perhaps a body."""
    exec(f"def ask({source}", scope)  # noqa: S102  # what these tests write
    return scope["ask"]


def answered(specification: Any, implementation: Any = None, **options: Any) -> Any:
    """The hook of a function, with one plugin that answers by a function, else by the same one."""
    hooks = Hooks("tabletop")
    ask = hooks.spec(**options)(specification)
    answer = hooks.impl(name="ask")(implementation or specification)
    hooks.register(module("p", ask=answer))
    return ask


def outcome(call: Callable[[], object]) -> object:
    """What a call gives, or the words of the TypeError that it raises."""
    try:
        return call()
    except TypeError as error:
        return f"TypeError: {error}"


@st.composite
def parameters(draw: st.DrawFn) -> tuple[list[str], str]:
    """The names of some parameters, and how they are written."""
    words_of_code = ["x", "y", "self", "error_", *calls._NAMES]
    names = draw(st.lists(st.sampled_from(words_of_code), max_size=5, unique=True))
    by_keyword = draw(st.integers(0, len(names)))
    by_position = draw(st.integers(0, by_keyword))
    has_default = draw(st.integers(0, by_keyword))
    words = []
    for number, name in enumerate(names):
        is_free = number >= by_keyword and draw(st.booleans())
        words.append(f"{name}={number}" if is_free or has_default <= number < by_keyword else name)
    if by_keyword < len(names):
        words.insert(by_keyword, "*")
    if by_position:
        words.insert(by_position, "/")
    return names, ", ".join(words)


@given(parameters(), st.data())
def test_any_call_is_as_that_of_the_function(signature: tuple[list[str], str], data: Any) -> None:
    """The same arguments arrive, and the same mistakes are told in the same words."""
    names, source = signature
    plain = written(f"{source}): return list(locals().items())")
    ask = answered(plain, strategy="first")
    args = data.draw(st.lists(st.integers(90, 99), max_size=6))
    keywords = st.sampled_from([*names, "other"])
    kwargs = data.draw(st.dictionaries(keywords, st.integers(80, 89), max_size=6))
    expected = outcome(lambda: plain(*args, **kwargs))
    for _ in range(2):
        assert expected == outcome(lambda: ask(*args, **kwargs))
    first = outcome(lambda: ask.calls(*args, **kwargs)[0]())
    assert expected == first


ROUTES: dict[str, dict[str, Any]] = {
    "plain": {},
    "until": {"strategy": "first_avail"},
    "pipeline": {"strategy": "pipeline"},
    "custom": {"strategy": lambda calls: [call() for call in calls]},
    "historic": {"historic": True},
    "collect": {"on_failure": "collect"},
}


def wrap(hooks: Hooks) -> None:
    """Register a wrapper of `ask` that changes nothing."""

    @hooks.impl(name="ask", wrapper=True)
    def through(**rest: object) -> Generator[None, Any, Any]:
        result = yield
        return result

    hooks.register(module("wrapper", ask=through))


@pytest.mark.parametrize("name", USED)
@pytest.mark.parametrize("route", [*ROUTES, "wrapper"])
def test_parameters_may_have_any_name(route: str, name: str) -> None:
    """Those of the code that a call runs are in nobody's way, whether all is well or not."""
    hooks = Hooks("tabletop")
    ask: Any = hooks.spec(**ROUTES.get(route, {}))(written(f"{name}, other=2): ..."))
    impl = hooks.impl(name="ask")
    hooks.register(module("p", ask=impl(written(f"{name}, other): return {name} // other"))))
    hooks.register(module("q", ask=impl(written(f"*, {name}): return {name}"))))
    if route == "wrapper":
        wrap(hooks)
    expected = {"until": 3, "pipeline": 3}.get(route, [3, 6])
    for _ in range(2):
        assert expected == ask(6) == ask(**{name: 6})
    with pytest.raises((ZeroDivisionError, ExceptionGroup)):
        ask(1, other=0)


@pytest.mark.parametrize("name", USED)
def test_parameters_of_asynchronous_hooks_may_have_any_name(name: str) -> None:
    """As of others."""
    hooks = Hooks("tabletop")
    scope: dict[str, Any] = {}
    exec(f"async def ask({name}, other=2): return {name} // other", scope)  # noqa: S102  # as above
    ask: Any = hooks.spec(scope["ask"])
    hooks.register(module("p", ask=hooks.impl(scope["ask"])))
    assert [3] == asyncio.run(ask(6))
    with pytest.raises(ZeroDivisionError):
        asyncio.run(ask(6, other=0))


def test_defaults_are_those_of_the_specification() -> None:
    """An implementation's own count for nothing: the host says what a call means."""
    default: list[int] = []

    def ask(x: int, y: list[int] = default, *, z: int = 3) -> Any: ...

    def answer(z: int = 30, y: list[int] | None = None) -> Any:
        return y, z

    hook = answered(ask, answer, strategy="first")
    assert ([], 3) == hook(1)
    assert hook(1)[0] is default
    assert ([5], 6) == hook(1, [5], z=6)


def test_it_is_described_like_the_function() -> None:
    """Name, module, words, signature, annotations and what else is set on the function."""

    def ask(x: int, /, y: "str" = "a", *, z: float) -> str | None:
        """Ask about x."""

    ask.topic = "x"  # type: ignore[attr-defined]
    hook: Any = Hooks("tabletop").spec(ask)
    for attribute in ("__name__", "__qualname__", "__module__", "__doc__", "__defaults__", "topic"):
        assert getattr(ask, attribute) == getattr(hook, attribute)
    describes: list[Any] = [inspect.signature, get_type_hints, inspect.getsource, inspect.getdoc]
    for describe in describes:
        assert describe(ask) == describe(hook)
    assert inspect.isfunction(hook)
    assert not inspect.iscoroutinefunction(hook)
    for use in (lambda: hook(1, z=1, w=2), lambda: hook(x=1)):
        with pytest.raises(
            TypeError, match=r"test_it_is_described_like_the_function\.<locals>\.ask"
        ):
            use()


def test_an_asynchronous_one_is_a_coroutine_function() -> None:
    """Before its first call and after it."""

    async def ask() -> str | None: ...

    hook: Any = Hooks("tabletop").spec(ask)
    for _ in range(2):
        assert inspect.iscoroutinefunction(hook)
        assert [] == asyncio.run(hook())


def test_what_type_checkers_see_is_there() -> None:
    """Whatever has no underscore in Hook can be had of a hook, and what has one is nobody's."""
    hook: Any = Hooks("tabletop").spec(written("x): ..."))
    seen = {name for name in vars(Hook) if not name.startswith("_")}
    assert set() == seen - set(dir(hook))


def test_a_decorated_function_specifies_what_it_wraps() -> None:
    """What `inspect` says of the decorated function holds for the hook: names and defaults."""

    def ask(x: int, y: int = 2, *, z: int = 3) -> Any:
        return x, y, z

    @functools.wraps(ask)
    def deprecated(*args: Any, **kwargs: Any) -> Any:
        return ask(*args, **kwargs)

    hook = answered(deprecated, ask, strategy="first")
    assert inspect.signature(ask) == inspect.signature(hook)
    assert ((1, 2, 3), (1, 5, 6)) == (hook(1), hook(1, 5, z=6))


@pytest.mark.parametrize(
    ("source", "word"),
    [("*rows): ...", r"\*rows"), ("x, **options): ...", r"\*\*options"), ("): yield", "no yield")],
)
def test_a_signature_that_no_call_can_have(source: str, word: str) -> None:
    """Parameters without a name cannot be checked, and a generator has no one result."""
    with pytest.raises(HookSpecificationError, match=f"the hook 'ask' .*{word}"):
        Hooks("tabletop").spec(written(source))


@pytest.mark.parametrize(
    "thing",
    [len, str, functools.partial(print), "ask", None, 3, staticmethod(print), lambda x: x],
    ids=repr,
)
def test_only_a_plain_function_specifies_a_hook(thing: Any) -> None:
    """Anything else is refused, and so is a function without a name."""
    hooks = Hooks("tabletop")
    with pytest.raises(HookSpecificationError):
        hooks.spec()(thing)
    assert [] == list(hooks)


async def waits() -> Any: ...


def acts() -> Any: ...


@pytest.mark.parametrize(
    ("options", "function", "words"),
    [
        ({"historic": True, "strategy": "first"}, acts, "is historic, so it gives all results"),
        ({"historic": True, "strategy": "pipeline"}, acts, "is historic, so it gives all results"),
        ({"historic": True, "strategy": len}, acts, "is historic, so it gives all results"),
        ({"historic": True}, waits, "historic, .*not asynchronous"),
        ({"together": True}, acts, "run together, so it is asynchronous"),
        ({"together": True, "strategy": "pipeline"}, waits, "neither a pipeline nor custom"),
        ({"together": True, "strategy": len}, waits, "neither a pipeline nor custom"),
        ({"strategy": "pipeline"}, acts, "a pipeline without a first parameter"),
        ({"strategy": len, "on_failure": "skip"}, acts, "custom, so its strategy deals with fail"),
        ({"strategy": len, "on_failure": "collect"}, waits, "custom, so its strategy deals"),
        ({"strategy": len, "disable_after": 1}, acts, "custom, .*and not on_failure"),
        ({"on_failure": "ignore"}, acts, "on_failure='ignore' is not one of raise, skip, collect"),
        ({"disable_after": 0}, acts, "disable_after=0 is not a number of failures, 1 or more"),
    ],
)
def test_options_that_contradict_each_other(options: Any, function: Any, words: str) -> None:
    """They are refused where they are written, and no hook is left behind."""
    hooks = Hooks("tabletop")
    with pytest.raises(HookError, match=words):
        hooks.spec(**options)(function)
    assert [] == list(hooks)
    assert [function.__name__] == [hooks.spec(function).__name__]


@pytest.mark.parametrize("options", [{"on_failure": "skip"}, {"disable_after": 1}])
def test_a_strategy_of_ones_own_deals_with_failures(options: Any) -> None:
    """What a host says of all its hooks is no contradiction; "raise" is none either."""
    with pytest.raises(HookSpecificationError, match=r"'acts' is custom.*change one of these"):
        Hooks("tabletop").spec(strategy=len, **options)(acts)
    assert 0 == Hooks("tabletop", **options).spec(strategy=len)(acts)()  # type: ignore[arg-type]
    assert 0 == Hooks("tabletop").spec(strategy=len, on_failure="raise")(acts)()  # type: ignore[arg-type]


def test_a_hook_is_specified_once() -> None:
    """The second one is refused with the modules of both, and the first one stays."""
    hooks = Hooks("tabletop")
    first = hooks.spec(acts)
    with pytest.raises(HookSpecificationError, match=r"'acts' of 'tabletop' .*twice.* test_spec"):
        hooks.spec(acts)
    assert hooks["acts"] is first
    assert Hooks("tabletop").spec(acts) is not first


def test_hooks_by_name() -> None:
    """They can be listed and had by name; another name is told with the closest ones."""
    hooks = Hooks("tabletop")
    with pytest.raises(HookError, match="'tabletop' has no hook 'acts'; there are none"):
        hooks["acts"]
    ask = hooks.spec(written("x): ..."))
    act = hooks.spec(acts)
    assert (["ask", "acts"], ask, act) == (list(hooks), hooks["ask"], hooks["acts"])
    assert "<Hooks of 'tabletop': 2 hooks, 0 plugins>" == repr(hooks)
    with pytest.raises(HookError, match=r"'tabletop' has no hook 'asks'; did you mean 'ask'\?"):
        hooks["asks"]


@given(parameters(), parameters())
def test_an_implementation_may_ask_for_some(
    given_: tuple[list[str], str], asked: tuple[list[str], str]
) -> None:
    """It gets by name what it asks for, in whatever order and of whatever kind its own are."""
    names, source = given_
    wanted = [name for name in asked[0] if name in names]
    assume("/" not in source and "/" not in asked[1])
    answer = written(f"{'*, ' * bool(wanted)}{', '.join(wanted)}): return dict(locals())")
    rest = written(f"{', '.join(wanted)}{', ' * bool(wanted)}**rest_): return rest_")
    values = {name: number + 50 for number, name in enumerate(names)}
    plain = written(f"{source}): ...")
    assert {name: values[name] for name in wanted} == answered(plain, answer)(**values)[0]
    others = {name: value for name, value in values.items() if name not in wanted}
    assert others == answered(plain, rest)(**values)[0]
