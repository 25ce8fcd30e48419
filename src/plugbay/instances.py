"""Instances: the one object that a class gives, made when it is first asked for."""

from _thread import RLock, get_ident

from plugbay.errors import CircularLoadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Instance"]

# The threads that are making an instance, once for each that they are making.
_makers: list[int] = []


class Instance:
    """What a plugin gives: its object, or the one instance of its class.

    Safe from many threads: the class is called once. `plugin` is what messages name it by.
    """

    __slots__ = ("_found", "_is_being_made", "_lock", "_object", "_plugin")

    def __init__(self, found: "Any", plugin: object) -> None:
        self._found = found
        self._plugin = plugin
        self._object: Any = None if isinstance(found, type) else found
        self._is_being_made = False
        self._lock = RLock()

    def get(self) -> "Any":
        """The object; raises whatever the class raises when it is called.

        Raises CircularLoadError while the class is making it and asks for it meanwhile.
        """
        if self._object is None:
            me = get_ident()
            # Who is making a plugin waits for nobody who makes another: they might wait for it.
            if not self._lock.acquire(blocking=me not in _makers):
                raise CircularLoadError(f"{self._plugin} is being made by another thread")
            try:
                self._make(me)
            finally:
                self._lock.release()
        return self._object

    def _make(self, me: int) -> None:
        """Call the class; the lock is held, and can be taken again by the same thread."""
        if self._is_being_made:
            raise CircularLoadError(f"{self._plugin} asks for itself while it is being made")
        if self._object is not None:
            return
        self._is_being_made = True
        _makers.append(me)
        try:
            self._object = self._found()
        finally:
            _makers.remove(me)
            self._is_being_made = False
