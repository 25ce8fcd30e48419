"""TEST: fake installed distributions, hosts that are stopped, and contracts, for tests of plugins.

The fixtures of these come with pytest's plugin, see `plugbay.testing.plugin`. It imports this
package in every run of pytest, so what is in here is imported when it is asked for.
"""

# ruff: noqa: TC004 - what the block imports for type checkers is there at run time, by lazy_exports()

from plugbay.lazy_modules import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugbay.testing.contracts import PluginContract
    from plugbay.testing.environments import MadeDistribution, PluginEnvironment
    from plugbay.testing.hosts import HostMaker
    from plugbay.testing.projects import ProjectInstaller

__all__ = [
    "HostMaker",
    "MadeDistribution",
    "PluginContract",
    "PluginEnvironment",
    "ProjectInstaller",
]

lazy_exports(
    __name__,
    {
        "HostMaker": ".hosts:HostMaker",
        "MadeDistribution": ".environments:MadeDistribution",
        "PluginContract": ".contracts:PluginContract",
        "PluginEnvironment": ".environments:PluginEnvironment",
        "ProjectInstaller": ".projects:ProjectInstaller",
    },
)
