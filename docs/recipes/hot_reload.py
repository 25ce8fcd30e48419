"""A plugin that is replaced while the program runs; one that is broken leaves the old one."""

import importlib
import sys
import tempfile
from pathlib import Path

import plugbay

with tempfile.TemporaryDirectory() as folder:
    source = Path(folder, "demo_plugin.py")
    sys.path.insert(0, folder)

    source.write_text("def process(text):\n    return text.upper()\n")
    host = plugbay.Host("demo")
    host.register("text_processor", importlib.import_module("demo_plugin").process)
    plugins = host["demo.plugins"]
    print(f"v1 loaded: result = {plugins['text_processor']('Hello World')}")

    source.write_text("def process(text):\n    return text.lower()\n")
    generation = host.reload("text_processor").generation
    print(f"v2 reloaded: result = {plugins['text_processor']('Hello World')}")
    print(f"Generation: {generation}")

    source.write_text("def process(text):\n    retrun text\n")
    try:
        host.reload("text_processor")
    except plugbay.ReloadError as error:
        print(f"{type(error).__name__} from {type(error.__cause__).__name__}")
    print(f"still v2: result = {plugins['text_processor']('Hello World')}")

    host.rollback("text_processor")
    print(f"v1 again: result = {plugins['text_processor']('Hello World')}")

# Prints:
# v1 loaded: result = HELLO WORLD
# v2 reloaded: result = hello world
# Generation: 2
# ReloadError from SyntaxError
# still v2: result = hello world
# v1 again: result = HELLO WORLD
