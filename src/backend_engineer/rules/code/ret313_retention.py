"""RET313: a table that the change creates holds rows for a limited time by the DataModel, and nothing removes them.

Owns: this one rule. Must never know: how a job is scheduled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Severity, Verdict
from backend_engineer.inputs import NotApplicable
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

_REMOVES = re.compile(
    r"retention|purge|expire|cleanup|clean_up|prune|archiv|ttl|DELETE\s+FROM|anonymi[sz]e", re.IGNORECASE
)
_FOREVER = re.compile(
    r"\b(forever|indefinite|unlimited|kept? (?:for )?(?:as long|until)|life ?time|none)\b", re.IGNORECASE
)


def _check(context: Context) -> Iterator[Hit | Silence]:
    model = getattr(context.inputs, "data_model", None)
    if model is None or isinstance(model.entities, NotApplicable):
        yield Silence(Verdict.NOT_CHECKED, "no DataModel was given")
        return
    looked = False
    for entity in model.entities:
        if isinstance(entity.retention, NotApplicable) or _FOREVER.search(entity.retention):
            continue
        created = re.compile(
            rf"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?[\"`]?{re.escape(entity.table)}[\"`]?\b",
            re.IGNORECASE,
        )
        maker = next((file for file in context.change.files if created.search(file.content or "")), None)
        if maker is None:
            continue
        looked = True
        named = re.compile(rf"\b{re.escape(entity.table)}\b")
        if not any(
            named.search(file.content or "") and _REMOVES.search(file.content or "")
            for file in context.change.files
            if file is not maker
        ):
            yield Hit(
                maker.path,
                f"rows of `{entity.table}` are kept for {entity.retention[:60]}, and nothing in the change removes them",
            )
    if not looked:
        yield Silence(Verdict.NEEDS_REVIEW, "the change creates no table with a limited retention")


_USERS = {
    "entities": [
        {
            "name": "Visit",
            "table": "visits",
            "fields": [{"name": "id", "type": "INTEGER", "nullable": False, "primary_key": True}],
            "relations": {"not_applicable": "stands alone"},
            "indexes": {"not_applicable": "the key suffices"},
            "constraints": {"not_applicable": "none needed"},
            "retention": "90 days",
        }
    ]
}
_TABLE = "CREATE TABLE visits (\n  id INTEGER PRIMARY KEY\n);\n"

RULE = Rule(
    code="RET313",
    title="Retention without removal",
    clauses=("CHEK-03",),
    severity=Severity.MINOR,
    category=Category.DATA,
    type=FindingType.QUESTION,
    reason="A retention that nothing carries out is kept by nobody.",
    recommendation="Add the job that removes or anonymises old rows, or say where it stands.",
    check=_check,
    exact=False,
    needs=(Need.INPUTS,),
    question="Do indexes cover the queries, and are constraints and retention carried out?",
    look="migrations, queries and jobs in the change against the DataModel",
    settles="each limited retention names the job that carries it out",
    invalid=(
        Example({"db/schema.sql": _TABLE}, inputs={"data_model": _USERS}),
        Example(
            {"db/schema.sql": _TABLE, "src/visits.py": "TABLE = 'visits'\n"}, inputs={"data_model": _USERS}
        ),
    ),
    valid=(
        Example(
            {
                "db/schema.sql": _TABLE,
                "src/jobs/purge.py": "# purge visits after 90 days\nTABLE = 'visits'\n",
            },
            inputs={"data_model": _USERS},
        ),
        Example({"src/visits.py": "TABLE = 'visits'\n"}, inputs={"data_model": _USERS}),
    ),
)
