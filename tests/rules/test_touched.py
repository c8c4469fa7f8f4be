"""A commit is asked only about what its changed lines speak of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.contract import CLAUSES, Verdict
from backend_engineer.outputs import Change, FileChange
from backend_engineer.rules import check
from backend_engineer.rules.rule import Context
from backend_engineer.rules.touched import CONCERNS, untouched_by
from backend_engineer.workspace import SourceTree

_PATH = "src/sums.py"
_BEFORE = "def net(gross):\n    return gross\n"
_AFTER = "def net(gross):\n    return gross - gross // 5\n"
# One line of each kind of code.
_LINES = {
    "CONS-06": "rows = db.execute(statement)",
    "FLOW-05": "router = build()",
    "FLOW-06": "bus.publish(order)",
    "FLOW-11": "name = os.environ[key]",
    "APID-02": "def create(order):",
    "APID-03": "raise Missing(order)",
    "APID-04": "rows = rows[offset:]",
    "SECU-01": "@login_required",
    "SECU-03": "subprocess.run(words)",
    "RELI-02": "pool = redis.from_url(place)",
    "RELI-03": "for item in queue:",
    "RELI-04": "server.listen(port)",
}


def _context(after: str | None, before: str | None, path: str = _PATH, origin: str = "git") -> Context:
    file = FileChange(path, after, action="delete" if after is None else "modify")
    base = SourceTree.from_mapping({} if before is None else {path: before})
    return Context(change=Change((file,), origin=origin), base=base)


def test_every_clause_with_words_is_a_clause_about_a_change() -> None:
    assert {CLAUSES[clause].subject.value for clause in CONCERNS} == {"change"}
    assert set(_LINES) == set(CONCERNS)


@pytest.mark.parametrize("clause", CONCERNS)
def test_a_sum_that_is_mended_touches_none_of_them(clause: str) -> None:
    assert CONCERNS[clause].what in untouched_by(clause, _context(_AFTER, _BEFORE))


@pytest.mark.parametrize(("clause", "line"), _LINES.items())
def test_a_line_that_is_added_touches_its_clause(clause: str, line: str) -> None:
    assert not untouched_by(clause, _context(_BEFORE + line, _BEFORE))


@pytest.mark.parametrize(("clause", "line"), _LINES.items())
def test_a_line_that_is_taken_away_touches_its_clause(clause: str, line: str) -> None:
    assert not untouched_by(clause, _context(_BEFORE, _BEFORE + line))
    assert not untouched_by(clause, _context(None, line))


def test_a_line_far_from_the_change_does_not_touch_it_and_one_near_it_does() -> None:
    far = "@login_required\n" + "\n" * 30 + "total = 1\n"
    near = "@login_required\ndef total():\n    return 1\n"
    for text, touched in ((far, False), (near, True)):
        end = text.count("\n")
        file = FileChange(_PATH, text, changed_lines=((end, end),))
        base = SourceTree.from_mapping({_PATH: text.replace("1\n", "2\n")})
        context = Context(change=Change((file,), origin="git"), base=base)
        assert bool(untouched_by("SECU-01", context)) is not touched


@pytest.mark.parametrize("path", ["tests/test_sums.py", "docs/sums.md", "poetry.lock"])
def test_tests_and_prose_touch_nothing(path: str) -> None:
    assert untouched_by("SECU-01", _context("@login_required\n", None, path))


@pytest.mark.parametrize("origin", ["reply", "caller"])
def test_an_answer_is_asked_everything(origin: str) -> None:
    assert not any(untouched_by(clause, _context(_AFTER, _BEFORE, origin=origin)) for clause in CONCERNS)


def test_a_folder_without_a_base_is_asked_everything() -> None:
    change = Change((FileChange(_PATH, _AFTER),), origin="directory")
    assert not any(untouched_by(clause, Context(change=change)) for clause in CONCERNS)


def test_what_a_commit_does_not_touch_does_not_apply_and_a_finding_stays() -> None:
    base = SourceTree.from_mapping({_PATH: _BEFORE})
    quiet = check(Change((FileChange(_PATH, _AFTER),), origin="git"), base=base)
    assert {quiet.clauses[clause] for clause in ("RELI-03", "RELI-04", "FLOW-06")} == {Verdict.NOT_APPLICABLE}
    loud = _BEFORE + 'def all(db):\n    return db.execute("DELETE FROM sums")\n'
    assert (
        check(Change((FileChange(_PATH, loud),), origin="git"), base=base).clauses["CONS-06"]
        is Verdict.VIOLATED
    )


@given(st.sampled_from(sorted(CONCERNS)), st.text(max_size=60), st.text(max_size=60))
def test_more_lines_never_untouch_a_clause(clause: str, text: str, more: str) -> None:
    if not untouched_by(clause, _context(text, None)):
        assert not untouched_by(clause, _context(f"{text}\n{more}", None))
