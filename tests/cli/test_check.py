"""`check`: the gate on a reply, a folder, a diff, and on commits of any agent or person."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend_engineer.cli.exports import FORMATS

OLD_SIN = 'def everyone(db):\n    return db.execute("SELECT * FROM users")\n'
NEW_SIN = OLD_SIN + '\n\ndef forget(db):\n    db.execute("DELETE FROM sessions")\n'
SQL = ("--select", "CONS-06")


class Repository:
    """A git repository in a folder, with commits made from texts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.email", "tests@example.com")
        self.git("config", "user.name", "tests")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def write(self, files: dict[str, str | None]) -> None:
        for name, text in files.items():
            path = self.folder / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")

    def commit(self, files: dict[str, str | None], message: str = "a commit") -> str:
        self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    folder = tmp_path / "repository"
    folder.mkdir()
    made = Repository(folder)
    made.commit({"app/users.py": OLD_SIN, "README.md": "# App\n"})
    return made


def found(shown: Any) -> list[str]:
    return [item["title"] for item in json.loads(shown.out)["findings"]]


def test_a_reply_is_judged_with_its_inputs_and_base(cli: Callable[..., Any], last_login: Path) -> None:
    reply = last_login / "hand-written" / "reply.md"
    shown = cli("check", reply, "--base", last_login / "service", "--inputs", last_login / "spec", "--json")
    data = json.loads(shown.out)
    assert data["findings"] == []
    assert {row["clause"] for row in data["clauses"]} >= {"CONS-02", "INPT-02", "ROLE-03"}
    assert shown.code in (0, 5)


def test_a_violation_ends_with_1_and_names_the_clause(cli: Callable[..., Any], tmp_path: Path) -> None:
    reply = tmp_path / "reply.md"
    reply.write_text("- one\n- two\n\n```md\n<!-- file: docs/a.md -->\n# A\n```\n")
    shown = cli("check", reply, "--select", "ROLE-03", "--allow-unchecked")
    assert shown.code == 1
    assert "  ROLE-03: violated (reply)." in shown.out


def test_what_is_held_ends_with_0(cli: Callable[..., Any], tmp_path: Path) -> None:
    reply = tmp_path / "reply.md"
    reply.write_text("- one\n- two\n- three\n\n```md\n<!-- file: docs/a.md -->\n# A\n```\n")
    assert cli("check", reply, "--select", "ROLE-03").code == 0


def test_what_cannot_be_checked_ends_with_5_and_a_waiver_by_name_with_0(
    cli: Callable[..., Any], repository: Repository
) -> None:
    repository.commit({"README.md": "# App, better\n"})
    arguments = (
        "check",
        "--repo",
        repository.folder,
        "--git",
        "HEAD~1",
        "--select",
        "CONS-02",
        "--ignore",
        "CAP001",
    )
    first = cli(*arguments, "--json")
    assert (first.code, list(json.loads(first.out)["unchecked"])) == (5, ["CONS-02"])
    assert cli(*arguments, "--allow-unchecked").code == 0
    second = cli(*arguments, "--waive", "cons-02", "--because", "counted by hand")
    assert second.code == 0
    assert "Waived: counted by hand" in second.out


def test_a_waiver_needs_its_reason(cli: Callable[..., Any], repository: Repository) -> None:
    shown = cli("check", "--repo", repository.folder, "--git", "HEAD", "--waive", "CONS-01")
    assert shown.code == 2
    assert "1 --waive and 0 --because" in shown.err


def test_a_branch_is_judged_from_where_it_parted(cli: Callable[..., Any], repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "work")
    repository.commit({"app/users.py": NEW_SIN})
    repository.git("checkout", "-q", "main")
    repository.commit({"app/orders.py": 'def orders(db):\n    db.execute("DELETE FROM orders")\n'})
    shown = cli("check", "--repo", repository.folder, "--git", "main...work", *SQL, "--json")
    places = {item["where"]["path"] for item in json.loads(shown.out)["findings"]}
    assert places == {"app/users.py"}


def test_only_changed_lines_count_for_line_rules(cli: Callable[..., Any], repository: Repository) -> None:
    repository.commit({"app/users.py": NEW_SIN})
    shown = cli("check", "--repo", repository.folder, "--git", "HEAD~1..HEAD", *SQL, "--json")
    lines = {item["where"]["lines"] for item in json.loads(shown.out)["findings"]}
    assert lines
    assert all(int(span.split("-")[0]) >= 5 for span in lines)


def test_one_end_alone_means_up_to_head(cli: Callable[..., Any], repository: Repository) -> None:
    repository.commit({"app/users.py": NEW_SIN})
    assert found(cli("check", "--repo", repository.folder, "--git", "HEAD~1", *SQL, "--json"))


def test_staged_changes_are_judged_before_they_are_committed(
    cli: Callable[..., Any], repository: Repository
) -> None:
    repository.write({"app/users.py": NEW_SIN, "notes.txt": "not staged"})
    repository.git("add", "app/users.py")
    assert found(cli("check", "--repo", repository.folder, "--staged", *SQL, "--json"))


def test_nothing_staged_is_nothing_found(cli: Callable[..., Any], repository: Repository) -> None:
    shown = cli("check", "--repo", repository.folder, "--staged", "--select", "CONS-02", "--json")
    assert (shown.code, found(shown)) == (0, [])


def test_the_very_first_commit_can_be_judged(cli: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    fresh = Repository(folder)
    fresh.write({"app/users.py": NEW_SIN})
    fresh.git("add", "-A")
    assert found(cli("check", "--repo", folder, "--staged", *SQL, "--json"))


def test_whatever_is_staged_can_be_judged(cli: Callable[..., Any], repository: Repository) -> None:
    """Binary files, renames, deletions, modes, links, odd names, odd line ends, empty files."""
    repository.commit(
        {
            "old name.txt": "".join(f"line {n}\n" for n in range(20)),
            "gone.txt": "x\n",
            "run.sh": "#!/bin/sh\n",
        }
    )
    (repository.folder / "picture.png").write_bytes(bytes(range(256)))
    repository.git("mv", "old name.txt", 'n\u00e9w "name".txt')
    repository.git("rm", "-q", "gone.txt")
    (repository.folder / "run.sh").chmod(0o755)
    (repository.folder / "link").symlink_to("run.sh")
    repository.write({"empty.txt": "", "no-newline.txt": "end", "dos.txt": "a\r\nb\r\n", "latin.txt": "x\n"})
    (repository.folder / "latin.txt").write_bytes(b"gr\xfcn\n")
    repository.git("add", "-A")
    shown = cli("check", "--repo", repository.folder, "--staged", "--json")
    assert shown.code in (0, 1, 5), shown.err
    repository.git("commit", "-q", "-m", "odd things")
    committed = cli("check", "--repo", repository.folder, "--git", "HEAD~1", "--json")
    assert committed.code in (0, 1, 5), committed.err


def test_a_diff_is_applied_to_its_base(
    cli: Callable[..., Any], repository: Repository, tmp_path: Path
) -> None:
    base = tmp_path / "base"
    subprocess.run(["git", "clone", "-q", str(repository.folder), str(base)], check=True)
    repository.write({"app/users.py": NEW_SIN})
    patch = tmp_path / "change.diff"
    patch.write_text(repository.git("diff") + "\n")
    assert found(cli("check", "--diff", patch, "--base", base, *SQL, "--json"))


def test_a_diff_that_does_not_apply_ends_with_2(cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\n")
    patch = tmp_path / "change.diff"
    patch.write_text("--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-two\n+three\n")
    shown = cli("check", "--diff", patch, "--base", tmp_path)
    assert shown.code == 2
    assert "a.py, hunk 1" in shown.err


def test_a_folder_is_compared_with_its_base(cli: Callable[..., Any], tmp_path: Path) -> None:
    for name, text in (("before", OLD_SIN), ("after", NEW_SIN)):
        (tmp_path / name / "app").mkdir(parents=True)
        (tmp_path / name / "app" / "users.py").write_text(text)
    assert found(cli("check", "--folder", tmp_path / "after", "--base", tmp_path / "before", *SQL, "--json"))


def test_new_only_lets_old_sins_stand_in_lines_that_were_touched(
    cli: Callable[..., Any], repository: Repository
) -> None:
    repository.commit({"app/users.py": NEW_SIN})
    indented = NEW_SIN.replace("    db.execute(", "    if db:\n        db.execute(")
    repository.commit({"app/users.py": indented})
    arguments = ("check", "--repo", repository.folder, "--git", "HEAD~1", *SQL, "--json")
    assert found(cli(*arguments))
    after = cli(*arguments, "--new-only")
    assert found(after) == []
    assert json.loads(after.out)["suppressed"]


def test_new_only_still_tells_what_is_new(cli: Callable[..., Any], repository: Repository) -> None:
    repository.commit({"app/users.py": NEW_SIN})
    shown = cli("check", "--repo", repository.folder, "--git", "HEAD~1", *SQL, "--new-only", "--json")
    assert found(shown)


def test_new_only_tells_a_second_one_of_a_kind_that_the_base_has(
    cli: Callable[..., Any], repository: Repository
) -> None:
    repository.commit({"app/users.py": OLD_SIN.replace("everyone", "anyone") + "\n\n" + OLD_SIN})
    shown = cli("check", "--repo", repository.folder, "--git", "HEAD~1", "--new-only", *SQL, "--json")
    assert found(shown).count("SELECT * in new code") == 1


def test_an_empty_selection_is_bad_usage(cli: Callable[..., Any], repository: Repository) -> None:
    repository.commit({"README.md": "# App, better\n"})
    for empty in ("", "INPT-02"):
        shown = cli("check", "--repo", repository.folder, "--git", "HEAD~1", "--select", empty)
        assert shown.code == 2
        assert "nothing to judge" in shown.err


def test_a_baseline_is_written_and_then_known(
    cli: Callable[..., Any], repository: Repository, tmp_path: Path
) -> None:
    baseline = tmp_path / "baseline.json"
    repository.commit({"app/users.py": NEW_SIN})
    arguments = ("check", "--repo", repository.folder, "--git", "HEAD~1", *SQL, "--json")
    first = cli(*arguments)
    assert found(first)
    written = cli(*arguments, "--write-baseline", baseline)
    assert found(written) == []
    assert "written to" in written.err
    assert "DELETE FROM" not in baseline.read_text()
    again = cli(*arguments, "--baseline", baseline)
    assert found(again) == []
    repository.commit({"app/carts.py": 'def clear(db):\n    db.execute("DELETE FROM carts")\n'})
    assert found(cli(*arguments[:4], "HEAD~2", *SQL, "--json", "--baseline", baseline, "--new-only"))


@pytest.mark.parametrize("text", [None, "{", "[]", '{"format": 2}'])
def test_a_baseline_that_cannot_be_used_ends_with_2(
    cli: Callable[..., Any], repository: Repository, tmp_path: Path, text: str | None
) -> None:
    baseline = tmp_path / "baseline.json"
    if text is not None:
        baseline.write_text(text)
    shown = cli("check", "--repo", repository.folder, "--git", "HEAD", "--baseline", baseline)
    assert shown.code == 2
    assert "--write-baseline" in shown.err


def test_partial_inputs_are_enough_to_judge_by(
    cli: Callable[..., Any], repository: Repository, last_login: Path, tmp_path: Path
) -> None:
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    (inputs / "tech_spec.json").write_text((last_login / "spec" / "tech_spec.json").read_text())
    repository.commit({"README.md": "# App, better\n"})
    shown = cli("check", "--repo", repository.folder, "--git", "HEAD~1", "--inputs", inputs, "--json")
    data = json.loads(shown.out)
    verdicts = {row["clause"]: row["verdict"] for row in data["clauses"]}
    assert verdicts["INPT-02"] == "held"
    assert shown.code in (1, 5)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_goes_to_standard_output_or_to_a_file(
    cli: Callable[..., Any], repository: Repository, tmp_path: Path, name: str
) -> None:
    repository.commit({"app/users.py": NEW_SIN})
    arguments = ("check", "--repo", repository.folder, "--git", "HEAD~1", *SQL, "--format", name)
    target = tmp_path / "report"
    direct = cli(*arguments)
    filed = cli(*arguments, "--output", target)
    assert direct.out == target.read_text("utf-8")
    assert filed.err == f"Report: {target} ({name})\n"
    assert filed.out.startswith("Outcome: ")
    assert direct.code == filed.code


def test_the_configuration_of_the_repository_is_read(cli: Callable[..., Any], repository: Repository) -> None:
    repository.commit({"app/users.py": NEW_SIN})
    arguments = ("check", "--repo", repository.folder, "--git", "HEAD~1", "--json")
    codes = {item["code"] for item in json.loads(cli(*arguments).out)["findings"]}
    assert codes
    (repository.folder / "backend-engineer.toml").write_text(
        "ignore = [" + ", ".join(f'"{code}"' for code in codes) + "]\n"
    )
    assert found(cli(*arguments)) == []


def test_a_broken_configuration_ends_with_2(
    cli: Callable[..., Any], repository: Repository, tmp_path: Path
) -> None:
    config = tmp_path / "own.toml"
    for text in ("select = [", "selekt = []", 'select = "CONS"'):
        config.write_text(text)
        shown = cli("check", "--repo", repository.folder, "--git", "HEAD", "--config", config)
        assert shown.code == 2
        assert "own.toml" in shown.err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--git", "HEAD", "--staged"),
        ("--git", "no-such-branch"),
        ("--git", "no...such"),
        ("--git", "--all"),
        ("no-such-file.md",),
    ],
)
def test_nothing_usable_to_judge_ends_with_2(
    cli: Callable[..., Any], repository: Repository, arguments: tuple[str, ...]
) -> None:
    shown = cli("check", "--repo", repository.folder, *arguments)
    assert shown.code == 2
    assert "What to do: " in shown.err


def test_a_folder_that_is_no_repository_ends_with_2(cli: Callable[..., Any], tmp_path: Path) -> None:
    for arguments in (("--git", "HEAD"), ("--git", "a...b"), ("--staged",)):
        assert cli("check", "--repo", tmp_path, *arguments).code == 2


def test_commands_need_a_tech_spec_that_names_them(cli: Callable[..., Any], repository: Repository) -> None:
    assert cli("check", "--repo", repository.folder, "--git", "HEAD", "--run-commands").code == 2


def test_migrations_and_commands_are_run_when_asked_for(cli: Callable[..., Any], last_login: Path) -> None:
    reply = last_login / "hand-written" / "reply.md"
    shown = cli(
        "check",
        reply,
        "--base",
        last_login / "service",
        "--inputs",
        last_login / "spec",
        "--run-migrations",
        "--json",
    )
    verdicts = {row["clause"]: row["verdict"] for row in json.loads(shown.out)["clauses"]}
    assert (verdicts["MIGR-02"], verdicts["MIGR-04"]) == ("held", "held")


def test_a_run_that_this_machine_cannot_do_leaves_the_rest_of_the_report(
    cli: Callable[..., Any], last_login: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    reply = last_login / "hand-written" / "reply.md"
    arguments = ("check", reply, "--base", last_login / "service", "--inputs", last_login / "spec")
    shown = cli(*arguments, "--run-migrations", "postgres", "--json")
    assert shown.code != 2, shown.err
    verdicts = {row["clause"]: row["verdict"] for row in json.loads(shown.out)["clauses"]}
    assert verdicts["MIGR-04"] == "not checked"
    assert verdicts["CONS-02"] != "not checked"


def test_codes_come_in_lists_or_one_by_one_in_any_case(
    cli: Callable[..., Any], repository: Repository
) -> None:
    repository.commit({"README.md": "# App, better\n"})
    arguments = ("check", "--repo", repository.folder, "--git", "HEAD~1", "--json")
    one = json.loads(cli(*arguments, "--select", "cons-02,cons-04").out)["clauses"]
    two = json.loads(cli(*arguments, "--select", "CONS-02", "--select", "CONS-04").out)["clauses"]
    assert one == two
    assert [row["clause"] for row in one] == ["CONS-02", "CONS-04"]


def test_a_range_can_be_narrowed_to_paths(cli: Callable[..., Any], repository: Repository) -> None:
    repository.commit(
        {"app/users.py": NEW_SIN, "lib/carts.py": 'def clear(db):\n    db.execute("DELETE FROM carts")\n'}
    )
    shown = cli("check", "--repo", repository.folder, "--git", "HEAD~1", *SQL, "--path", "lib", "--json")
    assert {item["where"]["path"] for item in json.loads(shown.out)["findings"]} == {"lib/carts.py"}


def test_an_unknown_code_to_select_ends_with_2(cli: Callable[..., Any], repository: Repository) -> None:
    assert cli("check", "--repo", repository.folder, "--git", "HEAD", "--select", "NOPE").code == 2


def test_two_configurations_beside_each_other_are_refused(
    cli: Callable[..., Any], repository: Repository
) -> None:
    repository.write(
        {"backend-engineer.toml": 'ignore = ["CONS-06"]\n', "pyproject.toml": "[project]\nname = 'a'\n"}
    )
    assert cli("check", "--repo", repository.folder, "--git", "HEAD", "--findings-only").code in (0, 5)
    repository.write({"pyproject.toml": '[tool.backend-engineer]\nselect = ["CONS-06"]\n'})
    shown = cli("check", "--repo", repository.folder, "--git", "HEAD")
    assert shown.code == 2
    assert "backend-engineer.toml" in shown.err
    assert "pyproject.toml" in shown.err
    own = repository.folder / "backend-engineer.toml"
    assert cli("check", "--repo", repository.folder, "--git", "HEAD", "--config", own).code in (0, 5)


def test_a_named_project_file_without_the_table_is_refused(
    cli: Callable[..., Any], repository: Repository
) -> None:
    repository.write({"pyproject.toml": "[project]\nname = 'a'\n"})
    assert cli("check", "--repo", repository.folder, "--git", "HEAD").code in (0, 5)
    shown = cli(
        "check",
        "--repo",
        repository.folder,
        "--git",
        "HEAD",
        "--config",
        repository.folder / "pyproject.toml",
    )
    assert shown.code == 2
    assert "[tool.backend-engineer]" in shown.err
