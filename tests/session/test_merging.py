"""Facts about joining a file whose answer was cut, and about what an answer adds to the files before it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer import FileChange
from backend_engineer.contract import FILE_CAP, Parameters, Section
from backend_engineer.outputs import Plan, PlannedFile, SchemaChange, text_hash
from backend_engineer.parsing import Reply
from backend_engineer.session.mending import finding
from backend_engineer.session.merging import Taken, join, missing, planned_paths, take, with_files
from backend_engineer.session.state import Part, SessionState, Settings
from backend_engineer.workspace import SourceTree

LINE = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=12).map(
    lambda text: f"{text}\n"
)


@pytest.mark.parametrize(
    ("head", "more", "whole"),
    [
        ("a = 1\nb = ", "b = 2\n", "a = 1\nb = 2\n"),
        ("a = 1\n", "b = 2\n", "a = 1\nb = 2\n"),
        ("", "b = 2\n", "b = 2\n"),
        ("a = ", "a = 1\n", "a = 1\n"),
        (
            "first line here\nsecond\nthi",
            "first line here\nsecond\nthird\n",
            "first line here\nsecond\nthird\n",
        ),
        (
            "x\nfirst line here\nsecond\n",
            "first line here\nsecond\nthird\n",
            "x\nfirst line here\nsecond\nthird\n",
        ),
        ("x\na whole longer line\n", "a whole longer line\nend\n", "x\na whole longer line\nend\n"),
        ("if x:\n}\n", "}\n", "if x:\n}\n}\n"),
        ("a\r\nb", "b\r\nc\r\n", "a\r\nb\r\nc\r\n"),
    ],
)
def test_a_repeated_tail_stands_once_and_a_cut_line_is_taken_anew(head: str, more: str, whole: str) -> None:
    assert join(head, more) == whole


@given(st.lists(LINE.filter(str.strip), min_size=1, max_size=12, unique=True), st.data())
def test_a_file_cut_anywhere_is_whole_again(lines: list[str], data: st.DataObject) -> None:
    text = "".join(lines)
    at = data.draw(st.integers(0, len(text)))
    whole = text[:at].count("\n")
    assert join(text[:at], "".join(lines[whole:])) == text


@given(st.lists(LINE, min_size=2, max_size=12, unique=True), st.data())
def test_a_tail_of_two_lines_or_more_may_be_repeated(lines: list[str], data: st.DataObject) -> None:
    cut = data.draw(st.integers(2, len(lines)))
    back = data.draw(st.integers(2, cut))
    assert join("".join(lines[:cut]), "".join(lines[cut - back :])) == "".join(lines)


# -- what an answer adds ----------------------------------------------------------------------------------


def plan(*paths: str, later: tuple[str, ...] = ()) -> Plan:
    rows = [(path, 1) for path in paths] + [(path, 2) for path in later]
    files = tuple(
        PlannedFile(path=path, action="add", section=Section.SERVICES, purpose="p", part=part)
        for path, part in rows
    )
    return Plan(summary="s", files=files, schema_change=SchemaChange(kind="none", reason="r"))


def document(base: dict[str, str] | None = None, planned: Plan | None = None, **part: Any) -> SessionState:
    tree = SourceTree.from_mapping(base).digest() if base is not None else None
    return SessionState(
        library_version="1",
        contract_version="1",
        run="r",
        settings=Settings(),
        parameters=Parameters(),
        raw={},
        base=tree,
        texts=dict(base or {}),
        plan=planned,
        part=Part(**part),
    )


def file(path: str, content: str | None = "x\n", **facts: Any) -> FileChange:
    return FileChange(path, content, section=facts.pop("section", Section.SERVICES), **facts)


def taken(
    state: SessionState, *files: FileChange, stopped: tuple[Any, ...] = (), agreed: bool = True
) -> Taken:
    return take(state, Reply(files=files), stopped, agreed=agreed)


def paths(found: Taken) -> list[str]:
    return [item.path for item in found.accepted]


def stop(path: str, code: str = "SEC401") -> Any:
    return finding("t", "e", "r", path=path, code=code)


def test_the_files_of_an_answer_are_taken_in_their_order() -> None:
    found = taken(document(), file("b"), file("a"))
    assert (paths(found), found.fresh, found.aside, found.cut) == (["b", "a"], ["b", "a"], [], None)


def test_a_file_that_a_streaming_rule_names_is_not_taken() -> None:
    found = taken(document(), file("a"), file("b"), stopped=(stop("a"),))
    assert (paths(found), found.aside) == (["b"], [("a", "a streaming rule ended the answer here")])


def test_the_last_file_is_not_taken_where_a_streaming_rule_names_none() -> None:
    found = taken(document(), file("a"), file("b"), file("c"), stopped=(stop(""),))
    assert (paths(found), [path for path, _ in found.aside]) == (["a", "b"], ["c"])


def test_a_streaming_rule_that_stops_an_answer_without_files_takes_nothing_away() -> None:
    assert paths(taken(document(accepted=(file("a"),)), stopped=(stop(""),))) == ["a"]


def test_a_cut_file_waits_to_be_continued() -> None:
    cut = file("b", "x", status="truncated")
    found = taken(document(), file("a"), cut)
    assert (paths(found), found.cut) == (["a"], cut)


@pytest.mark.parametrize("action", ["add", "modify"])
def test_a_file_whose_diff_was_not_applied_is_set_aside(action: Any) -> None:
    found = taken(document(), file("a", None, action=action))
    assert (paths(found), found.aside) == ([], [("a", "its diff could not be applied")])


@pytest.mark.parametrize(("action", "facts"), [("delete", {}), ("rename", {"previous_path": "o"})])
def test_a_deletion_and_a_rename_need_no_text(action: Any, facts: dict[str, str]) -> None:
    assert paths(taken(document(), file("a", None, action=action, **facts))) == ["a"]


def test_the_continued_file_is_joined_to_its_beginning_once() -> None:
    cut = file("a", "one\ntw", section=Section.MIGRATIONS, language="sql")
    state = document(task="continue", cut=cut)
    found = taken(state, FileChange("b", "b\n"), FileChange("a", "two\n"), FileChange("a", "three\n"))
    assert [item.content for item in found.accepted] == ["b\n", "one\ntwo\n"]
    joined = found.accepted[1]
    assert (joined.section, joined.language) == (Section.MIGRATIONS, "sql")
    assert found.aside == [("a", "the file was accepted before and is pinned")]


def test_only_a_continuation_is_joined() -> None:
    found = taken(document(task="implement", cut=file("a", "one\n")), file("a", "two\n"))
    assert [item.content for item in found.accepted] == ["two\n"]


def test_a_diff_is_not_joined() -> None:
    state = document(task="continue", cut=file("a", "one\n"))
    assert taken(state, file("a", "two\n", patch="@@")).accepted[0].content == "two\n"


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ({"task": "implement"}, "new\n"),
        ({"task": "all"}, "new\n"),
        ({"task": "repair", "wanted": ("a",)}, "new\n"),
        ({"task": "repair", "open": True}, "new\n"),
        ({"task": "repair", "wanted": ("b",)}, "old\n"),
        ({"task": "continue"}, "old\n"),
    ],
)
def test_an_accepted_file_is_replaced_unless_it_is_pinned(part: dict[str, Any], content: str) -> None:
    found = taken(document(accepted=(file("a", "old\n"), file("z")), **part), file("a", "new\n"))
    assert paths(found) == ["a", "z"]
    assert found.accepted[0].content == content
    pinned = [("a", "the file was accepted before and is pinned")]
    assert (found.aside, found.fresh) == (([], ["a"]) if content == "new\n" else (pinned, []))


def test_the_same_file_once_more_says_nothing() -> None:
    found = taken(document(accepted=(file("a"),), task="continue"), file("a"))
    assert (paths(found), found.aside, found.fresh) == (["a"], [], [])


def test_a_deletion_of_an_accepted_file_is_not_the_same_file() -> None:
    found = taken(
        document(accepted=(file("a", None, action="rename", previous_path="o"),)),
        file("a", None, action="delete"),
    )
    assert [item.action for item in found.accepted] == ["delete"]


@pytest.mark.parametrize(
    ("task", "agreed", "path", "aside"),
    [
        ("implement", True, "b", ["the plan does not list it"]),
        ("implement", True, "later", ["the plan does not list it"]),
        ("implement", False, "later", ["the plan lists it for part 2"]),
        ("implement", False, "b", []),
        ("implement", True, "a", []),
        ("repair", True, "b", []),
        ("repair", False, "later", []),
    ],
)
def test_a_file_that_the_plan_does_not_list_for_this_part_is_set_aside(
    task: str, agreed: bool, path: str, aside: list[str]
) -> None:
    found = taken(document(planned=plan("a", later=("later",)), task=task), file(path), agreed=agreed)
    assert [reason for _, reason in found.aside] == aside
    assert paths(found) == ([] if aside else [path])


@pytest.mark.parametrize(("agreed", "count"), [(True, FILE_CAP), (False, FILE_CAP + 1)])
def test_an_agreed_change_takes_no_file_beyond_the_cap(agreed: bool, count: int) -> None:
    files = [file(f"f{number:02}") for number in range(FILE_CAP + 1)]
    found = taken(document(), *files, agreed=agreed)
    assert len(found.accepted) == count
    assert [path for path, _ in found.aside] == [f"f{FILE_CAP}"][: FILE_CAP + 1 - count]


def test_a_file_at_the_cap_may_still_be_replaced() -> None:
    full = tuple(file(f"f{number:02}") for number in range(FILE_CAP))
    assert taken(document(accepted=full), file("f03", "new\n")).accepted[3].content == "new\n"


def test_when_the_cap_ends_the_answer_the_planned_files_stay() -> None:
    state = document(planned=plan("a", "b"), accepted=(file("x"),))
    found = taken(state, file("a"), file("b"), stopped=(stop("b", "CAP001"),))
    assert paths(found) == ["a"]
    assert ("x", "the plan does not list it and the cap is reached") in found.aside


def test_when_the_cap_ends_an_answer_without_a_plan_everything_stays() -> None:
    assert paths(taken(document(accepted=(file("x"),)), file("a"), stopped=(stop("b", "CAP001"),))) == [
        "x",
        "a",
    ]


def test_when_another_rule_ends_the_answer_unplanned_files_stay() -> None:
    state = document(planned=plan("a"), accepted=(file("x"),))
    assert paths(taken(state, file("a"), stopped=(stop("b"),))) == ["x", "a"]


def test_files_of_several_answers_stand_in_the_order_of_the_sections() -> None:
    state = document(accepted=(file("c"), file("t", section=Section.TESTS)), sources=(0,))
    found = taken(state, file("m", section=Section.MIGRATIONS), file("d"))
    assert paths(found) == ["m", "c", "d", "t"]


def test_files_of_the_first_answer_stand_as_they_came() -> None:
    assert paths(taken(document(), file("c"), file("m", section=Section.MIGRATIONS))) == ["c", "m"]


# -- facts that only the session knows --------------------------------------------------------------------

BASE = {"a": "one\ntwo\n", "o": "old\n"}


def test_the_base_says_whether_a_file_is_new() -> None:
    found = taken(document(BASE), file("a", "one\n2\n", action="add"), file("n", action="modify"))
    (changed, new) = found.accepted
    assert (changed.action, changed.base_hash, changed.changed_lines) == (
        "modify",
        text_hash(BASE["a"]),
        ((2, 2),),
    )
    assert (new.action, new.base_hash, new.changed_lines) == ("add", None, None)


def test_without_a_base_the_answer_says_it() -> None:
    found = taken(document(), file("a", action="modify", base_hash="h"))
    assert (found.accepted[0].action, found.accepted[0].base_hash) == ("modify", "h")


def test_a_deletion_starts_from_its_file_and_a_rename_from_the_old_one() -> None:
    found = taken(
        document(BASE),
        file("a", None, action="delete"),
        file("n", None, action="rename", previous_path="o"),
    )
    assert [item.base_hash for item in found.accepted] == [text_hash(BASE["a"]), text_hash(BASE["o"])]
    assert [item.action for item in found.accepted] == ["delete", "rename"]


def test_only_a_rename_has_a_path_that_it_came_from() -> None:
    (found,) = taken(document(BASE), file("n", action="add", previous_path="o")).accepted
    assert (found.action, found.base_hash, found.previous_path) == ("add", None, None)


def test_a_file_whose_base_was_not_read_counts_as_changed_throughout() -> None:
    state = document(BASE)
    state.texts.clear()
    (changed,) = taken(state, file("a", "new\n")).accepted
    assert (changed.action, changed.base_hash, changed.changed_lines) == (
        "modify",
        text_hash(BASE["a"]),
        None,
    )


@pytest.mark.parametrize(
    ("part", "section"),
    [
        (
            {"task": "repair", "open": True, "accepted": (file("src/services/a.py", section=Section.TESTS),)},
            Section.TESTS,
        ),
        ({"task": "repair", "open": True}, Section.SERVICES),
        ({"task": "continue"}, Section.SERVICES),
        ({"sources": (0,)}, Section.SERVICES),
        ({}, None),
    ],
)
def test_a_later_answer_need_not_repeat_the_headings(part: dict[str, Any], section: Section | None) -> None:
    found = taken(document(**part), FileChange("src/services/a.py", "new\n"))
    assert [item.section for item in found.accepted] == [section]


API = "openapi: 3.1.0\n"


def test_a_path_that_tells_nothing_is_placed_by_its_text() -> None:
    first = taken(document(), FileChange("y.ts", API), FileChange("x.ts", "let x\n"))
    assert [item.section for item in first.accepted] == [None, None]
    later = taken(document(sources=(0,), accepted=first.accepted), FileChange("z.ts", API))
    assert paths(later) == ["x.ts", "y.ts", "z.ts"]
    assert later.accepted[-1].section is Section.DOCS
    assert with_files(plan("a"), [FileChange("z.ts", API)], 1).files[1].section is Section.DOCS


def test_a_heading_that_is_repeated_counts() -> None:
    state = document(task="repair", open=True, accepted=(file("src/services/a.py", section=Section.TESTS),))
    assert taken(state, file("src/services/a.py", "new\n")).accepted[0].section is Section.SERVICES


# -- the plan ---------------------------------------------------------------------------------------------


def test_planned_paths_are_those_of_the_part() -> None:
    made = plan("a", "b", later=("c",))
    assert (planned_paths(made, 1), planned_paths(made, 2), planned_paths(None, 1)) == (
        ("a", "b"),
        ("c",),
        (),
    )


def test_a_planned_file_that_no_answer_brought_is_missing() -> None:
    assert missing(document(planned=plan("a", "b", later=("c",)), accepted=(file("a"),))) == ("b",)


def test_files_that_a_repair_forced_join_the_plan_once() -> None:
    made = with_files(
        plan("a"), [file("a"), FileChange("tests/test_n.py", "x\n", action="rename", previous_path="o")], 2
    )
    assert [item.path for item in made.files] == ["a", "tests/test_n.py"]
    added = made.files[1]
    assert (added.action, added.previous_path, added.part, added.section) == ("rename", "o", 2, Section.TESTS)


def test_a_plan_that_lists_everything_stays_the_same() -> None:
    made = plan("a")
    assert with_files(made, [file("a")], 1) is made
