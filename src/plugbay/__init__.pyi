"""The public names of plugbay, for type checkers, which do not read the table of `__init__.py`."""

from plugbay.cli.for_hosts import add_plugin_commands, click_plugin_commands
from plugbay.compatibility.host_api import Denial, HostApi
from plugbay.compatibility.policy import Policy
from plugbay.compatibility.verdict import Verdict
from plugbay.discovery import entry_points
from plugbay.discovery.distributions import Distribution, EntryPoint
from plugbay.discovery.strict import EntryPoints
from plugbay.errors import (
    CircularLoadError,
    ConfigurationError,
    ExtensionError,
    GroupError,
    HookError,
    HookExitError,
    HookFailureError,
    HookResultError,
    HookSpecificationError,
    HookValidationError,
    HostBusyError,
    HostError,
    InvalidReferenceError,
    InvalidVersionError,
    MalformedMetadataError,
    ManifestError,
    PipelineError,
    PlugbayError,
    PluginConflictError,
    PluginExecutionError,
    PluginLoadError,
    PluginNotFoundError,
    PluginOrderError,
    PluginRefusedError,
    PluginStartError,
    PluginStopError,
    PluginUnavailableError,
    PluginWarning,
    Problem,
    ProjectError,
    ReloadError,
    SandboxDataError,
    SandboxedError,
    SandboxError,
    SandboxTimeoutError,
    SandboxWorkerError,
    SealedModuleError,
    SubjectError,
    UnexpectedPluginError,
)
from plugbay.groups import Group, load_group
from plugbay.hooks.hook import Hook
from plugbay.hooks.monitoring import CallRecord
from plugbay.hooks.paths import HookCall
from plugbay.hooks.registry import Hooks
from plugbay.hooks.strategies import Strategy
from plugbay.hosting.components import Component
from plugbay.hosting.context import Context
from plugbay.hosting.definitions import Field, fields
from plugbay.hosting.extensions import Extension
from plugbay.hosting.host import Host
from plugbay.hosting.loader import PluginLoader
from plugbay.hosting.pipelines.pipeline import Pipeline
from plugbay.hosting.pipelines.steps import PipelineRun
from plugbay.hosting.registry import HostGroup
from plugbay.hosting.replacing import Replacement
from plugbay.hosting.updating import Change
from plugbay.hosting.watching import Watch
from plugbay.lazy_modules import lazy_exports
from plugbay.loading.circles import CircularImport, circular_import
from plugbay.loading.environments import Environment
from plugbay.loading.memory import MemoryModules
from plugbay.loading.paths import temporary_sys_path
from plugbay.loading.resource_modules import resource_module
from plugbay.loading.sealed import SealedModules
from plugbay.plugins import Plugin
from plugbay.sandbox.results import Result
from plugbay.sandbox.sandbox import Sandbox

__all__ = [
    "CallRecord",
    "Change",
    "CircularImport",
    "CircularLoadError",
    "Component",
    "ConfigurationError",
    "Context",
    "Denial",
    "Distribution",
    "EntryPoint",
    "EntryPoints",
    "Environment",
    "Extension",
    "ExtensionError",
    "Field",
    "Group",
    "GroupError",
    "Hook",
    "HookCall",
    "HookError",
    "HookExitError",
    "HookFailureError",
    "HookResultError",
    "HookSpecificationError",
    "HookValidationError",
    "Hooks",
    "Host",
    "HostApi",
    "HostBusyError",
    "HostError",
    "HostGroup",
    "InvalidReferenceError",
    "InvalidVersionError",
    "MalformedMetadataError",
    "ManifestError",
    "MemoryModules",
    "Pipeline",
    "PipelineError",
    "PipelineRun",
    "PlugbayError",
    "Plugin",
    "PluginConflictError",
    "PluginExecutionError",
    "PluginLoadError",
    "PluginLoader",
    "PluginNotFoundError",
    "PluginOrderError",
    "PluginRefusedError",
    "PluginStartError",
    "PluginStopError",
    "PluginUnavailableError",
    "PluginWarning",
    "Policy",
    "Problem",
    "ProjectError",
    "ReloadError",
    "Replacement",
    "Result",
    "Sandbox",
    "SandboxDataError",
    "SandboxError",
    "SandboxTimeoutError",
    "SandboxWorkerError",
    "SandboxedError",
    "SealedModuleError",
    "SealedModules",
    "Strategy",
    "SubjectError",
    "UnexpectedPluginError",
    "Verdict",
    "Watch",
    "__version__",
    "add_plugin_commands",
    "circular_import",
    "click_plugin_commands",
    "entry_points",
    "fields",
    "lazy_exports",
    "load_group",
    "resource_module",
    "temporary_sys_path",
]

__version__: str
