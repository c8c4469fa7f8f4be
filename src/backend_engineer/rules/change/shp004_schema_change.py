"""What the plan says about the schema is what the change does: a migration, or none and why.

Owns: this rule and its examples.
Must never know: other rules, what a migration holds.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Section, Severity, Verdict
from backend_engineer.outputs import FileChange
from backend_engineer.paths import is_migration_path
from backend_engineer.rules.reading import section_of, sorted_files
from backend_engineer.rules.reply.samples import FILES, PLAN, SERVICE_PLAN, sample_reply
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit | Silence]:
    files = sorted_files(context)
    scripts = [file for file in files.migrations if not _only_moved(file, context)]
    plan = context.reply.plan if context.reply is not None else None
    if plan is None:
        models = [file.path for file in context.change if section_of(file, context) is Section.MODELS]
        if models and not scripts:
            yield Silence(
                Verdict.NEEDS_REVIEW, f"`{models[0]}` changes without a migration; does the schema change?"
            )
        elif not scripts:
            yield Silence(
                Verdict.NOT_APPLICABLE, "no plan speaks of the schema, and no migration changes it."
            )
        return
    planned = [file.path for file in plan.files if file.section is Section.MIGRATIONS]
    if plan.schema_change.kind == "none" and not plan.schema_change.reason.strip():
        yield Hit(
            "", "`schema_change` is `none` and gives no reason.", title="Why the schema stays is not said"
        )
    if not context.change.files:
        yield from _in_itself(plan.schema_change.kind, planned)
    elif plan.schema_change.kind == "none":
        if scripts:
            yield Hit(scripts[0].path, f"`schema_change` is `none`, and `{scripts[0].path}` changes it.")
    elif not scripts and not files.rollbacks and not (planned and plan.parts > 1):
        # A change may do no more than mend rollbacks; whether a planned script is missing is another rule's word.
        yield Hit("", "`schema_change` is `migration`, and the change holds no migration.")


def _only_moved(file: FileChange, context: Context) -> bool:
    """Whether a script changes its place and not its text."""
    if file.action != "rename" or file.previous_path is None:
        return False
    old = context.base.get(file.previous_path) if context.base is not None else None
    return file.content is None or file.content == old


def _in_itself(kind: str, planned: list[str]) -> Iterable[Hit | Silence]:
    """The word on the schema against the plan's own files, as long as there are no others."""
    scripts = [path for path in planned if is_migration_path(path)]
    if kind == "migration" and not planned:
        yield Hit("", "`schema_change` is `migration`, and the plan lists no migration.")
    elif kind == "none" and scripts:
        yield Hit(scripts[0], f"`schema_change` is `none`, and the plan lists `{scripts[0]}`.")
    else:
        yield Silence(
            Verdict.NEEDS_REVIEW, "the plan agrees with itself; what it announces is not there yet."
        )


_NONE = {"kind": "none", "reason": "The column is there already."}
_NO_SCRIPTS = {**PLAN, "files": PLAN["files"][2:]}

RULE = Rule(
    code="SHP004",
    title="The plan's word on the schema is not kept",
    clauses=("CONS-03",),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="A forgotten migration is found by the first query in production.",
    recommendation="Ship the migration with its rollback, or say `schema_change: none` with the reason.",
    check=_check,
    valid=(
        Example(reply=sample_reply(), note="a migration, as said"),
        Example(reply=sample_reply(plan=SERVICE_PLAN, files=FILES[2:]), note="none, and why"),
        Example(
            reply=sample_reply(plan={**PLAN, "files": PLAN["files"][1:]}, files=FILES[1:]),
            base={"db/migrations/0002_last_login.up.sql": FILES[0][2]},
            note="a rollback is mended",
        ),
        Example(
            reply=sample_reply(
                plan={
                    **SERVICE_PLAN,
                    "files": [{**PLAN["files"][0], "path": "db/migrations/env.py"}, *SERVICE_PLAN["files"]],
                },
                files=(("Migrations", "# file: db/migrations/env.py", "TIMEOUT = 5\n"), *FILES[2:]),
            ),
            note="what the tool keeps beside its migrations changes no schema",
        ),
    ),
    invalid=(
        Example(reply=sample_reply(plan=_NO_SCRIPTS, files=FILES[2:]), note="announced, not shipped"),
        Example(
            reply=sample_reply(
                plan={**_NO_SCRIPTS, "schema_change": {"kind": "none", "reason": ""}}, files=FILES[2:]
            ),
            note="none, without a reason",
        ),
        Example(reply=sample_reply(plan={**PLAN, "schema_change": _NONE}), note="none, and yet a migration"),
        Example(
            reply=sample_reply(plan=_NO_SCRIPTS, files=()), note="a plan that announces what it does not list"
        ),
    ),
)
