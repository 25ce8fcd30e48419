"""The fixtures that come with plugbay, as a plugin of pytest.

In every run of pytest this is imported, used or not: what costs more than pytest itself, which is
there already, is imported in the fixtures.
"""

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plugbay.testing.environments import MadeDistribution, PluginEnvironment
    from plugbay.testing.hosts import HostMaker
    from plugbay.testing.projects import ProjectInstaller, Wheels

__all__ = ["installed_plugin", "make_distribution", "plugbay_environment", "plugin_host"]


@pytest.fixture
def plugbay_environment() -> "Iterator[PluginEnvironment]":
    """A directory first on sys.path for distributions that are installed while the test runs.

    What is really installed is seen as well, until `plugbay_environment.isolate()`.
    """
    from plugbay.testing.environments import PluginEnvironment

    with PluginEnvironment() as environment:
        yield environment


@pytest.fixture
def make_distribution(
    plugbay_environment: "PluginEnvironment",
) -> "Callable[..., MadeDistribution]":
    """Installs a fake distribution, see plugbay.testing.PluginEnvironment.make_distribution."""
    return plugbay_environment.make_distribution


# The environment is there first, so that plugins are stopped while it still is.
@pytest.fixture
def plugin_host(plugbay_environment: "PluginEnvironment") -> "Iterator[HostMaker]":
    """Makes hosts as plugbay.Host does; they are stopped after the test, whatever happens."""
    from plugbay.testing.hosts import HostMaker

    with HostMaker() as maker:
        yield maker


@pytest.fixture
def installed_plugin(
    plugbay_environment: "PluginEnvironment", _plugbay_wheels: "Wheels"
) -> "ProjectInstaller":
    """Builds the project in a folder, installs its wheel, and gives its plugin, not yet loaded.

    installed_plugin(path, group, name) where it has several; api=, api_version=, policy= and
    expect= are those of plugbay.load_group.
    """
    from plugbay.testing.projects import ProjectInstaller

    return ProjectInstaller(plugbay_environment, _plugbay_wheels)


@pytest.fixture(scope="session")
def _plugbay_wheels(tmp_path_factory: pytest.TempPathFactory) -> "Wheels":
    """The wheels that were built in this session."""
    from plugbay.testing.projects import Wheels

    return Wheels(tmp_path_factory.mktemp("plugbay-wheels"))
