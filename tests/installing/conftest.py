"""The environments and wheels of these tests; making them takes seconds, so it is done once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from premises import Premises, add_wheel

BOUND = ["boardgame<2"]


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A host in two versions, plugins for the one and the other, and broken ones."""
    folder = tmp_path_factory.mktemp("wheels")
    for version in ("1.0", "2.0"):
        add_wheel(folder, "boardgame", version)
    for version, requires in {"1.0": BOUND, "1.1": BOUND, "2.0": ["boardgame>=2"]}.items():
        chess = {"chess": "game_chess:play"}
        add_wheel(
            folder, "game-chess", version, requires=requires, plugins=chess, body="play = 'e4'"
        )
    add_wheel(folder, "game-go", "1.0", requires=BOUND, plugins={"go": "game_go:play"})
    add_wheel(
        folder,
        "game-quits",
        "1.0",
        requires=BOUND,
        plugins={"quits": "game_quits:play"},
        body="raise SystemExit('imported')\nplay = 1",
    )
    add_wheel(folder, "game-torn", "1.0", entry_points="[boardgame.games]\nx\n")
    return folder


@pytest.fixture(scope="session")
def made_with_pip(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> Premises:
    return Premises(tmp_path_factory.mktemp("with-pip"), wheels, with_pip=True)


@pytest.fixture(scope="session")
def made_without_pip(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> Premises:
    return Premises(tmp_path_factory.mktemp("without-pip"), wheels, with_pip=False)


@pytest.fixture
def with_pip(made_with_pip: Premises) -> Premises:
    """An environment that has pip, the host in its first version, and a plugin for it."""
    made_with_pip.put("boardgame-1.0", "game_chess-1.0")
    return made_with_pip


@pytest.fixture
def without_pip(made_without_pip: Premises) -> Iterator[Premises]:
    """One that has no pip, with the same; what tests have put beside it is removed again."""
    made_without_pip.put("boardgame-1.0", "game_chess-1.0")
    files = {*made_without_pip.prefix.iterdir(), *made_without_pip.programs.iterdir()}
    yield made_without_pip
    for each in {*made_without_pip.prefix.iterdir(), *made_without_pip.programs.iterdir()} - files:
        if each.is_dir():
            each.rmdir()
        else:
            each.unlink()
