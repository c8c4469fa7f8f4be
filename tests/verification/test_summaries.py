"""What test runners, linters and type checkers count, read from what they print."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.verification.summaries import ends_with_a_summary, summary_of

PYTEST = """\
=========================== short test summary info ============================
FAILED tests/test_a.py::test_a - assert 0
FAILED tests/test_a.py::test_b[a b] - ValueError: 3 passed in 1.00s
ERROR tests/test_c.py - ModuleNotFoundError: No module named 'c'
========= 2 failed, 5 passed, 1 skipped, 2 xfailed, 1 error in 0.12s (0:00:01) =========
"""
UNITTEST = f"""\
{"=" * 70}
FAIL: test_a (test_m.T.test_a)
{"-" * 70}
AssertionError

{"=" * 70}
ERROR: test_b (test_m.T.test_b) (i=1)
{"-" * 70}
ValueError

{"-" * 70}
Ran 6 tests in 0.004s

FAILED (failures=1, errors=1, skipped=2)
"""
JEST = """\
FAIL src/a.test.js (5.2 s)
  ● sums › adds

    no

FAIL src/b.test.js
  ● Test suite failed to run

    Cannot find module './c'

Summary of all failing tests
FAIL src/a.test.js (5.2 s)
  ● sums › adds

Test Suites: 2 failed, 2 total
Tests:       1 failed, 2 skipped, 4 passed, 7 total
"""
VITEST = """\
 FAIL  a.test.js > sums > adds
Error: no

 FAIL  b.test.js [ b.test.js ]
Error: Cannot find module './c'

 Test Files  2 failed (2)
      Tests  1 failed | 4 passed | 2 skipped (7)
"""
MOCHA = """\
  4 passing (18ms)
  1 pending
  2 failing

  1) sums
       adds:
     Error: no
      at Context.<anonymous> (test/a.spec.js:1:45)

  2) sums
       deep
         takes: away:
     Error: 1 passing
      at Context.<anonymous> (test/a.spec.js:1:110)
"""
NODE = """\
✖ failing tests:

test at a.test.js:1:65
✖ adds (0.852734ms)
ℹ tests 8
ℹ pass 5
ℹ fail 1
ℹ cancelled 0
ℹ skipped 2
ℹ todo 0
"""
TAP = """\
    not ok 1 - adds
    ok 2 - later # SKIP
not ok 3 - some day # TODO
# tests 4
# pass 1
# fail 1
# cancelled 0
# skipped 1
# todo 1
"""
CARGO = """\
test tests::adds ... FAILED

failures:

---- tests::adds stdout ----
no

failures:
    tests::adds

test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.47s

error: test failed, to rerun pass `--lib`
"""
GO = (
    "--- FAIL: TestAdds (0.00s)\n    a_test.go:4: no\nFAIL\nFAIL\texample.com/a\t0.003s\n"
    "ok  \texample.com/b\t0.002s\n?   \texample.com/c\t[no test files]\nFAIL\texample.com/d [build failed]\n"
)
SUREFIRE = """\
[ERROR] Tests run: 5, Failures: 1, Errors: 1, Skipped: 1, Time elapsed: 0.05 s <<< FAILURE! -- in p.CalcTest
[ERROR] p.CalcTest.adds -- Time elapsed: 0.004 s <<< FAILURE!
[ERROR] p.CalcTest.takes(int)[2] -- Time elapsed: 0.001 s <<< ERROR!
[INFO] Results:
[ERROR] Failures:
[ERROR]   CalcTest.adds:5 no
[ERROR] Tests run: 5, Failures: 1, Errors: 1, Skipped: 1
"""
GRADLE = "CalcTest > adds() FAILED\n    AssertionError at CalcTest.java:5\n\n7 tests completed, 1 failed, 2 skipped\n"
RSPEC = "10 examples, 1 failure, 2 pending\n\nFailed examples:\n\nrspec ./spec/a_spec.rb:4 # Sums adds\n"
MINITEST = (
    "  1) Failure:\nSumsTest#test_adds [a.rb:4]:\nno\n\n5 runs, 9 assertions, 1 failures, 0 errors, 1 skips\n"
)
PHPUNIT = "1) App\\SumsTest::testAdds\nno\n\nTests: 5, Assertions: 9, Failures: 1, Skipped: 2.\n"
DOTNET = (
    "  Failed Sums.Adds [12 ms]\n\nFailed!  - Failed:     1, Passed:     5, Skipped:     2, Total:     8\n"
)
EXUNIT = "  1) test adds (SumsTest)\n     test/a_test.exs:4\n\n2 doctests, 5 tests, 1 failure, 1 excluded\n"
BUN = "(fail) sums > adds [1.20ms]\n\n 5 pass\n 2 skip\n 1 fail\nRan 8 tests across 2 files. [10.00ms]\n"
DENO = "adds => ./a_test.ts:1:6\n\nFAILED | 5 passed | 1 failed | 2 ignored (10ms)\n"


@pytest.mark.parametrize(
    ("output", "run", "failed", "skipped", "names"),
    [
        (
            PYTEST,
            7,
            3,
            3,
            ("tests/test_a.py::test_a", "tests/test_a.py::test_b[a b]", "tests/test_c.py"),
        ),
        (UNITTEST, 4, 2, 2, ("test_a (test_m.T.test_a)", "test_b (test_m.T.test_b) (i=1)")),
        (JEST, 5, 2, 2, ("src/a.test.js › sums › adds", "src/b.test.js › Test suite failed to run")),
        (VITEST, 5, 2, 2, ("a.test.js > sums > adds", "b.test.js [ b.test.js ]")),
        (MOCHA, 6, 2, 1, ("sums adds", "sums deep takes: away")),
        (NODE, 6, 1, 2, ("adds",)),
        (TAP, 2, 1, 2, ("adds",)),
        (CARGO, 4, 1, 2, ("tests::adds",)),
        (GO, None, 3, 0, ("TestAdds", "example.com/a", "example.com/d")),
        (SUREFIRE, 4, 2, 1, ("p.CalcTest.adds", "p.CalcTest.takes(int)[2]")),
        (GRADLE, 5, 1, 2, ("CalcTest > adds()",)),
        (RSPEC, 8, 1, 2, ("Sums adds",)),
        (MINITEST, 4, 1, 1, ("SumsTest#test_adds",)),
        (PHPUNIT, 3, 1, 2, ("App\\SumsTest::testAdds",)),
        (DOTNET, 6, 1, 2, ("Sums.Adds",)),
        (EXUNIT, 4, 1, 1, ("test adds (SumsTest)",)),
        (BUN, 6, 1, 2, ("sums > adds",)),
        (DENO, 6, 1, 2, ("adds",)),
    ],
)
def test_a_runners_figures_and_names_are_read(
    output: str, run: int | None, failed: int, skipped: int, names: tuple[str, ...]
) -> None:
    found = summary_of("tests", output)
    assert found is not None
    assert (found.run, found.failed, found.skipped, found.failing) == (run, failed, skipped, names)
    assert found.named


@pytest.mark.parametrize(
    ("output", "count"),
    [
        ("==== 3 passed, 1 failed in 0.12s ====\n", 4),
        ("\x1b[32m3 passed\x1b[0m\x1b[32m in 0.12s\x1b[0m\n", 3),
        ("Ran 5 tests in 0.001s\n\nOK\n", 5),
        ("Ran 5 tests in 0.001s\r\n\r\nOK (skipped=5)\r\n", 0),
        ("Tests:       1 failed, 6 passed, 7 total\n", 7),
        ("# tests 8\n# pass 8\n", 8),
        ("test result: ok. 9 passed; 1 failed; 0 ignored\n", 10),
        ("--- PASS: TestA (0.00s)\n--- FAIL: TestB (0.00s)\n", 2),
        ("  4 passing (10ms)\n  1 failing\n", 5),
        ("OK (5 tests, 9 assertions)\n", 5),
        # Two suites of one command are added up.
        ("3 passed in 0.12s\n\n4 passed in 0.30s\n", 7),
        ("3 passed in 0.12s\nTests:       6 passed, 6 total\n", 9),
        # Nothing ran.
        ("no tests ran in 0.01s\n", 0),
        ("51 deselected in 0.01s\n", 0),
        ("2 skipped in 0.01s\n", 0),
        ("No tests found, exiting with code 1\n", 0),
        ("\nNo test files found, exiting with code 1\n", 0),
        ('Error: No test files found: "test"\n', 0),
        ("?   \texample.com/c\t[no test files]\n", 0),
        ("ok  \texample.com/c\t0.002s [no tests to run]\n", 0),
        ("No tests executed!\n", 0),
    ],
)
def test_tests_are_counted_from_the_runners_own_words(output: str, count: int) -> None:
    found = summary_of("tests", output)
    assert found is not None
    assert found.run == count


@pytest.mark.parametrize(
    "output", ["", "all is well\n", "we ran 5 tests in total\n", "BUILD SUCCESSFUL in 2s\n", "12 passed\n"]
)
def test_an_output_without_a_summary_counts_nothing(output: str) -> None:
    assert summary_of("tests", output) is None


@pytest.mark.parametrize(
    "output",
    [
        "!!!!! Interrupted: 1 error during collection !!!!!\n1 error in 0.80s\n",
        "!!!!! stopping after 1 failures !!!!!\n1 failed, 2 passed in 0.80s\n",
        CARGO,
    ],
)
def test_a_run_that_stops_at_its_first_failure_is_partial(output: str) -> None:
    found = summary_of("tests", output)
    assert found is not None
    assert found.partial


def test_tests_that_all_fail_at_their_set_up_are_one_failure() -> None:
    lines = "".join(f"ERROR test_a.py::test_{number} - no database\n" for number in range(3))
    found = summary_of("tests", f"=== short test summary info ===\n{lines}=== 3 errors in 0.10s ===\n")
    assert found is not None
    assert (found.failed, found.failing, found.partial) == (1, ("the set-up of every test",), True)


@pytest.mark.parametrize(
    ("output", "failed", "names"),
    [
        (
            'a.py:3:5: F401 "os" imported but unused\nFound 1 error.\n',
            1,
            ('a.py: F "os" imported but unused',),
        ),
        (
            "F401 `os` imported but unused\n --> src/a.py:1:8\n\nFound 1 error.\n",
            1,
            ("src/a.py: F `os` imported but unused",),
        ),
        (
            "a.py:3: error: no [x]\na.py:3: note: see\nFound 1 error in 1 file (checked 2 source files)\n",
            1,
            ("a.py: error: no [x]",),
        ),
        (
            "src/a.ts(3,5): error TS2304: Cannot find name 'x'.\n",
            1,
            ("src/a.ts: error TS: Cannot find name 'x'.",),
        ),
        (
            "/p/a.js\n  1:5  error  no  no-x\n\n✖ 1 problem (1 error, 0 warnings)\n",
            1,
            (": error  no  no-x",),
        ),
        ("would reformat a.py\nOh no!\n1 file would be reformatted\n", 1, ("a.py: would reformat",)),
        ("3 errors, 0 warnings, 0 informations\n", 3, ()),
    ],
)
def test_problems_of_linters_and_type_checkers_are_counted(
    output: str, failed: int, names: tuple[str, ...]
) -> None:
    found = summary_of("lint", output)
    assert found is not None
    assert (found.failed, found.failing, found.run) == (failed, names, None)


@pytest.mark.parametrize(
    ("argv", "known"),
    [
        (("pytest", "-q"), True),
        (("/venv/bin/python", "-m", "pytest"), True),
        (("python3", "-m", "unittest", "discover"), True),
        (("python", "manage.py", "test"), True),
        (("npx", "jest"), True),
        (("node", "--test"), True),
        (("node_modules/.bin/mocha",), True),
        (("cargo", "test", "--workspace"), True),
        (("make", "test"), False),
        (("npm", "test"), False),
        (("go", "test", "./..."), False),
        (("./gradlew", "test"), False),
        (("cargo", "check"), False),
    ],
)
def test_a_runner_that_always_ends_with_a_summary_is_known_by_its_command(
    argv: tuple[str, ...], known: bool
) -> None:
    assert ends_with_a_summary(argv) is known


_PIECES = st.sampled_from(
    [*PYTEST.splitlines(), *UNITTEST.splitlines(), *MOCHA.splitlines(), *JEST.splitlines(), *GO.splitlines()]
)


@given(st.lists(_PIECES | st.text(max_size=40), max_size=30), st.sampled_from(["tests", "types", "lint"]))
def test_any_output_can_be_read(lines: list[str], kind) -> None:
    found = summary_of(kind, "\n".join(lines))
    assert found is None or (
        found.failed >= 0 and found.skipped >= 0 and (found.run is None or found.run >= 0)
    )


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.text(max_size=200))
def test_a_summary_at_the_end_is_read_whatever_stands_before_it(failed: int, passed: int, noise: str) -> None:
    found = summary_of("tests", f"{noise.replace(' in ', ' ')}\n{failed} failed, {passed} passed in 0.10s\n")
    assert found is not None
    assert found.failed >= failed
    assert (found.run or 0) >= failed + passed


def test_lines_that_no_summary_has_are_read_in_no_time() -> None:
    began = time.monotonic()
    for line in ("x" + " " * 10**6, "a > " * 250_000, "1 a, " * 200_000):
        assert summary_of("tests", f"{line}\n3 passed in 0.10s\n").run == 3
    assert time.monotonic() - began < 10
