"""A package whose names are imported on first access, and what each access costs."""

import sys
import tempfile
from pathlib import Path

import plugbay

SHOP = """
from plugbay import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:  # for type checkers only
    from json import dumps, loads

    from . import orders

lazy_exports(__name__, {"dumps": "json:dumps", "loads": "json:loads", "orders": ".orders"})
"""

with tempfile.TemporaryDirectory() as folder:
    Path(folder, "shop").mkdir()
    Path(folder, "shop", "__init__.py").write_text(SHOP)
    Path(folder, "shop", "orders.py").write_text("print('importing shop.orders')\n")
    with plugbay.temporary_sys_path(folder):
        import shop

        print("imported:", sorted(name for name in sys.modules if name.startswith("shop")))
        print("loads works:", shop.loads("[1, 2, 3]") == [1, 2, 3])
        print("it is kept:", vars(shop)["loads"] is shop.loads)

        from shop import orders

        print("a module:", orders.__name__)
        print("names:", shop.__all__)
        try:
            shop.load  # noqa: B018  # the name is misspelt
        except AttributeError as error:
            print(error)

# Prints:
# imported: ['shop']
# loads works: True
# it is kept: True
# importing shop.orders
# a module: shop.orders
# names: ['dumps', 'loads', 'orders']
# module 'shop' has no attribute 'load'
