"""Which clauses a commit has nothing to do with, by the words that stand at its changed lines.

Owns: for each clause that speaks of one kind of code, the words that such code has.
Must never know: verdicts, attestations, any rule.

A question that stands at every commit is read at none. A clause is asked about where one of its words stands in or
around a line that the commit adds or takes away, in the name of a file, or anywhere in the change when there is no
telling what it changed; words are chosen so that too many fit rather than too few.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from backend_engineer.outputs import FileChange
from backend_engineer.paths import is_test_path
from backend_engineer.rules.reading import has_order
from backend_engineer.rules.rule import Context

__all__ = ["CONCERNS", "untouched_by"]

_AROUND = 4
"""Lines before and after a change that are read with it: a changed line is part of a function."""
_PROSE = re.compile(
    r"\.(?:md|rst|adoc|txt|po|pot|svg|css|scss|less|lock|sum)\Z|(?:^|/)(?:LICENSE|CHANGELOG|package-lock\.json|pnpm-lock\.yaml)"
)


class _Concern(NamedTuple):
    """What a clause speaks of, and what code of that kind has: words of lines and, where given, of paths."""

    what: str
    words: re.Pattern[str]


def _concern(what: str, words: str) -> _Concern:
    return _Concern(what, re.compile(words, re.IGNORECASE))


_ROUTES = (
    r"rout(?:e\b|es\b|er|ing)|controller|handler|endpoint|middleware|resolver|viewset|apiview|servlet|interceptor|mapping\b"
    r"|@(?:get|post|put|patch|delete|query|mutation|path|api)|\.(?:get|post|put|patch|delete)\(\s*['\"`/]|http\.handle|urlpatterns"
)
_ACCESS = (
    r"permission|authori[sz]|authent|\bauth|guard|\brole|polic(?:y|ies)\b|access|owner|tenant|is_?admin|login_required|secured|\bjwt|\bacl\b|scopes?\b"
    r"|token|session|privilege|allow|deny|forbid|csrf|\bcors\b"
)
_STORE = (
    r"\bselect\b|\bupdate|\bdelete|\binsert|quer(?:y|ies)|sql|\.find|\bfind[A-Z_]|\.where|\.filter\(|\.objects\b|repositor|\bdao\b|\borm\b|prisma|knex"
    r"|mongo|\.collection|cursor|\bdb\b|\bdb\.|database|\btx\b|transaction|\bsession\.|entitymanager|\.save|bulk|upsert|truncate|\.remove\(|\.aggregate"
)

CONCERNS: Final[Mapping[str, _Concern]] = MappingProxyType(
    {
        "CONS-06": _concern("reads or writes of a data store", _STORE),
        "FLOW-05": _concern(
            "an API layer",
            _ROUTES
            + "|"
            + _ACCESS
            + r"|\breq\b|request|validat|rate.?limit|throttl|serializer|dto\b|status|idempot",
        ),
        "FLOW-06": _concern(
            "events and calls of other services",
            r"publish|emit|dispatch|\bevents?\b|event(?:bus|store|handler|listener|publisher)|queue|kafka|rabbit|broker|outbox|inbox|webhook|axios|fetch\("
            r"|requests\.|httpx|http_?client|resttemplate|webclient|http\.(?:get|post|do|newrequest)|grpc|rpc|smtp|send_?mail|mailer|producer|consumer"
            r"|client\.|timeout|retr(?:y|ies)|backoff|websocket|\bs3\b|\bsdk\b|notif(?:y|ier|ication)|celery|delay\(|apply_async",
        ),
        "FLOW-11": _concern(
            "settings, flags, commands or routes",
            r"environ|getenv|\benv\b|\.env|config|settings?\b|flag|feature|openapi|swagger|@value|propert(?:y|ies)\b|argparse|cobra|viper|\bcli\b|commander|"
            + _ROUTES,
        ),
        "APID-02": _concern(
            "operations that change something",
            r"\bpost\b|postmapping|patch|methodpost|creat|idempot|if-match|etag|mutation|insert|register|submit|import|upload|checkout|pay(?:ment)?\b|\badd[A-Z_(]",
        ),
        "APID-03": _concern(
            "errors",
            r"throw|raise|exception|\berrors?\b|\w+error\b|errorf|\babort|\.status\(|statuscode|status_code|http\.status|[^0-9.][45][0-9][0-9]\b|bad.?request"
            r"|not.?found|forbidden|unauthori[sz]ed|reject|panic|\bfail",
        ),
        "APID-04": _concern(
            "lists",
            r"\bpag(?:e|es|inat\w*|eable)\b|per_?page|page_?size|pagina|\blimit\b|offset|cursor|find_?all|find_?many|get_?all|queryset|\.all\(|\blist[A-Z_(]|\.list\b|search",
        ),
        "SECU-01": _concern("operations that callers reach, or who may", _ROUTES + "|" + _ACCESS),
        "SECU-03": _concern(
            "values that come from outside",
            r"sql|quer(?:y|ies)|exec|eval\(|subprocess|spawn|shell|\bcommand|fetch\(|axios|requests\.|httpx|http\.(?:get|post)|\burl|uri\b|redirect|html|template"
            r"|render|deserial|pickle|yaml|xml|path\.|\bpath\b|open\(|read_?file|\breq\b|request|params?\b|\bbody\b|\binput\b|payload|regex|object\.assign|upload|download"
            r"|parse|decode|format\(|sprintf|filename|\bwhere\b|raw\(",
        ),
        "RELI-02": _concern(
            "dependencies and what measures them",
            r"metric|counter|histogram|gauge|prometheus|statsd|telemetry|\bspan|tracer?\b|pool|new_?client|create_?client|http_?client|resttemplate|webclient|axios"
            r"|fetch\(|requests\.|httpx|http\.(?:get|post|do)|redis|cache|kafka|rabbit|queue|grpc|\bs3\b|smtp|mailer|datasource|connect|timeout|client\.|retr(?:y|ies)",
        ),
        "RELI-03": _concern(
            "asynchronous work",
            r"queue|kafka|rabbit|\bsqs\b|amqp|\bnats\b|celery|bull|consumer|producer|outbox|dead.?letter|\bdlq|worker|\bjobs?\b|job[A-Z_(]|@task|shared_task|background"
            r"|subscrib|pub.?sub|\btopic|schedul|\bcron|apply_async|\.delay\(|broker",
        ),
        "RELI-04": _concern(
            "starting and stopping",
            r"\bmain\(|\.listen\(|listenandserve|\bserve\(|server\b|shut.?down|sigterm|sigint|signal\.|process\.(?:exit|on)|os\.exit|graceful|executor|new thread|threading"
            r"|go func|goroutine|daemon|setinterval|\bcron|schedul|lifespan|lifecycle|predestroy|disposable|terminat|prestop|drain|worker|\.stop\(|bootstrap|start-?up|\.close\(",
        ),
    }
)
"""Clause id -> what it speaks of."""


def untouched_by(clause: str, context: Context) -> str:
    """Why a commit has nothing to do with a clause; empty where it may have, or where nobody can tell.

    Only commits against a base are told: an answer to the contract attests its clauses, and of a folder nobody
    knows what is new.
    """
    concern = CONCERNS.get(clause)
    if concern is None or has_order(context) or context.base is None:
        return ""
    around: tuple[str, ...] = context.shared("touched.around", lambda: _around(context))
    if any(concern.words.search(text) for text in around):
        return ""
    return f"no line that the change adds or takes away, and none near one, speaks of {concern.what}."


def _around(context: Context) -> tuple[str, ...]:
    """The name of each changed file that is neither a test nor prose, with the lines at its changes."""
    return tuple(
        f"{file.path.rpartition('/')[2]}\n{_lines_at(file, context)}"
        for file in context.change.files
        if not is_test_path(file.path) and not _PROSE.search(file.path)
    )


def _lines_at(file: FileChange, context: Context) -> str:
    before = context.base.get(file.previous_path or file.path) if context.base is not None else None
    if file.content is None:
        return before or file.patch or ""
    lines = file.content.split("\n")
    gone = [] if before is None else _gone(before, frozenset(lines))
    if file.changed_lines is None:
        return "\n".join((*lines, *gone))
    wanted: set[int] = set()
    for first, last in file.changed_lines:
        wanted.update(range(max(first - _AROUND, 1), min(last + _AROUND, len(lines)) + 1))
    return "\n".join((*(lines[at - 1] for at in sorted(wanted)), *gone))


def _gone(before: str, kept: frozenset[str]) -> list[str]:
    """The lines of the base that the change took away, with those around them."""
    lines = before.split("\n")
    wanted: set[int] = set()
    for at, line in enumerate(lines):
        if line not in kept:
            wanted.update(range(max(at - _AROUND, 0), min(at + _AROUND + 1, len(lines))))
    return [lines[at] for at in sorted(wanted)]
