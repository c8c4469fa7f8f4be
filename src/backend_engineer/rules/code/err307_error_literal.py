"""ERR307: an error is answered with a literal that is not the envelope.

Owns: this one rule. Must never know: error handlers elsewhere; what the contract's document says of its schemas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.rules.code.source import Call, SourceView, sources, unread
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

_STATUS = re.compile(r"\.status\(\s*(?:4[0-9][0-9]|5[0-9][0-9])\s*\)\.(?:json|send)$")
_FIRST_STATUS = re.compile(r"^(?:4[0-9][0-9]|5[0-9][0-9]|http\.Status[A-Z]\w+)$")
_OK = re.compile(r"http\.Status(OK|Created|Accepted|NoContent)")
_SPRING = re.compile(
    r"^ResponseEntity\.(badRequest|notFound|internalServerError|unprocessableEntity|status\(.*\))(\(\))?\.body$"
)

_HANDLER = re.compile(r"exception_handler\(\s*(?:\w+\.)?(?:Starlette|Fast_?API)?HTTPException\b")
_ASSEMBLES = re.compile(
    r"(?:^|/)\w*(?:main|app|application|server|handlers?|errors?|exceptions?|api|__init__)\w*\.py$"
)


def _literal(call: Call, view: SourceView) -> str | None:
    """What the error is answered with, where it is a literal outside the envelope; None where it is not visible."""
    if not call.arguments:
        return None
    last = call.arguments[-1]
    if _STATUS.search(call.callee):
        if last.kind == "string":
            return last.text
        if (
            last.kind == "object"
            and last.keys
            and "error" not in last.keys
            and not any(k.startswith("**") for k in last.keys)
        ):
            return last.text
    if view.language == "python" and call.name == "HTTPException":
        detail = call.keyword("detail") or (call.arguments[1] if len(call.arguments) > 1 else None)
        if detail is not None and detail.kind in ("string", "format") and not detail.text.startswith("**"):
            return detail.text
    if view.language == "go" and call.callee == "http.Error" and len(call.arguments) == 3:
        return call.arguments[1].text
    if view.language == "go" and call.name in ("JSON", "AbortWithStatusJSON") and len(call.arguments) == 2:
        status = call.arguments[0].text
        if (
            _FIRST_STATUS.match(status)
            and not _OK.match(status)
            and last.kind == "object"
            and "error" not in last.keys
        ):
            return last.text
    if view.language == "java" and _SPRING.match(call.callee) and last.kind == "string":
        return last.text
    return None


def _is_handled(context: Context) -> bool:
    """Whether the service turns each HTTPException into an answer of its own; then a literal is only its text."""

    def make() -> bool:
        texts = [file.content or "" for file in context.change.files if file.path.endswith(".py")]
        if context.base is not None:
            texts += [
                context.base.get(path) or ""
                for path in context.base.paths
                if _ASSEMBLES.search(path) and context.change.get(path) is None
            ]
        return any(_HANDLER.search(text) for text in texts)

    handled: bool = context.shared("err307.handled", make)
    return handled


def _check(context: Context) -> Iterator[Hit | Silence]:
    contract = getattr(context.inputs, "api_contract", None)
    if contract is not None and any(item.clause == "APID-03" for item in contract.exceptions):
        yield Silence(
            Verdict.NEEDS_REVIEW,
            "the contract has an error format of its own, which source literals cannot be held against",
        )
        return
    for item in unread(context):
        yield Silence(Verdict.NOT_CHECKED, f"{item.path}: {item.reason}")
    for view in sources(context):
        if view.test:
            continue
        for call in view.calls:
            if (text := _literal(call, view)) is not None:
                if call.name == "HTTPException" and _is_handled(context):
                    continue
                yield Hit(
                    view.path, f"`{call.callee}` answers with `{text[:80]}`", (call.line, call.end_line)
                )


RULE = Rule(
    code="ERR307",
    title="Error literal outside the envelope",
    clauses=("APID-03",),
    severity=Severity.MINOR,
    category=Category.API,
    reason="Clients read one shape of error; an answer of another shape is an error that they cannot handle.",
    recommendation="Raise the project's own error, so that its handler answers with the envelope.",
    check=_check,
    exact=False,
    question="Does every error path of this change end in the one error shape?",
    look="handlers and error middleware",
    settles="a test asserts the envelope for each error status of each new operation",
    line_rule=True,
    invalid=(
        Example(
            {"src/users.ts": "export const bad = (res: Res) => res.status(400).json({ message: 'no' });\n"}
        ),
        Example(
            {"src/users.py": 'def bad():\n    raise HTTPException(status_code=404, detail="no such user")\n'}
        ),
        Example(
            {
                "web/users.go": 'package web\n\nfunc bad(w http.ResponseWriter) {\n\thttp.Error(w, "bad", 400)\n}\n'
            }
        ),
    ),
    valid=(
        Example(
            {
                "src/users.ts": "export const bad = (res: Res) => res.status(400).json({ error: envelope('BAD', 'no') });\n"
            }
        ),
        Example({"src/users.py": 'def bad():\n    raise NotFound("no such user")\n'}),
    ),
)
