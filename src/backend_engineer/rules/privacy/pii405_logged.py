"""PII405: a log or metric call names a field that DataModel declares as personal data.

Owns: this one rule. Must never know: masking that a logger does by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Severity, Verdict
from backend_engineer.inputs import NotApplicable
from backend_engineer.rules.code.source import Call, sources, unread
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

_LOG = re.compile(
    r"(?:^|\.)(?:log|logger|logging|slog|console|LOG|LOGGER|_log|_logger|winston|pino)(?:\(\))?\.(?:debug|info|warn|warning|error|"
    r"exception|critical|trace|log|fatal|Info|Warn|Error|Debug|Printf|Println)$|^log\.(?:Printf|Println|Print)$"
)
_METRIC = re.compile(
    r"(?:^|\.)(?:labels|withLabelValues|WithLabelValues|set_tag|setAttribute|set_attribute|tag|inc|observe)$"
)
_HIDDEN = re.compile(
    r"mask|redact|hash|anonymi[sz]e|fingerprint|obfuscat|\*\*\*|\blen\(|\.length\b|bool\(|!!", re.IGNORECASE
)

# Data that was made up, and code that a person runs by hand.
_BESIDE = re.compile(
    r"(?:^|/)(?:seeds?|seeders?|fixtures?|examples?|samples?|mocks?|scripts?)/", re.IGNORECASE
)


def _names(call: Call, fields: frozenset[str]) -> str | None:
    """The personal field that an argument hands over by its value, or None."""
    for item in call.arguments:
        parts = (
            item.holes if item.kind in ("format", "concat") else () if item.kind == "string" else (item.text,)
        )
        for part in parts:
            if _HIDDEN.search(part):
                continue
            bare = re.sub(r"'[^']*'|\"[^\"]*\"", "''", part) if "[" not in part else part
            for match in re.finditer(r"(?:\.|\[['\"]|^|[\s({:,=])([A-Za-z_]\w*)", bare):
                if _snake(match[1]) in fields:
                    return part.strip()
    return None


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def _check(context: Context) -> Iterator[Hit | Silence]:
    model = getattr(context.inputs, "data_model", None)
    if model is None or isinstance(model.entities, NotApplicable):
        yield Silence(Verdict.NOT_CHECKED, "no DataModel was given")
        return
    fields = frozenset(
        _snake(field.name) for entity in model.entities for field in entity.fields if field.pii
    )
    if not fields:
        yield Silence(Verdict.NOT_APPLICABLE, "DataModel declares no personal data")
        return
    for item in unread(context):
        yield Silence(Verdict.NOT_CHECKED, f"{item.path}: {item.reason}")
    for view in sources(context):
        for call in view.calls if not view.test and not _BESIDE.search(view.path) else ():
            if (_LOG.search(call.callee) or _METRIC.search(call.callee)) and (named := _names(call, fields)):
                yield Hit(view.path, f"`{call.callee}` is given `{named[:60]}`", (call.line, call.end_line))


_MODEL = {
    "data_model": {
        "entities": [
            {
                "name": "User",
                "table": "users",
                "fields": [
                    {"name": "id", "type": "INTEGER", "nullable": False, "primary_key": True},
                    {"name": "email", "type": "TEXT", "nullable": False, "pii": True},
                ],
                "relations": {"not_applicable": "stands alone"},
                "indexes": {"not_applicable": "the key suffices"},
                "constraints": {"not_applicable": "none needed"},
                "retention": {"not_applicable": "kept with the account"},
            }
        ]
    }
}

RULE = Rule(
    code="PII405",
    title="Personal data in a log or metric",
    clauses=("CONS-04", "SECU-04"),
    severity=Severity.MAJOR,
    category=Category.SECURITY,
    type=FindingType.RISK,
    reason="Logs and metrics are kept longer and read by more people than the database.",
    recommendation="Log the identifier of the row, or a masked value.",
    check=_check,
    exact=False,
    needs=(Need.INPUTS,),
    question="Can personal data reach a log, a metric label or a trace?",
    look="log calls, metric labels and error messages",
    settles="each log call of the change names identifiers only",
    line_rule=True,
    invalid=(
        Example(
            {"src/users.py": "def greet(user):\n    logger.info('greeted %s', user.email)\n"}, inputs=_MODEL
        ),
        Example(
            {"src/users.ts": "export const greet = (user: User) => logger.info(`greeted ${user.email}`);\n"},
            inputs=_MODEL,
        ),
    ),
    valid=(
        Example(
            {"src/users.py": "def greet(user):\n    logger.info('greeted %s', user.id)\n"}, inputs=_MODEL
        ),
        Example(
            {"db/seeds/people.ts": "console.log(`made ${user.email}`);\n"}, inputs=_MODEL, note="made up"
        ),
        Example(
            {"src/users.py": "def greet(user):\n    logger.info('sent an email to %s', user.id)\n"},
            inputs=_MODEL,
        ),
    ),
)
