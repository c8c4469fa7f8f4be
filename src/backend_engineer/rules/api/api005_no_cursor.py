"""Lists are paged by cursor.

Owns: this rule and its examples.
Must never know: other rules, how a handler pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.inputs import Pagination
from backend_engineer.rules.api.api004_no_envelope import properties_of
from backend_engineer.rules.api.samples import DOCUMENT, changed, inputs_of, shipped, without
from backend_engineer.rules.api.surface import surface, weighed
from backend_engineer.rules.reading import field, not_applicable
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

if TYPE_CHECKING:
    from backend_engineer.apis import ApiDocument, Operation

__all__ = ["RULE"]

_CURSORS = (
    "cursor",
    "after",
    "before",
    "page_token",
    "pagetoken",
    "next_token",
    "starting_after",
    "continuation",
)
_NEXT = (
    "next_cursor",
    "nextcursor",
    "next_page_token",
    "nextpagetoken",
    "next",
    "end_cursor",
    "endcursor",
    "pageinfo",
)
_SPAN = frozenset(("from", "to"))
_LISTS = ("items", "data", "results", "edges", "nodes", "records", "entries", "values", "content", "elements")


def _check(context: Context) -> Iterable[Hit | Silence]:
    found = surface(context)
    if isinstance(found, Silence):
        yield found
        return
    excuse = not_applicable(found.contract, "pagination")
    if excuse:
        yield Silence(Verdict.NOT_APPLICABLE, f"lists are not paged: {excuse}", ("APID-04",))
        return
    # A contract that does not say how lists are paged is held against the default.
    paging = field(found.contract, "pagination") or Pagination(style="cursor")
    if paging.style != "cursor" and found.follows("APID-04") is None:
        yield Silence(
            Verdict.NEEDS_REVIEW,
            f"the contract pages by {paging.style} without a recorded exception.",
            ("APID-04",),
        )
    asked: list[tuple[str, str]] = []

    def lack(operation: Operation, document: ApiDocument) -> tuple[str, str] | None:
        what = _lack(operation, document, paging)
        twin = found.twin(operation)
        bound = None if what is None else _bound(operation, document)
        if bound is None or (twin is not None and _bound(twin, found.wanted) is None):
            return what
        if document is found.given:
            asked.append((operation.route, bound))
        return None

    yield from weighed(found, "APID-04", lack)
    if asked:
        # A report has the rows that its span has, a setting those that one call sends; a list has no such bound.
        route, bound = asked[0]
        yield Silence(Verdict.NEEDS_REVIEW, f"`{route}` lists {bound}", ("APID-04",))


def _bound(operation: Operation, document: ApiDocument) -> str | None:
    """What keeps a list short, and the question whether it does; None where nothing is seen that would."""
    if {item.name.lower() for item in operation.parameters if item.location == "query"} >= _SPAN:
        return "what lies between `from` and `to` and has no cursor; is the span bounded?"
    put = document.operation("PUT", operation.path)
    bodies = put.body if put is not None else ()
    if any("json" in media.type and _is_array(document.resolve(media.schema)) for media in bodies):
        return "what PUT replaces as a whole and has no cursor; is it always short?"
    return None


def _lack(operation: Operation, document: ApiDocument, paging: Pagination) -> tuple[str, str] | None:
    """What an operation that lists lacks of the contract's paging; None if it lacks nothing or lists nothing."""
    body = _listed(operation, document)
    what = _parameter_lack(operation, paging) if body is not None else None
    if body is not None and what is None and paging.style == "cursor":
        what = _next_lack(operation, body, paging)
    return None if what is None else (what, operation.pointer)


def _parameter_lack(operation: Operation, paging: Pagination) -> str | None:
    taken = {item.name.lower() for item in operation.parameters if item.location == "query"}
    absent = [name for name in paging.parameters if name.lower() not in taken]
    if absent:
        return f"it lists without the parameters {', '.join(f'`{name}`' for name in absent)}."
    if paging.style == "cursor" and not paging.parameters and not taken & set(_CURSORS):
        return "it lists without a cursor parameter."
    return None


def _next_lack(operation: Operation, body: dict[str, Any], paging: Pagination) -> str | None:
    fields = {name.lower() for name in body}
    following = [paging.next_field.lower()] if paging.next_field else list(_NEXT)
    if not fields & set(following) and not _linked(operation):
        return f"its answer holds no `{paging.next_field or 'next_cursor'}`."
    return None


def _listed(operation: Operation, document: ApiDocument) -> dict[str, Any] | None:
    """The properties of the answer of an operation that lists, None for one that does not."""
    if operation.method != "GET" or operation.path.rstrip("/").endswith("}"):
        return None
    answer = operation.response("200") or operation.response("2XX")
    for media in answer.content if answer is not None else ():
        if "json" not in media.type:
            continue
        schema = document.resolve(media.schema)
        if isinstance(schema, dict) and schema.get("type") == "array":
            return {}
        fields = properties_of(schema, document)
        names = {*_LISTS, operation.path.rstrip("/").rpartition("/")[2].lower()}
        if any(
            name.lower() in names and _is_array(document.resolve(value)) for name, value in fields.items()
        ):
            return fields
    return None


def _is_array(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "array"


def _linked(operation: Operation) -> bool:
    """Whether the next page is told by a `Link` header."""
    answer = operation.response("200") or operation.response("2XX")
    return answer is not None and "link" in answer.headers


_GET = "/paths/~1users/get"
_PAGE = "/components/schemas/UserPage/properties"
_SERIES = changed(
    (
        f"{_GET}/parameters",
        [{"name": name, "in": "query", "schema": {"type": "string"}} for name in ("from", "to")],
    )
)
_SETTING = changed(
    (f"{_GET}/parameters", []),
    (
        "/paths/~1users/put",
        {
            "operationId": "replaceUsers",
            "requestBody": {"content": {"application/json": {"schema": {"type": "array"}}}},
            "responses": DOCUMENT["paths"]["/users"]["post"]["responses"],
        },
    ),
)
_OFFSET = changed((f"{_GET}/parameters/0/name", "offset"))

RULE = Rule(
    code="API005",
    title="A list is not paged by cursor",
    clauses=("APID-04",),
    severity=Severity.MAJOR,
    category=Category.API,
    reason="Pages by number skip and repeat rows as soon as anyone writes, and slow down with depth.",
    recommendation="Take the contract's cursor and limit, and answer with the cursor of the next page.",
    check=_check,
    valid=(
        Example(
            files=shipped(DOCUMENT), inputs=inputs_of(DOCUMENT), note="cursor, limit and the next cursor"
        ),
        Example(files=shipped(_SERIES), inputs=inputs_of(_SERIES), note="a report over a span of time"),
        Example(
            files=shipped(_SETTING), inputs=inputs_of(_SETTING), note="a setting that is replaced as a whole"
        ),
        Example(
            files=shipped(_OFFSET),
            inputs=inputs_of(_OFFSET, pagination={"style": "offset", "parameters": ["offset", "limit"]}),
            note="the contract pages by offset",
        ),
    ),
    invalid=(
        Example(files=shipped(_OFFSET), inputs=inputs_of(DOCUMENT), note="an offset in place of the cursor"),
        Example(files=shipped(_SERIES), inputs=inputs_of(DOCUMENT), note="a span in place of the cursor"),
        Example(
            files=shipped(without(f"{_PAGE}/next_cursor")), inputs=inputs_of(DOCUMENT), note="no next cursor"
        ),
    ),
)
