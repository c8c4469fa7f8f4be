"""Hits of rules, held against an oracle that the rules have no part in, and counted.

An oracle says of each place whether the rule ought to speak there. So a hit is true or false, a silence is right or
missed, and both are counted. Where there is no oracle a hit stays open, and is printed for a person to judge.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from backend_engineer.outputs import Finding
from backend_engineer.rules import Rule, built_in_rules

__all__ = ["MOST_FALSE", "Tally"]

MOST_FALSE = {"blocker": 0.01, "critical": 0.01, "major": 0.01, "minor": 0.05}
"""The share of false hits that each severity may have; info may ask about anything."""

_SEVERITY = {rule.code: str(rule.severity) for rule in built_in_rules()}


class Tally:
    """Counts by rule and severity, with a sample of the places."""

    def __init__(self, show: int) -> None:
        self.show = show
        self.counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self.places: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        self.broken: list[str] = []

    def add(self, code: str, severity: str, kind: str, place: str) -> None:
        """Count one place; kind: `true`, `false`, `open`, `missed` or `quiet` (rightly silent)."""
        self.counts[code, severity][kind] += 1
        if kind != "quiet":
            self.places[code, severity, kind].append(place)

    def compare(
        self, code: str, found: Iterable[str], wanted: Iterable[str], place: str, chances: int = 1
    ) -> None:
        """Hold the places where a rule spoke against those where it ought to, each place once.

        chances: how many places there were in all; the rest counts as rightly silent.
        """
        said, due = set(found), set(wanted)
        severity = _SEVERITY[code]
        for kind, items in (("true", said & due), ("false", said - due), ("missed", due - said)):
            for item in sorted(items):
                self.add(code, severity, kind, f"{place}: {item}")
        for _ in range(max(chances - len(said | due), 0)):
            self.add(code, severity, "quiet", place)

    def hit(self, finding: Finding, kind: str, place: str) -> None:
        """Count one finding with its own severity."""
        where = f"{finding.where.path}:{finding.where.lines}" if finding.where.path else ""
        self.add(
            finding.code or "",
            str(finding.severity),
            kind,
            f"{place} {where} {finding.title}: {finding.evidence[:300]!r}",
        )

    def rules(self, *codes: str) -> tuple[Rule, ...]:
        """These rules, watched: one that breaks down is remembered, as its silence is no measurement."""
        return tuple(self._watched(rule) for rule in built_in_rules() if rule.code in codes)

    def _watched(self, rule: Rule) -> Rule:
        def check(context: Any) -> Iterator[Any]:
            try:
                yield from rule.check(context)
            except Exception as error:
                self.broken.append(f"{rule.code}: {type(error).__name__}: {error}")
                raise

        return replace(rule, check=check)

    def told(self, codes: Iterable[str] = ()) -> int:
        """Print the table and the samples; the exit code: 1 for a rule that broke down or misses its share."""
        print("rule     severity      hits   true  false   open missed  quiet  false share")
        late: list[str] = []
        for (code, severity), count in sorted(self.counts.items()):
            hits = count["true"] + count["false"] + count["open"]
            judged = count["true"] + count["false"]
            share = count["false"] / judged if judged else 0.0
            print(
                f"{code:8} {severity:9} {hits:8} {count['true']:6} {count['false']:6} {count['open']:6}"
                f" {count['missed']:6} {count['quiet']:6}  {f'{share:.1%}' if judged else '-'}"
            )
            if judged and share > MOST_FALSE.get(severity, 1.0):
                late.append(f"{code} ({severity}): {share:.1%} false")
        wanted = set(codes)
        for (code, severity, kind), places in sorted(self.places.items()):
            if kind in ("false", "missed") or code in wanted:
                print(f"\n{code} {severity} {kind}: {len(places)}")
                for line in random.Random(1).sample(places, min(self.show, len(places))):
                    print(f"    {line}")
        for reason in sorted(set(self.broken)):
            print(f"BROKE DOWN: {reason}")
        for line in late:
            print(f"MISSES ITS SHARE: {line}")
        return 1 if late or self.broken else 0
