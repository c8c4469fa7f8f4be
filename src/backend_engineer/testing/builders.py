"""Valid inputs and a valid reply to them, from a seed; same seed, same bytes on every platform.

Owns: `Built`, a reply in parts that a mutator can change before it is written.
Must never know: rules; how a reply is broken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from backend_engineer.contract import CLAUSES, Section, Status
from backend_engineer.errors import UsageError
from backend_engineer.inputs import PartialInputs, StageInputs
from backend_engineer.outputs import (
    Attestation,
    Change,
    CommandReport,
    FileChange,
    MigrationReport,
    Plan,
    PlannedFile,
    ReviewFindings,
    SchemaChange,
    Trace,
)
from backend_engineer.parsing import write_reply
from backend_engineer.rules import RunFacts
from backend_engineer.testing.documents import inputs_of
from backend_engineer.testing.files import base_of, files_of
from backend_engineer.testing.vocabulary import Theme, theme

__all__ = ["Built", "build", "build_inputs", "build_reply", "build_theme"]


@dataclass(frozen=True, slots=True)
class Built:
    """A reply in parts, with the inputs and the base that it answers.

    theme: the seeded choice behind it. raw: the reply's text where a mutator broke the text itself.
    partial_inputs: inputs with something taken out.
    as_change: judged as a change that somebody made, not as a reply. verified, run: reports and facts that go with the reply.
    """

    theme: Theme
    inputs: StageInputs
    base: dict[str, str]
    change: Change
    checklist: tuple[str, ...]
    plan: Plan | None
    validations: dict[str, str]
    attestations: tuple[Attestation, ...]
    findings: ReviewFindings | None
    raw: str | None = None
    partial_inputs: PartialInputs | None = None
    as_change: bool = False
    verified: tuple[MigrationReport | CommandReport, ...] = ()
    run: RunFacts | None = None

    def text(self) -> str:
        """The reply as text, by the writer of the format."""
        if self.raw is not None:
            return self.raw
        return write_reply(
            self.change,
            checklist=self.checklist,
            plan=self.plan,
            validations=self.validations,
            attestations=self.attestations,
            findings=self.findings,
        )

    def file(self, section: Section) -> FileChange:
        """The first file of a section."""
        return next(item for item in self.change.files if item.section is section)

    def add(self, section: Section, path: str, text: str, purpose: str = "belongs to the change") -> Built:
        """The same reply with one more file, planned and validated, in its section's place."""
        new = FileChange(path, text, section=section, action="add", stated=True)
        place = sum(
            1 for item in self.change.files if item.section and item.section.position <= section.position
        )
        files = (*self.change.files[:place], new, *self.change.files[place:])
        plan = self.plan
        if plan is not None:
            row = PlannedFile(path=path, action="add", section=section, purpose=purpose)
            plan = plan.model_copy(update={"files": (*plan.files[:place], row, *plan.files[place:])})
        return replace(
            self,
            change=self.change.with_files(files),
            plan=plan,
            validations={**self.validations, path: "it does what the plan says."},
        )

    def edit(self, path: str, old: str, new: str) -> Built:
        """The same reply with a text replaced in one file; the text has to be there."""
        file = self.change.get(path)
        if file is None or old not in (file.content or ""):
            raise UsageError(f"{path} does not hold {old!r}.", hint="Name a text that the built file holds.")
        return self.with_file(replace(file, content=(file.content or "").replace(old, new)))

    def append(self, path: str, text: str) -> Built:
        """The same reply with text added at the end of one file."""
        file = self.change.get(path)
        if file is None:
            raise UsageError(f"The reply has no {path}.", hint="Name a file of the built reply.")
        return self.with_file(replace(file, content=(file.content or "") + text))

    def with_file(self, file: FileChange) -> Built:
        """The same reply with one file replaced by path, or added at the end."""
        paths = self.change.paths
        if file.path in paths:
            kept = tuple(file if item.path == file.path else item for item in self.change.files)
        else:
            kept = (*self.change.files, file)
        return replace(self, change=self.change.with_files(kept))

    def without(self, path: str) -> Built:
        """The same reply without one file."""
        return replace(
            self, change=self.change.with_files(tuple(f for f in self.change.files if f.path != path))
        )


def _attestations(change: Change) -> tuple[Attestation, ...]:
    """One claim for each clause that asks for it, with a quote that stands in the change."""
    service = next(item for item in change.files if item.section is Section.SERVICES)
    lines = (service.content or "").split("\n")
    place = next(number for number, line in enumerate(lines, 1) if "policy.allows" in line)
    quote = lines[place - 1].strip()
    return tuple(
        Attestation(clause=row.id, path=service.path, lines=str(place), quote=quote)
        for row in CLAUSES.values()
        if row.needs_attestation
    )


def build(seed: int) -> Built:
    """A whole valid reply with its inputs and base."""
    return build_theme(theme(seed))


def build_theme(chosen: Theme) -> Built:
    """A whole valid reply for a theme that was chosen, or altered, by hand."""
    rows = files_of(chosen)
    change = Change(
        tuple(
            FileChange(path, text, section=section, action="add", stated=True)
            for section, path, text, _ in rows
        ),
        origin="reply",
    )
    plan = Plan(
        summary=f"Adds {chosen.column} to {chosen.many}, with a patch and a list by cursor.",
        files=tuple(
            PlannedFile(path=path, action="add", section=section, purpose=why)
            for section, path, _, why in rows
        ),
        traceability=(
            Trace(
                endpoint=f"GET /{chosen.many}",
                service=f"{chosen.type_name}Service.page",
                data=(f"{chosen.many}.id",),
            ),
            Trace(
                endpoint=f"PATCH /{chosen.many}/{{id}}",
                service=f"{chosen.type_name}Service.set_{chosen.column}",
                data=(f"{chosen.many}.{chosen.column}",),
            ),
        ),
        schema_change=SchemaChange(kind="migration", reason="a column and its index are new"),
        security=("the service asks the policy before each operation",),
        slo=(f"the list reads by key and stays under {chosen.latency} ms",),
    )
    return Built(
        theme=chosen,
        inputs=StageInputs.model_validate(inputs_of(chosen)),
        base=base_of(chosen),
        change=change,
        checklist=(
            "Confirm the documents and the wanted change",
            "Move the schema first, with a way back",
            "Set the value once for each key",
            "Prove it with tests and watch it",
        ),
        plan=plan,
        validations={path: "it does what the plan says." for _, path, _, _ in rows},
        attestations=_attestations(change),
        findings=ReviewFindings.of(Status.READY),
    )


def build_inputs(seed: int) -> StageInputs:
    """Valid inputs, the request included."""
    return StageInputs.model_validate(inputs_of(theme(seed)))


def build_reply(seed: int) -> str:
    """The text of a valid reply to `build_inputs(seed)`."""
    return build(seed).text()
