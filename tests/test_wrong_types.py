"""Whatever a caller passes to a public function, a named error says so: no AttributeError from deep inside."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import backend_engineer as library
from backend_engineer import BackendEngineerError, reporting
from backend_engineer.errors import UsageError
from backend_engineer.inputs import merge_answers
from backend_engineer.rules.baseline import baseline_of, read_baseline
from backend_engineer.rules.configuration import Configuration, read_configuration

EXAMPLE = Path(__file__).parents[1] / "examples" / "last-login"
JUNK: tuple[Any, ...] = (
    None, 0, -1, 1.5, True, "", "x", "\ud800", "\0", b"bytes", [], [1], [None], (), {}, {"a": 1}, {1: 2},
    {"a": None}, {"a": "\ud800"}, {"../a": "b"}, set(), object(), int, Path("/nonexistent"), 10**30, ["a"],
)  # fmt: skip
FEW: tuple[Any, ...] = (None, 0, "x", b"bytes", [1], {"a": 1}, {1: 2}, object())
PAIR = {"db/0001_a.up.sql": "CREATE TABLE t (a int);", "db/0001_a.down.sql": "DROP TABLE t;"}


class Stops:
    """A client that goes no further than the first call."""

    def stream(self, _request: Any) -> Iterator[Any]:
        raise BackendEngineerError("stop")
        yield


class StopsLater:
    async def stream(self, _request: Any) -> AsyncIterator[Any]:
        raise BackendEngineerError("stop")
        yield


@pytest.fixture(scope="module")
def inputs() -> Any:
    return library.gather(EXAMPLE / "spec")


@pytest.fixture(scope="module")
def base() -> Any:
    return library.SourceTree.from_directory(EXAMPLE / "service")


@pytest.fixture(scope="module")
def reply(base: Any) -> Any:
    return library.parse_reply((EXAMPLE / "hand-written" / "reply.md").read_text("utf-8"), base=base)


def tried(call: Callable[[Any], object], values: tuple[Any, ...] = JUNK) -> int:
    """Call with each value; anything raised must be of the library's tree. Returns how many were refused."""
    refused = 0
    for value in values:
        try:
            call(value)
        except BackendEngineerError:
            refused += 1
        except Exception as error:
            pytest.fail(f"{value!r}: {type(error).__name__}: {error}")
    return refused


def test_inputs_are_refused_by_name() -> None:
    assert tried(library.gather)
    assert tried(library.StageInputs.load)
    assert tried(lambda value: library.gather(EXAMPLE / "spec", value))
    assert tried(lambda value: merge_answers(EXAMPLE.parent / "incomplete", value))


def test_arguments_of_the_parser_are_refused_by_name() -> None:
    assert tried(library.parse_reply)
    for name in ("names", "ending", "seal", "base"):
        assert tried(lambda value, name=name: library.parse_reply("x", **{name: value})), name  # type: ignore[misc]
    assert tried(lambda value: library.ReplyParser().feed(value))
    assert tried(lambda value: library.ReplyParser().close(value))


def test_arguments_of_the_writer_are_refused_by_name(reply: Any) -> None:
    assert tried(library.write_reply)
    for name in ("checklist", "plan", "validations", "attestations", "findings", "seal"):
        call: Callable[[Any], object] = lambda value, name=name: library.write_reply(  # noqa: E731
            reply.change, **{name: value}
        )
        assert tried(call), name


def test_arguments_of_render_are_refused_by_name(inputs: Any) -> None:
    assert tried(library.render)
    assert tried(lambda value: library.render(inputs, value), FEW)
    for name in ("request", "base", "plan", "findings", "phase", "dialect", "budget", "seal_key"):
        assert tried(lambda value, name=name: library.render(inputs, **{name: value}), FEW), name  # type: ignore[misc]


def test_folders_trees_and_revisions_are_refused_by_name(tmp_path: Path) -> None:
    diff = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"
    for call in (
        library.SourceTree.from_directory,
        library.SourceTree.from_mapping,
        lambda value: library.SourceTree.from_git(value, "HEAD"),
        lambda value: library.SourceTree.from_git(tmp_path, value),
        library.change_from_directory,
        lambda value: library.change_from_directory(tmp_path, value),
        library.change_from_diff,
        lambda value: library.change_from_diff(diff, value),
        lambda value: library.change_from_git(value, "HEAD"),
        lambda value: library.change_from_git(tmp_path, value),
        lambda value: library.change_from_git(tmp_path, "HEAD", value),
    ):
        assert tried(call)


def test_a_write_refuses_what_is_no_change_and_no_folder(reply: Any, base: Any, tmp_path: Path) -> None:
    assert tried(lambda value: library.write_change(value, tmp_path)) == len(JUNK)
    assert tried(lambda value: library.write_change(reply.change, value, dry_run=True))
    for name in ("planned", "base"):
        call: Callable[[Any], object] = lambda value, name=name: library.write_change(  # noqa: E731
            reply.change, tmp_path, dry_run=True, **{name: value}
        )
        assert tried(call), name
    assert list(tmp_path.iterdir()) == []


def test_arguments_of_check_are_refused_by_name(reply: Any) -> None:
    assert tried(library.check) == len(JUNK)
    for name in (
        "base",
        "verified",
        "rules",
        "select",
        "ignore",
        "waive",
        "run",
        "configuration",
        "baseline",
    ):
        assert tried(lambda value, name=name: library.check(reply, **{name: value}), FEW), name  # type: ignore[misc]


def test_what_only_looks_like_inputs_is_refused(reply: Any) -> None:
    given = tuple(value for value in JUNK if value is not None)
    assert tried(lambda value: library.check(reply, value), given) == len(given)
    with pytest.raises(UsageError, match="partial"):
        library.check(reply, "spec")


def test_a_change_of_wrong_parts_is_refused_by_name() -> None:
    assert tried(lambda value: library.check(library.Change(value)))
    assert tried(lambda value: library.check(library.Change((value,)))) == len(JUNK)
    for name in ("path", "content", "action", "previous_path", "patch"):
        assert tried(lambda value, name=name: library.check(_changed(**{name: value}))), name  # type: ignore[misc]


def _changed(**parts: Any) -> library.Change:
    return library.Change((library.FileChange(**{"path": "a.py", "content": "x = 1\n", **parts}),))


def test_a_configuration_and_a_baseline_of_wrong_parts_are_refused_by_name(reply: Any) -> None:
    for name in ("select", "ignore", "severities", "waive", "suppressions"):
        assert tried(lambda value, name=name: Configuration(**{name: value}), FEW), name  # type: ignore[misc]
    for key in ("select", "ignore", "severities", "waive", "suppress", "path-ignores", "tool"):
        assert tried(lambda value, key=key: read_configuration({key: value})), key  # type: ignore[misc]
    assert tried(read_configuration)
    assert tried(read_baseline) == len(JUNK)
    assert tried(baseline_of) == len(JUNK)


def test_arguments_of_every_export_are_refused_by_name(reply: Any) -> None:
    report = library.check(reply)
    for export in (
        reporting.to_github, reporting.to_gitlab, reporting.to_html, reporting.to_json, reporting.to_junit,
        reporting.to_markdown, reporting.to_rdjson, reporting.to_rdjsonl, reporting.to_sarif, reporting.to_text,
    ):  # fmt: skip
        assert tried(export) == len(JUNK), export
        for name in {"anchor", "title", "rules", "status", "shape", "library_version"} & set(
            inspect.signature(export).parameters
        ):
            assert tried(lambda value, export=export, name=name: export(report, **{name: value})), name  # type: ignore[misc]
    assert tried(reporting.schema) == len(JUNK)


def test_arguments_of_verification_are_refused_by_name(reply: Any, base: Any) -> None:
    assert tried(lambda value: library.verify_migrations(value, "sqlite"))
    assert tried(lambda value: library.verify_migrations(PAIR, value))
    for name in ("base", "seed", "folder"):
        call: Callable[[Any], object] = lambda value, name=name: library.verify_migrations(  # noqa: E731
            PAIR, "sqlite", **{name: value}
        )
        tried(call, FEW)
    assert tried(lambda value: library.verify_commands(value, None, {"tests": ["true"]}, None), FEW)
    assert tried(lambda value: library.verify_commands(reply.change, None, value, None), FEW)


def test_a_session_refuses_what_it_cannot_start_from_or_take(inputs: Any, base: Any) -> None:
    assert tried(library.Session)
    assert tried(library.Session.load)
    for name in (
        "request", "base", "parameters", "calls", "approve", "rules", "limits", "dialect", "lean",
        "structured", "seal_key",
    ):  # fmt: skip
        assert tried(lambda value, name=name: library.Session(inputs, **{name: value}), FEW), name  # type: ignore[misc]
    session = library.Session(inputs, base=base)
    effect, before = session.pending(), session.dump()
    assert tried(lambda value: session.feed(value)) == len(JUNK)
    assert tried(lambda value: session.stream(value, 0, None)) == len(JUNK)
    assert tried(lambda value: session.stream(effect.id, 0, value)) == len(JUNK)
    assert session.dump() == before


def test_both_drivers_refuse_arguments_by_name(inputs: Any) -> None:
    assert tried(lambda value: library.run(value, client=Stops()))
    assert tried(lambda value: library.run(inputs, client=value), FEW) == len(FEW)
    for name in ("request", "base", "parameters", "rules", "calls"):
        assert tried(lambda value, name=name: library.run(inputs, client=Stops(), **{name: value}), FEW)  # type: ignore[misc]
    assert tried(lambda value: asyncio.run(library.arun(inputs, client=StopsLater(), base=value)), FEW)
    assert tried(lambda value: asyncio.run(library.arun(inputs, client=value)), FEW) == len(FEW)
