"""Base paths held against each other: what a server's URL puts before every path is a part of the API.

Owns: whether two documents begin their URLs alike, and whether one writes into its paths what the other
writes into its servers.
Must never know: hosts, what an operation takes and answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backend_engineer.apis.compare.difference import Differences
from backend_engineer.apis.openapi import ApiDocument, Operation
from backend_engineer.apis.pointers import join
from backend_engineer.apis.servers import base_paths, placed_base_paths

__all__ = ["compare_base_paths", "full_template", "spelled_out"]

_WHAT = "the base path of its URLs"


def full_template(operation: Operation) -> str | None:
    """The template with the base path before it; None where there is none, or more than one."""
    bases = base_paths(operation.servers)
    return f"{next(iter(bases))}{operation.template}" if bases is not None and len(bases) == 1 else None


def spelled_out(contract: ApiDocument, emitted: ApiDocument) -> bool:
    """Whether more operations meet by their whole URLs than by their paths.

    `/v1/users` on the server `/` and `/users` on the server `/v1` are the same URL.
    """
    ours, theirs = (_full(api.operations) for api in (contract, emitted))
    if ours is None or theirs is None:
        return False
    return len(ours & theirs) > len(_plain(contract.operations) & _plain(emitted.operations))


def _full(operations: Iterable[Operation]) -> set[tuple[str, str]] | None:
    found = [(item.method, full_template(item)) for item in operations]
    whole = {(method, path) for method, path in found if path is not None}
    return None if any(path is None for _, path in found) else whole


def _plain(operations: Iterable[Operation]) -> set[tuple[str, str]]:
    return {(item.method, item.template) for item in operations}


def compare_base_paths(
    contract: ApiDocument,
    emitted: ApiDocument,
    pairs: Iterable[tuple[Operation, Operation]],
    found: Differences,
) -> None:
    """Note the base paths that differ: those of the whole API once, and of operations with servers of their own."""
    whole = contract.data.get("servers"), emitted.data.get("servers")
    _compare(whole[0], whole[1], ("", ""), "The API", found)
    told = base_paths(whole[0]), base_paths(whole[1])
    for ours, theirs in pairs:
        if (base_paths(ours.servers), base_paths(theirs.servers)) != told:
            _compare(ours.servers, theirs.servers, (ours.pointer, theirs.pointer), ours.route, found)


def _compare(ours: Any, theirs: Any, pointers: tuple[str, str], where: str, found: Differences) -> None:
    # Most generators write no servers, because the program does not know where it will be deployed.
    if not ours or not theirs:
        return
    left, right = base_paths(ours), base_paths(theirs)
    if left is None or right is None or left == right:
        return
    if len(left) == len(right) == 1:
        (wanted,), (given,) = left, right
        found.changed(_pointer(ours, wanted, pointers[0]), where, _WHAT, wanted or "/", given or "/")
        return
    for base in left - right:
        found.missing(_pointer(ours, base, pointers[0]), where, f"the base path {base or '/'}")
    for base in right - left:
        found.surplus(_pointer(theirs, base, pointers[1]), where, f"the base path {base or '/'}")


def _pointer(servers: Any, base: str, holder: str) -> str:
    """Where a base path is stated; for an operation its own place, since it may be its path that states it."""
    index = next((at for found, at in placed_base_paths(servers) if found == base), None)
    return holder if holder or index is None else join("/servers", index, "url")
