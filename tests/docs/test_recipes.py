"""Every recipe prints what stands at its end."""

import subprocess
import sys
from pathlib import Path

import pytest

RECIPES = sorted((Path(__file__).parents[2] / "docs" / "recipes").glob("*.py"))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.stem)
def test_a_recipe_prints_what_it_says(recipe: Path) -> None:
    """In a process of its own, with warnings as errors."""
    _, told, expected = recipe.read_text("utf-8").partition("\n# Prints:\n")
    assert told
    done = subprocess.run(
        [sys.executable, "-W", "error", str(recipe)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert expected == "".join(f"# {line}\n" for line in done.stdout.splitlines())
