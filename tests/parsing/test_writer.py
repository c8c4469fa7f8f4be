"""What is written is read back as the same files."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer.contract import Section, Status
from backend_engineer.errors import UnsafePath, UsageError
from backend_engineer.outputs import Attestation, Change, FileChange, Finding, Plan, ReviewFindings
from backend_engineer.parsing import parse_reply, write_reply
from backend_engineer.paths import path_problem

_PIECE = st.sampled_from(
    ["```", "````", "~~~", "```ts", "   ```", "x", "", " ", "\r", "\ufeff", "\u2028", "\x0c", "\x00", "é😀", "</think>",
     "<think>", "## Migrations", "Validation: ok", '{"findings": []}', "// file: b.ts", "-- file: c.sql word",
     "// FILE: d.ts", "#!/bin/sh", "```end", "@@ -1 +1 @@", "\\"]
)  # fmt: skip
_CONTENT = st.builds(
    lambda lines, final: "\n".join(lines) + ("\n" if final and lines else ""),
    st.lists(st.one_of(_PIECE, st.text(max_size=6)), max_size=12),
    st.booleans(),
)
_PATH = st.one_of(
    st.sampled_from(
        [
            "a.ts",
            "b c.md",
            "app/[id]/(g)/page.tsx",
            "Makefile",
            "@scope/x+y.py",
            "x.sql",
            "d/é.css",
            'q"q.j2',
            "'a'",
        ]
    ),
    st.text(min_size=1, max_size=12),
).filter(lambda path: path_problem(path) is None and not set(path.split("/")) & {"", "."})
_FILE = st.one_of(
    st.builds(lambda p, c, s: FileChange(p, c, action="add", stated=s), _PATH, _CONTENT, st.booleans()),
    st.builds(lambda p, c: FileChange(p, c, action="modify", stated=True), _PATH, _CONTENT),
    st.builds(lambda p: FileChange(p, None, action="delete", stated=True), _PATH),
    st.builds(
        lambda p, q, c: FileChange(p, c, action="rename", stated=True, previous_path=q),
        _PATH,
        _PATH,
        st.one_of(st.none(), _CONTENT),
    ),
)


def _facts(file: FileChange) -> tuple[object, ...]:
    return (file.path, file.content, file.action, file.stated, file.previous_path, file.status, file.section)


@settings(max_examples=400, deadline=None)
@given(st.lists(_FILE, max_size=5), st.sampled_from(["5ea1", "sealed-word"]))
def test_sealed_replies_carry_any_content(files: list[FileChange], seal: str) -> None:
    text = write_reply(files, seal=seal)
    back = parse_reply(text, seal=seal).files
    assert [_facts(file)[:6] for file in back] == [_facts(file)[:6] for file in files]


@settings(max_examples=300, deadline=None)
@given(st.lists(_FILE, max_size=4))
def test_without_a_seal_content_is_carried_or_refused_by_name(files: list[FileChange]) -> None:
    try:
        text = write_reply(files)
    except UsageError as error:
        refused = str(error)
    else:
        refused = ""
        back = parse_reply(text).files
        assert [_facts(file)[:6] for file in back] == [_facts(file)[:6] for file in files]
    holds = any("file: " in (file.content or "") for file in files)
    assert holds or not refused


def test_a_header_inside_an_inner_example_is_carried_without_a_seal() -> None:
    text = "Example:\n```ts\n// file: x.ts\n```\n"
    (file,) = parse_reply(write_reply([FileChange("d.md", text)])).files
    assert file.content == text


def test_content_with_a_header_line_is_refused_with_its_line() -> None:
    with pytest.raises(UsageError, match=r"a\.py, line 2"):
        write_reply([FileChange("a.py", "x\n# file: b.py\n")])


def test_an_unsafe_path_is_refused() -> None:
    with pytest.raises(UnsafePath):
        write_reply([FileChange("../x", "")])


def test_every_part_comes_back() -> None:
    plan = Plan.model_validate(
        {
            "summary": "s",
            "files": [{"path": "m.sql", "action": "add", "section": "Migrations", "purpose": "p"}],
            "schema_change": {"kind": "migration"},
        }
    )
    findings = ReviewFindings(
        tool="t",
        version="v",
        status=Status.READY,
        findings=(
            Finding.model_validate(
                {
                    "type": "risk",
                    "category": "data",
                    "severity": "minor",
                    "title": "t",
                    "where": {"path": "m.sql", "lines": "1"},
                    "evidence": "```\nx",
                    "recommendation": "r",
                    "code": "ABC1",
                    "clauses": ("CONS-02",),
                }
            ),
        ),
    )
    claims = (Attestation(clause="CONS-02", path="m.sql", lines="1", quote="x"),)
    change = Change(
        (
            FileChange("m.sql", "x\n", section=Section.MIGRATIONS),
            FileChange("t.py", "", section=Section.TESTS),
        )
    )
    text = write_reply(
        change,
        checklist=["one", "two", "three"],
        plan=plan,
        validations={"m.sql": "it runs", "t.py": "it passes"},
        attestations=claims,
        findings=findings,
    )
    reply = parse_reply(text)
    assert reply.checklist == ("one", "two", "three")
    assert reply.plan == plan
    assert reply.attestations == claims
    assert reply.findings == findings
    assert [(item.path, item.text) for item in reply.validations] == [
        ("m.sql", "it runs"),
        ("t.py", "it passes"),
    ]
    assert [_facts(file) for file in reply.files] == [_facts(file) for file in change]
    assert reply.diagnostics == ()
    assert write_reply(reply.change, checklist=reply.checklist, plan=reply.plan, validations=reply.validations,
                       attestations=reply.attestations, findings=reply.findings) == text  # fmt: skip
