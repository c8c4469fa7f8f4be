"""The gate ends a call at the first event that no later text can mend, and at no other."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.contract import FILE_CAP
from backend_engineer.outputs import Finding
from backend_engineer.parsing import ReplyParser
from backend_engineer.rules import StreamGate, check
from backend_engineer.rules.reply.samples import FILES, sample_reply

TOKEN = "ghp" + "_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
PEM = (
    "-----BEGIN "
    + "PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEA\n-----END "
    + "PRIVATE KEY-----\n"
)


def stream(text: str, gate: StreamGate, size: int = 0) -> list[tuple[str, Finding]]:
    """Every finding with the kind of the event that gave it."""
    parser = ReplyParser()
    chunks = [text[at : at + size] for at in range(0, len(text), size)] if size else [text]
    events = [event for chunk in chunks for event in parser.feed(chunk)] + list(parser.close("complete"))
    return [(event.kind, finding) for event in events for finding in gate.look(event)]


def codes(text: str, gate: StreamGate | None = None) -> list[str]:
    return [str(finding.code) for _, finding in stream(text, gate or StreamGate())]


def files(count: int) -> Iterable[tuple[str, str, str]]:
    return [("Docs", f"<!-- file: docs/page_{number:02}.md -->", "# Page\n") for number in range(count)]


def test_a_whole_reply_passes() -> None:
    assert codes(sample_reply()) == []


def test_the_sixteenth_file_ends_the_call_when_it_opens() -> None:
    found = stream(sample_reply(files=files(FILE_CAP + 1)), StreamGate())
    ((kind, finding),) = found
    assert (kind, finding.code, finding.where.path) == (
        "file-opened",
        "CAP001",
        f"docs/page_{FILE_CAP:02}.md",
    )


def test_fifteen_files_pass() -> None:
    assert codes(sample_reply(files=files(FILE_CAP))) == []


def test_accepted_files_count() -> None:
    accepted = [f"src/{number}.py" for number in range(FILE_CAP)]
    assert codes(sample_reply(files=files(1)), StreamGate(accepted=accepted)) == ["CAP001"]


def test_an_accepted_file_that_comes_again_is_no_further_one() -> None:
    accepted = ["docs/page_00.md", *(f"src/{number}.py" for number in range(FILE_CAP - 1))]
    assert codes(sample_reply(files=files(1)), StreamGate(accepted=accepted)) == []


def test_a_migration_after_code_ends_the_call() -> None:
    found = stream(sample_reply(files=[FILES[2], FILES[0]]), StreamGate())
    ((kind, finding),) = found
    assert (kind, finding.code) == ("file-opened", "ORD002")
    assert finding.clauses == ("MIGR-01",)


def test_code_after_its_migration_passes() -> None:
    assert codes(sample_reply(files=[FILES[0], FILES[1], FILES[2]])) == []


@pytest.mark.parametrize("path", ["../up.py", "/etc/passwd", ".git/hooks/x", "C:/x.py"])
def test_a_refused_path_ends_the_call(path: str) -> None:
    assert "PTH001" in codes(sample_reply(files=[("Docs", f"<!-- file: {path} -->", "# A\n")]))


def test_a_token_ends_the_call_at_its_line() -> None:
    found = stream(
        sample_reply(files=[("Docs", "<!-- file: docs/a.md -->", f"# A\n\nUse {TOKEN}.\n")]), StreamGate()
    )
    ((kind, finding),) = found
    assert (kind, finding.code, finding.where.lines) == ("text", "SEC401", "3")
    assert TOKEN not in finding.model_dump_json()


def test_a_private_key_over_several_lines_ends_the_call_when_the_file_closes() -> None:
    found = stream(sample_reply(files=[("Docs", "<!-- file: docs/a.md -->", PEM)]), StreamGate())
    assert [(kind, finding.code) for kind, finding in found] == [("file-closed", "SEC401")]


def test_a_literal_that_only_looks_like_a_secret_does_not_end_the_call() -> None:
    content = 'password = "hunter2-Xy99!"\n'
    assert codes(sample_reply(files=[("Docs", "# file: docs/a.toml", content)])) == []


TEXTS = st.sampled_from(
    [
        sample_reply(),
        sample_reply(files=files(FILE_CAP + 2)),
        sample_reply(files=[FILES[2], FILES[0], FILES[1]]),
        sample_reply(files=[("Docs", "<!-- file: docs/a.md -->", f"{TOKEN}\n{PEM}")]),
        sample_reply(files=[("Docs", "<!-- file: ../a.md -->", "# A\n")]),
    ]
)


@given(TEXTS, st.integers(1, 400))
def test_the_gate_finds_the_same_in_any_chunking(text: str, size: int) -> None:
    whole = [finding for _, finding in stream(text, StreamGate())]
    assert [finding for _, finding in stream(text, StreamGate(), size)] == whole


@given(TEXTS)
def test_what_ends_a_call_is_found_by_the_check_of_the_whole_as_well(text: str) -> None:
    from backend_engineer.parsing import parse_reply

    ended = set(codes(text))
    assert ended <= {str(finding.code) for finding in check(parse_reply(text)).findings}
