"""The change's own commands, before and after, and the runner that runs them."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backend_engineer.errors import RunnerFailed, UnsafePath, UsageError
from backend_engineer.outputs import Change, FileChange
from backend_engineer.verification import CommandResult, Limits, LocalRunner, verify_commands
from backend_engineer.verification.commands import base_files
from backend_engineer.workspace import SourceTree

PYTHON = sys.executable
READS = {"tests": (PYTHON, "-c", "import m; assert m.x == 1; print('Ran 2 tests in 0.1s')")}


def change(text: str, path: str = "m.py") -> Change:
    return Change((FileChange(path, text),))


def test_a_failure_that_was_there_before_is_not_the_changes() -> None:
    outcome = verify_commands(change("x = 2\n"), {"m.py": "x = 3\n"}, READS, LocalRunner()).outcomes[0]
    assert (outcome.before, outcome.after, outcome.failed_by_change) == (1, 1, False)


def test_a_failure_that_the_change_brings_is_told_with_the_end_of_the_output() -> None:
    outcome = verify_commands(change("x = 2\n"), {"m.py": "x = 1\n"}, READS, LocalRunner()).outcomes[0]
    assert (outcome.before, outcome.after, outcome.failed_by_change) == (0, 1, True)
    assert "AssertionError" in outcome.output


def test_a_command_that_did_not_end_before_is_not_the_changes_either() -> None:
    hangs = {"tests": (PYTHON, "-c", "import m, time; time.sleep(m.x)")}
    limits = Limits(command_seconds=0.5)
    outcome = verify_commands(
        change("x = 9\n"), {"m.py": "x = 8\n"}, hangs, LocalRunner(), limits=limits
    ).outcomes[0]
    assert (outcome.before, outcome.before_timed_out, outcome.failed_by_change) == (None, True, False)
    fine = verify_commands(
        change("x = 9\n"), {"m.py": "x = 0\n"}, hangs, LocalRunner(), limits=limits
    ).outcomes[0]
    assert (fine.before, fine.before_timed_out, fine.failed_by_change) == (0, False, True)


def test_a_change_that_mends_is_seen() -> None:
    outcome = verify_commands(change("x = 1\n"), {"m.py": "x = 3\n"}, READS, LocalRunner()).outcomes[0]
    assert (outcome.before, outcome.after, outcome.tests_run) == (1, 0, 2)


def test_without_a_base_only_the_change_is_run() -> None:
    outcome = verify_commands(change("x = 1\n"), None, READS, LocalRunner()).outcomes[0]
    assert (outcome.before, outcome.after) == (None, 0)


def test_without_a_runner_nothing_runs_and_the_report_says_so() -> None:
    report = verify_commands(change("x = 1\n"), None, READS, None)
    assert report.outcomes == ()
    assert "runner" in report.not_checked


def test_a_deletion_and_a_rename_are_carried_out() -> None:
    moves = Change(
        (
            FileChange("old.py", None, action="delete"),
            FileChange("n.py", None, action="rename", previous_path="m.py"),
        )
    )
    listing = {"tests": (PYTHON, "-c", "import os; print(sorted(os.listdir()))")}
    outcome = verify_commands(moves, {"m.py": "x = 1\n", "old.py": ""}, listing, LocalRunner()).outcomes[0]
    assert outcome.output.strip() == "['n.py']"


def test_a_folder_is_a_base_too_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("x = 3\n")
    writes = {"lint": (PYTHON, "-c", "open('m.py', 'w').write('gone')")}
    verify_commands(change("x = 1\n"), tmp_path, writes, LocalRunner())
    assert (tmp_path / "m.py").read_text() == "x = 3\n"


def test_linked_folders_are_at_hand(tmp_path: Path) -> None:
    (tmp_path / "dep.py").write_text("x = 1\n")
    reads = {"tests": (PYTHON, "-c", "import sys; sys.path.insert(0, 'deps'); import dep")}
    outcome = verify_commands(
        change("x = 1\n"), None, reads, LocalRunner(), links={"deps": tmp_path}
    ).outcomes[0]
    assert outcome.after == 0


def test_a_path_that_leaves_the_folder_is_refused() -> None:
    with pytest.raises(UnsafePath):
        verify_commands(change("x", "../m.py"), None, READS, LocalRunner())


@pytest.mark.parametrize("commands", [{"tests": "pytest -q"}, {"build": ("make",)}])
def test_commands_that_are_no_lists_or_of_no_kind_are_refused(commands) -> None:
    with pytest.raises(UsageError):
        verify_commands(change("x"), None, commands, LocalRunner())


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(RunnerFailed, match="no-such-program"):
        verify_commands(change("x"), None, {"tests": ("no-such-program",)}, LocalRunner())


class Scripted:
    """A runner that gives, or raises, one thing after the other."""

    def __init__(self, *results) -> None:
        self.results = list(results)

    def run(self, argv, **limits):
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result


FINE = CommandResult(0, "Ran 2 tests in 0.1s\n\nOK\n", 0.1)
ABSENT = RunnerFailed("'t' cannot be started: No such file or directory.")


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (RuntimeError("docker is down"), "Scripted broke off with RuntimeError: docker is down"),
        (OSError(2, "no socket"), "Scripted broke off with FileNotFoundError"),
        (None, "gave NoneType in place of a CommandResult"),
        ((0, "fine"), "gave tuple in place of a CommandResult"),
        (CommandResult(0, b"fine", 0.1), "gave bytes as the output"),
        (CommandResult("0", "fine", 0.1), "gave str as the exit_code"),
    ],
)
@pytest.mark.parametrize("broken_first", [True, False])
def test_a_runner_that_breaks_off_is_a_named_error(result, words: str, broken_first: bool) -> None:
    runner = Scripted(result, FINE) if broken_first else Scripted(FINE, result)
    with pytest.raises(RunnerFailed, match=words):
        verify_commands(change("x"), {"a": "1"}, {"tests": ("t",)}, runner)


def test_a_secret_in_what_a_runner_raises_is_not_passed_on() -> None:
    secret = "ghp_" + "a1B2" * 9
    with pytest.raises(RunnerFailed) as caught:
        verify_commands(change("x"), None, {"tests": ("t",)}, Scripted(RuntimeError(f"no {secret}")))
    assert secret not in str(caught.value)


def test_one_command_that_cannot_be_run_leaves_the_others_standing() -> None:
    runner = Scripted(FINE, ABSENT, FINE, ABSENT)
    commands = {"tests": ("t",), "lint": ("nothing",)}
    tests, lint = verify_commands(change("x"), {"a": "1"}, commands, runner).outcomes
    assert (tests.before, tests.after, tests.not_run) == (0, 0, "")
    assert (lint.before, lint.after, lint.failed_by_change) == (None, None, False)
    assert "cannot be started" in lint.not_run


def test_a_command_that_the_change_brings_has_nothing_before_it() -> None:
    found = verify_commands(change("x"), {"a": "1"}, {"tests": ("t",)}, Scripted(ABSENT, FINE)).outcomes[0]
    assert (found.before, found.after, found.failed_by_change) == (None, 0, False)


def test_a_command_that_the_change_takes_away_fails_by_it() -> None:
    found = verify_commands(change("x"), {"a": "1"}, {"tests": ("t",)}, Scripted(FINE, ABSENT)).outcomes[0]
    assert (found.before, found.after, found.failed_by_change) == (0, None, True)
    assert "cannot be started" in found.output


@pytest.mark.skipif(os.name != "posix", reason="needs sh")
def test_a_script_that_the_change_brings_is_run() -> None:
    brings = change("#!/bin/sh\nexit 0\n", "run.sh")
    found = verify_commands(brings, {"a": "1"}, {"tests": ("./run.sh",)}, LocalRunner()).outcomes[0]
    assert (found.before, found.after) == (None, 0)


PYTEST = (PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider")
GOOD, BAD = "def test_a():\n    assert True\n", "def test_a():\n    assert False\n"


@pytest.mark.parametrize(
    ("base", "path", "text"),
    [
        ({"test_a.py": BAD}, "test_b.py", BAD),
        ({"test_a.py": BAD}, "test_b.py", "import no_such_module\n"),
        ({"test_a.py": BAD}, "conftest.py", "import os\nos._exit(1)\n"),
        ({"a.py": "x = 1\n"}, "test_b.py", BAD),
    ],
    ids=["a test", "a file that cannot be loaded", "no summary any more", "no test before"],
)
def test_a_failure_of_pytest_beside_an_old_one_is_the_changes(base, path: str, text: str) -> None:
    found = verify_commands(change(text, path), base, {"tests": PYTEST}, LocalRunner()).outcomes[0]
    assert found.before not in (0, None)
    assert found.failed_by_change


def test_an_old_failure_of_pytest_is_not_the_changes() -> None:
    found = verify_commands(
        change(GOOD, "test_b.py"), {"test_a.py": BAD}, {"tests": PYTEST}, LocalRunner()
    ).outcomes[0]
    assert (found.before, found.after, found.failed_by_change, found.unsettled) == (1, 1, False, "")
    assert found.summary is not None
    assert found.summary.failing == ("test_a.py::test_a",)


def test_names_that_a_long_output_holds_are_read_and_the_report_keeps_its_end() -> None:
    text = "import unittest\nclass T(unittest.TestCase):\n" + "".join(
        f"    def test_{number}(self): self.fail('no' * 100)\n" for number in range(30)
    )
    command = {"tests": (PYTHON, "-m", "unittest", "test_a")}
    limits = Limits(output_bytes=1500)
    found = verify_commands(change(text, "test_a.py"), {"a.py": ""}, command, LocalRunner(), limits=limits)
    (outcome,) = found.outcomes
    assert outcome.summary is not None
    assert (len(outcome.summary.failing), outcome.summary.failed) == (30, 30)
    assert outcome.output.endswith("FAILED (failures=30)\n")
    assert len(outcome.output) <= 1500


def test_the_report_names_the_change_by_its_hash() -> None:
    one = change("x = 1\n")
    assert verify_commands(one, None, {}, None).change == one.hash


def test_the_time_limit_ends_children_too(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    child = f"import time; time.sleep(2); open({str(mark)!r}, 'w').close()"
    script = (
        f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)"
    )
    began = time.monotonic()
    result = LocalRunner().run((PYTHON, "-c", script), folder=tmp_path, seconds=1)
    assert (result.timed_out, result.exit_code) == (True, None)
    assert time.monotonic() - began < 10
    time.sleep(1.5)
    assert not mark.exists()


def test_the_end_of_a_long_output_is_kept(tmp_path: Path) -> None:
    result = LocalRunner().run(
        (PYTHON, "-c", "print('a' * 500000); print('the end')"), folder=tmp_path, output_bytes=1000
    )
    assert result.truncated
    assert result.output.endswith("the end\n")
    assert len(result.output) <= 1000


def test_the_environment_is_scrubbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_API_TOKEN", "hidden")
    result = LocalRunner(env={"GIVEN": "1"}).run(
        (PYTHON, "-c", "import os; print(sorted(os.environ))"), folder=tmp_path
    )
    assert "MY_API_TOKEN" not in result.output
    assert "GIVEN" in result.output


def test_no_shell_reads_the_arguments(tmp_path: Path) -> None:
    result = LocalRunner().run(
        (PYTHON, "-c", "import sys; print(sys.argv[1])", "$(id); `id`"), folder=tmp_path
    )
    assert result.output.strip() == "$(id); `id`"


def test_secrets_in_the_output_are_redacted() -> None:
    secret = "ghp_" + "a1B2" * 9
    prints = {"tests": (PYTHON, "-c", f"print({secret!r})")}
    assert secret not in verify_commands(change("x"), None, prints, LocalRunner()).outcomes[0].output


def test_a_command_that_never_ends_is_reported_as_stopped() -> None:
    waits = {"tests": (PYTHON, "-c", "import time; time.sleep(60)")}
    outcome = verify_commands(
        change("x"), None, waits, LocalRunner(), limits=Limits(command_seconds=0.5)
    ).outcomes[0]
    assert (outcome.timed_out, outcome.after, outcome.failed_by_change) == (True, None, True)


def test_a_relative_home_is_the_scratch_folder(tmp_path: Path) -> None:
    result = LocalRunner().run((PYTHON, "-c", "import os; print(os.environ['HOME'])"), folder=tmp_path)
    assert Path(result.output.strip()) == tmp_path
    assert os.environ.get("HOME") != str(tmp_path)


def test_files_that_are_no_text_are_there_when_the_commands_run(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "logo.png").write_bytes(b"\x89PNG\0\xff")
    (source / "a.txt").write_text("a")
    found = dict(base_files(SourceTree.from_directory(source)))
    assert found == {"a.txt": b"a", "logo.png": b"\x89PNG\0\xff"}


@pytest.mark.skipif(os.name != "posix", reason="sessions are POSIX")
@pytest.mark.parametrize("ending", ["print('done')", "time.sleep(60)"])
def test_a_grandchild_in_a_session_of_its_own_holds_nothing_up(tmp_path: Path, ending: str) -> None:
    child = "import subprocess, time; subprocess.Popen(['sleep', '30'], start_new_session=True)"
    began = time.monotonic()
    found = LocalRunner().run((sys.executable, "-c", f"{child}; {ending}"), folder=tmp_path, seconds=3)
    assert time.monotonic() - began < 15
    assert found.timed_out == ("sleep" in ending)
    assert found.output == ("" if found.timed_out else "done\n")


@pytest.mark.skipif(os.name != "posix", reason="sessions are POSIX")
def test_a_grandchild_that_goes_on_writing_holds_nothing_up(tmp_path: Path) -> None:
    child = "import subprocess; subprocess.Popen(['timeout', '30', 'yes'], start_new_session=True)"
    began = time.monotonic()
    LocalRunner().run((sys.executable, "-c", child), folder=tmp_path, seconds=3, output_bytes=1000)
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(("there", "new"), [("s/x.py", "s"), ("s", "s/x.py")])
def test_a_file_in_the_place_of_a_folder_is_a_named_error(there: str, new: str) -> None:
    change = Change((FileChange(new, "y"),))
    with pytest.raises(RunnerFailed, match="cannot be written"):
        verify_commands(change, {there: "1"}, {"tests": ("true",)}, LocalRunner())


@pytest.mark.skipif(os.name != "posix", reason="needs sh")
def test_the_first_commands_cannot_prepare_the_folder_of_the_second(tmp_path: Path) -> None:
    trap = f"for name in after ../after ../../after; do ln -sfn {tmp_path} $name; done; ls ../.. | wc -l"
    change = Change((FileChange("a", "y"),))
    report = verify_commands(change, {"a": "1"}, {"tests": ("sh", "-c", trap)}, LocalRunner())
    assert [item.after for item in report.outcomes] == [0]
    assert not (tmp_path / "a").exists()


# A daemon as servers are: forked twice, in a session of its own, without the environment, elsewhere.
_DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.chdir("/")
        for number in range(3):
            os.close(number)
        os.execve(sys.executable, [sys.executable, "-I", "-S", "-c", sys.argv[1]], {})
    os._exit(0)
os.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives orphans to whoever asks for them")
@pytest.mark.parametrize("ending", ["", "time.sleep(60)"], ids=["it ends", "it is stopped"])
def test_a_daemon_that_hides_does_not_outlive_its_command(tmp_path: Path, ending: str) -> None:
    mark = tmp_path / "mark"
    later = f"import time; time.sleep(2.5); open({str(mark)!r}, 'w').close()"
    found = LocalRunner().run((PYTHON, "-c", _DAEMON + ending, later), folder=tmp_path, seconds=1.5)
    assert found.timed_out == bool(ending)
    time.sleep(2.5)
    assert not mark.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent is gone")
def test_what_a_killed_run_was_doing_is_ended_too(tmp_path: Path) -> None:
    mark, started = tmp_path / "mark", tmp_path / "started"
    later = (
        f"import time; open({str(started)!r}, 'w').close(); time.sleep(3); open({str(mark)!r}, 'w').close()"
    )
    script = (
        "from pathlib import Path; from backend_engineer.verification import LocalRunner; "
        f"LocalRunner().run(({PYTHON!r}, '-c', {later!r}), folder=Path({str(tmp_path)!r}))"
    )
    maker = subprocess.Popen((PYTHON, "-c", script))
    deadline = time.monotonic() + 20
    while not started.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    maker.kill()
    maker.wait()
    time.sleep(3.5)
    assert started.exists()
    assert not mark.exists()


@pytest.mark.parametrize(
    ("script", "code"), [("import sys; sys.exit(7)", 7), ("import os; os.kill(os.getpid(), 9)", -9)]
)
def test_a_command_ends_with_its_own_code(tmp_path: Path, script: str, code: int) -> None:
    assert LocalRunner().run((PYTHON, "-c", script), folder=tmp_path).exit_code == code


@pytest.mark.skipif(os.name != "posix", reason="processes are told by their groups")
def test_a_command_that_ends_whoever_watches_it_is_ended_all_the_same(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    script = f"import os, time; os.kill(os.getppid(), 9); time.sleep(2); open({str(mark)!r}, 'w').close()"
    if sys.platform != "linux":
        script = "pass"
    found = LocalRunner().run((PYTHON, "-c", script), folder=tmp_path, seconds=5)
    assert found.exit_code != 0 or sys.platform != "linux"
    time.sleep(2)
    assert not mark.exists()


@pytest.mark.skipif(os.name != "posix", reason="other systems know no such names")
@pytest.mark.parametrize("name", ["a\nb.txt", "a\\b.txt", "a:b.txt", "aux.c", "~x", "a b ", "\udce9.txt"])
def test_a_base_may_hold_names_that_no_change_may_bring(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("here")
    reads = {"tests": (PYTHON, "-c", f"import sys; sys.exit(open({name!r}).read() != 'here')")}
    found = verify_commands(change("x = 1\n"), tmp_path, reads, LocalRunner()).outcomes[0]
    assert (found.before, found.after) == (0, 0)
    with pytest.raises(UnsafePath):
        verify_commands(change("x", name), None, reads, LocalRunner())


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", ".git/config", "a\0b"])
def test_a_base_may_not_leave_its_folder_either(name: str) -> None:
    with pytest.raises(UnsafePath):
        verify_commands(change("x = 1\n"), {name: "1"}, READS, LocalRunner())
