"""`plugbay schema`: what plugins can be configured with, and whether a file keeps to that."""

import json
from pathlib import Path

import pytest
from commands import Run, runner
from sites import GROUP, HOST, Site

SCHEMA = {
    "type": "object",
    "properties": {"limit": {"type": "integer"}},
    "additionalProperties": False,
}
MODEL = """
from dataclasses import dataclass

@dataclass
class Settings:
    limit: int = 3

class Plugin:
    config_model = Settings
"""


@pytest.fixture
def plugbay(site: Site) -> Run:
    """Run the command with the site on its path, without colour."""
    return runner(site.root)


def add(site: Site, name: str, schema: object = None, body: str = "raise SystemExit") -> None:
    """Install a plugin; its manifest has the schema, or is missing where there is none."""
    site.add(
        f"plain-{name}",
        {name: f"plain_{name}:Plugin"},
        group=GROUP,
        requires=[f"{HOST}>=1,<2"],
        manifest={"plugins": {GROUP: {name: {"config": schema}}}} if schema else None,
        files={f"plain_{name}.py": body},
    )


def test_the_schema_of_one_plugin_is_that_of_its_manifest(site: Site, plugbay: Run) -> None:
    """Without importing it."""
    add(site, "csv", SCHEMA)
    result = plugbay("schema", "csv")
    assert (result.returncode, json.loads(result.stdout), result.stderr) == (0, SCHEMA, "")


def test_without_a_schema_there_is_a_hint(site: Site, plugbay: Run) -> None:
    """To import the plugin, which then tells of its model."""
    add(site, "csv", body=MODEL)
    result = plugbay("schema", "csv")
    hint = f"plugbay: csv of {GROUP}: its manifest has no schema; --load imports it to ask\n"
    assert (result.returncode, result.stdout, result.stderr) == (1, "", hint)
    loaded = plugbay("schema", "csv", "--load")
    assert json.loads(loaded.stdout)["properties"] == {
        "limit": {"default": 3, "title": "Limit", "type": "integer"}
    }


def test_the_schema_of_all_is_that_of_a_file(site: Site, plugbay: Run) -> None:
    """Of those that have one; the others are named with the reason where they were asked."""
    add(site, "csv", SCHEMA)
    add(site, "tsv", body=MODEL)
    add(site, "broken")
    add(site, "plain", body="class Plugin: ...")
    plugins = json.loads(plugbay("schema").stdout)["properties"]["plugins"]["properties"]
    assert plugins == {"csv": SCHEMA}
    loaded = plugbay("schema", "--load", "--group", GROUP)
    plugins = json.loads(loaded.stdout)["properties"]["plugins"]["properties"]
    assert sorted(plugins) == ["csv", "tsv"]
    assert f"plugbay: plain of {GROUP}: it has no configuration\n" in loaded.stderr
    assert f"plugbay: broken of {GROUP}: SystemExit" in loaded.stderr


def test_a_file_is_checked(site: Site, plugbay: Run, tmp_path: Path) -> None:
    """Each thing that is wrong is a line with its place; nothing is said where nothing is."""
    add(site, "csv", SCHEMA)
    file = tmp_path / "tabletop.toml"
    file.write_text("[plugins.csv]\nlimit = 'x'\nlimti = 3\n")
    result = plugbay("schema", "--check", str(file))
    assert (result.returncode, result.stdout.splitlines()) == (
        1,
        [
            f'csv.limit: it does not have type "integer" ({file}, line 2)',
            f"csv.limti: it is not known; did you mean 'limit'? ({file}, line 3)",
        ],
    )
    file.write_text("[plugins.csv]\nlimit = 3\n")
    fine = plugbay("schema", "csv", "--check", str(file))
    assert (fine.returncode, fine.stdout, fine.stderr) == (0, "", "")


def test_what_is_set_for_nobody_is_told(site: Site, plugbay: Run, tmp_path: Path) -> None:
    """A table of no plugin, a misspelt one of all, and values that nothing is known about."""
    add(site, "csv", SCHEMA)
    add(site, "tsv", body=MODEL)
    file = tmp_path / "tabletop.toml"
    file.write_text("[plugins.cvs]\nlimit = 3\n[plugins.tsv]\nlimit = 'x'\n")
    result = plugbay("schema", "--check", str(file))
    assert (result.returncode, result.stdout) == (
        1,
        f"cvs: there is no such plugin; did you mean 'csv'? ({file}, line 1)\n",
    )
    reason = "its manifest has no schema; --load imports it to ask"
    assert result.stderr == f"plugbay: not checked: tsv of {GROUP}: {reason}\n"
    assert "tsv.limit" in plugbay("schema", "--check", str(file), "--load").stdout
    file.write_text("[plugin.csv]\nlimit = 'x'\n")
    assert "did you mean 'plugins'?" in plugbay("schema", "--check", str(file)).stdout


def test_a_file_that_cannot_be_read_is_told(site: Site, plugbay: Run, tmp_path: Path) -> None:
    """With an exit code of its own."""
    add(site, "csv", SCHEMA)
    result = plugbay("schema", "--check", str(tmp_path / "none.toml"))
    assert result.returncode == 4
    assert "none.toml cannot be read" in result.stderr


def test_an_unknown_name_is_told(site: Site, plugbay: Run) -> None:
    """With the closest one."""
    add(site, "csv", SCHEMA)
    result = plugbay("schema", "csw")
    assert result.returncode == 3
    assert "did you mean 'csv'?" in result.stderr
