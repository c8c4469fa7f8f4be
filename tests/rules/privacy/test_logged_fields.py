"""When a log call is sure to hand over personal data, and when only the name says so."""

from types import SimpleNamespace

import pytest

from backend_engineer.contract import Severity
from backend_engineer.inputs import Column, DataModel, Entity, NotApplicable
from backend_engineer.outputs import Change, FileChange
from backend_engineer.rules import check


def entity(name: str, *, pii: bool) -> Entity:
    none = NotApplicable("not needed here")
    return Entity(
        name=name,
        table=name.lower() + "s",
        fields=(Column(name="email", type="TEXT", nullable=False, pii=pii),),
        relations=none,
        indexes=none,
        constraints=none,
        retention=none,
    )


MODEL = DataModel(entities=(entity("User", pii=True), entity("Group", pii=False)))


def severity(path: str, text: str) -> Severity | None:
    inputs = SimpleNamespace(
        **dict.fromkeys(
            ("tech_spec", "api_contract", "security_policy", "perf_targets", "ops_guides", "request")
        ),
        data_model=MODEL,
        upstream={},
    )
    found = check(Change((FileChange(path, text),)), inputs=inputs, rules=["PII405"]).findings
    return found[0].severity if found else None


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("user.email", Severity.MAJOR),
        ("current_user.email", Severity.MAJOR),
        ("self.user.email", Severity.MAJOR),
        ("order.group.email", None),
        ("user.email.lower()", Severity.MAJOR),
        ("req.body.email", Severity.INFO),
        ("find(key).email", Severity.INFO),
        ("rows[0].email", Severity.INFO),
        ("row['email']", Severity.INFO),
        ("email", Severity.INFO),
        ("group.email", None),
        ("mask(user.email)", None),
        ("user.id", None),
    ],
)
def test_the_holder_of_a_field_says_whose_it_is(argument: str, expected: Severity | None) -> None:
    assert severity("src/mail.py", f"logger.info('sent to %s', {argument})\n") is expected


def test_a_getter_counts_as_its_field() -> None:
    text = 'class Mail {\n  void send(User user) { log.info("sent to {}", user.getEmail()); }\n}\n'
    assert severity("src/Mail.java", text) is Severity.MAJOR
