"""Dependency manifests read as names: npm, Python, Go, Maven, Gradle, Ruby, Rust.

Owns: which files are manifests, and the direct dependencies that each states.
Must never know: which dependencies are allowed.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

__all__ = ["Dependency", "UnreadableManifest", "dependencies", "is_manifest"]


class Dependency(NamedTuple):
    """A dependency: its name as the ecosystem writes it, its 1-based line, whether it is for development only.

    transitive: whether a resolver wrote it down because some other package needs it. fetched: from where it
    is taken, if not from the ecosystem's registry: an address, a repository; empty otherwise.
    """

    name: str
    line: int
    development: bool = False
    transitive: bool = False
    fetched: str = ""


class UnreadableManifest(ValueError):
    """A manifest whose syntax is broken; the message says how."""


def is_manifest(path: str) -> bool:
    """Whether a path is that of a manifest that can be read."""
    return _reader(path) is not None


def dependencies(path: str, text: str) -> tuple[Dependency, ...]:
    """The dependencies that a manifest states, in its order; none for a path that is no manifest.

    All are direct but those of a compiled requirements file, which are marked where they are transitive.
    Raises UnreadableManifest for broken syntax.
    """
    reader = _reader(path)
    return tuple(dict.fromkeys(reader(path, text))) if reader is not None else ()


def _reader(path: str) -> Callable[[str, str], Iterable[Dependency]] | None:
    name = path.rpartition("/")[2]
    if name in _BY_NAME:
        return _BY_NAME[name]
    if re.search(
        r"(?:^|/)requirements(?:[-_.][\w.-]+)?\.(?:txt|in)\Z|(?:^|/)requirements/[\w.-]+\.(?:txt|in)\Z", path
    ):
        return _requirements
    return None


_FOR_DEVELOPMENT = re.compile(
    r"(?i)(?:^|[^a-z])(?:dev|develop|development|test|tests|testing|lint|docs?|typing|ci|qa|style)(?:[^a-z]|$)"
)


def _lines_of(text: str) -> dict[str, int]:
    """The first line on which each quoted text stands."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        for quoted in re.findall(r"[\"']([^\"']+)[\"']", line):
            found.setdefault(quoted, number)
    return found


# An alias: another package is installed under this one's name.
_NPM_ALIAS = re.compile(r"npm:(@?[^@\s]+)")
_NPM_FETCHED = re.compile(
    r"(?:git\+)?(?:https?|ssh|git)://|git@|(?:github|gitlab|bitbucket|gist):|[\w.-]+/[\w.-]+(?:#|\Z)"
)


def _without_user(address: str) -> str:
    """An address without the name and the password that may stand in it."""
    return re.sub(r"(?<=://)[^/@\s]*@", "", address)


def _package_json(path: str, text: str) -> Iterable[Dependency]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableManifest(f"{error.msg} at line {error.lineno}") from None
    lines = _lines_of(text)
    for key, development in (
        ("dependencies", False),
        ("optionalDependencies", False),
        ("peerDependencies", False),
        ("devDependencies", True),
    ):
        table = data.get(key) if isinstance(data, dict) else None
        for name, place in table.items() if isinstance(table, dict) else ():
            alias = _NPM_ALIAS.match(place) if isinstance(place, str) else None
            fetched = place if isinstance(place, str) and _NPM_FETCHED.match(place) else ""
            real = alias[1] if alias else name
            yield Dependency(real, lines.get(name, 1), development, fetched=_without_user(fetched))


_REQUIREMENT = re.compile(
    r"\s*(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?=[=<>!~@;#,(]|$|\s)"
)


_FROM_URL = re.compile(r"(?:-e\s+|--editable[ =]\s*)?(?P<url>(?:\w+\+)?\w+://\S+)")


_AT_URL = re.compile(r"[^#]*?@\s*(?P<url>(?:\w+\+)?\w+://\S+)")


def _fetched(line: str) -> tuple[str, str] | None:
    """The package and the address of a line that states both: `git+https://host/owner/name.git@v1#egg=name`."""
    match = _FROM_URL.match(line.strip())
    if match is None:
        return None
    place, _, note = match["url"].partition("#")
    egg = re.search(r"(?:^|&)egg=([\w.-]+)", note)
    last = place.rstrip("/").rpartition("/")[2].partition("@")[0]
    return egg[1] if egg else re.sub(r"-[0-9].*|\.git$", "", last), _without_user(place)


def _address(requirement: str) -> str:
    """Where `name @ address` takes a package from, empty for a requirement without one."""
    match = _AT_URL.match(requirement)
    return _without_user(match["url"]) if match else ""


def _requirements(path: str, text: str) -> Iterable[Dependency]:
    development = _FOR_DEVELOPMENT.search(path) is not None
    lines = text.split("\n")
    stated = tuple(_stated(lines))
    listed = {_same(name) for name, _, _ in stated}
    for name, number, fetched in stated:
        others = {_same(item) for item in _needed_by(lines, number)} - {_same(name)}
        # The ones that need it must stand here too: a resolver's output is whole, a remark by hand is not.
        yield Dependency(name, number, development, not others.isdisjoint(listed), fetched)


def _stated(lines: list[str]) -> Iterable[tuple[str, int, str]]:
    """Each package of a requirements file, its line, and the address it is taken from."""
    continued = False
    for number, line in enumerate(lines, start=1):
        match = _REQUIREMENT.match(line)
        if fetched := _fetched(line):
            yield fetched[0], number, fetched[1]
        elif match and not continued and not line.lstrip().startswith(("#", "-")):
            yield match["name"], number, _address(line)
        continued = line.rstrip().endswith("\\")


_VIA = re.compile(r"(?:^|\s)#\s*via\b\s*:?(?P<items>.*)$")
_VIA_ITEM = re.compile(r"\s+#\s{2,}(?P<item>\S.*)$")
_INPUT = re.compile(r"\.(?:in|txt|toml|py|cfg)\b")


def _needed_by(lines: list[str], number: int) -> tuple[str, ...]:
    """The packages that need the one at a line, by the resolver's notes; none when an input file names it as well.

    pip-compile and uv write `# via a, b` behind the package, or `# via` and one name a line below it.
    """
    items: list[str] = []
    noted = False
    for at in range(number - 1, len(lines)):
        line = lines[at]
        via, item = _VIA.search(line), _VIA_ITEM.match(line)
        if via:
            noted = True
            items += via["items"].split(",")
        elif noted and item:
            items += item["item"].split(",")
        elif at >= number and not line.lstrip().startswith(("--hash", "#")):
            break
    # A constraint limits the version of what something else asked for.
    said = [item for item in map(str.strip, items) if item and not item.startswith("-c ")]
    plain = all(re.fullmatch(r"[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?", item) for item in said)
    return tuple(said) if plain and not any(map(_INPUT.search, said)) else ()


def _same(name: str) -> str:
    """A package's name as pip compares it, extras off."""
    return re.sub(r"[-_.]+", "-", name.partition("[")[0]).lower()


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UnreadableManifest(str(error)) from None


def _table(data: Any, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _pyproject(path: str, text: str) -> Iterable[Dependency]:
    data = _toml(text)
    line_of = _finder(text)
    groups: list[tuple[Any, bool]] = [(_table(data, "project").get("dependencies"), False)]
    groups += [
        (items, bool(_FOR_DEVELOPMENT.search(name)))
        for name, items in _table(data, "project", "optional-dependencies").items()
    ]
    groups += [(items, True) for items in _table(data, "dependency-groups").values()]
    for items, development in groups:
        for item in items if isinstance(items, list) else ():
            match = _REQUIREMENT.match(item) if isinstance(item, str) else None
            if match:
                yield Dependency(match["name"], line_of(item), development, fetched=_address(item))
    poetry = _table(data, "tool", "poetry")
    tables = [(_table(poetry, "dependencies"), False), (_table(poetry, "dev-dependencies"), True)]
    tables += [(_table(group, "dependencies"), True) for group in _table(poetry, "group").values()]
    for table, development in tables:
        for name, entry in table.items():
            if name.lower() != "python":
                yield Dependency(name, line_of(name), development, fetched=_origin(entry))


def _origin(entry: Any) -> str:
    """The address in a table entry of a dependency, empty where a registry is meant."""
    places = [entry.get(key) for key in ("git", "url")] if isinstance(entry, dict) else []
    return next((_without_user(place) for place in places if isinstance(place, str)), "")


def _finder(text: str) -> Callable[[str], int]:
    def line_of(word: str) -> int:
        place = text.find(word)
        return text.count("\n", 0, place) + 1 if place >= 0 else 1

    return line_of


_GO_REQUIRED = re.compile(r"(?P<name>[\w.-]+\.[\w./~-]+)\s+v[\w.+-]+\s*(?P<note>//.*)?$")
_GO_REPLACED = re.compile(
    r"(?P<old>\S+)(?:\s+v\S+)?\s*=>\s*(?P<new>[\w-][\w.-]*\.[\w./~-]+)\s+v\S+\s*(?://.*)?$"
)
_GO_MAJOR = re.compile(r"/v[0-9]+\Z")


def _go_lines(text: str) -> Iterable[tuple[str, str, int]]:
    """Each entry of a go.mod with its directive, blocks opened up, and its line."""
    block = ""
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        opened = re.match(r"(\w+)\s*\(\s*(?://.*)?$", stripped)
        if opened:
            block = opened[1]
        elif stripped == ")":
            block = ""
        elif block:
            yield block, stripped, number
        elif " " in stripped:
            directive, _, rest = stripped.partition(" ")
            yield directive, rest.strip(), number


def _go_mod(path: str, text: str) -> Iterable[Dependency]:
    entries = tuple(_go_lines(text))
    modules = {rest.split()[0].strip('"'): False for directive, rest, _ in entries if directive == "module"}
    for directive, rest, number in entries:
        match = _GO_REQUIRED.match(rest) if directive == "require" else None
        if match is None:
            continue
        # `indirect` marks what some other module needs; it came in with that one.
        modules[match["name"]] = "indirect" in (match["note"] or "")
        if not modules[match["name"]]:
            yield Dependency(match["name"], number)
    for directive, rest, number in entries:
        match = _GO_REPLACED.match(rest) if directive == "replace" else None
        # Another version of the same module is no other module.
        if match and _GO_MAJOR.sub("", match["old"]) != _GO_MAJOR.sub("", match["new"]):
            yield Dependency(match["new"], number)
    told: set[str] = set()
    for directive, rest, number in entries:
        if directive == "tool" and rest and not rest.startswith("//"):
            module = _module_of(rest.split()[0], modules)
            # The module of a tool is required as indirect, unless the code needs it, too.
            if modules.get(module, True) and module not in told:
                told.add(module)
                yield Dependency(module, number, development=True)


def _module_of(package: str, modules: Iterable[str]) -> str:
    """The module that holds a package: the longest one that it begins with, the package itself where none does."""
    holders = [name for name in modules if package == name or package.startswith(name + "/")]
    return max(holders, key=len, default=package)


_XML_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_POM_BLOCK = re.compile(r"<dependency>(?P<body>.*?)</dependency>", re.DOTALL)


def _pom(path: str, text: str) -> Iterable[Dependency]:
    # Comments become as many line ends as they had, so that later lines keep their numbers.
    plain = _XML_COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)
    for match in _POM_BLOCK.finditer(plain):
        parts = dict(re.findall(r"<(groupId|artifactId|scope)>\s*([^<]*?)\s*</", match["body"]))
        if "groupId" in parts and "artifactId" in parts:
            line = plain.count("\n", 0, match.start()) + 1
            yield Dependency(f"{parts['groupId']}:{parts['artifactId']}", line, parts.get("scope") == "test")


_GRADLE = re.compile(
    r"""(?:^|[{;])\s*(?P<how>[a-zA-Z]*(?:[iI]mplementation|[aA]pi|[cC]ompileOnly|[rR]untimeOnly|[cC]ompile|[kK]apt|[aA]nnotationProcessor))\s*
    \(?\s*(?:platform|enforcedPlatform)?\s*\(?\s*["'](?P<group>[\w.-]+):(?P<name>[\w.-]+)""",
    re.VERBOSE,
)
_GRADLE_MAP = re.compile(
    r"(?:^|[{;])\s*(?P<how>\w+)\s*\(?\s*group\s*[:=]\s*[\"'](?P<group>[\w.-]+)[\"']\s*,\s*name\s*[:=]\s*[\"'](?P<name>[\w.-]+)"
)


def _gradle(path: str, text: str) -> Iterable[Dependency]:
    for number, line in enumerate(text.split("\n"), start=1):
        for match in (*_GRADLE.finditer(line), *_GRADLE_MAP.finditer(line)):
            development = "test" in match["how"].lower()
            yield Dependency(f"{match['group']}:{match['name']}", number, development)


def _catalog(path: str, text: str) -> Iterable[Dependency]:
    line_of = _finder(text)
    for alias, entry in _table(_toml(text), "libraries").items():
        if isinstance(entry, str):
            module = ":".join(entry.split(":")[:2])
        else:
            held = _table({"entry": entry}, "entry")
            module = held.get("module") or f"{held.get('group')}:{held.get('name')}"
        yield Dependency(str(module), line_of(alias))


_GEM = re.compile(r"\s*gem\s+[\"'](?P<name>[\w.-]+)[\"'](?P<rest>.*)$")
_GROUP = re.compile(r"\s*group\s+(?P<names>.*?)\s+do\b")


def _gemfile(path: str, text: str) -> Iterable[Dependency]:
    inside: list[bool] = []
    for number, line in enumerate(text.split("\n"), start=1):
        plain = line.split("#")[0]
        opened = _GROUP.match(plain)
        match = _GEM.match(plain)
        if match:
            named = "group" in match["rest"] and _FOR_DEVELOPMENT.search(match["rest"])
            yield Dependency(match["name"], number, bool(named) or any(inside))
        if opened:
            inside.append(bool(_FOR_DEVELOPMENT.search(opened["names"])))
        elif re.search(r"\bdo\b(?:\s*\|[^|]*\|)?\s*$", plain):
            inside.append(False)
        elif plain.strip() == "end" and inside:
            inside.pop()


def _cargo(path: str, text: str) -> Iterable[Dependency]:
    data = _toml(text)
    line_of = _finder(text)
    holders = [data, _table(data, "workspace"), *_table(data, "target").values()]
    for holder in holders:
        for key, development in (
            ("dependencies", False),
            ("dev-dependencies", True),
            ("build-dependencies", True),
        ):
            for name, entry in _table(holder, key).items():
                if isinstance(entry, dict) and ("path" in entry or entry.get("workspace") is True):
                    continue
                real = entry.get("package", name) if isinstance(entry, dict) else name
                yield Dependency(str(real), line_of(name), development, fetched=_origin(entry))


_BY_NAME: dict[str, Callable[[str, str], Iterable[Dependency]]] = {
    "package.json": _package_json,
    "pyproject.toml": _pyproject,
    "go.mod": _go_mod,
    "pom.xml": _pom,
    "build.gradle": _gradle,
    "build.gradle.kts": _gradle,
    "libs.versions.toml": _catalog,
    "Gemfile": _gemfile,
    "Cargo.toml": _cargo,
}
