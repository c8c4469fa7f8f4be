"""RET313: a table that the change creates holds rows for a limited time by the DataModel, and nothing removes them.

Owns: this one rule. Must never know: how a job is scheduled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Severity, Verdict
from backend_engineer.inputs import Entity, NotApplicable
from backend_engineer.paths import is_migration_path
from backend_engineer.rules.code.source import language_of
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

_REMOVES = re.compile(
    r"retention|purge|expir|clean_?up|prune|archiv|ttl|delete|remove|truncate|anonymi[sz]e", re.IGNORECASE
)
_OTHERS = (".sql", ".rb", ".rs", ".kt", ".cs", ".php", ".yaml", ".yml")
_FOREVER = re.compile(
    r"\b(forever|indefinite|unlimited|kept? (?:for )?(?:as long|until)|life ?time|none)\b", re.IGNORECASE
)


def _texts(context: Context) -> tuple[tuple[str, str], ...]:
    """The code and scripts of the change and its base that remove anything, path and text."""

    def make() -> tuple[tuple[str, str], ...]:
        given = [(file.path, file.content or "") for file in context.change.files]
        if context.base is not None:
            given += [
                (path, context.base.get(path) or "")
                for path in context.base.paths
                if context.change.get(path) is None and (language_of(path) or path.endswith(_OTHERS))
            ]
        # Migrations drop and alter what they like; none of them runs every night.
        return tuple(
            (path, text) for path, text in given if not is_migration_path(path) and _REMOVES.search(text)
        )

    texts: tuple[tuple[str, str], ...] = context.shared("ret313.texts", make)
    return texts


def _removes(text: str, entity: Entity) -> bool:
    """Whether a text that removes something names the entity: by its table, or as an object mapper spells it."""
    words = [word for word in re.split(r"_+", entity.table) if word]
    joined = "".join(word[:1].upper() + word[1:] for word in words)
    names = {entity.table, entity.name, joined, joined[:1].lower() + joined[1:]}
    names |= {name[:-1] for name in names if name.endswith("s")}
    return any(
        re.search(
            rf"(?<![A-Za-z0-9]){re.escape(name)}(?![a-z0-9])", text, re.IGNORECASE if "_" in name else 0
        )
        for name in names
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
        if not isinstance(entity.relations, NotApplicable) and any(
            (relation.on_delete or "").upper() == "CASCADE" for relation in entity.relations
        ):
            yield Silence(
                Verdict.NEEDS_REVIEW,
                f"rows of `{entity.table}` go with those that they belong to; whether that is within their own retention is for a reviewer",
            )
        elif not any(_removes(text, entity) for _, text in _texts(context) if not created.search(text)):
            yield Hit(
                maker.path,
                f"rows of `{entity.table}` are kept for {entity.retention[:60]}, and no code that was given purges, expires or deletes them",
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
_OWNED = {
    "entities": [
        {
            **_USERS["entities"][0],
            "relations": [
                {"columns": ["id"], "entity": "Owner", "references": ["id"], "on_delete": "CASCADE"}
            ],
        }
    ]
}

RULE = Rule(
    code="RET313",
    title="Retention without removal",
    clauses=("CHEK-03",),
    severity=Severity.INFO,
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
        Example(
            {"db/schema.sql": _TABLE},
            base={"db/migrations/0002_old.up.sql": "DELETE FROM visits WHERE kind = 3;\n"},
            inputs={"data_model": _USERS},
            note="a migration runs once",
        ),
    ),
    valid=(
        Example({"db/schema.sql": _TABLE}, inputs={"data_model": _OWNED}, note="rows go with their owner"),
        Example(
            {
                "db/schema.sql": _TABLE,
                "src/jobs/purge.py": "# purge visits after 90 days\nTABLE = 'visits'\n",
            },
            inputs={"data_model": _USERS},
        ),
        Example({"src/visits.py": "TABLE = 'visits'\n"}, inputs={"data_model": _USERS}),
        Example(
            {"db/schema.sql": _TABLE},
            base={"src/sweep.ts": "await prisma.visit.deleteMany({ where: old });\n"},
            inputs={"data_model": _USERS},
            note="the base removes them, through an object mapper",
        ),
    ),
)
