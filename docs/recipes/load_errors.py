"""A plugin that cannot be loaded is one kind of error, which says where and what to do."""

import tempfile
import warnings
from pathlib import Path

import plugbay

FILES = {
    "absent.py": None,
    "broken.py": "def create_plugin(:\n",
    "failing.py": "import no_such_module\n",
    "newer.py": 'PLUGIN_METADATA = {"id": "newer", "api_version": ">=2"}\n',
    "jammed.py": "class Plugin:\n    def initialize(self, context):\n        raise OSError('no paper')\n",
}

with tempfile.TemporaryDirectory() as folder:
    warnings.simplefilter("ignore", plugbay.PluginWarning)  # of what is printed here
    with plugbay.PluginLoader(plugbay.Host("demo", api_version="1.3")) as loader:
        for name, text in FILES.items():
            file = Path(folder, name)
            if text is not None:
                file.write_text(text)
            try:
                loader.load_plugin(file)
            except plugbay.PluginUnavailableError as error:
                said = str(error).replace(folder, "...").partition("; ")[0]
                print(f"{type(error).__name__}: {said}")
        print(f"loaded: {list(loader.loaded)}")

# Prints:
# PluginLoadError: absent.py: it cannot be read: No such file or directory (.../absent.py)
# PluginLoadError: broken.py: it is not Python: invalid syntax (.../broken.py, line 1)
# PluginLoadError: plugin 'failing' of failing (.../failing.py, line 1) could not be loaded from '.../failing.py': ModuleNotFoundError: No module named 'no_such_module'
# PluginRefusedError: plugin 'newer' of newer (.../newer.py, line 1) is refused: it needs demo>=2, and this is demo 1.3
# PluginStartError: plugin 'jammed' of jammed (.../jammed.py, line 1) could not be started: OSError: no paper
# loaded: []
