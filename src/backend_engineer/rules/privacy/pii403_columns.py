"""PII403: a column that by its name holds personal data is created, and DataModel does not declare it as such.

Owns: this one rule and the list of telling names. Must never know: data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Severity, Verdict
from backend_engineer.inputs import NotApplicable
from backend_engineer.paths import is_migration_path
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

TELLING = re.compile(
    r"^(?:e_?mail(?:_address)?|(?:first|last|middle|full|sur|given|family|maiden)_?name|phone(?:_number)?|mobile(?:_number)?|"
    r"date_of_birth|birth_?date|dob|ssn|social_security(?:_number)?|passport(?:_number)?|national_id|tax_id|iban|"
    r"credit_card(?:_number)?|card_number|street(?:_address)?|home_address|postal_address|zip_?code|ip_address|"
    r"gender|ethnicity|religion|salary|medical_\w+|health_\w+|diagnosis|latitude|longitude|driver_?licen[cs]e)$",
    re.IGNORECASE,
)
_TABLE = re.compile(
    r"(?:CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?|ALTER\s+TABLE\s+(?:ONLY\s+)?)[\"`]?(?:\w+\.)?(\w+)[\"`]?",
    re.IGNORECASE,
)
_ADD = re.compile(r"\bADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?[\"`]?(\w+)[\"`]?", re.IGNORECASE)
_DEFINED = re.compile(r"^\s*[\"`]?(\w+)[\"`]?\s+[A-Za-z]", re.MULTILINE)


def _columns(sql: str) -> Iterator[tuple[str, str, int]]:
    """Table, column and 1-based line of each column that a script creates."""
    text = re.sub(r"--[^\n]*", "", sql)
    for match in _TABLE.finditer(text):
        end = text.find(";", match.end())
        body = text[match.end() : end if end >= 0 else len(text)]
        pattern = _DEFINED if match[0][:1] in "Cc" else _ADD
        start = body.find("(") + 1 if pattern is _DEFINED else 0
        for column in pattern.finditer(body, start):
            yield match[1], column[1], text.count("\n", 0, match.end() + column.start(1)) + 1


def _check(context: Context) -> Iterator[Hit | Silence]:
    model = getattr(context.inputs, "data_model", None)
    if model is None or isinstance(model.entities, NotApplicable):
        yield Silence(Verdict.NOT_CHECKED, "no DataModel was given")
        return
    declared = {
        (entity.table.lower(), field.name.lower()): field.pii
        for entity in model.entities
        for field in entity.fields
    }
    for file in context.change.files:
        if not file.content or not file.path.endswith(".sql") or not is_migration_path(file.path):
            continue
        for table, column, line in _columns(file.content):
            if TELLING.match(column) and not declared.get((table.lower(), column.lower()), False):
                yield Hit(
                    file.path,
                    f"`{table}.{column}` reads like personal data and DataModel does not declare it as such",
                    (line, line),
                )


def _model(pii: bool) -> dict[str, object]:
    return {
        "data_model": {
            "entities": [
                {
                    "name": "User",
                    "table": "users",
                    "fields": [{"name": "birth_date", "type": "TEXT", "nullable": True, "pii": pii}],
                    "relations": {"not_applicable": "stands alone"},
                    "indexes": {"not_applicable": "the key suffices"},
                    "constraints": {"not_applicable": "none needed"},
                    "retention": {"not_applicable": "kept with the account"},
                }
            ]
        }
    }


_ADDS = "ALTER TABLE users ADD COLUMN birth_date TEXT;\n"

RULE = Rule(
    code="PII403",
    title="Personal data that is not declared",
    clauses=("SECU-04",),
    severity=Severity.MINOR,
    category=Category.SECURITY,
    type=FindingType.QUESTION,
    reason="Only declared personal data is minimised, protected and deleted.",
    recommendation="Mark the field as personal data in DataModel and document its flow, or confirm that it is none.",
    check=_check,
    exact=False,
    needs=(Need.INPUTS,),
    question="Is every flow of personal data documented and no more of it kept than is needed?",
    look="new columns, fields of answers, logs and messages against DataModel",
    settles="each personal field is declared with its purpose, and no answer carries one that the contract does not name",
    line_rule=True,
    invalid=(
        Example({"db/migrations/0002_birth.up.sql": _ADDS}, inputs=_model(pii=False)),
        Example(
            {
                "db/migrations/0002_people.up.sql": "CREATE TABLE people (\n  id INTEGER PRIMARY KEY,\n  phone_number TEXT\n);\n"
            },
            inputs=_model(pii=True),
        ),
    ),
    valid=(
        Example({"db/migrations/0002_birth.up.sql": _ADDS}, inputs=_model(pii=True)),
        Example(
            {"db/migrations/0002_seen.up.sql": "ALTER TABLE users ADD COLUMN last_seen_at TEXT;\n"},
            inputs=_model(pii=False),
        ),
    ),
)
