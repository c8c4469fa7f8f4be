"""From an example of a rule to what the rule is given: the examples are its tests and its documentation.

Owns: how an example's files, inputs and reply become the arguments of `check`.
Must never know: any particular rule, how examples are printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from pydantic import BaseModel

from backend_engineer.errors import UsageError
from backend_engineer.inputs import (
    APIContract,
    DataModel,
    OpsGuides,
    PerfTargets,
    SecurityPolicy,
    TechSpec,
)
from backend_engineer.outputs import Change, FileChange
from backend_engineer.parsing import Reply
from backend_engineer.rules.found import answer_of, outcome_of
from backend_engineer.rules.registry import built_in_rules
from backend_engineer.rules.rule import Context, Example, Need, Rule

__all__ = ["ExampleTree", "bundle", "context_of", "subject_of"]

_DOCUMENTS: Mapping[str, type[BaseModel]] = {
    "tech_spec": TechSpec,
    "api_contract": APIContract,
    "data_model": DataModel,
    "security_policy": SecurityPolicy,
    "perf_targets": PerfTargets,
    "ops_guides": OpsGuides,
}
_LEFT_OUT = {"not_applicable": "not part of this example"}


class ExampleTree:
    """A base made of a mapping, for examples; `workspace.SourceTree` is the one for real trees."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = dict(files)

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths, sorted."""
        return tuple(sorted(self._files))

    def get(self, path: str, /) -> str | None:
        """The text of a file, None when it is absent."""
        return self._files.get(path)

    def __contains__(self, path: object, /) -> bool:
        return path in self._files


def bundle(data: Mapping[str, Any]) -> SimpleNamespace:
    """A partial bundle of inputs; fields that a given document leaves out do not apply, other documents are None."""
    unknown = sorted(set(data) - set(_DOCUMENTS))
    if unknown:
        raise UsageError(
            f"An example names {unknown[0]!r}, which is no document.", hint=f"Use {', '.join(_DOCUMENTS)}."
        )
    made = {name: _made(model, data[name]) if name in data else None for name, model in _DOCUMENTS.items()}
    return SimpleNamespace(**made, upstream={}, request=None)


def _made(model: type[BaseModel], given: Mapping[str, Any]) -> BaseModel:
    absent = {
        name: _LEFT_OUT
        for name, field in model.model_fields.items()
        if field.is_required() and name not in given
    }
    return model.model_validate({**absent, **given})


def subject_of(example: Example) -> Reply | Change:
    """The reply or the change that an example is about."""
    base = ExampleTree(example.base) if example.base is not None else None
    if example.reply is not None:
        from backend_engineer.parsing import parse_reply

        cut = "complete" if example.reply.endswith("\n") else "truncated"
        return parse_reply(example.reply, ending=cut, base=base)
    files = tuple(
        FileChange(path, text, action="modify" if base is not None and path in base else "add")
        for path, text in example.files.items()
    )
    return Change(files, origin=example.origin)


def context_of(example: Example, rule: Rule | None = None) -> Context:
    """What a rule is given for an example; a `rule` that needs it is told what all others found."""
    context = _bare_context(example)
    if rule is None or Need.OUTCOME not in rule.needs:
        return context
    others = (other for other in built_in_rules() if Need.OUTCOME not in other.needs)
    return replace(context, outcome=outcome_of(answer_of(other, context) for other in others))


def _bare_context(example: Example) -> Context:
    subject = subject_of(example)
    reply = subject if isinstance(subject, Reply) else None
    change = subject.change if isinstance(subject, Reply) else subject
    return Context(
        change=change,
        reply=reply,
        inputs=bundle(example.inputs) if example.inputs is not None else None,
        base=ExampleTree(example.base) if example.base is not None else None,
        verified=example.verified,
        run=example.run,
    )
