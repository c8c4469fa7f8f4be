"""Which paths may be used, and which two cannot stand side by side."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer.errors import UnsafePath
from backend_engineer.paths import PathIndex, check_path, path_problem


@pytest.mark.parametrize(
    "path",
    ["a.ts", "app/[id]/(g)/page.tsx", "@scope/pkg/x.ts", "a+b.c", "with blank/é ü.md", ".env", ".github/x.yml", ".gitignore",
     "contact.py", "community/x", "config/a.b.c.d", "日本/文.txt", "console.log", "nullable.sql", "components/Conf.vue.ts"],
)  # fmt: skip
def test_ordinary_paths_are_kept_as_they_are(path: str) -> None:
    assert check_path(path) == path


@pytest.mark.parametrize(
    ("path", "normal"), [("./a", "a"), ("a/./b", "a/b"), ("a//b", "a/b"), ("././x/.y", "x/.y")]
)
def test_empty_and_single_dot_parts_are_left_out(path: str, normal: str) -> None:
    assert check_path(path) == normal


@pytest.mark.parametrize(
    ("path", "word"),
    [("../x", "'..'"), ("a/../b", "'..'"), ("/etc/x", "absolute"), ("//srv/x", "network"), ("\\\\srv\\x", "network"), ("C:\\x", "backslash"),
     ("C:x", "drive"), ("~/x", "home"), ("~root/x", "home"), ("a\x00b", "U+0000"), ("a\nb", "U+000A"), ("a\u202eb", "U+202E"),
     ("a.", "dot or a blank"), ("a /b", "dot or a blank"), ("a\u00a0", "dot or a blank"), ("NUL", "reserved"), ("x/com1.txt", "reserved"),
     ("Aux.tar.gz", "reserved"), ("lpt²", "reserved"), (".git/hooks/x", "git's own"), ("sub/.GIT/config", "git's own"), ("git~1/x", "git's own"),
     (".g\u200cit/x", "git's own"), ("ab:c", "colon"), ("a/.", "folder"), (".", "no file"), ("x\\y", "backslash"), ("", "no file"), ("..", "no file"), ("a/", "folder"),
     ("a\ud800", "U+D800"), ("n" * 256, "longer"), ("d/" * 600 + "x", "longer")],
)  # fmt: skip
def test_unsafe_paths_are_refused_with_the_reason(path: str, word: str) -> None:
    with pytest.raises(UnsafePath) as error:
        check_path(path)
    assert error.value.path == path
    assert word in error.value.reason


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=30),
        st.lists(st.sampled_from(["a", ".", "..", ".git", "con", "b.ts", "", "~", "c:"]), max_size=5).map(
            "/".join
        ),
    )
)
def test_a_path_that_passes_stays_inside_and_is_its_own_normal_form(path: str) -> None:
    if path_problem(path) is None:
        normal = check_path(path)
        assert check_path(normal) == normal
        parts = normal.split("/")
        assert ".." not in parts
        assert "" not in parts
        assert not normal.startswith("/")


@pytest.mark.parametrize(
    ("paths", "kinds"),
    [(["A.ts", "a.ts"], ["case"]), (["\u00e9", "e\u0301"], ["unicode"]), (["a", "a/b"], ["folder"]), (["a/b/c", "a/b"], ["folder"]),
     (["a", "a"], []), (["src/a.ts", "src/b.ts", "src/b/c.ts"], []), (["STRASSE", "straße"], ["case"])],
)  # fmt: skip
def test_collisions_are_found_in_any_order(paths: list[str], kinds: list[str]) -> None:
    for order in (paths, paths[::-1]):
        index = PathIndex()
        found = [hit for hit in (index.add(path) for path in order) if hit is not None]
        assert [hit.kind for hit in found] == kinds
        assert all({hit.path, hit.other} <= set(paths) for hit in found)


@pytest.mark.parametrize("path", ["n" * 255, "d/" * 511 + "xy", "ü" * 127 + "/x", "a" * 200], ids=len)
def test_names_and_paths_up_to_the_limits_are_taken(path: str) -> None:
    assert check_path(path) == path


def test_limits_count_bytes_not_letters() -> None:
    assert path_problem("ü" * 128) == "a name in it is longer than 255 bytes"
    assert path_problem("ü/" * 341 + "xy") == "it is longer than 1024 bytes"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("\\x", "it is absolute"),
        ("../x", "it leaves the folder with '..'"),
        ("con .txt", "the name 'con .txt' is reserved on Windows"),
        ("a/./~/../b", "it leaves the folder with '..'"),
        ("./~/x", "it starts at a home folder"),
        (".//x/C:", "it holds a colon, which opens a second stream on some file systems"),
    ],
)
def test_a_refused_path_is_told_its_own_reason(path: str, reason: str) -> None:
    assert path_problem(path) == reason


_TREES = st.lists(
    st.lists(st.sampled_from(["a", "A", "b", "é", "e\u0301", "c.ts"]), min_size=1, max_size=4).map("/".join),
    max_size=6,
)


@given(_TREES)
def test_the_first_collision_is_the_one_that_comparing_every_pair_finds(paths: list[str]) -> None:
    index = PathIndex()
    for at, path in enumerate(paths):
        mine = unicodedata.normalize("NFC", path.casefold())
        before = {other: unicodedata.normalize("NFC", other.casefold()) for other in paths[:at]}
        meets = {
            other
            for other, theirs in before.items()
            if (theirs == mine and other != path)
            or f"{mine}/".startswith(f"{theirs}/") != (theirs == mine)
            or f"{theirs}/".startswith(f"{mine}/") != (theirs == mine)
        }
        hit = index.add(path)
        assert (hit is not None) == bool(meets)
        if hit is not None:
            assert hit.path == path
            assert hit.other in meets
            return
