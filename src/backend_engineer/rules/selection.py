"""Which rules of a call run, and which clauses it answers for.

Owns: how `rules`, `select` and `ignore` narrow a call.
Must never know: what rules find, verdicts, where the words came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backend_engineer.contract import CLAUSES, Subject
from backend_engineer.errors import UsageError
from backend_engineer.rules.registry import built_in_rules, checked_rules
from backend_engineer.rules.rule import Rule

__all__ = ["Selection", "choose"]


@dataclass(frozen=True, slots=True)
class Selection:
    """What a call runs and answers for.

    rules: those that run. scope: ids of the clauses that get a verdict, in the contract's order.
    left_out: clause id -> what the caller left out of it (rule codes, or the clause itself).
    narrowed: whether the caller asked for less than everything.
    known: ids of all clauses that any rule of the call could serve, left out or not.
    codes: the codes of these rules.
    """

    rules: tuple[Rule, ...]
    scope: tuple[str, ...]
    left_out: dict[str, tuple[str, ...]]
    narrowed: bool
    known: frozenset[str]
    codes: frozenset[str]


def choose(
    rules: Iterable[Rule | str] | None,
    select: Sequence[str] | None,
    ignore: Sequence[str],
    subjects: frozenset[Subject],
) -> Selection:
    """Narrow the built-in rules, or the caller's own, to what the call asks for.

    A word of `select` or `ignore` is a rule's code, a clause's id, or a beginning of either; one that
    matches nothing is a `UsageError`. `rules` given means: these and no others, and the call answers for
    their clauses; where all built-in rules are among them it answers for the whole contract.
    """
    universe = _universe(rules)
    own = rules is not None and not _codes(built_in_rules()) <= _codes(universe)
    words = _listed(select)
    chosen = [rule for rule in universe if words is None or _is_chosen(rule, words)]
    clauses = _scope(universe, chosen, words, own)
    left_out: dict[str, tuple[str, ...]] = {}
    for word in _listed(ignore) or ():
        codes, ids = _matches(word, universe, "ignore")
        for rule in [rule for rule in chosen if rule.code in codes]:
            chosen.remove(rule)
            for clause in rule.clauses:
                left_out[clause] = (*left_out.get(clause, ()), rule.code)
        for clause in ids:
            left_out[clause] = (*left_out.get(clause, ()), clause)
    chosen = [
        rule
        for rule in chosen
        if not rule.clauses or any(clause not in left_out.get(clause, ()) for clause in rule.clauses)
    ]
    scope = tuple(row.id for row in CLAUSES.values() if row.subject in subjects and row.id in clauses)
    known = frozenset(clause for rule in universe for clause in rule.clauses)
    return Selection(
        tuple(chosen), scope, left_out, words is not None or own, known, frozenset(_codes(universe))
    )


def _universe(rules: Iterable[Rule | str] | None) -> tuple[Rule, ...]:
    if rules is None:
        return built_in_rules()
    found: list[Rule] = []
    for item in UsageError.each([rules] if isinstance(rules, (Rule, str)) else rules, object, "rules"):
        if isinstance(item, str):
            named = [rule for rule in built_in_rules() if rule.code.startswith(item)]
            if not named:
                raise UsageError(
                    f"No rule's code starts with {item!r}.", hint="`backend-engineer rules` lists them."
                )
            found.extend(rule for rule in named if rule not in found)
        else:
            found.append(item)
    return checked_rules(found)


def _codes(rules: Iterable[Rule]) -> set[str]:
    return {rule.code for rule in rules}


def _listed(words: Sequence[str] | None) -> tuple[str, ...] | None:
    if words is None:
        return None
    return (words,) if isinstance(words, str) else UsageError.each(words, str, "select")


def _matches(word: str, universe: Sequence[Rule], option: str) -> tuple[set[str], set[str]]:
    """Codes and clause ids that a word stands for."""
    codes = {rule.code for rule in universe if word and rule.code.startswith(word)}
    ids = {clause for clause in CLAUSES if word and clause.startswith(word)}
    if not codes and not ids:
        raise UsageError(
            f"`{option}` names {word!r}, which is neither a rule nor a clause.",
            hint="`backend-engineer rules` and `backend-engineer clauses` list them.",
        )
    return codes, ids


def _is_chosen(rule: Rule, words: Sequence[str]) -> bool:
    served = {*rule.clauses, *rule.also}
    for word in words:
        if rule.code.startswith(word) or any(clause.startswith(word) for clause in served):
            return True
        # A derived clause runs the rules of the clauses that it is made of.
        asked = {
            source
            for clause in CLAUSES.values()
            if clause.id.startswith(word)
            for source in _sources(clause.id)
        }
        if served & asked:
            return True
    return False


def _sources(clause: str) -> set[str]:
    direct = set(CLAUSES[clause].derived_from)
    return direct | {deeper for source in direct for deeper in _sources(source)}


def _scope(
    universe: Sequence[Rule], chosen: Sequence[Rule], words: Sequence[str] | None, own: bool
) -> set[str]:
    if words is None:
        return {clause for rule in chosen for clause in rule.clauses} if own else set(CLAUSES)
    scope: set[str] = set()
    for word in words:
        codes, ids = _matches(word, universe, "select")
        scope |= ids | {clause for rule in chosen if rule.code in codes for clause in rule.clauses}
    return scope
