"""The bundle of all inputs, and the way to it: gather, ask, merge the answers.

Owns: `StageInputs`, `PartialInputs`, and when inputs are complete (INPT-01, INCO-01, INCO-02, FLOW-01).
Must never know: file formats, how a gap is found or worded, prompts, rules.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar, cast

from pydantic import Field, TypeAdapter, ValidationError

from backend_engineer.apis.pointers import join, split
from backend_engineer.errors import IncompleteInputs, InvalidDocument
from backend_engineer.inputs.answers import answered
from backend_engineer.inputs.contradictions import contradictions
from backend_engineer.inputs.documents import (
    APIContract,
    ChangeRequest,
    DataModel,
    Document,
    OpsGuides,
    PerfTargets,
    SecurityPolicy,
    TechSpec,
)
from backend_engineer.inputs.fields import facts_of
from backend_engineer.inputs.gaps import MODELS, answer_schema, expanded, structural_gaps, without_nulls
from backend_engineer.inputs.reading import plain_data
from backend_engineer.inputs.sources import DOCUMENTS, RawInputs, Source, collect
from backend_engineer.outputs.clarification import Clarification, Gap

__all__ = ["PartialInputs", "StageInputs", "gather", "merge_answers", "partial", "request_gap"]


_Model = TypeVar("_Model", bound=Document)


class StageInputs(Document):
    """All inputs of a run, complete and without contradiction.

    tech_spec, api_contract, data_model, security_policy, perf_targets, ops_guides: the documents.
    upstream: optional documents of earlier stages, name -> text, passed through (INPT-01).
    request: the wanted change, when it was given with the documents.
    """

    tech_spec: TechSpec
    api_contract: APIContract
    data_model: DataModel
    security_policy: SecurityPolicy
    perf_targets: PerfTargets
    ops_guides: OpsGuides
    upstream: dict[str, str] = Field(default_factory=dict)
    request: ChangeRequest | None = None

    @classmethod
    def load(cls, source: Source, *, request: ChangeRequest | Mapping[str, Any] | None = None) -> StageInputs:
        """What `gather` gives, for those who want an exception instead of a clarification.

        Raises IncompleteInputs, whose `clarification` lists every gap, and the errors of `gather`.
        """
        found = gather(source, request)
        if isinstance(found, Clarification):
            raise IncompleteInputs(found)
        return found


@dataclass(frozen=True)
class PartialInputs:
    """Whatever inputs there are: the attributes of `StageInputs`, each None where it was not given.

    A document that was given in part is there with its usable fields; a field with a gap is None.
    gaps: every gap, contradictions included. data: what was given, as plain data.
    """

    raw: RawInputs = field(repr=False)
    structural: tuple[Gap, ...] = field(repr=False)
    contradictions: tuple[Gap, ...] = field(repr=False)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Every gap, in the order of the documents, contradictions last."""
        return self.structural + self.contradictions

    @property
    def data(self) -> dict[str, Any]:
        """What was given, as plain data that `gather` and `merge_answers` take."""
        return self.raw.data

    @cached_property
    def tech_spec(self) -> TechSpec | None:
        """The stack, layout, database and commands, as far as given."""
        return self._document("tech_spec", TechSpec)

    @cached_property
    def api_contract(self) -> APIContract | None:
        """The API contract, as far as given."""
        return self._document("api_contract", APIContract)

    @cached_property
    def data_model(self) -> DataModel | None:
        """The data model, if given."""
        return self._document("data_model", DataModel)

    @cached_property
    def security_policy(self) -> SecurityPolicy | None:
        """The security policy, as far as given."""
        return self._document("security_policy", SecurityPolicy)

    @cached_property
    def perf_targets(self) -> PerfTargets | None:
        """The performance targets, as far as given."""
        return self._document("perf_targets", PerfTargets)

    @cached_property
    def ops_guides(self) -> OpsGuides | None:
        """The operations guides, as far as given."""
        return self._document("ops_guides", OpsGuides)

    @cached_property
    def request(self) -> ChangeRequest | None:
        """The wanted change, if given."""
        return self._document("request", ChangeRequest)

    @property
    def upstream(self) -> dict[str, str]:
        """Documents of earlier stages, name -> text."""
        return dict(self.raw.data.get("upstream", {}))

    def _document(self, name: str, model: type[_Model]) -> _Model | None:
        given = self.raw.data.get(name)
        if given is None:
            return None
        spoilt = {split(gap.pointer)[1] for gap in self.structural if split(gap.pointer)[0] == name}
        usable = {key: value for key, value in expanded(given, model).items() if key not in spoilt}
        values: dict[str, Any] = {}
        for key, item in model.model_fields.items():
            values[key] = None if item.is_required() else item.get_default(call_default_factory=True)
            if usable.get(key) is not None:
                values[key] = typed(item.annotation, usable[key], join("", name, key))
        if not usable:
            return None
        made: Any = model.model_construct(set(usable), **values)
        return cast(_Model, made)


def partial(
    source: Source | PartialInputs, request: ChangeRequest | Mapping[str, Any] | None = None
) -> PartialInputs:
    """Whatever inputs a folder or a mapping holds, complete or not.

    `request` wins over one that stands with the documents. Raises the errors of `gather`.
    """
    raw = source.raw if isinstance(source, PartialInputs) else collect(source)
    if request is not None:
        wanted = plain_data(request, "the request")
        if not isinstance(wanted, dict):
            raise InvalidDocument(
                "The request is no object of named fields.",
                pointer="/request",
                hint="Give a ChangeRequest, or its title, description and acceptance.",
            )
        lines = {name: where for name, where in raw.lines.items() if name != "request"}
        raw = RawInputs({**raw.data, "request": wanted}, lines)
    return _partial_of(raw)


def gather(
    source: Source | PartialInputs, request: ChangeRequest | Mapping[str, Any] | None = None
) -> StageInputs | Clarification:
    """The inputs, or a question that lists every gap in them; nothing is guessed.

    source: the folder of the documents, or a mapping of their names to data, models or, with a file
    name as the key, text. request: the wanted change; it wins over one that stands with the documents.

    Raises UnreadableDocument for broken text (file, line, column), InvalidDocument for what cannot be
    asked about (a folder without documents, a field or heading that no document has, a document in two
    forms), UnencodableInput for a lone surrogate, UnsafePath for a symbolic link, and MissingExtra for
    YAML without the extra `yaml`.
    """
    found = partial(source, request)
    return Clarification(gaps=found.gaps) if found.gaps else _complete(found.raw)


def merge_answers(source: Source | PartialInputs, answers: Mapping[str, Any]) -> StageInputs | Clarification:
    """The inputs with the answers put in: complete, or a question for the gaps that remain.

    answers: JSON pointer of each gap -> the answer. Their order does not matter, and they need not be
    all; keep those of earlier rounds and pass them again with the new ones. A place that had no gap may
    be answered as well, such as `/data_model/entities` for an entity that is missing there.

    Raises UsageError for a pointer that leads into no document, and the errors of `gather`.
    """
    raw = source.raw if isinstance(source, PartialInputs) else collect(source)
    found = _partial_of(answered(raw, answers))
    return Clarification(gaps=found.gaps) if found.gaps else _complete(found.raw)


def request_gap() -> Gap:
    """The gap of a run to which nobody said what change is wanted."""
    facts = facts_of("request")
    return Gap(
        pointer="/request",
        clause=facts.clause,
        reason=f"It is missing. {facts.reason}",
        options=facts.options,
        answer_schema=answer_schema(ChangeRequest),
    )


def _partial_of(raw: RawInputs) -> PartialInputs:
    gaps = structural_gaps(raw)
    return PartialInputs(raw, gaps, contradictions(raw, gaps))


def _complete(raw: RawInputs) -> StageInputs:
    data = {name: expanded(raw.data[name], MODELS[name]) for name in DOCUMENTS}
    kept = {name: raw.data[name] for name in ("request", "upstream") if name in raw.data}
    complete: StageInputs = typed(StageInputs, {**data, **kept}, "")
    return complete


def typed(annotation: Any, value: Any, pointer: str) -> Any:
    """Plain data as the documented type, strictly; the search for gaps has left nothing to refuse."""
    try:
        return TypeAdapter(annotation).validate_json(
            json.dumps(without_nulls(annotation, value)), strict=True
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidDocument(
            f"{first['msg']}.", pointer=pointer + join("", *first["loc"]), hint="Correct the value."
        ) from error
