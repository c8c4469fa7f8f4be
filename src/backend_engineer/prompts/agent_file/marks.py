"""By what a clause is known in an agent file that says it in words of its own.

Owns: for every clause of the contract its section and the facts that its line has to name.
Must never know: how a file is read, the clauses' own statements.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["MARKS", "METADATA", "Mark", "same_title"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a clause stands and which facts make it: each a pattern, all to be met.

    whole: the facts may be spread over the section instead of standing on one line.
    """

    clause: str
    section: str
    facts: tuple[re.Pattern[str], ...]
    whole: bool = False


METADATA: dict[str, tuple[str, ...]] = {
    "META-01": ("ID", "Name", "Version", "Persona", "Pipeline Stage"),
    "META-02": ("Supported Models",),
    "META-03": ("Stack Tags", "Accessibility Flags", "Risk Flags"),
    "META-04": ("Inputs Schema",),
    "META-05": ("Outputs Schema",),
}
"""The clauses that metadata lines state, with the keys of those lines."""

# One line a clause: id, `+` where the facts may be spread over the section, then the facts.
_ROWS: dict[str, str] = {
    "Role": r"""
        ROLE-01 ;; architecture ;; technolog
        ROLE-02 ;; missing|absent|unclear ;; clarif|question|ask ;; pause|stop|until|no further
        ROLE-03 ;; checklist ;; 3\D{1,5}7
    """,
    "Purpose": r"""
        PURP-01 + ;; secure ;; data store ;; tested ;; observab ;; SLO|service level
    """,
    "Operating Constraints": r"""
        CONS-01 ;; stack|dependenc|component ;; only|\bno\b|never|not
        CONS-02 ;; \b15\b ;; file ;; split
        CONS-03 ;; tests ;; doc ;; observab ;; migration ;; rollback
        CONS-04 ;; secret ;; expos|leak|personal|data|appear
        CONS-05 ;; drift|agree ;; schema
        CONS-06 ;; broad|unbounded ;; quer
    """,
    "Required Inputs": r"""
        INPT-01 +
        INPT-02 ;; tech ?spec ;; stack ;; layout ;; error
        INPT-03 ;; api ?contract ;; openapi|graphql ;; authoriz ;; rate.?limit ;; paginat
        INPT-04 ;; data ?model ;; entit ;; relation ;; index ;; constraint ;; retention ;; pii|personal
        INPT-05 ;; security ?policy ;; auth ;; crypt ;; complian ;; logging
        INPT-06 ;; perf\w* ?targets ;; slo|service level ;; load ;; latency ;; cach
        INPT-07 ;; \bops ;; alert ;; runbook ;; rollout ;; rollback
    """,
    "Interaction Protocol": r"""
        PROT-01 ;; missing ;; option ;; stop|ambig
        PROT-02 ;; plan ;; list ;; migrations
        PROT-03 ;; plan ;; security ;; slo|service level
        PROT-04 ;; atomic ;; test ;; doc
        PROT-05 ;; checklist ;; finding
    """,
    "Implementation Workflow": r"""
        FLOW-01 ;; spec ;; complete
        FLOW-02 ;; endpoint ;; service ;; data
        FLOW-03 ;; migration ;; rollback ;; dry.?run ;; guard
        FLOW-04 ;; business logic|pure ;; port ;; adapter
        FLOW-05 ;; validat ;; auth ;; rate.{0,3}limit|limit rate ;; error ;; idempoten
        FLOW-06 ;; outbox ;; inbox ;; external
        FLOW-07 ;; logs ;; metrics ;; health ;; kpi|key figure
        FLOW-08 ;; index ;; n\+1|per row ;; cach ;; concurren
        FLOW-09 ;; saniti|clean ;; pii|personal ;; access ;; encrypt
        FLOW-10 ;; unit ;; integration ;; property ;; migration ;; e2e|end.to.end
        FLOW-11 ;; openapi|sdl ;; runbook ;; env ;; flag
        FLOW-12 ;; stage ;; hand|artifact|artefact
        FLOW-13 ;; valid ;; (1|one)\W{0,3}(-|or|to)?\W{0,3}(2|two) lines ;; correct
    """,
    "Migration Management": r"""
        MIGR-01 ;; schema ;; before
        MIGR-02 ;; forward ;; rollback ;; irreversible
        MIGR-03 ;; batch ;; checkpoint
        MIGR-04 ;; \bVERIFY\b ;; check
        MIGR-05 ;; \bOPERATIONS\b ;; duration ;; impact ;; throttling
    """,
    "API Development": r"""
        APID-01 ;; api ?contract ;; exact|undocumented
        APID-02 ;; idempoten ;; mutati
        APID-03 + ;; envelope|shape ;; correlation_id ;; details ;; message
        APID-04 ;; cursor ;; paginat
    """,
    "Security Rules": r"""
        SECU-01 ;; authoriz ;; boundary ;; deny
        SECU-02 ;; secrets? ;; stores?
        SECU-03 ;; injection ;; ssrf|request forgery ;; mass assignment
        SECU-04 ;; pii|personal ;; flow ;; minim
    """,
    "Reliability & Monitoring": r"""
        RELI-01 ;; slo|service level ;; probe
        RELI-02 ;; \bRED\b|rate, errors ;; \bUSE\b|utili[sz]ation ;; metric|measure
        RELI-03 ;; dead.?letter ;; replay
        RELI-04 ;; gracefu ;; drain
    """,
    "Output Format": r"""
        OUTF-01 + ;; Migrations[\s\S]*Schema/Models[\s\S]*Ports/Adapters[\s\S]*Services/Use-Cases[\s\S]*Controllers/Resolvers[\s\S]*Validation & Auth[\s\S]*Jobs/Workers[\s\S]*Tests[\s\S]*Observability[\s\S]*Docs
        OUTF-02 + ;; code block|fenced block|block of its own ;; file: |names the file
    """,
    "Checklists": r"""
        CHEK-01 ;; plan ;; complete ;; \b15\b ;; migrations ;; tests ;; observab
        CHEK-02 ;; security ;; auth ;; pii|personal ;; secret ;; input
        CHEK-03 ;; data ;; index ;; backfill ;; constraint ;; retention
        CHEK-04 ;; \bapi\b ;; contract ;; idempoten ;; envelope ;; paginat ;; rate.{0,3}limit
        CHEK-05 ;; performance ;; n\+1|per row ;; cach ;; concurren ;; slo|service level
        CHEK-06 ;; observab ;; log ;; health ;; dashboard ;; runbook
    """,
    "Review Neuron Output": r"""
        FIND-01 + ;; json ;; \btool\b ;; \bversion\b ;; \bstatus\b ;; \bfindings\b
        FIND-02 + ;; \btype\b ;; \bcategory\b ;; \bseverity\b ;; \btitle\b ;; \bwhere\b ;; \bevidence\b ;; \brecommendation\b
    """,
    "Pipeline Integration": r"""
        PIPE-01 ;; product-manager ;; architect ;; ux-ui-designer
        PIPE-02 ;; devops-deployment-engineer ;; \bqa ;; frontend
    """,
    "Parameters": r"""
        PARM-01 ;; REASONING_EFFORT ;; \blow\b ;; \bmedium\b ;; \bhigh\b
        PARM-02 ;; VERBOSITY ;; \bterse\b ;; \bbalanced\b ;; \bverbose\b
        PARM-03 ;; MODALITY ;; \bcode\b
    """,
    "Accessibility": r"""
        ACCS-01 ;; log ;; label ;; screen.?reader
        ACCS-02 ;; colou?r
    """,
    "Handling Incomplete Inputs": r"""
        INCO-01 ;; missing ;; default ;; guess
        INCO-02 ;; option ;; safe
    """,
}


def _marks() -> tuple[Mark, ...]:
    rows: list[Mark] = []
    for section, lines in _ROWS.items():
        for line in lines.strip().splitlines():
            head, *facts = (part.strip() for part in line.strip().split(" ;; "))
            clause, _, plus = head.partition(" ")
            patterns = tuple(re.compile(fact, re.IGNORECASE) for fact in facts)
            rows.append(Mark(clause, section, patterns, whole=plus.strip() == "+"))
    return tuple(rows)


MARKS: tuple[Mark, ...] = _marks()
"""Every clause that a section states, in the contract's order."""


def same_title(title: str, section: str) -> bool:
    """Whether a heading is the section's: case, blanks and a note in parentheses do not matter."""
    return _bare(title) == _bare(section)


def _bare(title: str) -> str:
    words = re.sub(r"\([^)]*\)", "", title).replace(" and ", " & ").casefold()
    return re.sub(r"[^a-z&]+", " ", words).strip()
