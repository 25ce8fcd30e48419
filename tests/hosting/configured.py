"""Plugins with configuration for tests, and what is wrong with it."""

from pathlib import Path
from typing import Any

import pytest

import plugbay
from plugbay import Host

__all__ = ["config_of", "configured", "faults", "toml"]


def configured(models: dict[str, Any], **options: Any) -> Host:
    """A host with a plugin for each of these models, which keeps what it is given as `config`."""

    def initialize(self: Any, context: plugbay.Context) -> None:
        self.config = context.config

    host = Host("tabletop", **options)
    for name, model in models.items():
        host.register(name, type("P", (), {"config_model": model, "initialize": initialize}))
    return host


def config_of(model: Any, name: str = "csv", **options: Any) -> Any:
    """What a plugin of this model and name is given."""
    with configured({name: model}, **options) as host:
        return host["tabletop.plugins"][name].config


def faults(models: dict[str, Any], **options: Any) -> list[str]:
    """What is wrong with the values for plugins of these models."""
    host = configured(models, on_start_failure="stop", **options)
    with pytest.raises(plugbay.ConfigurationError) as raised:
        host.start()
    assert "active" not in {each.state for each in host.components}
    found = [str(each) for each in raised.value.faults]
    assert [*str(raised.value).split("\n- ")][1:] == found
    return found


def toml(folder: Path, text: str) -> Path:
    """A file with this configuration."""
    file = folder / "tabletop.toml"
    file.write_text(text, "utf-8")
    return file
