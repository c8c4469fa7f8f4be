"""RUN316: asynchronous work without a runbook section on its dead letters.

Owns: this one rule. Must never know: brokers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Section, Severity, Verdict
from backend_engineer.paths import is_test_path
from backend_engineer.rules.code.source import language_of
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence
from backend_engineer.rules.shipping import lacked_before

_QUEUE = re.compile(
    r"\b(queue|consumer|subscriber|outbox|celery|bullmq|kafka|rabbitmq|sqs|pubsub|sidekiq|dramatiq|amqp|nats|resque)\b",
    re.IGNORECASE,
)
_PATH = re.compile(
    r"(?:^|/)(?:jobs?|workers?|consumers?|queues?|subscribers?|outbox)(?:/|\.|_)", re.IGNORECASE
)
# Subscribers and consumers may be people or programs of others; what brokers are made of tells.
_OF_PEOPLE = re.compile(r"(?:^|/)(?:consumers?|subscribers?)(?:/|\.|_)", re.IGNORECASE)
_BROKER = re.compile(
    r"\b(?:queues?|broker|topics?|outbox|celery|bull(?:mq)?|kafka|rabbitmq|sqs|pubsub|sidekiq|dramatiq|amqp|nats|ack|nack)\b",
    re.IGNORECASE,
)
_PROSE = (".md", ".rst", ".adoc")
_LIKELY = re.compile(r"runbook|oper|docs?/|queue|dead|replay", re.IGNORECASE)
_HEADING = re.compile(r"^#{1,6}\s+(.*(?:dead[- ]?letter|DLQ|replay).*)$", re.IGNORECASE | re.MULTILINE)


def _documents(context: Context) -> Iterator[str]:
    yield from (file.content or "" for file in context.change.files if file.path.endswith(_PROSE))
    if context.base is not None:
        # Where a runbook is likely comes first: the search ends at the first that tells.
        paths = [path for path in context.base.paths if path.endswith(_PROSE)]
        for path in sorted(paths, key=lambda item: (not _LIKELY.search(item), item)):
            yield context.base.get(path) or ""


def _tells_of_replay(text: str) -> bool:
    return any(text[match.end() :].split("\n#", 1)[0].strip() for match in _HEADING.finditer(text))


def _check(context: Context) -> Iterator[Hit | Silence]:
    async_files = [
        file
        for file in context.change.files
        if file.content
        and language_of(file.path)
        and not is_test_path(file.path)
        and (file.section is Section.JOBS or (_PATH.search(file.path) and _QUEUE.search(file.content)))
        and (not _OF_PEOPLE.search(file.path) or _BROKER.search(file.content))
    ]
    if not async_files:
        yield Silence(Verdict.NEEDS_REVIEW, "no queue consumer or worker was recognised in the change")
        return
    if any(_tells_of_replay(text) for text in _documents(context)):
        return
    brought = [file.path for file in async_files if not lacked_before(context, file.path)]
    if not brought:
        yield Silence(
            Verdict.NEEDS_REVIEW,
            f"`{async_files[0].path}` works asynchronously, as it did before, and no runbook section on dead letters and"
            " their replay was found",
        )
        return
    yield Hit(
        min(brought),
        "asynchronous work stands here and no runbook section on dead letters and their replay was found",
    )


RULE = Rule(
    code="RUN316",
    title="No runbook for dead letters",
    clauses=("RELI-03",),
    severity=Severity.INFO,
    category=Category.DOCUMENTATION,
    type=FindingType.QUESTION,
    reason="Work that failed for good waits for somebody who knows how to replay it.",
    recommendation="Add a runbook section with a heading that names dead letters and replay, and the steps under it.",
    check=_check,
    exact=False,
    question="Where do messages go that fail for good, and how are they replayed?",
    look="jobs, workers and the runbooks",
    settles="a runbook section on dead letters that someone has followed once",
    invalid=(
        Example({"src/workers/mail.py": "def run(queue):\n    for item in queue:\n        send(item)\n"}),
        Example(
            {
                "src/workers/mail.py": "def run(queue):\n    return queue.take()\n",
                "docs/runbook.md": "# Mail\n\n## Dead letters\n\n## Other\n",
            }
        ),
    ),
    valid=(
        Example(
            {
                "src/workers/mail.py": "def run(queue):\n    return queue.take()\n",
                "docs/runbook.md": "# Mail\n\n## Dead letters and replay\n\nMove them back with `mail replay`.\n",
            }
        ),
        Example({"src/users.py": "NAME = 'users'\n"}),
        Example(
            {
                "cmd/subscribers.go": "package main\n\n// subscriber is a reader of a list.\ntype subscriber struct{ Email string }\n"
            },
            note="people",
        ),
        Example(
            {"api/workers.go": "package api\n\n// A worker runs builds.\ntype Worker struct{ Name string }\n"}
        ),
    ),
)
