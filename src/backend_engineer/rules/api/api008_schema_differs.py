"""The GraphQL schema of the tree equals the contract's.

Owns: this rule and its examples.
Must never know: other rules, how two schemas are compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.errors import InvalidDocument
from backend_engineer.rules.api.surface import touches_api
from backend_engineer.rules.contracts import contract, emitted_sdl, schema_parts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]

_TITLES = {
    "missing": "The schema lacks what the contract promises",
    "extra": "The schema has what the contract does not",
    "changed": "The schema states it otherwise than the contract",
}
_OTHERS = ("APID-02", "APID-03", "APID-04")


def _check(context: Context) -> Iterable[Hit | Silence]:
    given = contract(context)
    if given is None or given.kind != "graphql":
        yield Silence(Verdict.NOT_APPLICABLE, "there is no GraphQL contract.")
        return
    emitted = emitted_sdl(context)
    if not touches_api(context) and (emitted is None or not emitted.changed):
        yield Silence(Verdict.NOT_APPLICABLE, "the change touches no API.")
        return
    yield Silence(Verdict.NEEDS_REVIEW, "a GraphQL schema does not say it; look at the resolvers.", _OTHERS)
    if emitted is None:
        yield Silence(
            Verdict.NOT_CHECKED, "there is no `schema.graphql` in the change or the base.", ("APID-01",)
        )
        return
    yield from _differences(
        str(given.document), emitted.text, emitted.path, schema_parts(context, emitted.path)
    )


def _differences(wanted: str, given: str, path: str, parts: tuple[str, ...]) -> Iterable[Hit | Silence]:
    from backend_engineer.apis import compare_graphql, graphql_problems

    if graphql_problems(wanted):
        yield Silence(Verdict.NOT_CHECKED, "the contract's schema has faults of its own.", ("APID-01",))
        return
    if parts:
        # A generated file that holds the whole schema beside its parts clashes with them, and stands alone.
        whole = "\n".join((given, *parts))
        if not graphql_problems(whole):
            given = whole
        elif graphql_problems(given):
            yield Silence(
                Verdict.NEEDS_REVIEW,
                f"the schema stands in {len(parts) + 1} files that make none together; generate the whole one.",
                ("APID-01",),
            )
            return
    try:
        for item in compare_graphql(wanted, given):
            yield Hit(
                path, f"{item.message} ({item.pointer})", title=_TITLES[item.kind], clauses=("APID-01",)
            )
    except InvalidDocument as error:
        yield Hit(path, error.message, title="The schema is not valid", clauses=("APID-01",))


_SDL = "type Query {\n  user(id: ID!): User\n}\n\ntype User {\n  id: ID!\n  name: String\n}\n"
_PART = "extend type Query {\n  posts: [Post!]!\n}\n\ntype Post {\n  id: ID!\n}\n"


def _inputs(sdl: str) -> dict[str, Any]:
    return {"api_contract": {"kind": "graphql", "document": sdl}}


RULE = Rule(
    code="API008",
    title="The GraphQL schema differs from the contract",
    clauses=("APID-01", *_OTHERS),
    severity=Severity.MAJOR,
    category=Category.API,
    reason="Other teams build against the schema before this code runs.",
    recommendation="Follow the contract's schema, or have the contract changed first.",
    check=_check,
    valid=(
        Example(files={"schema.graphql": _SDL}, inputs=_inputs(_SDL), note="equal"),
        Example(
            files={"schema.graphql": "# Users\n" + _SDL}, inputs=_inputs(_SDL), note="only a comment differs"
        ),
        Example(
            files={"api/schema.graphql": _SDL, "api/parts/posts.graphqls": _PART},
            inputs=_inputs(_SDL + _PART),
            note="the schema stands in two files",
        ),
    ),
    invalid=(
        Example(
            files={"schema.graphql": _SDL.replace("name: String", "name: String!")},
            inputs=_inputs(_SDL),
            note="another type",
        ),
        Example(
            files={"schema.graphql": _SDL.replace("  name: String\n", "")},
            inputs=_inputs(_SDL),
            note="a field is missing",
        ),
        Example(
            files={
                "api/schema.graphql": _SDL,
                "api/parts/posts.graphqls": _PART.replace("  id: ID!\n", "  id: Int!\n"),
            },
            inputs=_inputs(_SDL + _PART),
            note="another type in a second file",
        ),
    ),
)
