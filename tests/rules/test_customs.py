"""What a commit of a project with its own customs weighs, against a reply that answers to the contract."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from backend_engineer.contract import Severity, Verdict
from backend_engineer.outputs import Change, FileChange
from backend_engineer.rules import check
from backend_engineer.workspace import SourceTree

_EARLIER = {"db/migrations/0001_users.up.sql": "CREATE TABLE users (id integer);\n"}
_PAPERS = "\n-- VERIFY\n-- SELECT id FROM users;\n-- OPERATIONS\n-- duration: 1 s\n-- impact: none\n-- throttling: none\n"
_NEW = {"db/migrations/0002_age.up.sql": "ALTER TABLE users ADD COLUMN age integer;\n"}


def _severities(
    files: Mapping[str, str], base: Mapping[str, str], code: str, origin: str = "git"
) -> list[Severity]:
    change = Change(tuple(FileChange(path, text) for path, text in files.items()), origin=origin)
    return [
        item.severity for item in check(change, base=SourceTree.from_mapping(base), rules=[code]).findings
    ]


@pytest.mark.parametrize("code", ["MIG050", "MIG053", "MIG054", "MIG055"])
def test_a_commit_that_follows_the_custom_of_its_project_gets_a_remark(code: str) -> None:
    assert _severities(_NEW, _EARLIER, code) == [Severity.INFO]


@pytest.mark.parametrize("code", ["MIG050", "MIG053"])
def test_a_commit_that_breaks_the_custom_of_its_project_violates(code: str) -> None:
    base = {path: text + _PAPERS for path, text in _EARLIER.items()}
    assert _severities(_NEW, base, code) == [Severity.MAJOR]


@pytest.mark.parametrize("code", ["MIG050", "MIG053"])
def test_an_answer_to_the_contract_violates_whatever_the_custom(code: str) -> None:
    assert _severities(_NEW, _EARLIER, code, "caller") == [Severity.MAJOR]


def test_a_project_that_never_wrote_a_rollback_is_asked_and_one_that_did_violates() -> None:
    back = {"db/migrations/0001_users.down.sql": "DROP TABLE users;\n"}
    marked = {
        path: f"-- IRREVERSIBLE: it is the first; restore the backup\n{text}"
        for path, text in _EARLIER.items()
    }
    assert _severities(_NEW, _EARLIER, "MIG001") == [Severity.INFO]
    assert _severities(_NEW, _EARLIER | back, "MIG001") == [Severity.MAJOR]
    assert _severities(_NEW, marked, "MIG001") == [Severity.MAJOR]
    assert _severities(_NEW, {}, "MIG001") == [Severity.MAJOR]
    assert _severities(_NEW, _EARLIER, "MIG001", "caller") == [Severity.MAJOR]
    change = Change(tuple(FileChange(path, text) for path, text in _NEW.items()), origin="git")
    report = check(change, base=SourceTree.from_mapping(_EARLIER), rules=["MIG001"])
    assert set(report.clauses.values()) == {Verdict.NEEDS_REVIEW}


@pytest.mark.parametrize("code", ["SHP001", "SHP002", "SHP003"])
def test_what_a_commit_leaves_out_is_a_remark_and_in_an_answer_a_violation(code: str) -> None:
    code_only = {"src/services/fee.py": "def fee(amount):\n    return amount // 100\n"}
    assert _severities(code_only, {}, code) == [Severity.INFO]
    assert _severities(code_only, {}, code, "caller") == [Severity.MAJOR]


@pytest.mark.parametrize(
    ("value", "severity"),
    [
        ("shop_e2e_seed_checkout_subscription_link", Severity.INFO),
        ("q7Rk2vXw9ZtBn4Lm8PsD3fGh6JyCa1Ue", Severity.MAJOR),
    ],
)
def test_a_row_of_words_behind_a_telling_name_weighs_less_than_random_characters(
    value: str, severity: Severity
) -> None:
    files = {"src/links.py": f'link = Link(client_secret="{value}")\n'}
    assert _severities(files, {}, "SEC401") == [severity]


@pytest.mark.parametrize(
    ("origin", "severity"), [("reply", "major"), ("caller", "major"), ("git", "info"), ("directory", "info")]
)
def test_dots_alone_stand_for_code_in_an_answer_and_are_a_remark_in_a_commit(
    origin: str, severity: str
) -> None:
    file = FileChange("src/a.py", "def f():\n    x = 1\n    # ...\n    return x\n")
    report = check(Change((file,), origin=origin), rules=["ELI001"])
    assert [finding.severity.value for finding in report.findings] == [severity]


_WORKER = {"src/workers/mail.py": "def run(queue):\n    for item in queue:\n        send(item)\n"}
_SERVER = {"src/server.js": "const app = build();\napp.listen(8080);\n"}


@pytest.mark.parametrize(
    ("code", "files"),
    [("RUN316", _WORKER), ("PRB312", _SERVER), ("SIG311", _SERVER)],
    ids=lambda item: str(item)[:6],
)
def test_what_a_file_lacked_before_is_not_told_at_each_commit_that_touches_it(
    code: str, files: Mapping[str, str]
) -> None:
    touched = {path: f"{text}// more\n" for path, text in files.items()}
    assert _severities(touched, {}, code) == [Severity.INFO]
    assert _severities(touched, files, code) == []
    assert _severities(touched, files, code, "caller") == [Severity.INFO]


@pytest.mark.parametrize("code", ["RUN316", "PRB312", "SIG311"])
def test_what_a_file_lacked_before_stays_a_question(code: str) -> None:
    files = {**_WORKER, **_SERVER}
    change = Change(tuple(FileChange(path, text + "// more\n") for path, text in files.items()), origin="git")
    report = check(change, base=SourceTree.from_mapping(files), rules=[code])
    assert {row.verdict for row in report.verdicts if code in row.rules} == {Verdict.NEEDS_REVIEW}
    assert any("before" in row.reason for row in report.verdicts)


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        (
            'def read(body):\n    """Sample: {"access_token": "opoj5nbi6tyipd9jry8gc6tkqr"}"""\n',
            Severity.INFO,
        ),
        ('# {"access_token": "opoj5nbi6tyipd9jry8gc6tkqr"}\n', Severity.INFO),
        ('"""Read."""\n\nANSWER = {"access_token": "opoj5nbi6tyipd9jry8gc6tkqr"}\n', Severity.MAJOR),
    ],
)
def test_a_value_that_documentation_shows_weighs_less_than_one_in_code(text: str, severity: Severity) -> None:
    assert _severities({"src/backends.py": text}, {}, "SEC401") == [severity]
