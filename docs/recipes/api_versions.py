"""Plugins that say which version of the host they were written for, and those it refuses."""

import plugbay

host = plugbay.Host("studio", api=plugbay.HostApi("studio", "1.3"))
WRITTEN_FOR = {
    "text_analyzer": "1.0",
    "sentiment_analyzer": "1.2",
    "image_processor": "2.0",
    "legacy_plugin": "0.9",
}

for name, version in WRITTEN_FOR.items():
    host.register(name, str.upper, api=version)

plugins = host["studio.plugins"]
for name, component in plugins.components.items():
    print(f"{name}: {component.reason or plugins[name]('ready')}")

# Prints:
# image_processor: it needs studio~=2.0, and this is studio 1.3
# legacy_plugin: it works with studio~=0.9, and this is studio 1.3
# sentiment_analyzer: READY
# text_analyzer: READY
