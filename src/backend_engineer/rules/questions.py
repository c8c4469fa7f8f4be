"""What a reviewer has to ask where no rule can answer: the clauses that only reading, or an attestation, serves.

Owns: one question for each such clause, and which files of a change it is about.
Must never know: verdicts, attestations, any rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from backend_engineer.contract import Section
from backend_engineer.rules.reading import section_of
from backend_engineer.rules.rule import Context

__all__ = ["QUESTIONS", "Question", "asked_of"]

_NAMED = 3


class Question(NamedTuple):
    """What to ask, where to look, what would settle it, and the sections whose files it is about."""

    ask: str
    look: str
    settles: str
    sections: tuple[Section, ...]


QUESTIONS: Final[Mapping[str, Question]] = MappingProxyType(
    {
        "FLOW-04": Question(
            "Can each business decision be tested without a database, a network and a clock?",
            "what services import and call, and the ports that they are given",
            "no service opens a connection, reads a clock or calls a client by itself, and a test runs it on fakes",
            (Section.SERVICES, Section.PORTS),
        ),
        "FLOW-06": Question(
            "What happens to an event when the process stops between the commit and its publication, and to the"
            " caller when the other side does not answer?",
            "writes that publish, consumers, and clients of other services",
            "the event is a row of the same transaction and consumers know what they took; each call has a time"
            " limit, a bound on retries, and a key that makes a repeat harmless",
            (Section.SERVICES, Section.PORTS, Section.JOBS),
        ),
        "FLOW-09": Question(
            "What can a caller send, see or change that it should not?",
            "handlers and their validation, queries by an id of the caller's, columns of personal data",
            "each input has a type and a bound, each object is read together with its owner, and personal data is"
            " stored and shown as SecurityPolicy says",
            (Section.CONTROLLERS, Section.VALIDATION, Section.SERVICES),
        ),
        "RELI-02": Question(
            "Would someone on call see which dependency is slow, failing or full?",
            "clients, connection pools and queues, and the metrics beside them",
            "each dependency has a counter of calls and errors and a histogram of their duration, each pool and queue"
            " a gauge of what is in use, and all of them names without unbounded labels",
            (Section.OBSERVABILITY, Section.PORTS, Section.JOBS),
        ),
    }
)
"""Clause id -> the question, for each clause that wants an attestation and that no rule serves."""


def asked_of(clause: str, context: Context) -> str:
    """The question of a clause in sentences, with the first files of the change that it is about; empty for others."""
    question = QUESTIONS.get(clause)
    if question is None:
        return ""
    paths = [file.path for file in context.change if section_of(file, context) in question.sections]
    here = ", ".join(f"`{path}`" for path in paths[:_NAMED])
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    place = f" (here {here}{more})" if paths else ""
    return f"Ask: {question.ask} Look at {question.look}{place}. What settles it: {question.settles}."
