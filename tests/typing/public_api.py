"""How the public names are used, as the type checker sees it; never run, only checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_type

from backend_engineer import (
    Change,
    Clarification,
    FileChange,
    Finding,
    ModelClient,
    Parameters,
    RenderedPrompt,
    Reply,
    ReplyParser,
    Report,
    ReviewFindings,
    Session,
    SourceTree,
    StageInputs,
    StageResult,
    check,
    gather,
    parse_reply,
    render,
    run,
    write_reply,
)
from backend_engineer.clients import ModelEvent, ModelRequest


class Mine:
    """A client is anything with this one method."""

    def stream(self, request: ModelRequest, /) -> Iterator[ModelEvent]:
        yield ModelEvent(kind="text", text=request.phase)


def use(folder: str, text: str) -> None:
    inputs = gather(folder)
    if isinstance(inputs, Clarification):
        assert_type(inputs.gaps[0].pointer, str)
        return
    assert_type(inputs, StageInputs)
    reply = parse_reply(text)
    assert_type(reply, Reply)
    assert_type(reply.files, tuple[FileChange, ...])
    assert_type(reply.change, Change)
    assert_type(reply.findings, ReviewFindings | None)
    report = check(reply, inputs)
    assert_type(report, Report)
    assert_type(report.ok, bool)
    assert_type(report.findings, tuple[Finding, ...])
    prompt = render(inputs, Parameters(split=True), phase="all", dialect="gpt")
    assert_type(prompt, RenderedPrompt)
    client: ModelClient = Mine()
    result = run(inputs, base=SourceTree.from_directory(folder), client=client)
    assert_type(result, StageResult)
    assert_type(result.changes, tuple[Change, ...])
    assert_type(write_reply(reply.change), str)
    parser = ReplyParser()
    parser.feed(b"bytes are taken too")
    session = Session(inputs)
    session.dump()
