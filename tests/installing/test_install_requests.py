"""What installers can be asked for, and what is refused before one is."""

import pytest

from plugbay.installing.requests import VERBS, RequestError, Wanted, request


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Game.Chess", Wanted("Game.Chess", "game_chess", (), True)),
        ("game[b,a]", Wanted("game[b,a]", "game", ("a", "b"), True)),
        ("game<2,>=1", Wanted("game<2,>=1", "game")),
        ("game; python_version > '3'", Wanted("game; python_version > '3'", "game")),
        ("game @ https://x/y.zip", Wanted("game @ https://x/y.zip", "game")),
        ("./game", Wanted("./game")),
        ("..", Wanted("..")),
        ("git+https://x/game", Wanted("git+https://x/game")),
        (
            "dist/game_go-1.0-py3-none-any.whl",
            Wanted("dist/game_go-1.0-py3-none-any.whl", "game_go"),
        ),
        ("game_go-1.0.tar.gz", Wanted("game_go-1.0.tar.gz", "game_go")),
        ("https://x/g-1.0.zip#sha256=0", Wanted("https://x/g-1.0.zip#sha256=0", "g")),
    ],
)
def test_whatever_installers_take_is_taken_as_it_is(text: str, wanted: Wanted) -> None:
    """With the name of the distribution where it can be told."""
    assert request("install", [f" {text} "]).wanted == (wanted,)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "text", ["-r", "-r./wanted.txt", "--index-url=https://x", " -e.", "", "a b", "a=1", "<2"]
)
def test_options_and_nonsense_are_no_names(verb: str, text: str) -> None:
    """A name that begins with a dash would be an option of the installer."""
    with pytest.raises(RequestError, match=r"is no (name|requirement)"):
        request(verb, ["game", text])


def test_all_that_is_wrong_is_said_at_once() -> None:
    """Each text is named, and nothing else is."""
    with pytest.raises(RequestError) as caught:
        request("uninstall", ["a==1", "b", "./c", "-d"])
    told = str(caught.value)
    assert [each in told for each in ("'a==1'", "'b'", "'./c'", "'-d'")] == [1, 0, 1, 1]


def test_what_has_no_name_cannot_be_upgraded() -> None:
    """Nobody can look for newer releases of a directory; a wheel has a name."""
    with pytest.raises(RequestError, match="install it"):
        request("upgrade", ["./game"])
    assert request("upgrade", ["./game-1.0-py3-none-any.whl", "go<2"]).names == ["game", "go"]


def test_what_is_named_is_not_pinned() -> None:
    """Whoever asks for the host itself wants it to change."""
    asked = request("upgrade", ["Board.game", "go"], {"board-game": "1.0", "shop": "3"})
    assert asked.pinned == ["shop==3"]
