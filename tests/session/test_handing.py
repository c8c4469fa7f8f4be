"""Facts about the handoffs to the next stages."""

from typing import Any

import pytest

from backend_engineer import Change, FileChange, Section
from backend_engineer.contract import IDENTITY
from backend_engineer.session.handing import handoffs


@pytest.fixture
def given(stage: Any) -> Any:
    return stage.drive(stage.session()).result


def test_a_run_hands_over_to_all_three_receivers(given: Any) -> None:
    receivers = (given.handoffs.devops.receiver, given.handoffs.qa.receiver, given.handoffs.frontend.receiver)
    assert receivers == IDENTITY.hands_to


def test_devops_gets_the_migrations_in_order_with_their_rollbacks(given: Any, stage: Any) -> None:
    forward, rollback = (file.path for file in stage.built.change.files[:2])
    assert given.handoffs.devops.migrations == ((forward, rollback),)


def test_devops_gets_runbooks_and_what_is_observed(given: Any, stage: Any) -> None:
    runbooks = [path for path in stage.built.change.paths if "runbook" in path]
    assert list(given.handoffs.devops.runbooks) == runbooks
    watched = {file.path for file in stage.built.change.files if file.section is Section.OBSERVABILITY}
    assert watched <= set(given.handoffs.devops.files)


def test_qa_gets_the_tests_and_how_to_run_them(given: Any, stage: Any) -> None:
    tests = [file.path for file in stage.built.change.files if file.section is Section.TESTS]
    assert list(given.handoffs.qa.files) == tests
    assert " ".join(stage.built.inputs.tech_spec.commands.tests) in given.handoffs.qa.commands


def test_qa_and_frontend_get_the_endpoints_of_the_plan(given: Any, stage: Any) -> None:
    endpoints = tuple(trace.endpoint for trace in stage.built.plan.traceability)
    assert given.handoffs.qa.endpoints == given.handoffs.frontend.endpoints == endpoints


def test_frontend_gets_the_description_of_the_api(given: Any) -> None:
    assert given.handoffs.frontend.files == ("docs/openapi.json",)


def test_what_nobody_checked_is_named_with_its_clause(given: Any) -> None:
    open_ = {
        clause
        for clause, verdict in given.report.clauses.items()
        if verdict in ("not checked", "needs review")
    }
    named = {
        line.split(" ", 1)[0] for line in (*given.handoffs.devops.attention, *given.handoffs.qa.attention)
    }
    assert named
    assert named <= open_


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        (
            "src/a.py",
            'x = os.environ["QUEUE_URL"]\ny = os.getenv("RETRIES", "3")\n',
            ("QUEUE_URL", "RETRIES"),
        ),
        ("src/a.ts", 'const x = process.env.API_KEY ?? process.env["SALT"];\n', ("API_KEY", "SALT")),
        ("src/A.java", 'String x = System.getenv("POOL_SIZE");\n', ("POOL_SIZE",)),
        ("src/a.go", 'x := os.Getenv("REGION")\n', ("REGION",)),
        (".env.example", "# queue\nQUEUE_URL=\nexport DEPTH=3\n", ("DEPTH", "QUEUE_URL")),
        ("tests/test_a.py", 'os.environ["ONLY_IN_TESTS"]\n', ()),
        ("src/b.py", 'x = environment["NOT_THIS"]\n', ()),
    ],
)
def test_devops_gets_the_environment_variables_that_the_change_reads(
    path: str, text: str, names: tuple[str, ...]
) -> None:
    made = handoffs(None, [Change((FileChange(path, text),))], None, None)
    assert made is not None
    assert made.devops.environment == names


def test_without_a_change_there_is_nothing_to_hand_over() -> None:
    assert handoffs(None, [Change()], None, None) is None
