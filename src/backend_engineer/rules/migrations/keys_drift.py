"""Where a table's keys, indexes, foreign keys and conditions are not those of DataModel.

Owns: the comparison of one built table with one entity, beyond its columns, and how much each difference weighs.
Must never know: reports, rules, how either side was read.

What the database makes by itself is no difference: the index behind a key, a name that nobody gave, NOT NULL as a
condition, RESTRICT where nothing is stated. What is written in words cannot be compared: it is asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from backend_engineer.contract import Severity, Verdict
from backend_engineer.rules.migrations.built import Built, BuiltTable, Condition, Foreign, Key
from backend_engineer.rules.migrations.conditions import conjuncts
from backend_engineer.rules.migrations.forms import Node, certainly_other, columns_of
from backend_engineer.rules.migrations.modelled import Modelled, Wanted
from backend_engineer.rules.rule import Hit, Silence

__all__ = ["keys_drift"]


def keys_drift(
    place: str, name: str, wanted: Modelled, table: BuiltTable, built: Built
) -> Iterator[Hit | Silence]:
    """Each difference of a table; `place` is the file that the hits stand at."""
    found = [
        *_primary(name, wanted, table),
        *_indexes(name, wanted, table),
        *_foreign(name, wanted, table, built),
        *_conditions(name, wanted, table),
        *_excludes(name, wanted, table),
    ]
    for title, words, severity in found:
        if title:
            yield Hit(place, words, title=title, severity=severity)
        else:
            yield Silence(Verdict.NEEDS_REVIEW, words)
    for text in wanted.words:
        seen = _shown(wanted, table)
        words = f"DataModel says of `{name}` in words: {text!r}. Do the migrations enforce it? {seen}"
        yield Silence(Verdict.NEEDS_REVIEW, words.strip())


_Found = tuple[str, str, Severity | None]


def _ask(words: str) -> _Found:
    return "", words, None


def _shown(wanted: Modelled, table: BuiltTable) -> str:
    texts = [f"CHECK ({item.text})" for item in _undeclared_checks(wanted, table)]
    texts += [f"UNIQUE ({_parts(key)})" for key in _undeclared_uniques(wanted, table)]
    return f"They build {'; '.join(texts)}." if texts else "They build no condition that could be it."


def _parts(key: Key) -> str:
    shown = ", ".join(str(node[1]) if node[0] in ("col", "text") else _shown_node(node) for node in key.parts)
    return shown + (f") WHERE ({key.where}" if key.where else "")


def _shown_node(node: Node) -> str:
    if node[0] == "call":
        return f"{node[1]}({', '.join(str(part[1]) for part in node[2:])})"
    return f"an expression over {', '.join(sorted(columns_of(node)))}"


def _columns(key: Key) -> frozenset[Node]:
    return frozenset(key.parts)


# Primary keys


def _primary(name: str, wanted: Modelled, table: BuiltTable) -> Iterator[_Found]:
    built = (
        frozenset(str(node[1]) for node in table.primary.parts) if table.primary is not None else frozenset()
    )
    if built == wanted.primary:
        return
    has, says = ", ".join(sorted(built)), ", ".join(sorted(wanted.primary))
    if not built:
        yield (
            "The primary key is missing",
            f"DataModel has the primary key ({says}) of `{name}`, and no migration builds it.",
            None,
        )
    elif wanted.primary:
        yield (
            "The primary key differs",
            f"The primary key of `{name}` is ({has}), and DataModel says ({says}).",
            None,
        )
    else:
        words = (
            f"The migrations build the primary key ({has}) of `{name}`, and DataModel marks no field as one."
        )
        yield "A primary key is undeclared", words, Severity.MINOR


# Indexes and unique keys


def _indexes(name: str, wanted: Modelled, table: BuiltTable) -> Iterator[_Found]:
    keys = [*table.keys, *([table.primary] if table.primary is not None else [])]
    for index in wanted.indexes:
        yield from _index(name, index, keys)
    for key in wanted.uniques:
        if not any(_serves(other, key) for other in keys):
            words = f"DataModel has `{name}` ({_parts(key)}) unique, and no migration builds that."
            yield "A unique key is missing", words, None
    plain = [index.key.parts for index in wanted.indexes if not index.key.unique]
    for key in _undeclared_uniques(wanted, table):
        shown = f"`{name}` ({_parts(key)})"
        if wanted.words:
            continue
        if key.parts in plain:
            yield (
                "An index is unique",
                f"The migrations build a unique index on {shown}, and DataModel's is not unique.",
                None,
            )
        else:
            words = f"The migrations let {shown} hold a value once only, and DataModel does not."
            yield "A unique key is undeclared", words, None
    known = {index.key.parts for index in wanted.indexes} | {key.parts for key in wanted.uniques}
    for key in table.keys:
        if not key.unique and key.parts not in known:
            words = (
                f"The migrations build an index on `{name}` ({_parts(key)}), which DataModel does not have."
            )
            yield "An index is undeclared", words, Severity.MINOR


def _serves(key: Key, wanted: Key) -> bool:
    """Whether a built key refuses what a wanted one does."""
    return key.unique and _columns(key) == _columns(wanted) and _same_where(key.where, wanted.where)


def _same_where(first: str, second: str) -> bool:
    if not first or not second:
        return first == second
    one, two = conjuncts(first), conjuncts(second)
    return one == two if one is not None and two is not None else first.split() == second.split()


def _index(name: str, wanted: Wanted, keys: Sequence[Key]) -> Iterator[_Found]:
    key = wanted.key
    kind = "a unique index" if key.unique else "an index"
    # Another order refuses the same rows, and serves other queries.
    like = [
        other
        for other in keys
        if other.parts == key.parts or (key.unique and _columns(other) == _columns(key))
        if other.unique or not key.unique
    ]
    # A partial index serves a part of the rows only, and is not what an index of the model means.
    whole = [other for other in like if _same_where(other.where, key.where)]
    same = [other for other in whole if other.parts == key.parts]
    if not whole:
        partial = " The one that they build covers a part of the rows only." if like else ""
        words = f"DataModel has {kind} on `{name}` ({_parts(key)}), and no migration builds it.{partial}"
        yield "An index is missing", words, None
        return
    if not any(_same_direction(other, key) for other in same):
        shown = ", ".join(
            f"{node[1]}{' DESC' if down else ''}"
            for node, down in zip(whole[0].parts, whole[0].down, strict=True)
        )
        words = f"DataModel has {kind} on `{name}` ({key.text or _parts(key)}), and the migrations build it over ({shown})."
        yield "An index has another order", words, Severity.MINOR
    names = {other.name for other in whole if other.name}
    if key.name and names and key.name not in names:
        words = f"DataModel calls the index on `{name}` ({_parts(key)}) `{key.name}`, and the migrations `{min(names)}`."
        yield "An index has another name", words, Severity.INFO


def _same_direction(built: Key, wanted: Key) -> bool:
    # An index is read backwards as well as forwards.
    return built.down in (wanted.down, tuple(not down for down in wanted.down))


def _undeclared_uniques(wanted: Modelled, table: BuiltTable) -> list[Key]:
    """Built keys that refuse rows which the model allows; what is unique with fewer columns is so with more."""
    told = [_columns(index.key) for index in wanted.indexes if index.key.unique]
    told += [_columns(key) for key in wanted.uniques]
    if wanted.primary:
        told.append(frozenset(("col", column) for column in wanted.primary))
    return [key for key in table.keys if key.unique and not any(one <= _columns(key) for one in told)]


# Foreign keys


def _foreign(name: str, wanted: Modelled, table: BuiltTable, built: Built) -> Iterator[_Found]:
    left = list(dict.fromkeys(table.foreign))
    for key in wanted.foreign:
        same = [item for item in left if set(item.columns) == set(key.columns)]
        shown = f"`{name}` on ({', '.join(key.columns)})"
        match = next((item for item in same if _same_target(item, key, built)), None)
        if match is None and not same:
            yield (
                "A foreign key is missing",
                f"DataModel has a foreign key of {shown}, and no migration builds it.",
                None,
            )
            continue
        if match is None:
            match = same[0]
            words = f"The foreign key of {shown} points at `{_target(match)}`, and DataModel says `{_target(key)}`."
            yield "A foreign key points elsewhere", words, None
        elif not key.on_delete:
            yield _ask(
                f"What DataModel says of deletions behind the foreign key of {shown} is no action of SQL; the migrations say {match.on_delete.upper()}."
            )
        elif _effect(match.on_delete) != _effect(key.on_delete):
            words = f"The foreign key of {shown} says ON DELETE {match.on_delete.upper()}, and DataModel {key.on_delete.upper()}."
            yield "A foreign key deletes in another way", words, None
        if not match.checked:
            yield _ask(
                f"The foreign key of {shown} is not validated: nobody looked at the rows that stood there."
            )
        left = [item for item in left if item != match]
    for item in left:
        if any(
            set(item.columns) == set(key.columns) and _same_target(item, key, built) for key in wanted.foreign
        ):
            continue
        words = f"The migrations build a foreign key of `{name}` on ({', '.join(item.columns)}) to `{_target(item)}`, which DataModel does not have."
        yield "A foreign key is undeclared", words, None


def _target(key: Foreign) -> str:
    return key.table + (f" ({', '.join(key.references)})" if key.references else "")


def _effect(action: str) -> str:
    """Both refuse the deletion; they differ in when."""
    return "no action" if action == "restrict" else action


def _same_target(item: Foreign, key: Foreign, built: Built) -> bool:
    if key.table and item.table != key.table:
        return False
    return dict(_pairs(item, built)) == dict(_pairs(key, built))


def _pairs(key: Foreign, built: Built) -> Iterable[tuple[str, str]]:
    references = key.references
    target = built.tables.get(key.table)
    if not references and target is not None and target.primary is not None:
        references = tuple(str(node[1]) for node in target.primary.parts)
    return zip(key.columns, references or ("",) * len(key.columns), strict=False)


# Conditions


def _undeclared_checks(wanted: Modelled, table: BuiltTable) -> list[Condition]:
    """Built conditions of which some part is not the model's."""
    return [
        item
        for item in table.checks
        if _strange(item, wanted, table) is None or _strange(item, wanted, table)
    ]


def _strange(item: Condition, wanted: Modelled, table: BuiltTable) -> frozenset[Node] | None:
    """The parts of a built condition that the model does not have; None where it is not understood."""
    if item.text in wanted.unread or _bare(item.text) in map(_bare, wanted.unread):
        return frozenset()
    read = conjuncts(item.text, wanted.integers)
    if read is None:
        return None
    return frozenset(node for node in read if node not in wanted.conditions and not _is_required(node, table))


def _is_required(node: Node, table: BuiltTable) -> bool:
    """Whether it says of a required column what NOT NULL says."""
    column = table.columns.get(str(node[1][1])) if node[0] == "notnull" and node[1][0] == "col" else None
    return column is not None and column.required


def _bare(text: str) -> str:
    return "".join(char for char in text.lower() if char not in ' ()"')


def _conditions(name: str, wanted: Modelled, table: BuiltTable) -> Iterator[_Found]:
    built: set[Node] = set()
    unread: list[Condition] = []
    strange: dict[Node, Condition] = {}
    for item in table.checks:
        parts = _strange(item, wanted, table)
        if parts is None:
            unread.append(item)
        else:
            built |= conjuncts(item.text, wanted.integers) or frozenset()
            strange.update(dict.fromkeys(parts, item))
        if not item.checked:
            yield _ask(
                f"CHECK ({item.text}) of `{name}` is not validated: nobody looked at the rows that stood there."
            )
    missing = [node for node in wanted.conditions if node not in built and not _is_required(node, table)]
    for node in missing:
        yield _condition(name, node, wanted, strange, unread)
    yield from _unread(name, wanted, table, strange, unread, open_=bool(missing))


def _condition(
    name: str, node: Node, wanted: Modelled, strange: dict[Node, Condition], unread: list[Condition]
) -> _Found:
    """What stands in the place of one part of a condition; it is taken out of what is strange."""
    text = wanted.conditions[node]
    near = {other: strange.pop(other) for other in list(strange) if columns_of(other) & columns_of(node)}
    if unread or any(not certainly_other(node, other, wanted.rewritten) for other in near):
        texts = dict.fromkeys(item.text for item in (*unread, *near.values()))
        return _ask(
            f"DataModel says {text!r} of `{name}`, and the migrations build CHECK ({'; '.join(texts)}): do they mean the same?"
        )
    if near:
        shown = next(iter(near.values())).text
        return "A condition differs", f"`{name}` has CHECK ({shown}), and DataModel says {text}.", None
    return "A condition is missing", f"DataModel says {text} of `{name}`, and no migration builds it.", None


def _unread(
    name: str,
    wanted: Modelled,
    table: BuiltTable,
    strange: dict[Node, Condition],
    unread: list[Condition],
    *,
    open_: bool,
) -> Iterator[_Found]:
    """What is not understood on either side, and what the model has nothing for."""
    shown = {_bare(item.text) for item in table.checks}
    for text in wanted.unread:
        if not table.checks:
            yield (
                "A condition is missing",
                f"DataModel says CHECK ({text}) of `{name}`, and no migration builds it.",
                None,
            )
        elif _bare(text) not in shown:
            open_ = True
            yield _ask(
                f"DataModel says CHECK ({text}) of `{name}`, and the migrations build {_all(table)}: do they mean the same?"
            )
    if wanted.words:
        return
    # What could not be read may be what the model says in another way, as long as something of that is open.
    for condition in dict.fromkeys([*strange.values(), *([] if open_ else unread)]):
        words = f"The migrations build CHECK ({condition.text}) on `{name}`, which DataModel does not have."
        yield "A condition is undeclared", words, None


def _all(table: BuiltTable) -> str:
    return "; ".join(f"CHECK ({item.text})" for item in table.checks) or "no condition"


def _excludes(name: str, wanted: Modelled, table: BuiltTable) -> Iterator[_Found]:
    built = {_bare(item.text): item for item in table.excludes}
    says = {_bare(item.text): item for item in wanted.excludes}
    gone = [item.text for key, item in says.items() if key not in built]
    new = [item.text for key, item in built.items() if key not in says]
    if gone and new:
        yield _ask(
            f"DataModel says EXCLUDE {'; '.join(gone)} of `{name}`, and the migrations build {'; '.join(new)}: do they mean the same?"
        )
    elif gone:
        yield (
            "A condition is missing",
            f"DataModel says EXCLUDE {gone[0]} of `{name}`, and no migration builds it.",
            None,
        )
    elif new and not wanted.words:
        yield (
            "A condition is undeclared",
            f"The migrations build EXCLUDE {new[0]} on `{name}`, which DataModel does not have.",
            None,
        )
