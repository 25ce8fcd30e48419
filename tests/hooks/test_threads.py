"""Threads: each call has the plugins of one moment, and nothing waits for ever."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier, Event, Thread
from time import monotonic, sleep
from typing import Any

import pytest
from speakers import Speaker, declared, speaker, surround

from plugbay import Hooks

SECONDS = 1  # after which a thread is taken to wait for ever


@pytest.fixture(autouse=True)
def _turns() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def at_once(*jobs: Callable[[], object]) -> list[str]:
    """Run each in a thread of its own; gives the names of those that never came to an end."""
    threads = [Thread(target=job, name=str(i), daemon=True) for i, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    deadline = monotonic() + SECONDS
    for thread in threads:
        thread.join(max(0, deadline - monotonic()))
    return [thread.name for thread in threads if thread.is_alive()]


# -- many threads ---------------------------------------------------------------------------------


class Changes:
    """Changes hooks at random, and knows what each state that there was answers."""

    def __init__(self, hooks: Hooks, seed: int) -> None:
        self.hooks = hooks
        self.random = Random(seed)  # noqa: S311  # the same changes each time
        self.ranks: dict[str, list[int]] = {}
        self.blocked: set[str] = set()
        self.batch = 1
        # A state is added before the change that leads to it begins; `done` counts those that
        # have been reached for certain.
        self.states = [["base"]]
        self.done = 0

    def make(self, times: int) -> None:
        for _ in range(times):
            self.random.choice([self.come, self.go, self.block, self.unblock, self.move])()

    def _to(self, change: Callable[[], object]) -> None:
        here = {name: rank for name, rank in self.ranks.items() if name not in self.blocked}
        state = sorted([*here, "base"], key=lambda name: here.get(name, [0, 0, 0]))
        self.states.append(state)
        change()
        self.done += 1

    def come(self) -> None:
        new = [name for name in "abcd" if name not in self.ranks][:2]
        self.random.shuffle(new)
        self.ranks |= {name: [0, self.batch, index] for index, name in enumerate(new)}
        self.batch += 1
        self._to(lambda: self.hooks.register(*(speaker(self.hooks, name) for name in new)))

    def go(self) -> None:
        if self.ranks:
            name = self.random.choice(sorted(self.ranks))
            del self.ranks[name]
            self._to(lambda: self.hooks.unregister(name))

    def block(self) -> None:
        name = self.random.choice("abcd")
        self.blocked.add(name)
        self._to(lambda: self.hooks.block(name))

    def unblock(self) -> None:
        name = self.random.choice("abcd")
        self.blocked.discard(name)
        self._to(lambda: self.hooks.unblock(name))

    def move(self) -> None:
        if self.ranks:
            name = self.random.choice(sorted(self.ranks))
            self.ranks[name][0] = priority = self.random.randint(-2, 2)

            def change() -> None:
                self.hooks.plugins[name].priority = priority

            self._to(change)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("way", ["plain", "wrapped", "monitored", "scoped"])
def test_each_call_sees_one_state_while_plugins_come_and_go(way: str, seed: int) -> None:
    """One of those that there were between its beginning and its end; never a mixture."""
    hooks = Hooks("tabletop")
    roll = declared(hooks)
    hooks.register(speaker(hooks, "base"))
    if way == "wrapped":
        hooks.register(surround(hooks, "w"))
    if way == "monitored":
        hooks.monitor(lambda record: None, lambda record: None)
    changes = Changes(hooks, seed)
    if way == "wrapped":
        changes.batch += 1
    is_over = Event()

    def call(left_out: str) -> int:
        count = 0
        while not is_over.is_set() or not count:
            earliest = changes.done
            found = roll() if way != "scoped" else called_without(left_out)
            possible = changes.states[earliest : len(changes.states)]
            if way == "scoped":
                possible = [[each for each in state if each != left_out] for state in possible]
            if way == "wrapped":
                assert ("<w", "w>") == (found.pop(0), found.pop())
            assert found in possible
            count += 1
        return count

    def called_without(name: str) -> Any:
        if name == "base":
            with hooks.without(name):
                return roll()
        return roll()

    with ThreadPoolExecutor(4) as pool:
        callers = [pool.submit(call, name) for name in ("base", "nobody", "base")]
        try:
            changes.make(150)
        finally:
            is_over.set()
        assert all(caller.result() for caller in callers)


def test_a_class_is_instantiated_once_by_the_first_calls_of_many_threads() -> None:
    """And each of those calls gets its answer."""
    hooks = Hooks("tabletop")
    roll = declared(hooks)
    made: list[object] = []

    class Slow:
        def __init__(self) -> None:
            sleep(0.02)
            made.append(self)

        @hooks.impl
        def roll(self) -> str:
            return "slow"

    hooks.register(Slow)
    barrier = Barrier(8)

    def call(_: int) -> Any:
        barrier.wait()
        return roll()

    with ThreadPoolExecutor(8) as pool:
        assert [["slow"]] * 8 == list(pool.map(call, range(8)))
    assert 1 == len(made)


def test_two_classes_that_call_each_others_hooks_do_not_wait_for_each_other() -> None:
    """Each is made in a thread of its own, and calls the hook of the other meanwhile."""
    hooks = Hooks("tabletop")
    barrier = Barrier(2)

    @hooks.spec
    def one() -> str | None: ...

    @hooks.spec
    def two() -> str | None: ...

    class One:
        def __init__(self) -> None:
            barrier.wait(SECONDS)
            two()

        @hooks.impl
        def one(self) -> str:
            return "one"

    class Two:
        def __init__(self) -> None:
            barrier.wait(SECONDS)
            one()

        @hooks.impl
        def two(self) -> str:
            return "two"

    hooks.register(One, Two)
    assert [] == at_once(one, two)
    assert (["one"], ["two"]) == (one(), two())


def test_a_replayed_call_may_wait_for_another_thread() -> None:
    """No lock is held while a plugin is told of earlier calls."""
    hooks = Hooks("tabletop")
    roll = declared(hooks, historic=True)
    roll()
    stuck: list[str] = []

    def ask() -> list[str]:
        stuck.extend(at_once(lambda: hooks.register(speaker(hooks, "b"))))
        return stuck

    hooks.register(speaker(hooks, "a", ask))
    assert ([], ["a", "b"]) == (stuck, list(hooks.plugins))


def test_a_historic_call_in_many_threads_reaches_each_plugin_once() -> None:
    """Those that come meanwhile too."""
    hooks = Hooks("tabletop")

    @hooks.spec(historic=True)
    def told(number: int) -> None: ...

    heard: dict[str, list[int]] = {name: [] for name in "abcdef"}

    def listener(name: str) -> Speaker:
        def listen(number: int) -> None:
            heard[name].append(number)

        return Speaker(name, told=hooks.impl(name="told")(listen))

    def call(start: int) -> None:
        for number in range(start, start + 100):
            told(number)

    def register() -> None:
        for name in heard:
            sleep(0.005)
            hooks.register(listener(name))

    assert [] == at_once(lambda: call(0), lambda: call(100), register)
    assert [list(range(200))] * 6 == [sorted(each) for each in heard.values()]
