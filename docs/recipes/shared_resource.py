"""A connection that a whole program shares by importing it, made when it is first used."""

import sys
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import plugbay


class Connection:
    """A resource that takes a while to make."""

    def __init__(self) -> None:
        print("connecting")
        self.url = "db://localhost"
        self.pool_size = 5

    def close(self) -> None:
        print("closing")


with plugbay.resource_module("db_connection", Connection) as module:
    import db_connection

    print("a module:", db_connection is module, isinstance(db_connection, ModuleType))
    with ThreadPoolExecutor(8) as pool:
        print("eight threads:", set(pool.map(lambda _: db_connection.url, range(8))))
    print("pool size:", db_connection.pool_size)

print("imported:", "db_connection" in sys.modules)
try:
    db_connection.url  # noqa: B018  # somebody has kept it
except RuntimeError as error:
    print(error)

# Prints:
# a module: True True
# connecting
# eight threads: {'db://localhost'}
# pool size: 5
# closing
# imported: False
# the resource of module 'db_connection' is closed
