"""plugbay finds, checks, loads and explains the plugins of a Python application.

Every public name is imported on first use (PEP 562), so `import plugbay` costs next to nothing.
Type checkers go by `__init__.pyi`.
"""

from plugbay.lazy_modules import lazy_exports

__version__ = "0.1.0"

# The public names, by the module that each is in. Texts, as they cost least to read at start-up.
_HOMES = {
    "cli.for_hosts": "add_plugin_commands click_plugin_commands",
    "compatibility.host_api": "Denial HostApi",
    "compatibility.policy": "Policy",
    "compatibility.verdict": "Verdict",
    "discovery": "entry_points",
    "discovery.distributions": "Distribution EntryPoint",
    "discovery.strict": "EntryPoints",
    "errors": (
        "CircularLoadError ConfigurationError ExtensionError GroupError HookError HookExitError "
        "HookFailureError HookResultError HookSpecificationError HookValidationError "
        "HostBusyError HostError InvalidReferenceError InvalidVersionError "
        "MalformedMetadataError ManifestError "
        "PipelineError PlugbayError PluginConflictError PluginExecutionError PluginLoadError "
        "PluginNotFoundError PluginOrderError PluginRefusedError PluginStartError "
        "PluginStopError PluginUnavailableError PluginWarning Problem ProjectError ReloadError "
        "SandboxDataError SandboxError SandboxTimeoutError SandboxWorkerError SandboxedError "
        "SealedModuleError SubjectError UnexpectedPluginError"
    ),
    "groups": "Group load_group",
    "hooks.hook": "Hook",
    "hooks.monitoring": "CallRecord",
    "hooks.paths": "HookCall",
    "hooks.registry": "Hooks",
    "hooks.strategies": "Strategy",
    "hosting.components": "Component",
    "hosting.context": "Context",
    "hosting.definitions": "Field fields",
    "hosting.extensions": "Extension",
    "hosting.host": "Host",
    "hosting.loader": "PluginLoader",
    "hosting.pipelines.pipeline": "Pipeline",
    "hosting.pipelines.steps": "PipelineRun",
    "hosting.registry": "HostGroup",
    "hosting.replacing": "Replacement",
    "hosting.updating": "Change",
    "hosting.watching": "Watch",
    "loading.circles": "CircularImport circular_import",
    "loading.environments": "Environment",
    "loading.memory": "MemoryModules",
    "loading.paths": "temporary_sys_path",
    "loading.resource_modules": "resource_module",
    "loading.sealed": "SealedModules",
    "plugins": "Plugin",
    "sandbox.results": "Result",
    "sandbox.sandbox": "Sandbox",
}

_EXPORTS = {name: f".{home}:{name}" for home, names in _HOMES.items() for name in names.split()}
__all__ = sorted([*_EXPORTS, "__version__", "lazy_exports"])  # pyright: ignore[reportUnsupportedDunderAll] # the stub has them one by one

lazy_exports(__name__, _EXPORTS)
