"""ERR307: an error is answered with a literal that is not the envelope.

Owns: this one rule. Must never know: error handlers elsewhere; what the contract's document says of its schemas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.rules.code.source import Argument, Call, SourceView, sources, unread
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

_STATUS = re.compile(r"\.status\(\s*(?:4[0-9][0-9]|5[0-9][0-9])\s*\)\.(?:json|send)$")
_FIRST_STATUS = re.compile(r"^(?:4[0-9][0-9]|5[0-9][0-9]|http\.Status[A-Z]\w+)$")
_ERROR_STATUS = re.compile(
    r"^(?:[45][0-9][0-9]|(?:\w+\.)*HTTP_[45][0-9][0-9]_\w+|HTTPStatus\.(?!OK|CREATED|ACCEPTED|NO_CONTENT)\w+)$"
)
_OK = re.compile(r"http\.Status(OK|Created|Accepted|NoContent)")
_SPRING = re.compile(
    r"^ResponseEntity\.(badRequest|notFound|internalServerError|unprocessableEntity|status\(.*\))(\(\))?\.body$"
)

_GO_HANDLER = re.compile(r"\.HTTPErrorHandler\s*=")
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
        return last.text if last.kind == "string" or _is_outside(last) else None
    if view.language == "python":
        return _in_python(call)
    if view.language == "go":
        return _in_go(call)
    if view.language == "java" and _SPRING.match(call.callee) and last.kind == "string":
        return last.text
    return None


def _is_outside(body: Argument) -> bool:
    """Whether an object literal shows its keys, and none is the envelope's."""
    return (
        body.kind == "object"
        and bool(body.keys)
        and "error" not in body.keys
        and not any(key.startswith("**") for key in body.keys)
    )


def _in_python(call: Call) -> str | None:
    if call.name == "HTTPException":
        detail = call.keyword("detail") or (call.arguments[1] if len(call.arguments) > 1 else None)
        if detail is not None and detail.kind in ("string", "format") and not detail.text.startswith("**"):
            return detail.text
    if call.name in ("Response", "JsonResponse", "JSONResponse"):
        status = call.keyword("status") or call.keyword("status_code")
        body = call.arguments[0]
        if (
            status is None
            or not _ERROR_STATUS.search(status.text)
            or body.name not in (None, "content", "data")
        ):
            return None
        if _is_outside(body) or (body.kind in ("string", "format") and body.value):
            return body.text
    return None


def _in_go(call: Call) -> str | None:
    last = call.arguments[-1]
    if call.callee == "http.Error" and len(call.arguments) == 3:
        return call.arguments[1].text
    if call.name == "NewHTTPError" and len(call.arguments) == 2 and last.kind == "string":
        return last.text
    if call.name in ("JSON", "AbortWithStatusJSON") and len(call.arguments) == 2:
        status = call.arguments[0].text
        if (
            _FIRST_STATUS.match(status)
            and not _OK.match(status)
            and last.kind == "object"
            and "error" not in last.keys
        ):
            return last.text
    return None


def _is_handled(context: Context, language: str) -> bool:
    """Whether the service turns each error of its framework into an answer of its own; a literal is only its text."""
    suffix, handler = {"go": (".go", _GO_HANDLER)}.get(language, (".py", _HANDLER))

    def make() -> bool:
        texts = [file.content or "" for file in context.change.files if file.path.endswith(suffix)]
        if context.base is not None:
            texts += [
                context.base.get(path) or ""
                for path in context.base.paths
                if path.endswith(suffix)
                and (suffix == ".go" or _ASSEMBLES.search(path))
                and context.change.get(path) is None
            ]
        return any(handler.search(text) for text in texts)

    handled: bool = context.shared(f"err307.handled.{suffix}", make)
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
                if call.name in ("HTTPException", "NewHTTPError") and _is_handled(context, view.language):
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
            {
                "src/users.py": 'def bad():\n    return Response({"detail": "no such user"}, status=status.HTTP_404_NOT_FOUND)\n'
            },
            note="an answer of Django's",
        ),
        Example(
            {
                "web/users.go": 'package web\n\nfunc bad() error {\n\treturn echo.NewHTTPError(http.StatusBadRequest, "bad")\n}\n'
            },
            note="an error of echo's, and no handler for it",
        ),
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
                "web/app.go": "package web\n\nfunc start() {\n\tsrv.HTTPErrorHandler = answer\n}\n",
                "web/users.go": 'package web\n\nfunc bad() error {\n\treturn echo.NewHTTPError(http.StatusBadRequest, "bad")\n}\n',
            },
            note="a handler of the service's own",
        ),
        Example(
            {
                "src/users.py": 'def good():\n    return Response({"name": "x"}, status=201)\n\n\ndef bad():\n    return Response({"error": envelope()}, status=400)\n'
            }
        ),
        Example(
            {
                "src/users.ts": "export const bad = (res: Res) => res.status(400).json({ error: envelope('BAD', 'no') });\n"
            }
        ),
        Example({"src/users.py": 'def bad():\n    raise NotFound("no such user")\n'}),
    ),
)
