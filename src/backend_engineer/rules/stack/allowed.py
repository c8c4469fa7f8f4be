"""Which names a project may use: those of TechSpec's stack, its own, and those it used before.

Owns: how a dependency or an import is held against them.
Must never know: which rule asks, manifests' and languages' syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from backend_engineer.contract import Verdict
from backend_engineer.rules.reading import document, field, not_applicable
from backend_engineer.rules.rule import Context, Silence
from backend_engineer.rules.stack.imports import Import
from backend_engineer.rules.stack.manifests import UnreadableManifest, dependencies, is_manifest
from backend_engineer.rules.stack.names import IMPORTED_AS, KNOWN_BY

__all__ = ["Allowed", "allowed"]


# Go: the major version that ends a module's path; the module is the same without it.
_MAJOR = re.compile(r"/v[0-9]+\Z")


_SETTINGS = re.compile(r"(?:^|/)[tj]sconfig[\w.-]*\.json\Z")
_ALIAS = re.compile(r"\"([^\"*]+)/\*\"\s*:\s*\[\s*\"(?!(?:\./)?node_modules)")


class Allowed:
    """The names that are allowed, for dependencies and for imports."""

    def __init__(self, names: Iterable[str], own: Own) -> None:
        plain = [_plain(name) for name in names]
        # In Go another major version has another path, and is the same library all the same.
        self._names = frozenset((*plain, *(_MAJOR.sub("", name) for name in plain)))
        self._own = own

    @property
    def knows_go_module(self) -> bool:
        """Whether the tree says what the project's own Go module is called; without it no Go import is judged."""
        return bool(self._own.go_modules)

    def dependency(self, name: str) -> bool:
        """Whether a manifest may state this dependency."""
        if self._own.names(name):
            return True
        return self._fits(name) or (name.startswith("@types/") and self._fits(_typed(name)))

    def imported(self, item: Import) -> bool:
        """Whether a source file may state this import."""
        if self._own.holds(item):
            return True
        if item.language == "python":
            top, first_two = item.name.partition(".")[0], ".".join(item.name.split(".")[:2])
            brought = (IMPORTED_AS.get(name.lower(), name) for name in (top, first_two))
            return any(self._fits(name) for name in (*brought, item.name.replace(".", "-")))
        if item.language == "javascript":
            parts = item.name.split("/")
            return self._fits("/".join(parts[:2]) if item.name.startswith("@") else parts[0])
        return self._fits(item.name)

    def _fits(self, name: str) -> bool:
        """Whether the name, or a beginning of it that ends at a separator, is allowed."""
        plain = _plain(name)
        if plain in self._names:
            return True
        return any(plain[: match.start()] in self._names for match in re.finditer(r"[/.:]", plain))


class Own:
    """What belongs to the project itself: its packages, modules and folders."""

    def __init__(self, context: Context) -> None:
        self._context = context
        paths = [*context.change.paths, *(context.base.paths if context.base is not None else ())]
        self._python = _python_modules(paths)
        self._folders = {path.split("/")[0] for path in paths if "/" in path}
        self._java = _java_packages(paths)
        self.go_modules = [
            name for path in paths if path.rpartition("/")[2] == "go.mod" and (name := self._module(path))
        ]
        self._npm = [
            name
            for path in paths
            if path.rpartition("/")[2] == "package.json" and (name := self._package(path))
        ]

        self._aliases = tuple(
            alias for path in paths if _SETTINGS.search(path) for alias in self._named_folders(path)
        )

    def holds(self, item: Import) -> bool:
        """Whether an import stays within the project."""
        name = item.name
        if item.language == "python":
            return name.partition(".")[0] in self._python
        if item.language == "go":
            # Without the module file nobody can tell the project's own path from a foreign one.
            return not self.go_modules or any(
                name == module or name.startswith(module + "/") for module in self.go_modules
            )
        if item.language == "java":
            return any(name == package or name.startswith(package + ".") for package in self._java)
        return name.split("/")[0] in self._folders or any(
            name == own or name.startswith(own + "/") for own in (*self._npm, *self._aliases)
        )

    def names(self, dependency: str) -> bool:
        """Whether a dependency is another part of the same project."""
        bare = _MAJOR.sub("", dependency)
        return bare in self.go_modules or dependency in self._npm

    def _module(self, path: str) -> str:
        match = re.search(r"^module\s+(\S+)", self._context.text_of(path) or "", re.MULTILINE)
        return _MAJOR.sub("", match[1].strip('"')) if match else ""

    def _named_folders(self, path: str) -> list[str]:
        """The names under which a compiler's settings reach folders: `@server` of `"@server/*": ["./server/*"]`."""
        return _ALIAS.findall(self._context.text_of(path) or "")

    def _package(self, path: str) -> str:
        match = re.search(r'^\s*"name"\s*:\s*"([^"]+)"', self._context.text_of(path) or "", re.MULTILINE)
        return match[1] if match else ""


def _python_modules(paths: Iterable[str]) -> frozenset[str]:
    """Every name that an import could reach in the tree: each folder and each module with Python in it."""
    found: set[str] = set()
    for path in paths:
        if path.endswith((".py", ".pyi")):
            *folders, name = path.split("/")
            found.update(folders)
            found.add(name.partition(".")[0])
    return frozenset(found)


def _java_packages(paths: Iterable[str]) -> frozenset[str]:
    """The first two parts of each package in the tree, `com.example`; three where the second is a hoster's."""
    found: set[str] = set()
    for path in paths:
        match = re.search(r"(?:^|/)(?:java|kotlin)/(?P<package>[\w/]+)/\w+\.(?:java|kt)\Z", path)
        if match:
            parts = match["package"].split("/")
            found.add(".".join(parts[: 3 if parts[:2] in (["com", "github"], ["io", "github"]) else 2]))
    return frozenset(found)


def _plain(name: str) -> str:
    """A name as names are compared: lower case, and Python's three separators as one."""
    return re.sub(r"[-_]+", "-", name.strip().lower())


def _typed(name: str) -> str:
    """The package whose types a `@types/` package holds."""
    bare = name.removeprefix("@types/")
    scope, double, rest = bare.partition("__")
    return f"@{scope}/{rest}" if double else bare


def allowed(context: Context) -> Allowed | Silence:
    """What TechSpec allows, or the answer of every rule that needs to know."""

    def make() -> Allowed | Silence:
        spec = document(context, "tech_spec")
        if spec is None:
            return Silence(Verdict.NOT_CHECKED, "no TechSpec was given; pass it among the inputs.")
        reason = not_applicable(spec, "stack")
        if reason is not None:
            return Silence(Verdict.NOT_APPLICABLE, f"the stack does not apply: {reason}")
        stack = field(spec, "stack")
        if not stack:
            return Silence(Verdict.NOT_CHECKED, "TechSpec names no stack.")
        return Allowed([*_stack_names(stack), *_used_before(context)], Own(context))

    made: Allowed | Silence = context.shared("stack.allowed", make)
    return made


def _stack_names(stack: Iterable[Any]) -> Iterable[str]:
    for component in stack:
        yield component.name
        yield from component.packages
        squeezed = re.sub(r"[\s._-]+|\.js$", "", component.name.lower())
        bare = re.sub(r"[0-9.]+$", "", squeezed)
        for key in (squeezed, bare, bare.removesuffix("js")):
            yield from KNOWN_BY.get(key, ())
            yield key


def _used_before(context: Context) -> Iterable[str]:
    """What the manifests of the base name already: a change does not bring in what was there."""
    if context.base is None:
        return
    for path in context.base.paths:
        if is_manifest(path) and "node_modules/" not in path:
            try:
                yield from (item.name for item in dependencies(path, context.base.get(path) or ""))
            except UnreadableManifest:
                continue
