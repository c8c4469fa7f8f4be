"""The JSON blocks and the lines of a reply: what is whole is kept, what is wrong is told with its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer.contract import Status
from backend_engineer.parsing import parse_reply

F3 = "```"
FINDING = {
    "type": "evidence", "category": "security", "severity": "major", "title": "t", "where": {"path": "a.ts", "lines": "88-129"},
    "evidence": "e", "recommendation": "r",
}  # fmt: skip
HEAD = {"tool": "backend-engineer", "version": "2025-08-13", "status": "ready"}
PLAN = {
    "plan": {
        "summary": "s",
        "files": [{"path": "m.sql", "action": "add", "section": "Migrations", "purpose": "p"}],
        "schema_change": {"kind": "migration"},
    }
}


def _block(data: object, indent: int | None = 2) -> str:
    return f"{F3}json\n{json.dumps(data, indent=indent)}\n{F3}\n"


def test_findings_of_the_documented_shape_are_read() -> None:
    reply = parse_reply(_block({**HEAD, "findings": [FINDING]}) + "prose\n")
    assert reply.findings is not None
    assert reply.findings.strict() == {**HEAD, "findings": [FINDING]}
    assert reply.diagnostics == ()


def test_a_wrong_finding_is_told_of_and_the_others_stay() -> None:
    reply = parse_reply(
        _block({**HEAD, "findings": [FINDING, {**FINDING, "severity": "huge"}, {**FINDING, "note": 1}]})
    )
    assert reply.findings is not None
    assert len(reply.findings.findings) == 2
    assert [item.message.split(":")[0] for item in reply.diagnostics] == [
        "/findings/1/severity",
        "/findings/2/note",
    ]


def test_findings_without_a_status_count_as_blocked() -> None:
    reply = parse_reply(_block({"tool": "t", "version": "v", "findings": []}))
    assert reply.findings is not None
    assert reply.findings.status is Status.BLOCKED
    assert {item.code for item in reply.diagnostics} == {"invalid-findings"}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(_block({**HEAD, "findings": [FINDING] * 3})) - 6))
def test_cut_findings_keep_their_whole_items(at: int) -> None:
    text = _block({**HEAD, "findings": [FINDING] * 3})[:at]
    reply = parse_reply(text, ending="truncated")
    whole = max(0, text.count('"recommendation": "r"\n    }'))
    kept = len(reply.findings.findings) if reply.findings is not None else 0
    assert kept == whole
    assert whole == 0 or "cut-findings" in [item.code for item in reply.diagnostics]


def test_only_the_first_findings_block_counts() -> None:
    reply = parse_reply(_block({**HEAD, "findings": []}) + _block({**HEAD, "findings": [FINDING]}))
    assert reply.findings is not None
    assert reply.findings.findings == ()
    assert [item.code for item in reply.diagnostics] == ["second-findings"]


def test_a_fence_inside_a_json_string_does_not_cut_the_block() -> None:
    text = _block({**HEAD, "findings": [{**FINDING, "evidence": "EVIDENCE"}]}).replace(
        "EVIDENCE", f"before\n{F3}\nafter"
    )
    reply = parse_reply(text + "prose\n")
    assert reply.findings is not None
    assert reply.findings.findings[0].evidence == f"before\n{F3}\nafter"


def test_with_any_names_the_last_stray_findings_are_taken_at_the_close() -> None:
    text = _block([FINDING]) + _block({"review": [FINDING, FINDING]})
    assert parse_reply(text).findings is None
    reply = parse_reply(text, names="any")
    assert reply.findings is not None
    assert len(reply.findings.findings) == 2


def test_the_plan_is_read_and_a_wrong_one_says_where() -> None:
    assert parse_reply(_block(PLAN)).plan is not None
    wrong = {"plan": {**PLAN["plan"], "files": [{**PLAN["plan"]["files"][0], "action": "paint"}]}}  # type: ignore[index, dict-item]
    reply = parse_reply(_block(wrong))
    assert reply.plan is not None
    assert reply.plan.files == ()
    assert reply.diagnostics[0].message.startswith("/files/0/action")


def test_attestations_are_read_and_wrong_ones_left_out() -> None:
    claim = {"clause": "CONS-02", "path": "a", "lines": "1", "quote": "x"}
    reply = parse_reply(_block({"attestations": [claim, {**claim, "clause": "nothing"}]}))
    assert [item.clause for item in reply.attestations] == ["CONS-02"]
    assert reply.diagnostics[0].message.startswith("/attestations/1/clause")


def test_questions_come_from_json_and_from_lines() -> None:
    asked = {
        "questions": [
            {"pointer": "/tech_spec/stack", "question": "Which?", "options": ["a", {"label": "b"}]},
            "And this?",
        ]
    }
    text = (
        _block(asked)
        + "\n## Open questions\n- Where to?\n- not a question\n\nQuestion: `/data_model/entities` which ones?\n"
    )
    questions = parse_reply(text).questions
    assert [(item.pointer, item.text, item.options) for item in questions] == [
        ("/tech_spec/stack", "Which?", ("a", "b")),
        ("", "And this?", ()),
        ("", "Where to?", ()),
        ("/data_model/entities", "`/data_model/entities` which ones?", ()),
    ]


def test_a_clarification_document_is_read() -> None:
    gap = {
        "pointer": "/tech_spec/stack",
        "clause": "INPT-02",
        "reason": "needed",
        "options": [{"label": "x"}],
    }
    reply = parse_reply(_block({"clarification": {"gaps": [gap]}}))
    assert reply.clarification is not None
    assert reply.clarification.gaps[0].pointer == "/tech_spec/stack"


@pytest.mark.parametrize(
    "text",
    [
        '{"plan": 1}',
        '{"findings": 1}',
        '{"attestations": {}}',
        '{"questions": [1]}',
        '{"clarification": []}',
        '{"plan": {"a": ' * 3000,
    ],
)
def test_broken_documents_end_in_diagnostics(text: str) -> None:
    reply = parse_reply(f"{F3}json\n{text}\n{F3}\n")
    assert reply.plan is None
    assert reply.findings is None
    assert reply.diagnostics


@pytest.mark.parametrize("mark", ["- ", "* ", "1. ", "2) ", "- [ ] ", "• "])
def test_the_checklist_is_the_list_that_opens_the_reply(mark: str) -> None:
    reply = parse_reply(f"Sure.\n\n{mark}one\n{mark}two\n   goes on\n{mark}three\n\nThen:\n- not this\n")
    assert reply.checklist == ("one", "two goes on", "three")


@pytest.mark.parametrize(
    ("mark", "indent"),
    [("- ", 2), ("- ", 3), ("- ", 4), ("* ", 6), ("1. ", 3), ("12. ", 4), ("- [ ] ", 2), (" - ", 3)],
)
def test_a_bullet_under_the_text_of_another_is_a_part_of_it(mark: str, indent: int) -> None:
    nested = " " * indent
    reply = parse_reply(
        f"{mark}one\n{nested}- of one\n{nested}- of one, too\n{mark}two\n\n{nested}* of two\n{mark}three\n"
    )
    assert reply.checklist == ("one", "two", "three")


@pytest.mark.parametrize("indent", [0, 1])
def test_a_bullet_that_is_a_little_out_of_line_is_one_of_its_own(indent: int) -> None:
    assert parse_reply(f"- one\n{' ' * indent}- two\n- three\n").checklist == ("one", "two", "three")


@pytest.mark.parametrize(
    "line",
    [
        "Validation: it works",
        "**Validation:** it works",
        "- Validation: it works",
        "> validation: it works",
        "**Validation**: it works",
    ],
)
def test_validation_lines_belong_to_the_file_before_them(line: str) -> None:
    reply = parse_reply(f"{F3}\n# file: a\n{F3}\n{line}\nMy validation: none\n")
    assert [(item.path, item.text) for item in reply.validations] == [("a", "it works")]
