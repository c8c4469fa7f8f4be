"""Every error that this library raises on purpose, one tree, split by whose fault it is.

Owns: the error classes, the facts they carry as attributes, and how they read.
Must never know: any other room of this package, files, networks, or how an error is shown.

    BackendEngineerError
    |-- CallerError                   the call, a file or an argument is wrong       (exit code 2)
    |   |-- UsageError                arguments that do not fit together
    |   |-- InputError                a document cannot be read or used
    |   |   |-- UnreadableDocument    bad syntax, encoding, size: path, line, column
    |   |   |-- InvalidDocument       readable, but not of the documented shape: pointer
    |   |   `-- UnencodableInput      a lone surrogate: document and offset
    |   |-- IncompleteInputs          gaps remain; carries the clarification         (exit code 3)
    |   |-- BudgetExceeded            the prompt does not fit; names the sections
    |   |-- PromptRefused             a document holds characters that the policy refuses
    |   |-- UnsafePath                a path that may not be read or written
    |   |-- BadPatch                  a diff that is malformed or does not apply
    |   |-- WriteRefused              the change was not written; nothing was touched
    |   |   `-- StaleBase             the base moved since the change was made
    |   |-- MissingExtra              an optional package is needed for this call
    |   |-- RuleError                 a rule is malformed or raised
    |   `-- SessionError              an effect, answer or saved state the session cannot take
    |-- ModelError                    the model's answer cannot be used                (exit code 4)
    |   |-- ReplyUnusable             no file, no plan, refused, or still wrong after the last repair
    |   `-- RecordMismatch            a replay met another prompt than the recorded one
    |-- ClientError                   the provider or the wire failed                  (exit code 4)
    |   |-- ConnectionFailed, TimedOut, ProtocolViolation, Overloaded, RateLimited
    |   `-- AuthenticationFailed, QuotaExceeded, RequestRejected
    `-- VerificationError             a check could not be run on this machine         (exit code 2)
        `-- ServerUnavailable, RunnerFailed, DatabaseNotEmpty

A message says what happened and what to do next. Facts stand in attributes, so that no caller has to
read them out of the text. No secret is ever put into an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

__all__ = [
    "AuthenticationFailed",
    "BackendEngineerError",
    "BadPatch",
    "BudgetExceeded",
    "CallerError",
    "ClientError",
    "ConnectionFailed",
    "DatabaseNotEmpty",
    "IncompleteInputs",
    "InputError",
    "InvalidDocument",
    "MissingExtra",
    "ModelError",
    "Overloaded",
    "PromptRefused",
    "ProtocolViolation",
    "QuotaExceeded",
    "RateLimited",
    "RecordMismatch",
    "ReplyUnusable",
    "RequestRejected",
    "RuleError",
    "RunnerFailed",
    "ServerUnavailable",
    "SessionError",
    "StaleBase",
    "TimedOut",
    "UnencodableInput",
    "UnreadableDocument",
    "UnsafePath",
    "UsageError",
    "VerificationError",
    "WriteRefused",
]


class BackendEngineerError(Exception):
    """The root of every error of this library.

    `message` says what happened and `hint` what to do next; `str(error)` joins them.
    `exit_code` is what the command line ends with. `result` is what a run had until then (a
    `StageResult`), where the error ended one.
    """

    exit_code: ClassVar[int] = 2
    result: Any = None

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message} {hint}".strip())


class CallerError(BackendEngineerError):
    """The call, one of its arguments or one of its files is wrong."""


class UsageError(CallerError):
    """Arguments that do not fit together, or a value outside what the call documents."""

    @classmethod
    def unless(cls, value: object, kinds: type | tuple[type, ...], name: str) -> None:
        """Raise when the argument `name` is of none of the kinds."""
        if not isinstance(value, kinds):
            wanted = " or ".join(kind.__name__ for kind in (kinds if isinstance(kinds, tuple) else (kinds,)))
            raise cls(f"{name} is a {type(value).__name__}.", hint=f"Pass a {wanted}.")

    @classmethod
    def each(cls, values: object, kinds: type | tuple[type, ...], name: str) -> tuple[Any, ...]:
        """The items of an argument that is a series of these kinds; raise when it is not, a text included."""
        if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
            raise cls(f"{name} is a {type(values).__name__}.", hint="Pass a list.")
        items = tuple(values)
        for item in items:
            cls.unless(item, kinds, f"An item of {name}")
        return items


class InputError(CallerError):
    """A document cannot be used; `path`, `line` and `column` (1-based) or `pointer` say where."""

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        line: int | None = None,
        column: int | None = None,
        pointer: str | None = None,
        hint: str = "",
    ) -> None:
        self.path, self.line, self.column, self.pointer = path, line, column, pointer
        place = path or ""
        if line is not None:
            place += f":{line}" + (f":{column}" if column is not None else "")
        if pointer is not None:
            place += f" at {pointer or '/'}"
        super().__init__(f"{place.strip()}: {message}" if place else message, hint=hint)


class UnreadableDocument(InputError):
    """A document's bytes are not the format that its name says."""


class InvalidDocument(InputError):
    """A document can be read but does not have the documented shape."""


class UnencodableInput(InputError):
    """A text holds a lone surrogate and so cannot be sent; `document` and `offset` say where."""

    def __init__(self, document: str, offset: int) -> None:
        self.document, self.offset = document, offset
        super().__init__(
            f"{document} holds a lone surrogate at character {offset}.",
            hint="Decode the source with the right encoding and pass the text again.",
        )


class IncompleteInputs(CallerError):
    """Required fields are missing or ambiguous; `clarification` lists each with safe options."""

    exit_code = 3

    def __init__(self, clarification: Any) -> None:
        self.clarification = clarification
        gaps = clarification.gaps
        first = ", ".join(gap.pointer for gap in gaps[:3])
        more = f" and {len(gaps) - 3} more" if len(gaps) > 3 else ""
        super().__init__(
            f"{len(gaps)} gap(s) in the inputs: {first}{more}.",
            hint="Answer the clarification, or state NotApplicable with a reason.",
        )


class BudgetExceeded(CallerError):
    """The prompt needs `by` tokens more than the budget; `per_section` gives each section's count."""

    def __init__(
        self, *, by: int, budget: int, per_section: Mapping[str, int], shed: Sequence[str] = ()
    ) -> None:
        self.by, self.budget, self.per_section, self.shed = by, budget, dict(per_section), tuple(shed)
        largest = sorted(self.per_section.items(), key=lambda item: -item[1])[:3]
        named = ", ".join(f"{name} {count}" for name, count in largest)
        super().__init__(
            f"The prompt is {by} tokens over the budget of {budget} (largest sections: {named}).",
            hint="Raise the budget, shorten a document, or split the work.",
        )


class PromptRefused(CallerError):
    """The policy `refuse` met suspicious characters; `warnings` lists document, offset and kind."""

    def __init__(self, warnings: Sequence[Any], *, hint: str = "") -> None:
        self.warnings = tuple(warnings)
        first = self.warnings[0]
        super().__init__(
            f"{len(self.warnings)} suspicious passage(s) in the documents, the first: {first}.",
            hint=hint or "Clean the document, or render with the policy 'warn'.",
        )


class UnsafePath(CallerError):
    """A path that may not be used; `path` and `reason` say which and why."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(
            f"The path {path!r} is refused: {reason}.", hint="Use a relative path inside the folder."
        )


class BadPatch(CallerError):
    """A diff is malformed or does not apply to the base; `path`, `hunk` and `line` are 1-based."""

    def __init__(
        self, message: str, *, path: str = "", hunk: int | None = None, line: int | None = None
    ) -> None:
        self.path, self.hunk, self.line = path, hunk, line
        where = ", ".join(
            part
            for part in (
                path,
                f"hunk {hunk}" if hunk is not None else "",
                f"line {line}" if line is not None else "",
            )
            if part
        )
        super().__init__(
            f"{where}: {message}" if where else message,
            hint="Make the diff again from the current content of the file.",
        )


class WriteRefused(CallerError):
    """A change was not written and nothing was touched; `problems` lists path and reason."""

    def __init__(self, problems: Sequence[tuple[str, str]], *, hint: str = "") -> None:
        self.problems = tuple(problems)
        path, reason = self.problems[0]
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__(
            f"Nothing was written: {path}: {reason}{more}.",
            hint=hint or "Mend what is named and write the change again.",
        )


class StaleBase(WriteRefused):
    """Files in the target are not what the change was made from; `problems` lists them."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(problems, hint="Read the base again and make the change anew.")


class MissingExtra(CallerError):
    """An optional package is needed; `extra` and `package` name it, `purpose` says what for."""

    def __init__(self, extra: str, package: str, purpose: str) -> None:
        self.extra, self.package, self.purpose = extra, package, purpose
        super().__init__(
            f"{purpose} needs the package {package}, which is not installed.",
            hint=f"Install it: pip install 'backend-engineer[{extra}]'.",
        )


class RuleError(CallerError):
    """A rule is malformed or raised while it ran; `code` names it."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(f"Rule {code}: {message}", hint="Mend the rule or leave it out of `rules`.")


class SessionError(CallerError):
    """The session cannot take an answer or a saved state; `effect_id` names the effect, if any."""

    def __init__(self, message: str, *, effect_id: str | None = None, hint: str = "") -> None:
        self.effect_id = effect_id
        super().__init__(message, hint=hint)


class ModelError(BackendEngineerError):
    """The model answered, but the answer cannot be used."""

    exit_code = 4


class ReplyUnusable(ModelError):
    """A reply held nothing that the phase can go on with; `phase` and `ending` say when and how."""

    def __init__(self, message: str, *, phase: str = "", ending: str = "", hint: str = "") -> None:
        self.phase, self.ending = phase, ending
        super().__init__(message, hint=hint)


class RecordMismatch(ModelError):
    """A replayed record belongs to another prompt; `moved` names the fingerprints that differ."""

    def __init__(self, message: str, *, moved: Sequence[str] = (), hint: str = "") -> None:
        self.moved = tuple(moved)
        super().__init__(message, hint=hint)


class ClientError(BackendEngineerError):
    """The provider or the wire failed.

    `status` is the HTTP status if there was one, `provider_code` the provider's own word,
    `request_id` what the provider calls the request, `retry_after` seconds that it asked to wait,
    `retryable` whether the same request may work later, `streamed` whether text had already come.
    """

    exit_code = 4
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        provider_code: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        streamed: bool = False,
        hint: str = "",
    ) -> None:
        self.status, self.provider_code, self.request_id = status, provider_code, request_id
        self.retry_after, self.streamed = retry_after, streamed
        super().__init__(message, hint=hint)


class ConnectionFailed(ClientError):
    """No connection, or it broke."""

    retryable = True


class TimedOut(ClientError):
    """A time limit passed; the message says which: connect, first byte, idle or total."""

    retryable = True


class Overloaded(ClientError):
    """The provider answered with a server error or said that it is overloaded."""

    retryable = True


class RateLimited(ClientError):
    """Too many requests for now."""

    retryable = True


class ProtocolViolation(ClientError):
    """The answer is not what the protocol allows: malformed JSON, an oversized event, a wrong shape."""


class AuthenticationFailed(ClientError):
    """The key is missing, wrong or not permitted."""


class QuotaExceeded(ClientError):
    """The account's quota or spending limit is used up; waiting does not help."""


class RequestRejected(ClientError):
    """The provider refuses this request as it is: parameters, size, model name or policy."""


class VerificationError(BackendEngineerError):
    """A check could not be run on this machine."""


class ServerUnavailable(VerificationError):
    """No database server could be reached or started."""


class RunnerFailed(VerificationError):
    """A command runner could not start or end a command."""


class DatabaseNotEmpty(VerificationError):
    """A database that is not a declared scratch copy holds objects; nothing was touched."""
