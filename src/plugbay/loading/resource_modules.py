"""Resource modules: a resource that a whole program shares, had by importing a module."""

import sys
from importlib.machinery import ModuleSpec
from threading import Lock, get_ident
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

__all__ = ["ResourceModule", "resource_module"]

# What stands for a resource that was not created yet, and for one that is closed.
_NONE, _CLOSED = object(), object()
# What each thread waits for, which is read and changed under the lock only.
_waiting: "dict[int, _Shared]" = {}
_looking = Lock()


def resource_module(
    name: str, create: "Callable[[], Any]", close: "Callable[[Any], object] | None" = None
) -> "ResourceModule":
    """A module of that name, whose attributes are those of what `create()` returns.

    From now on `import name` gives it, in every thread, also where a file of that name could be
    found. For a dotted name its package is imported, and has the module as an attribute.

    Raises ValueError if a module of that name is imported already, or the package has something
    else of that name, and whatever importing the package raises.
    """
    parent, _, child = name.rpartition(".")
    package = vars(__import__(parent, fromlist=["__name__"])) if parent else {}
    if child in package:
        raise ValueError(f"{parent!r} has something named {child!r} already")
    module = ResourceModule(name, create, close)
    # At once for all threads, of which another one may ask for the same name.
    if sys.modules.setdefault(name, module) is not module:
        raise ValueError(f"there is a module {name!r} already, or it is being imported")
    package[child] = module
    return module


class ResourceModule(ModuleType):
    """A module in front of a resource that is created on first use, once, whatever the threads.

    Reading an attribute that the module has not itself creates the resource. A `create()` that
    raises does so there, and is called again by the next access. It must not wait for another
    thread that uses the resource, which waits for it: nor may it import a module that uses it while
    it is imported. If it asks for the resource itself, also by way of other resources that wait for
    each other, that is a RuntimeError. Setting and deleting attributes is done to the resource.

    Names with two underscores at both ends belong to the import system and tools that go through
    all modules: they are never looked for in the resource. Neither they nor `dir()` create it.

    A context manager: leaving it is `close()`.
    """

    def __init__(
        self, name: str, create: "Callable[[], Any]", close: "Callable[[Any], object] | None"
    ) -> None:
        super().__init__(name, getattr(create, "__doc__", None))
        vars(self).update(
            __spec__=ModuleSpec(name, None, origin="a shared resource"),
            __package__=name.rpartition(".")[0],
            __shared__=_Shared(name, create, close),
        )

    def close(self) -> None:
        """Close the resource, by `close` or by its own `close()`, if it was created; only once.

        The module leaves `sys.modules`, and using it is a RuntimeError from then on. Waits for a
        `create()` that is under way. Raises whatever closing raises; it is closed all the same.
        """
        resource, close = self.__shared__.end(), self.__shared__.close
        _forget(self)
        if resource is _NONE or resource is _CLOSED:
            return
        if close is not None:
            close(resource)
        elif hasattr(resource, "close"):
            resource.close()

    def __enter__(self) -> "Self":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Called for what the module has not itself.
    def __getattr__(self, name: str) -> "Any":
        if _is_of_python(name):
            raise AttributeError(
                f"module {self.__name__!r} has no attribute {name!r}", name=name, obj=self
            )
        return getattr(self.__shared__.get(), name)

    def __setattr__(self, name: str, value: object) -> None:
        if _is_of_python(name):
            super().__setattr__(name, value)
        else:
            setattr(self.__shared__.get(), name, value)

    def __delattr__(self, name: str) -> None:
        if _is_of_python(name):
            super().__delattr__(name)
        else:
            delattr(self.__shared__.get(), name)

    def __dir__(self) -> list[str]:
        resource = self.__shared__.resource
        its = () if resource is _NONE or resource is _CLOSED else dir(resource)
        return sorted({*vars(self), "close", *its})


class _Shared:
    """The resource behind a module, which threads wait for while one of them creates it."""

    def __init__(
        self, name: str, create: "Callable[[], Any]", close: "Callable[[Any], object] | None"
    ) -> None:
        self.resource: Any = _NONE
        self.close = close
        self._name = name
        self._create = create
        self._lock = Lock()
        self._owner: int | None = None

    def get(self) -> "Any":
        """The resource, created now if it is not yet there."""
        if self.resource is _NONE:
            self._enter()
            try:
                if self.resource is _NONE:
                    self.resource = self._create()
            finally:
                self._leave()
        resource = self.resource
        if resource is _CLOSED:
            raise RuntimeError(f"the resource of module {self._name!r} is closed")
        return resource

    def end(self) -> "Any":
        """Have no resource any more; gives the one that there was."""
        self._enter()
        try:
            found, self.resource = self.resource, _CLOSED
        finally:
            self._leave()
        return found

    def _enter(self) -> None:
        """Wait until no other thread creates it; RuntimeError if that waits for this thread."""
        me = get_ident()
        with _looking:
            self._refuse_circle(me)
            _waiting[me] = self
        try:
            self._lock.acquire()
        except BaseException:
            with _looking:
                _waiting.pop(me, None)
            raise
        with _looking:  # both at once, so that nobody is ever seen to wait for what it has
            _waiting.pop(me, None)
            self._owner = me

    def _leave(self) -> None:
        with _looking:
            self._owner = None
        self._lock.release()

    def _refuse_circle(self, me: int) -> None:
        """Go from who creates this to what that one waits for, and on; it must not lead to me."""
        names, each = [self._name], self
        while each._owner is not None:
            if each._owner == me:
                circle = " -> ".join([*names, self._name])
                raise RuntimeError(
                    f"the resource of module {self._name!r} is asked for while it is being created "
                    f"({circle}); its create() must do without what needs it"
                )
            if each._owner not in _waiting:
                return
            each = _waiting[each._owner]
            names.append(each._name)


def _is_of_python(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _forget(module: ResourceModule) -> None:
    """Have it imported no longer, and take it out of its package, where it is still there."""
    if sys.modules.get(module.__name__) is module:
        del sys.modules[module.__name__]
    parent, _, child = module.__name__.rpartition(".")
    package = vars(sys.modules[parent]) if parent in sys.modules else {}
    if package.get(child) is module:
        del package[child]
