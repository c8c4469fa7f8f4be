"""Which words look like a file's path, and which only look like one.

Owns: the endings and the bare names that files have, and the products that are named like files.
Must never know: where in a reply a word stands.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

__all__ = ["is_file_path"]

_EXTENSIONS: Final = frozenset(
    re.findall(
        r"\S+",
        "py pyi pyx ipynb js jsx mjs cjs ts tsx mts cts vue svelte astro json jsonc json5 jsonl ndjson css scss sass less styl "
        "html htm xhtml xml xsl xsd svg md mdx markdown rst adoc txt text csv tsv yml yaml toml ini cfg conf config properties "
        "env lock sql psql prisma graphql gql proto thrift avsc java kt kts groovy gradle scala sc clj cljs edn go mod sum work "
        "rs rb erb rake gemspec ru php phtml twig blade cs csproj sln fs fsx vb vbs xaml razor cshtml c h cc cpp cxx hpp hh hxx "
        "ino m mm swift dart lua pl pm r rmd jl ex exs eex heex leex erl hrl hs lhs elm ml mli nim zig v d pas f90 asm s sh bash "
        "zsh fish ps1 psm1 bat cmd tf tfvars hcl nix dockerfile mk cmake gitignore puml plantuml mmd dot tex bib sty ejs hbs pug "
        "jade haml mustache liquid j2 jinja jinja2 tmpl tpl sol vy cairo move wgsl glsl vert frag hlsl cu cuh service timer rules "
        "template http rest feature snap stories spec test po pot plist storyboard xib pbxproj editorconfig patch diff log tool-versions",
    )
)
_BARE_NAMES: Final = frozenset(
    re.findall(
        r"\S+",
        "dockerfile makefile gnumakefile procfile gemfile rakefile jenkinsfile vagrantfile brewfile podfile fastfile caddyfile "
        "pipfile license licence codeowners justfile tiltfile containerfile build workspace cmakelists.txt go.mod go.sum",
    )
)
_PRODUCTS: Final = frozenset(
    re.findall(
        r"\S+",
        "node.js next.js nuxt.js vue.js react.js express.js three.js d3.js p5.js chart.js ember.js backbone.js angular.js "
        "socket.io nest.js discord.js alpine.js moment.js day.js require.js process.env window.env asp.net ml.net e.g i.e",
    )
)

_NAME_ENDING: Final = re.compile(r"[^./\\][^/\\]*\.([A-Za-z][A-Za-z0-9_-]{0,15}|[0-9][a-z]{1,3})\Z")
_DOT_NAME: Final = re.compile(r"\.[A-Za-z][\w-]*(?:\.[\w-]+)*\Z")
_BAD_SIGNS: Final = re.compile(r"[<>|*?\"`',;=!]|://|\A[(\[]?\d+(?:\.\d+)*\Z|\.\.\.|[{}()]\Z(?<!\))")
_CALL: Final = re.compile(r"\w\(|\)\Z")


@lru_cache(maxsize=4096)
def is_file_path(text: str, *, strict: bool = True) -> bool:
    """Whether a word looks like a file's path: a known ending, a known name, or a folder and an ending.

    strict: a name without a folder must have an ending that is known to be one.
    """
    if not 1 < len(text) <= 260 or _BAD_SIGNS.search(text) or text.endswith(("/", "\\", ".")):
        return False
    if len(text.split()) != 1:
        return False
    name = text.replace("\\", "/").rpartition("/")[2]
    folder = len(name) < len(text)
    lowered = name.lower()
    if lowered in _BARE_NAMES or lowered.split(".", 1)[0] in ("dockerfile", "makefile"):
        return folder or name[:1].isupper() or "." in name
    if text.lower() in _PRODUCTS:
        return False
    if _DOT_NAME.match(name):
        return (
            not folder
            or name[1:].lower() not in _EXTENSIONS
            or lowered in (".env", ".gitignore", ".editorconfig")
        )
    match = _NAME_ENDING.match(name)
    if match is None or (_CALL.search(name) and not folder):
        return False
    return match.group(1).lower() in _EXTENSIONS or (folder and not strict)
