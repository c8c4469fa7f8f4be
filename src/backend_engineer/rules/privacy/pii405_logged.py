"""PII405: a log or metric call names a field that DataModel declares as personal data.

Owns: this one rule. Must never know: masking that a logger does by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from backend_engineer.contract import Category, FindingType, Severity, Verdict
from backend_engineer.inputs import Entity, NotApplicable
from backend_engineer.rules.code.source import Call, sources, unread
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

_LEVELS = (
    r"(?:trace|debug|info|notice|warn|warning|error|exception|critical|fatal|panic|log|Trace|Debug|Info|Notice|Warn|Warning"
    r"|Error|Fatal|Panic|Print|Log)(?:f|ln|w|Context|ContextAttrs)?"
)
# What gives a line its fields before it is written: `WithField` of logrus, `Str` of zerolog, `bind`, `child`.
_FIELDS = (
    r"bind|child|with|With|with_fields|WithField|WithFields|WithValues|withFields|addKeyValue|addArgument|kv|Str|Strs|Stringer"
    r"|Interface|Any|Fields|Msg|Msgf|msg|setContext|contextualize"
)
# A logger, the calls that follow it, and what writes or gives fields; arguments were taken out before.
_LOG = re.compile(
    r"(?:^|\.)(?:log|slog|logging|structlog|console|winston|pino|logrus|zap|zerolog|LOG|LOGGER|_log|\w*[lL]ogger|\w+_log)"
    rf"(?:\(\))?(?:\.\w+\(\)|\.\w*[lL]og(?:ger)?)*\.(?:{_LEVELS}|{_FIELDS})$"
)
_METRIC = re.compile(
    r"(?:^|\.)(?:labels|withLabelValues|WithLabelValues|set_tag|tag|inc|observe)$"
    r"|(?:^|\.)(?:\w*[mM]etrics?|\w*[sS]tatsd|stats|meter|dogstatsd)(?:\(\))?\.(?:count|counter|incr|increment|gauge|timing"
    r"|histogram|distribution|record)$"
    # Sessions, requests and documents have attributes as well.
    r"|(?i:span|trace|scope|current)\w*(?:\(\))?\.(?:setAttribute|set_attribute)$"
)
# Of a service the platform keeps what it prints; of a command line it is the answer.
_PRINTED = re.compile(
    r"^print$|^fmt\.Print(?:f|ln)?$|^System\.(?:out|err)\.print(?:f|ln)?$|^process\.std(?:out|err)\.write$|^sys\.std(?:out|err)\.write$"
)
_INNER = re.compile(r"\([^()]+\)|\s+")


def _sink(callee: str) -> Severity | None:
    """How much it weighs that a field is handed to this call, None for a call that keeps nothing."""
    while (plain := _INNER.sub(lambda inner: "()" if inner[0][0] == "(" else "", callee)) != callee:
        callee = plain
    if _LOG.search(callee) or _METRIC.search(callee):
        return Severity.MAJOR
    return Severity.MINOR if _PRINTED.search(callee) else None


_HIDDEN = re.compile(
    r"mask|redact|hash|anonymi[sz]e|fingerprint|obfuscat|\*\*\*|\blen\(|\.length\b|bool\(|!!", re.IGNORECASE
)

# Data that was made up, and code that a person runs by hand.
_BESIDE = re.compile(
    r"(?:^|/)(?:seeds?|seeders?|fixtures?|examples?|samples?|mocks?|scripts?)/",
    re.IGNORECASE,
)
# Command lines, whose output is for the person who typed them.
_BY_HAND = re.compile(r"(?:^|/)(?:bin|cli|cmd|commands?|tools)/", re.IGNORECASE)

_HOLE = re.compile(r"\$\{([^}]*)\}")
# A name in an argument, with the name before it when it is read from something.
# The name is only looked at, since in `self.user.email` it is what the next one is read from.
_READ = re.compile(
    r"\b([A-Za-z_]\w*)(?:\(\))?[?!]?(?:\.|\[['\"])(?=([A-Za-z_]\w*))"
    r"|(?<![\w'\"])(?<!\w\.)(?<!\w[?!]\.)(?<!\(\)\.)([A-Za-z_]\w*)"
)

Owners = Mapping[str, tuple[tuple[frozenset[str], bool], ...]]
"""Field -> the words of each entity that has it, and whether it is personal there."""


def _owners(entities: Iterable[Entity]) -> Owners:
    found: dict[str, list[tuple[frozenset[str], bool]]] = {}
    for entity in entities:
        for field in entity.fields:
            words = _words(entity.name) | _words(entity.table)
            found.setdefault(_snake(field.name), []).append((words, field.pii))
    return {name: tuple(given) for name, given in found.items() if any(pii for _, pii in given)}


def _named(call: Call, owners: Owners) -> tuple[str, bool] | None:
    """The part of an argument that hands over a personal field, and whether it is surely that field."""
    guess: tuple[str, bool] | None = None
    for item in call.arguments:
        parts = (
            item.holes if item.kind in ("format", "concat") else () if item.kind == "string" else (item.text,)
        )
        for part in parts:
            sure = None if _HIDDEN.search(part) else _personal(part, owners)
            if sure:
                return part.strip(), True
            if sure is False and guess is None:
                guess = part.strip(), False
    return guess


def _personal(part: str, owners: Owners) -> bool | None:
    """True where a personal field is read from an entity that declares it, False where only its name stands."""
    bare = re.sub(r"`[^`]*`", lambda text: " ".join(_HOLE.findall(text[0])), part)
    bare = bare if "[" in bare else re.sub(r"'[^']*'|\"[^\"]*\"", "''", bare)
    seen = None
    for match in _READ.finditer(bare):
        given = owners.get(_snake(match[2] or match[3]).removeprefix("get_"))
        if given is None:
            continue
        holder = _words(match[1]) if match[1] else frozenset()
        known = [pii for words, pii in given if words & holder]
        if any(known):
            return True
        if not known:
            seen = False
    return seen


def _words(name: str) -> frozenset[str]:
    return frozenset(word.removesuffix("s") for word in _snake(name).split("_") if word)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def _check(context: Context) -> Iterator[Hit | Silence]:
    model = getattr(context.inputs, "data_model", None)
    if model is None or isinstance(model.entities, NotApplicable):
        yield Silence(Verdict.NOT_CHECKED, "no DataModel was given")
        return
    owners = _owners(model.entities)
    if not owners:
        yield Silence(Verdict.NOT_APPLICABLE, "DataModel declares no personal data")
        return
    for item in unread(context):
        yield Silence(Verdict.NOT_CHECKED, f"{item.path}: {item.reason}")
    for view in sources(context):
        for call in view.calls if not view.test and not _BESIDE.search(view.path) else ():
            weight = _sink(call.callee)
            if weight is Severity.MINOR and _BY_HAND.search(view.path):
                continue
            if weight is not None and (named := _named(call, owners)):
                yield Hit(
                    view.path,
                    f"`{call.callee}` is given `{named[0][:60]}`",
                    (call.line, call.end_line),
                    # A bare name, or one read from something else, may be another thing of the same name.
                    severity=weight if named[1] else Severity.INFO,
                )


_MODEL: dict[str, dict[str, list[dict[str, object]]]] = {
    "data_model": {
        "entities": [
            {
                "name": "User",
                "table": "users",
                "fields": [
                    {"name": "id", "type": "INTEGER", "nullable": False, "primary_key": True},
                    {"name": "email", "type": "TEXT", "nullable": False, "pii": True},
                ],
                "relations": {"not_applicable": "stands alone"},
                "indexes": {"not_applicable": "the key suffices"},
                "constraints": {"not_applicable": "none needed"},
                "retention": {"not_applicable": "kept with the account"},
            }
        ]
    }
}

_GROUP = {
    **_MODEL["data_model"]["entities"][0],
    "name": "Group",
    "table": "groups",
    "fields": [{"name": "email", "type": "TEXT", "nullable": False}],
}
_TWO = {"data_model": {"entities": [*_MODEL["data_model"]["entities"], _GROUP]}}

RULE = Rule(
    code="PII405",
    title="Personal data in a log or metric",
    clauses=("CONS-04", "SECU-04"),
    severity=Severity.MAJOR,
    category=Category.SECURITY,
    type=FindingType.RISK,
    reason="Logs and metrics are kept longer and read by more people than the database.",
    recommendation="Log the identifier of the row, or a masked value.",
    check=_check,
    exact=False,
    needs=(Need.INPUTS,),
    question="Can personal data reach a log, a metric label or a trace?",
    look="log calls, metric labels and error messages",
    settles="each log call of the change names identifiers only",
    line_rule=True,
    invalid=(
        Example(
            {"src/users.py": "def greet(user):\n    logger.info('greeted %s', user.email)\n"}, inputs=_MODEL
        ),
        Example(
            {"src/users.ts": "export const greet = (user: User) => logger.info(`greeted ${user.email}`);\n"},
            inputs=_MODEL,
        ),
        Example(
            {
                "web/users.go": 'package web\n\nfunc greet(user User) {\n\tlog.Info().Str("who", user.Email).Msg("greeted")\n}\n'
            },
            inputs=_MODEL,
            note="an entry that is put together",
        ),
        Example(
            {"src/users.ts": "export const seen = (user: User) => span.setAttribute('who', user.email);\n"},
            inputs=_MODEL,
            note="an attribute of a trace",
        ),
        Example(
            {
                "src/users.go": 'package users\n\nfunc seen(user User) {\n\tlog.Info().Str("who", user.Email).Msg("seen")\n}\n'
            },
            inputs=_MODEL,
            note="a field that a later call writes",
        ),
        Example(
            {"src/users.py": "def greet(user):\n    print(f'greeted {user.email}')\n"},
            inputs=_MODEL,
            note="printed",
        ),
    ),
    valid=(
        Example(
            {
                "src/Login.java": 'class Login {\n  void keep(User user) { httpSession.setAttribute("email", user.getEmail()); }\n}\n'
            },
            inputs=_MODEL,
            note="an attribute of a session",
        ),
        Example(
            {"src/cli/show.py": "def show(user):\n    print(user.email)\n"},
            inputs=_MODEL,
            note="the answer of a command line",
        ),
        Example(
            {"src/told.ts": "logger.info({ msg: `Email reported by ${user.id}`, at });\n"},
            inputs=_MODEL,
            note="a word of the text",
        ),
        Example(
            {"src/lists.py": "def told(group):\n    logger.info('told %s', group.email)\n"},
            inputs=_TWO,
            note="the address of a list, by DataModel no person's",
        ),
        Example(
            {"src/users.py": "def greet(user):\n    logger.info('greeted %s', user.id)\n"}, inputs=_MODEL
        ),
        Example(
            {"db/seeds/people.ts": "console.log(`made ${user.email}`);\n"}, inputs=_MODEL, note="made up"
        ),
        Example(
            {"src/users.py": "def greet(user):\n    logger.info('sent an email to %s', user.id)\n"},
            inputs=_MODEL,
        ),
    ),
)
