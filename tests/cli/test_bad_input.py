"""Whatever is wrong outside, the command line says it in a sentence: no traceback, no defect, nothing half done."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_engineer.cli import main


@pytest.fixture
def spec(last_login: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "spec"
    shutil.copytree(last_login / "spec", folder)
    return folder


def contract(spec: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((spec / "api_contract.json").read_text("utf-8"))
    return data


def altered(spec: Path, change: Callable[[dict[str, Any]], None]) -> None:
    data = contract(spec)
    change(data["document"])
    (spec / "api_contract.json").write_text(json.dumps(data), "utf-8")


def told(shown: Any) -> None:
    assert shown.code in (2, 3), (shown.code, shown.err)
    assert "defect" not in shown.err
    assert "Traceback" not in shown.err
    assert ("What to do: " in shown.err) or ("What to do: " in shown.out)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tech_spec.json", b'{"stack": ['),
        ("tech_spec.json", b'{"stack": [], "stack": []}'),
        ("tech_spec.json", b"[1, 2, 3]"),
        ("tech_spec.json", b"\xff\xfe{}"),
        ("tech_spec.json", b'{"error_handling": "\\ud800"}'),
        ("tech_spec.json", b"[" * 100_000),
        ("tech_spec.json", b'{"stack": NaN}'),
        ("security_policy.md", b"# Nothing\n\n## An unknown heading\n\ntext\n"),
        ("perf_targets.yaml", b"slos: [\n  - {route: 'GET /x', metric: }"),
        ("perf_targets.yaml", b"slos: &a [*a]"),
        ("data_model.yaml", b"a: 1\na: 2\n"),
    ],
)
def test_a_broken_document_is_named(cli: Callable[..., Any], spec: Path, name: str, content: bytes) -> None:
    for old in spec.glob(name.partition(".")[0] + ".*"):
        old.unlink()
    (spec / name).write_bytes(content)
    for command in ("run", "render"):
        told(cli(command, spec))


def test_an_openapi_document_with_a_dangling_or_a_circular_reference_is_a_gap(
    cli: Callable[..., Any], spec: Path
) -> None:
    def dangling(document: dict[str, Any]) -> None:
        document["components"]["schemas"]["User"] = {"$ref": "#/components/schemas/Nobody"}

    def circular(document: dict[str, Any]) -> None:
        document["components"]["schemas"]["User"] = {"$ref": "#/components/schemas/User"}

    for change in (dangling, circular):
        altered(spec, change)
        told(cli("run", spec))


def test_integer_status_keys_of_yaml_are_read(cli: Callable[..., Any], spec: Path) -> None:
    pytest.importorskip("yaml")
    import yaml

    data = contract(spec)
    for operations in data["document"]["paths"].values():
        for operation in operations.values():
            operation["responses"] = {
                int(key) if key.isdigit() else key: value for key, value in operation["responses"].items()
            }
    (spec / "api_contract.json").unlink()
    (spec / "api_contract.yaml").write_text(yaml.safe_dump(data), "utf-8")
    assert cli("render", spec).code == 0


def test_a_document_of_fifty_megabytes_is_refused_or_read_in_time(
    cli: Callable[..., Any], spec: Path
) -> None:
    (spec / "security_policy.md").write_bytes(
        b"# Security policy\n\n## Authentication\n\n" + b"x" * 50_000_000
    )
    told(cli("render", spec))


def test_a_folder_without_documents_and_a_file_for_a_folder_are_told(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    told(cli("run", tmp_path))
    (tmp_path / "file").write_text("")
    told(cli("run", tmp_path / "file"))


def test_a_folder_that_may_not_be_read_is_told(cli: Callable[..., Any], spec: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    spec.chmod(0)
    try:
        told(cli("run", spec))
    finally:
        spec.chmod(0o700)


def process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "backend_engineer", *arguments]
    return subprocess.run(command, stderr=subprocess.PIPE, timeout=60, check=False, **options)


def test_closed_standard_streams_are_survived() -> None:
    def closed(*numbers: int) -> Callable[[], None]:
        return lambda: [os.close(number) for number in numbers] and None

    no_input = process("parse", preexec_fn=closed(0), stdout=subprocess.PIPE)
    assert (no_input.returncode, no_input.stderr.split(b".")[0]) == (2, b"Error: Standard input is closed")
    assert process("clauses", preexec_fn=closed(1)).returncode == 0
    assert process("explain", "NOPE99", preexec_fn=closed(1, 2)).returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_told_without_a_traceback() -> None:
    with open("/dev/full", "wb") as full:
        ended = process("clauses", stdout=full)
    assert ended.returncode == 2
    assert ended.stderr.startswith(b"Error: ")
    assert b"Traceback" not in ended.stderr
    assert b"Exception ignored" not in ended.stderr


WORDS = st.sampled_from(
    ["run", "check", "parse", "render", "migrations", "rules", "explain", "clauses", "schema", "--json", "--watch", "--git",
     "--help", "--select", "check", "--database", "sqlite", "-", ".", "", "\x00", "--", "HEAD...", "..", "--inputs", "CONS-02",
     "--format", "sarif", "--diff", "--explain", "--phase", "verify", "--waive", "--because", "--baseline", "--new-only"]
)  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(WORDS, max_size=5))
def test_any_words_end_in_a_documented_exit_code(
    words: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with open(os.devnull) as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        try:
            code = main(words)
        except SystemExit as end:
            code = int(end.code or 0)
    shown = capsys.readouterr()
    assert code in (0, 1, 2, 3, 4, 5), (words, shown.err)
    assert "Traceback" not in shown.err


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("wish.json", "{", "wish.json:1:2: "),
        ("wish.json", "[]", "wish.json at /: "),
        ("wish.md", "# Only a title\n\n## No such heading\n\nx\n", "wish.md:3"),
        ("wish.txt", "Please.", "wish.txt does not say"),
    ],
)
def test_an_error_in_a_request_names_the_file_that_was_passed(
    cli: Callable[..., Any], last_login: Path, tmp_path: Path, name: str, text: str, place: str
) -> None:
    (tmp_path / name).write_text(text)
    shown = cli("render", last_login / "spec", "--request", tmp_path / name)
    told(shown)
    assert place in shown.err
    assert "change_request" not in shown.err.partition("What to do")[0]


def test_a_damaged_record_is_told_with_the_place(
    cli: Callable[..., Any], last_login: Path, tmp_path: Path
) -> None:
    record = json.loads((last_login / "records" / "phases.json").read_text("utf-8"))
    record["effects"] = 5
    (tmp_path / "record.json").write_text(json.dumps(record))
    shown = cli("run", last_login / "spec", "--replay", tmp_path / "record.json")
    told(shown)
    assert "record.json at /effects: this is no record of a run" in shown.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--git", "{}...HEAD"),
        ("check", "--git", "HEAD", "--repo", "{}"),
        ("check", "--folder", ".", "--config", "{}"),
        ("check", "{}"),
        ("check", "{}", "--json"),
        ("check", "--format", "{}"),
        ("explain", "{}"),
        ("schema", "{}"),
        ("{}",),
    ],
)
def test_no_error_shows_a_credential(cli: Callable[..., Any], arguments: tuple[str, ...]) -> None:
    token = "ghp" + "_" + "k7Qm2vR9xT4wZ8bN5cL1sD6fG3hJ0pAyE2uB"
    try:
        shown = cli(*(word.format(token) for word in arguments))
    except SystemExit:
        pytest.fail("the arguments ended the process without being caught")
    assert shown.code == 2
    assert token not in shown.out + shown.err
    assert "[redacted sha256:" in shown.err
