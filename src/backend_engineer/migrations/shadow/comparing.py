"""Two shadow schemas compared: what a rollback left behind, lost, or brought back differently.

Owns: the kinds of difference, and which of them can be told from text.
Must never know: rules, severities, files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from backend_engineer.migrations.shadow.constraints import column_parts
from backend_engineer.migrations.shadow.schema import Entry, Shadow

__all__ = ["Difference", "differences"]

Kind = Literal["left", "lost", "attribute", "body", "enum", "definition"]
_PASSING = ("temporary ", "comment on ")
_BODIES = ("function ", "view ", "trigger ", "rule ", "policy ")


class Difference(NamedTuple):
    """One object that a rollback did not bring back: how, which, and what it was and is."""

    kind: Kind
    key: str
    was: str
    now: str


def differences(before: Shadow, after: Shadow, among: Iterable[str] | None = None) -> list[Difference]:
    """What differs; children of a table that differs itself are left out.

    among: keys of which all that differ are some, where they are known; else every object is looked at.
    """
    found: list[Difference] = []
    keys = {*before.objects, *after.objects} if among is None else among
    lost = _in_order(before, [key for key in keys if key in before.objects and key not in after.objects])
    left = _in_order(after, [key for key in keys if key in after.objects and key not in before.objects])
    # Nearly every entry is the very same one: nothing has touched it.
    both = [key for key in keys if after.objects.get(key) is not before.objects.get(key)]
    touched = _in_order(after, [key for key in both if key in before.objects and key in after.objects])
    gone = {key[6:] for key in lost if key.startswith("table ")}
    made = {key[6:] for key in left if key.startswith("table ")}
    for key in lost:
        was = before.objects[key]
        if was.table in gone or key.startswith(_PASSING):
            continue
        if not key.startswith("comment "):
            found.append(Difference("lost", key, was.text or "", ""))
        elif f"column {key[8:]}" not in lost:
            found.append(_comment(key, was.text, "none"))
    for key in touched:
        old, now = before.objects[key], after.objects[key]
        if old.text is not None and now.text is not None and old.text != now.text:
            found.extend(_changed(key, old, now))
    for key in left:
        now = after.objects[key]
        # Of a column that was only altered it is not known that it was made here.
        if key.startswith("column ") and "?" in column_parts(now.text or ""):
            continue
        if key.startswith("index ") and not _stands(after, now.table):
            continue
        if now.table in made or key.startswith(_PASSING):
            continue
        if not key.startswith("comment "):
            found.append(Difference("left", key, "", now.text or ""))
        elif f"column {key[8:]}" not in left:
            found.append(_comment(key, "none", now.text))
    return _without_twins(found)


def _comment(key: str, was: str | None, now: str | None) -> Difference:
    texts = [text if text is None or len(text) <= 60 else f"{text[:56]}...'" for text in (was, now)]
    return Difference("attribute", key.removesuffix("."), texts[0] or "something", texts[1] or "something")


def _stands(shadow: Shadow, table: str) -> bool:
    """Whether a table or a view is known to be there; a part of a table that a block made is not."""
    return f"table {table}" in shadow.objects or f"view {table}" in shadow.objects


def _in_order(shadow: Shadow, keys: list[str]) -> list[str]:
    """Some keys of a shadow's objects in the order in which it has them."""
    if len(keys) < 2:
        return keys
    chosen = set(keys)
    return [key for key in shadow.objects if key in chosen]


def _changed(key: str, was: Entry, now: Entry) -> list[Difference]:
    if key.startswith("column "):
        first, second = column_parts(was.text or ""), column_parts(now.text or "")
        names = ("type", "nullability", "default", "options")
        parts = [
            f"{name} {one or 'none'}|{two or 'none'}"
            for name, one, two in zip(names, first, second, strict=True)
            if one != two and "?" not in (one, two) and not _own_number(key, one, two)
        ]
        if not parts:
            return []
        return [
            Difference(
                "attribute",
                key,
                "; ".join(p.partition("|")[0] for p in parts),
                "; ".join(p.partition("|")[2] for p in parts),
            )
        ]
    if key.startswith("type ") and (was.text or "").startswith("enum"):
        return [Difference("enum", key, was.text or "", now.text or "")]
    if key.startswith("comment "):
        return [] if key.startswith(_PASSING) else [_comment(key, was.text, now.text)]
    if key.startswith("policy ") and _policy(was.text or "") == _policy(now.text or ""):
        return []
    if key.startswith(("table ", "sequence ")) or _canonical(was.text or "") == _canonical(now.text or ""):
        return []
    return [
        Difference("body" if key.startswith(_BODIES) else "definition", key, was.text or "", now.text or "")
    ]


def _own_number(key: str, was: str, now: str) -> bool:
    """Whether both defaults draw from the sequence that a serial column makes for itself."""
    table, _, column = key.removeprefix("column ").rpartition(".")
    drawn = {f"nextval ( '{name}_{column}_seq' )" for name in (table, f"public.{table}")}
    return "nextval" in (was, now) and bool({was, now} & drawn)


# What a policy says when nothing else is stated.
_OF_POLICIES = re.compile(r" (?:as permissive|for all|to public)(?= |$)")


def _policy(text: str) -> str:
    return _canonical(_OF_POLICIES.sub("", text))


_SPELLINGS = (
    (re.compile(r" :: [a-z_]+(?: varying)?(?: \[ \])?"), ""),
    (re.compile(r"\bpublic \. "), ""),
    (re.compile(r"(references \S+) \( [^()]* \)"), r"\1"),
    (re.compile(r"\bfor each statement "), ""),
    (re.compile(r" != "), " <> "),
    (re.compile(r"\bnotnull\b"), "is not null"),
    (re.compile(r"\bisnull\b"), "is null"),
    (re.compile(r"[() ]+"), " "),
    # So the server writes a list.
    (re.compile(r" = any array \[ ([^\[\]]*) \]"), r" in \1"),
    (re.compile(r" <> all array \[ ([^\[\]]*) \]"), r" not in \1"),
    (re.compile(r" {2,}"), " "),
)


def _canonical(text: str) -> str:
    for pattern, spelling in _SPELLINGS:
        text = pattern.sub(spelling, text)
    return text.strip()


def _without_twins(found: list[Difference]) -> list[Difference]:
    """A constraint that comes back under another automatic name is the same constraint."""
    kept = list(found)
    for one in found:
        if one.kind != "lost" or not one.key.startswith("constraint "):
            continue
        table = one.key.removeprefix("constraint ").rpartition(".")[0]
        for other in found:
            same = (
                other.kind == "left" and other.now == one.was and other.key.startswith(f"constraint {table}.")
            )
            if same and one in kept and other in kept and one.was.startswith("check"):
                kept.remove(one)
                kept.remove(other)
    return kept
