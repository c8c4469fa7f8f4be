"""What the later parts of a split series start from: the base with the earlier changes over it, pictures and all."""

from pathlib import Path

from backend_engineer import SourceTree
from backend_engineer.drivers.hands import Hands
from backend_engineer.drivers.laid_over import laid_over
from backend_engineer.outputs import FileChange
from backend_engineer.session import Verify
from backend_engineer.verification import LocalRunner

PICTURE = b"\x89PNG\x00\xff\xfe"


def tree(folder: Path) -> SourceTree:
    (folder / "static").mkdir()
    (folder / "static/logo.png").write_bytes(PICTURE)
    (folder / "static/old.png").write_bytes(PICTURE + b"old")
    (folder / "a.py").write_text("A = 1\n")
    (folder / "b.py").write_text("B = 1\n")
    return SourceTree.from_directory(folder)


def test_files_that_are_no_text_stay_as_they_are(tmp_path: Path) -> None:
    over = laid_over(tree(tmp_path), [[FileChange("a.py", "A = 2\n")]])
    assert over is not None
    assert over.read("static/logo.png") == PICTURE
    assert over.get("a.py") == "A = 2\n"
    assert over.get("b.py") == "B = 1\n"


def test_a_picture_that_was_renamed_has_its_bytes_under_the_new_name(tmp_path: Path) -> None:
    moved = FileChange("static/new.png", None, action="rename", previous_path="static/old.png")
    over = laid_over(tree(tmp_path), [[moved], [FileChange("b.py", None, action="delete")]])
    assert over is not None
    assert over.read("static/new.png") == PICTURE + b"old"
    assert over.paths == ("a.py", "static/logo.png", "static/new.png")


def test_later_parts_stand_on_earlier_ones(tmp_path: Path) -> None:
    parts = [
        [FileChange("c.py", "C = 1\n")],
        [FileChange("d.py", None, action="rename", previous_path="c.py")],
        [FileChange("d.py", "C = 3\n")],
    ]
    first, last = laid_over(tree(tmp_path), parts[:2]), laid_over(None, parts)
    assert first is not None
    assert last is not None
    assert (first.get("d.py"), first.get("c.py")) == ("C = 1\n", None)
    assert (last.get("d.py"), last.paths) == ("C = 3\n", ("d.py",))


def test_without_earlier_parts_the_base_is_the_base(tmp_path: Path) -> None:
    base = tree(tmp_path)
    assert laid_over(base, []) is base
    assert laid_over(None, []) is None


def test_the_commands_of_a_later_part_find_the_picture(tmp_path: Path) -> None:
    script = "import pathlib; assert pathlib.Path('static/logo.png').read_bytes()[:4] == b'\\x89PNG'; print('Ran 1 test in 0s')"
    effect = Verify(
        id="v",
        files=(FileChange("b.py", "B = 2\n"),),
        migrations=False,
        commands={"tests": ("python3", "-c", script)},
        earlier=((FileChange("a.py", "A = 2\n"),),),
    )
    (report,) = Hands(base=tree(tmp_path), runner=LocalRunner()).run(effect)
    assert [(item.before, item.after) for item in report.outcomes] == [(0, 0)], report
