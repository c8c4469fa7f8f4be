"""Schemas held against each other, through references and round circles.

Owns: the comparison of two normal forms and of everything inside them.
Must never know: operations, how a normal form is made.

Pairs of places wait in a queue: no depth of nesting or chain of references can exhaust the stack, and a
pair that was seen is not looked at again, which both ends circles and reports a shared part once.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from backend_engineer.apis.compare.difference import Differences
from backend_engineer.apis.compare.normal import view_of
from backend_engineer.apis.compare.places import Place, settled
from backend_engineer.apis.compare.view import View, canonical, kinds
from backend_engineer.apis.openapi import ApiDocument
from backend_engineer.apis.pointers import join

__all__ = ["SchemaComparison"]

_NESTED_UNIONS = 8
_UNIONS = frozenset({"anyOf", "oneOf"})


class _Side:
    """One of the two documents; trials of branches look at the same schemas again and again."""

    def __init__(self, api: ApiDocument) -> None:
        self.api = api
        self.views: dict[tuple[str, frozenset[str]], View] = {}
        self.references: dict[str, Place] = {}

    def settled(self, place: Place) -> Place:
        """Where a place's reference leads."""
        node, pointer = place
        reference = node["$ref"] if isinstance(node, dict) and len(node) == 1 and "$ref" in node else None
        if not isinstance(reference, str):
            return settled(self.api, node, pointer)
        known = self.references.get(reference)
        if known is None:
            known = settled(self.api, node, pointer)
            if known[1] != pointer:
                self.references[reference] = known
        return known

    def target(self, place: Place) -> str:
        """The pointer of where a place's reference leads."""
        return self.settled(place)[1]

    def view(self, place: Place, unions: frozenset[str] = frozenset()) -> View:
        """The normal form of a place; `unions` stay unions in it."""
        node, target = self.settled(place)
        known = self.views.get((target, unions))
        if known is None:
            known = self.views[target, unions] = view_of(self.api, node, target, unions)
        return known


class SchemaComparison:
    """The comparison of the schemas of two documents; `add` what to compare, then `finish`."""

    def __init__(
        self, contract: ApiDocument | _Side, emitted: ApiDocument | _Side, found: Differences, depth: int = 0
    ) -> None:
        self.contract = contract if isinstance(contract, _Side) else _Side(contract)
        self.emitted = emitted if isinstance(emitted, _Side) else _Side(emitted)
        self.found, self.depth = found, depth
        self.waiting: deque[tuple[Place, Place, str]] = deque()
        self.seen: set[tuple[str, str]] = set()
        self.same_pairs: dict[tuple[str, str], bool] = {}

    def add(self, left: Place, right: Place, where: str) -> None:
        """Put a pair of schemas in the queue; `where` is how messages name the place."""
        self.waiting.append((left, right, where))

    def finish(self) -> None:
        """Compare all that waits, and what it leads to."""
        # A trial of two branches, which only asks whether they are the same, is over at the first difference.
        while self.waiting and not (self.depth and self.found.found):
            left, right, where = self.waiting.popleft()
            pair = (self.contract.target(left), self.emitted.target(right))
            if pair not in self.seen:
                self.seen.add(pair)
                self._compare(left, right, pair, where)

    def _compare(self, left: Place, right: Place, pair: tuple[str, str], where: str) -> None:
        wanted, given = self.contract.view(left), self.emitted.view(right)
        alone = (
            _UNIONS & given.unions.keys() - wanted.unions.keys(),
            _UNIONS & (wanted.unions.keys() - given.unions.keys()),
        )
        if any(alone):
            # Where the other side has branches, one that stands alone here is a branch as well.
            wanted, given = self.contract.view(left, alone[0]), self.emitted.view(right, alone[1])
        pointer, other = pair
        before = len(self.found.found)
        self._types(wanted, given, pointer, where)
        self._values(wanted, given, pointer, other, where)
        self._keywords(wanted, given, pointer, other, where)
        self._properties(wanted, given, pointer, other, where)
        self._one(wanted.items, given.items, pointer, other, where, "a schema of the items", "an item")
        self._additional(wanted, given, pointer, other, where)
        for key in sorted(wanted.inner.keys() | given.inner.keys()):
            label = f"`{key[0]}` {key[1]}".strip()
            self._one(wanted.inner.get(key), given.inner.get(key), pointer, other, where, label, label)
        self._choices(wanted, given, where)
        for keyword in sorted(set(wanted.unions) | set(given.unions)):
            self._union(
                keyword, wanted.unions.get(keyword, []), given.unions.get(keyword, []), pointer, other, where
            )
        self._null(wanted, given, pointer, where, told=len(self.found.found) > before)

    def _null(self, wanted: View, given: View, pointer: str, where: str, *, told: bool) -> None:
        """Null, unless that only follows from what was told already, as where one side is of any type."""
        named = (wanted.types and given.types) or wanted.says_null != given.says_null
        if wanted.nullable != given.nullable and (named or not told):
            self.found.changed(
                pointer, where, "whether it may be null", _yes(wanted.nullable), _yes(given.nullable)
            )

    def _types(self, wanted: View, given: View, pointer: str, where: str) -> None:
        ours, theirs = wanted.types, given.types
        if wanted.values is not None and given.values is not None:
            # A list of values says their types, whether these are written beside it or not.
            ours, theirs = ours or kinds(wanted.values), theirs or kinds(given.values)
        if ours != theirs:
            self.found.changed(pointer, where, "the type", _listed(ours), _listed(theirs))
        if wanted.never != given.never:
            self.found.changed(
                pointer, where, "whether anything is allowed", _yes(not wanted.never), _yes(not given.never)
            )

    def _values(self, wanted: View, given: View, pointer: str, other: str, where: str) -> None:
        if wanted.values is None and given.values is None:
            return
        if wanted.values is None:
            self.found.surplus(other, where, "a list of allowed values")
        elif given.values is None:
            self.found.missing(pointer, where, "the list of allowed values")
        else:
            for value in sorted(wanted.values - given.values):
                self.found.missing(pointer, where, f"the allowed value {value[:60]}")
            for value in sorted(given.values - wanted.values):
                self.found.surplus(other, where, f"the allowed value {value[:60]}")

    def _keywords(self, wanted: View, given: View, pointer: str, other: str, where: str) -> None:
        for key in sorted(set(wanted.rest) | set(given.rest)):
            place = join(wanted.stated.get(key, pointer), key)
            if key not in given.rest:
                self.found.missing(place, where, f"`{key}`")
            elif key not in wanted.rest:
                self.found.surplus(join(given.stated.get(key, other), key), where, f"`{key}`")
            elif _differ(wanted.rest[key], given.rest[key]):
                self.found.changed(place, where, f"`{key}`", wanted.rest[key], given.rest[key])

    def _properties(self, wanted: View, given: View, pointer: str, other: str, where: str) -> None:
        for kind, ours, theirs in (
            ("property", wanted.properties, given.properties),
            ("pattern", wanted.patterns, given.patterns),
        ):
            for name in ours.keys() | theirs.keys():
                if name not in theirs:
                    self.found.missing(ours[name][1], where, f"the {kind} `{name}`")
                elif name not in ours:
                    self.found.surplus(theirs[name][1], where, f"the {kind} `{name}`")
                else:
                    self.add(ours[name], theirs[name], f"{where}, {kind} `{name}`")
        # A property that is absent as a whole says enough: its being required is not reported again.
        both = (
            (wanted.required & given.required)
            | ((wanted.properties.keys() - given.properties.keys()) & wanted.required)
            | ((given.properties.keys() - wanted.properties.keys()) & given.required)
        )
        for name in sorted((wanted.required | given.required) - both):
            place = wanted.properties.get(name, (None, pointer))[1]
            words = _required(name in wanted.required), _required(name in given.required)
            self.found.changed(place, f"{where}, property `{name}`", "it", *words)

    def _additional(self, wanted: View, given: View, pointer: str, other: str, where: str) -> None:
        ours, theirs = wanted.additional, given.additional
        closed, shut = ours is not None and ours[0] is False, theirs is not None and theirs[0] is False
        if closed != shut:
            self.found.changed(
                pointer, where, "whether other properties are allowed", _yes(not closed), _yes(not shut)
            )
        elif not closed:
            self._one(ours, theirs, pointer, other, where, "a schema of other properties", "another property")

    def _choices(self, wanted: View, given: View, where: str) -> None:
        if "discriminator" not in wanted.rest or "discriminator" not in given.rest:
            return
        for value in sorted(wanted.choices.keys() | given.choices.keys()):
            ours, theirs = wanted.choices.get(value), given.choices.get(value)
            what = f"the value `{value}` of the discriminator"
            if ours is not None and theirs is not None:
                self.add(ours.target, theirs.target, f"{where}, {what}")
            elif ours is not None and (ours.stated or not given.unnamed):
                self.found.missing(ours.place[1], where, what)
            elif theirs is not None and (theirs.stated or not wanted.unnamed):
                self.found.surplus(theirs.place[1], where, what)

    def _one(
        self,
        ours: Place | None,
        theirs: Place | None,
        pointer: str,
        other: str,
        where: str,
        what: str,
        inside: str,
    ) -> None:
        if ours is not None and theirs is not None:
            self.add(ours, theirs, f"{where}, {inside}")
        elif ours is not None:
            self.found.missing(ours[1], where, what)
        elif theirs is not None:
            self.found.surplus(theirs[1], where, what)

    def _union(
        self, keyword: str, ours: list[Place], theirs: list[Place], pointer: str, other: str, where: str
    ) -> None:
        """Branches in any order: first those that are the same are paired, then those that look alike.

        How branches are paired only decides how a difference is worded: each pair is compared in full.
        """
        left, right = list(ours), list(theirs)
        for alike in (self._same, self._namesake, self._lookalike):
            for place in tuple(left):
                match = next((item for item in self._candidates(place, right) if alike(place, item)), None)
                if match is not None:
                    left.remove(place)
                    right.remove(match)
                    self.add(place, match, f"{where}, a branch of `{keyword}`")
        if len(left) == 1 and len(right) == 1:
            self.add(left[0], right[0], f"{where}, a branch of `{keyword}`")
            return
        for place in left:
            self.found.missing(place[1], where, f"a branch of `{keyword}`")
        for place in right:
            self.found.surplus(place[1], where, f"a branch of `{keyword}`")

    def _namesake(self, left: Place, right: Place) -> bool:
        target = self.contract.target(left)
        return target.startswith("/components/") and target == self.emitted.target(right)

    def _lookalike(self, left: Place, right: Place) -> bool:
        return _outline(self.contract, left) == _outline(self.emitted, right)

    def _candidates(self, place: Place, others: list[Place]) -> list[Place]:
        """Branches to try, those under the same name or at the same position first."""
        target = self.contract.target(place)
        last = place[1].rpartition("/")[2]
        return sorted(
            others,
            key=lambda item: (self.emitted.target(item) != target, item[1].rpartition("/")[2] != last),
        )

    def _same(self, left: Place, right: Place) -> bool:
        pair = (self.contract.target(left), self.emitted.target(right))
        if pair in self.seen:
            return True
        if pair not in self.same_pairs:
            if self.depth >= _NESTED_UNIONS:
                # So deep in unions of unions a look from outside must do to tell branches apart.
                return _outline(self.contract, left) == _outline(self.emitted, right)
            inner = SchemaComparison(self.contract, self.emitted, Differences(), self.depth + 1)
            inner.seen, inner.same_pairs = set(self.seen), self.same_pairs
            inner.add(left, right, "")
            inner.finish()
            self.same_pairs[pair] = not inner.found.found
        return self.same_pairs[pair]


def _outline(side: _Side, place: Place) -> tuple[Any, ...]:
    view = side.view(place)
    keywords = {key: canonical(value) for key, value in view.rest.items()}
    return (
        view.types,
        view.nullable,
        view.required,
        set(view.properties),
        view.values,
        set(view.unions),
        set(view.inner),
        keywords,
    )


def _differ(left: Any, right: Any) -> bool:
    return (
        left != right
        if isinstance(left, str) and isinstance(right, str)
        else canonical(left) != canonical(right)
    )


def _required(value: bool) -> str:
    return "required" if value else "optional"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _listed(types: frozenset[str]) -> str:
    return " or ".join(sorted(types)) if types else "any type"
