"""Manifests and imports are read as names, and each name is held against the stack, the base and the project."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.contract import Severity, Verdict
from backend_engineer.outputs import Change, FileChange, Report
from backend_engineer.rules import check
from backend_engineer.rules.examples import ExampleTree, bundle
from backend_engineer.rules.stack.imports import UnreadableSource, computed_imports, imports
from backend_engineer.rules.stack.manifests import UnreadableManifest, dependencies, is_manifest

MANIFESTS = {
    "package.json": (
        '{"name": "x", "dependencies": {"express": "5", "@nestjs/core": "10"}, "devDependencies": {"jest": "29"}}',
        [("express", False), ("@nestjs/core", False), ("jest", True)],
    ),
    "requirements.txt": (
        "# tools\n-r base.txt\nfastapi[all]>=0.110 ; python_version > '3.8'\nhttpx==0.27 \\\n    --hash=sha256:00\nurllib3 @ https://x/y.whl\n",
        [("fastapi", False), ("httpx", False), ("urllib3", False)],
    ),
    "requirements.in": (
        "--index-url https://x/simple\ngit+https://user:word@x/o/one.git@v1\n-e git+ssh://git@x/o/two#egg=second\n"
        "https://x/three-1.0-py3-none-any.whl\n-e ./four\n",
        [("one", False), ("second", False), ("three", False)],
    ),
    "requirements-dev.txt": ("pytest\n", [("pytest", True)]),
    "pyproject.toml": (
        '[project]\nname = "x"\ndependencies = ["httpx>=0.27"]\n[project.optional-dependencies]\ntest = ["pytest"]\n'
        'redis = ["redis"]\n[dependency-groups]\ndev = ["ruff"]\n[tool.poetry.dependencies]\npython = "^3.11"\nflask = "*"\n',
        [("httpx", False), ("pytest", True), ("redis", False), ("ruff", True), ("flask", False)],
    ),
    "go.mod": (
        "module example.com/x\n\ngo 1.22\n\nrequire github.com/go-chi/chi/v5 v5.0.12\n\nrequire (\n"
        "\tgithub.com/jackc/pgx/v5 v5.5.0\n\tgolang.org/x/text v0.14.0 // indirect\n)\n\nreplace (\n\tgithub.com/a/b v1.0.0 => ../b\n)\n",
        [("github.com/go-chi/chi/v5", False), ("github.com/jackc/pgx/v5", False)],
    ),
    "forks/go.mod": (
        "module example.com/x\n\nrequire (\n\tgithub.com/a/b v1.0.0\n\tgithub.com/c/d/v2 v2.1.0\n\tgithub.com/h/i v1.0.0\n)\n\n"
        "replace github.com/a/b => github.com/fork/b v1.0.1 // until it is merged\n\nreplace (\n"
        "\tgithub.com/c/d/v2 v2.1.0 => github.com/c/d/v3 v3.0.0\n\tgithub.com/e/f => ./f\n\t// github.com/no => github.com/no/no v1.0.0\n"
        "\tgithub.com/g v1.0.0 => /srv/g\n\tgithub.com/h/i => github.com/h/i v1.0.1\n)\n",
        [
            ("github.com/a/b", False),
            ("github.com/c/d/v2", False),
            ("github.com/h/i", False),
            ("github.com/fork/b", False),
        ],
    ),
    "tools/go.mod": (
        "module example.com/x\n\nrequire (\n\tgithub.com/a/b v1.0.0\n\tgolang.org/x/tools v0.29.0 // indirect\n"
        "\tgithub.com/vektra/mockery/v3 v3.2.0 // indirect\n)\n\ntool golang.org/x/tools/cmd/stringer\n\ntool (\n"
        "\tgithub.com/a/b/cmd/gen\n\texample.com/x/internal/gen\n\tgolang.org/x/tools/cmd/goyacc // two of one module\n"
        "\tgithub.com/vektra/mockery/v3\n\tgithub.com/o/p/cmd/q\n)\n",
        [
            ("github.com/a/b", False),
            ("golang.org/x/tools", True),
            ("github.com/vektra/mockery/v3", True),
            ("github.com/o/p/cmd/q", True),
        ],
    ),
    "pom.xml": (
        "<project><dependencies>\n<!-- <dependency><groupId>no</groupId><artifactId>no</artifactId></dependency> -->\n"
        "<dependency><groupId>org.postgresql</groupId><artifactId>postgresql</artifactId></dependency>\n"
        "<dependency><groupId>junit</groupId><artifactId>junit</artifactId><scope>test</scope></dependency>\n"
        "</dependencies></project>",
        [("org.postgresql:postgresql", False), ("junit:junit", True)],
    ),
    "build.gradle.kts": (
        'dependencies {\n    implementation("io.ktor:ktor-server-core:2.3.0")\n    testImplementation("org.junit.jupiter:junit-jupiter:5")\n'
        '    implementation(platform("org.springframework.boot:spring-boot-dependencies:3.2"))\n    // implementation("no:no:1")\n}\n',
        [
            ("io.ktor:ktor-server-core", False),
            ("org.junit.jupiter:junit-jupiter", True),
            ("org.springframework.boot:spring-boot-dependencies", False),
        ],
    ),
    "libs.versions.toml": (
        '[versions]\nx = "1"\n[libraries]\nktor = { module = "io.ktor:ktor-server", version.ref = "x" }\n'
        'gson = "com.google.code.gson:gson:2.10"\njunit = { group = "junit", name = "junit", version = "4" }\n',
        [("io.ktor:ktor-server", False), ("com.google.code.gson:gson", False), ("junit:junit", False)],
    ),
    "Gemfile": (
        "source 'https://x'\ngem 'rails', '~> 7'\ngroup :development, :test do\n  gem \"rspec-rails\"\nend\ngem 'pg' # gem 'no'\n"
        "gem 'rubocop', group: :development\n",
        [("rails", False), ("rspec-rails", True), ("pg", False), ("rubocop", True)],
    ),
    "Cargo.toml": (
        '[package]\nname = "x"\n[dependencies]\nserde = "1"\nweb = { package = "axum", version = "0.7" }\nlocal = { path = "../l" }\n'
        '[dev-dependencies]\nproptest = "1"\n[target."cfg(unix)".dependencies]\nnix = "0.27"\n',
        [("serde", False), ("axum", False), ("proptest", True), ("nix", False)],
    ),
}


@pytest.mark.parametrize(
    ("path", "text", "expected"), [(path, *rest) for path, rest in MANIFESTS.items()], ids=MANIFESTS
)
def test_a_manifest_is_read_as_its_direct_dependencies(
    path: str, text: str, expected: list[tuple[str, bool]]
) -> None:
    assert [(item.name, item.development) for item in dependencies(f"service/{path}", text)] == expected


@pytest.mark.parametrize(
    ("text", "transitive"),
    [
        ("httpx==1\nidna==3\n    # via httpx\n", ["idna"]),
        ("httpx==1\nidna==3  # via httpx\n", ["idna"]),
        ("httpx==1\nidna==3\n    # via\n    #   httpx\n    #   yarl\n", ["idna"]),
        ("httpx==1\nidna==3 \\\n    --hash=sha256:0 \\\n    --hash=sha256:1\n    # via HTTPX\n", ["idna"]),
        ("httpx==1\nidna==3\n    # via\n    #   -c limits.txt\n    #   httpx\n", ["idna"]),
        ("httpx[http2]==1\nidna==3\n    # via httpx[http2]\n", ["idna"]),
        ("httpx==1\nidna==3\n    # via\n    #   -r requirements.in\n    #   httpx\n", []),
        ("httpx==1\nidna==3  # via -r requirements.in, httpx\n", []),
        ("httpx==1\nidna==3\n    # via\n    #   app (pyproject.toml)\n    #   httpx\n", []),
        ("httpx==1\nidna==3  # via httpx, requirements.in\n", []),
        ("httpx==1\nidna==3  # via pyproject.toml\n", []),
        ("httpx==1\nidna==3  # via -c limits.txt\n", []),
        ("httpx==1\nidna==3\n\n# The rest came\n# via httpx\n", []),
        ("httpx==1\nidna==3  # via the proxy httpx\n", []),
        ("idna==3  # via nothing-here\n", []),
        ("idna==3  # via idna\n", []),
    ],
)
def test_a_compiled_package_is_transitive_when_only_other_packages_of_the_file_need_it(
    text: str, transitive: list[str]
) -> None:
    assert [item.name for item in dependencies("requirements.txt", text) if item.transitive] == transitive


def test_what_builds_a_package_is_no_dependency_of_it() -> None:
    text = '[build-system]\nrequires = ["setuptools>=61", "wheel", "cython"]\nbuild-backend = "setuptools.build_meta"\n'
    assert dependencies("pyproject.toml", text) == ()


def test_a_dependency_names_its_line() -> None:
    text = '{\n  "dependencies": {\n    "express": "5"\n  }\n}\n'
    assert [item.line for item in dependencies("package.json", text)] == [3]


@pytest.mark.parametrize(
    "path", ["package-lock.json", "src/package.ts", "docs/requirements.md", "tsconfig.json"]
)
def test_other_files_are_no_manifests(path: str) -> None:
    assert not is_manifest(path)


@pytest.mark.parametrize(
    ("path", "text"), [("package.json", "{"), ("pyproject.toml", "["), ("Cargo.toml", "=")]
)
def test_a_broken_manifest_says_so(path: str, text: str) -> None:
    with pytest.raises(UnreadableManifest):
        dependencies(path, text)


@given(st.sampled_from([*MANIFESTS, "requirements/base.in"]), st.text(max_size=120))
def test_any_text_is_read_or_refused_by_name(path: str, text: str) -> None:
    # Any other error fails the test.
    with suppress(UnreadableManifest):
        assert all(item.line >= 1 for item in dependencies(path, text))


SOURCES = {
    "a.py": (
        '"""import no"""\nimport os\nimport requests as r, yaml\nfrom google.cloud import storage\nfrom . import near\n'
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import numpy\ntry:\n    import ujson\nexcept ImportError:\n"
        "    ujson = None\ndef late():\n    import boto3\n",
        [("boto3", False), ("google.cloud", False), ("requests", False), ("ujson", True), ("yaml", False)],
    ),
    "a.ts": (
        "/* import no from 'no'; */\nimport fs from 'node:fs';\nimport { Pool } from 'pg';\nimport type { A } from \"@scope/a/deep\";\n"
        "import {\n  one,\n  two,\n} from 'lodash';\nexport * from 'rxjs';\nimport './near';\nimport 'reflect-metadata';\n"
        "const x = require('dotenv');\nconst y = await import('zod');\n// import q from 'commented';\nconst s = \"import z from 'text'\";\n"
        "export const from = 'nowhere';\nimport local from '@/app/local';\nimport path from 'path';\n",
        [
            (name, False)
            for name in ("@scope/a/deep", "dotenv", "lodash", "pg", "reflect-metadata", "rxjs", "zod")
        ],
    ),
    "a.go": (
        '// Package a.\npackage a\n\nimport "fmt"\n\nimport (\n\t"net/http"\n\n\t// one\n\tchi "github.com/go-chi/chi/v5"\n'
        '\t_ "github.com/lib/pq" // driver\n)\n\nconst s = `\nimport "github.com/no/no"\n`\n',
        [("github.com/go-chi/chi/v5", False), ("github.com/lib/pq", False)],
    ),
    "A.java": (
        "/*\n * Licence\n */\npackage com.example;\n\nimport java.util.List;\nimport static org.junit.Assert.assertTrue;\n"
        "import org.springframework.web.bind.annotation.*;\n\npublic class A {\n  // import no.no.No;\n}\n",
        [("org.junit.Assert.assertTrue", False), ("org.springframework.web.bind.annotation", False)],
    ),
}


@pytest.mark.parametrize(
    ("path", "text", "expected"), [(path, *rest) for path, rest in SOURCES.items()], ids=SOURCES
)
def test_a_source_is_read_as_its_foreign_imports(
    path: str, text: str, expected: list[tuple[str, bool]]
) -> None:
    assert sorted((item.name, item.optional) for item in imports(path, text)) == sorted(expected)


@pytest.mark.parametrize(
    ("path", "text", "names", "computed"),
    [
        ("a.py", "import importlib\nr = importlib.import_module('redis.client')\n", ["redis.client"], []),
        ("a.py", "x = [__import__('redis')]\n", ["redis"], []),
        ("a.py", "from importlib import import_module\nimport_module('.near', __name__)\n", [], []),
        ("a.py", "import importlib\n\nr = importlib.import_module(name)\n", [], [3]),
        ("a.py", "class A:\n    def import_module(self, name): ...\n", [], []),
        ("a.ts", "const n = 'redis'; const r = require(n);\n", [], [1]),
        ("a.ts", "const r = await import(settings.driver);\n", [], [1]),
        (
            "a.ts",
            "// require(n)\nconst r = require(`./${n}`);\nthis.require(n);\nfunction require(n) {}\n",
            [],
            [],
        ),
        ("a.js", "const a = require(path.join(__dirname, 'a'));\n", [], []),
    ],
)
def test_an_import_by_a_call_is_read_or_said_to_be_computed(
    path: str, text: str, names: list[str], computed: list[int]
) -> None:
    assert [item.name for item in imports(path, text)] == names
    assert list(computed_imports(path, text)) == computed


@pytest.mark.parametrize(
    ("path", "text", "name", "fetched"),
    [
        ("package.json", '{"dependencies": {"express": "npm:redis@4"}}', "redis", ""),
        ("package.json", '{"dependencies": {"express": "npm:@evil/redis@4"}}', "@evil/redis", ""),
        (
            "package.json",
            '{"dependencies": {"express": "git+https://me:word@git.test/evil/express.git"}}',
            "express",
            "git+https://git.test/evil/express.git",
        ),
        (
            "package.json",
            '{"dependencies": {"express": "evil/express#main"}}',
            "express",
            "evil/express#main",
        ),
        ("package.json", '{"dependencies": {"express": "workspace:*"}}', "express", ""),
        ("package.json", '{"dependencies": {"express": "^5 || 4"}}', "express", ""),
        ("requirements.txt", "flask @ https://host.test/flask.whl\n", "flask", "https://host.test/flask.whl"),
        (
            "requirements.txt",
            "git+https://host.test/o/flask.git@v1#egg=flask\n",
            "flask",
            "git+https://host.test/o/flask.git@v1",
        ),
        ("requirements.txt", "flask==3  # see me@ https://host.test\n", "flask", ""),
        (
            "pyproject.toml",
            '[project]\ndependencies = ["flask @ git+https://host.test/flask"]\n',
            "flask",
            "git+https://host.test/flask",
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\nflask = {git = "https://host.test/flask"}\n',
            "flask",
            "https://host.test/flask",
        ),
        (
            "Cargo.toml",
            '[dependencies]\naxum = {git = "https://host.test/axum"}\n',
            "axum",
            "https://host.test/axum",
        ),
    ],
)
def test_a_dependency_says_from_where_it_is_taken(path: str, text: str, name: str, fetched: str) -> None:
    assert [(item.name, item.fetched) for item in dependencies(path, text)] == [(name, fetched)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("package.json", '{"dependencies": {"flask": "github:evil/flask"}}'),
        ("src/a.py", "import importlib\n\n\ndef load(name):\n    return importlib.import_module(name)\n"),
    ],
)
def test_what_may_be_another_package_than_its_name_says_needs_review(path: str, text: str) -> None:
    report = judged({path: text}, "flask")
    assert report.clauses["CONS-01"] is Verdict.NEEDS_REVIEW
    assert unlisted(report) == []


@given(st.sampled_from(["a.py", "a.ts", "a.go", "A.java", "a.rb"]), st.text(max_size=120))
def test_any_source_is_read_or_refused_by_name(path: str, text: str) -> None:
    with suppress(UnreadableSource):
        lines = [*(item.line for item in imports(path, text)), *computed_imports(path, text)]
        assert all(1 <= line <= text.count("\n") + 1 for line in lines)


def judged(
    files: dict[str, str], *stack: str, base: dict[str, str] | None = None, **component: object
) -> Report:
    entries = [{"name": name, "kind": "library", **component} for name in stack]
    made = Change(tuple(FileChange(path, text) for path, text in files.items()), origin="git")
    tree = ExampleTree(base) if base is not None else None
    return check(made, inputs=bundle({"tech_spec": {"stack": entries}}), base=tree, select=["STK"])


def unlisted(report: Report) -> list[str]:
    return [item.evidence.split("`")[1] for item in report.findings if item.violates]


@pytest.mark.parametrize(
    ("component", "path", "text"),
    [
        ("Node.js 20", "package.json", '{"dependencies": {"@types/node": "20"}}'),
        ("Express", "package.json", '{"dependencies": {"express": "5", "@types/express": "5"}}'),
        ("NestJS", "src/a.ts", "import { Module } from '@nestjs/common';\n"),
        ("PostgreSQL 16", "src/a.py", "import psycopg\n"),
        ("FastAPI", "src/a.py", "from fastapi.responses import JSONResponse\n"),
        ("Spring Boot", "src/A.java", "import org.springframework.stereotype.Service;\n"),
        ("gin", "src/a.go", 'package a\n\nimport "github.com/gin-gonic/gin/binding"\n'),
        ("scikit-learn", "src/a.py", "from sklearn.svm import SVC\n"),
        ("python-dotenv", "src/a.py", "from dotenv import load_dotenv\n"),
        ("django_filter", "requirements.txt", "Django-Filter==24\n"),
    ],
)
def test_a_component_of_the_stack_is_known_by_its_packages(component: str, path: str, text: str) -> None:
    assert unlisted(judged({path: text}, component)) == []


def test_the_packages_of_a_component_are_allowed() -> None:
    report = judged({"src/a.py": "import acme_sdk.client\n"}, "Acme", packages=["acme-sdk"])
    assert unlisted(report) == []


def test_what_the_base_used_already_is_not_brought_in() -> None:
    report = judged({"src/a.py": "import requests\n"}, "flask", base={"requirements.txt": "requests\n"})
    assert unlisted(report) == []


@pytest.mark.parametrize(
    ("path", "old", "line"),
    [
        ("Cargo.toml", '[package]\nname = "catalog"\n[dependencies]\n', 'log = "0.4"\n'),
        ("pyproject.toml", '[tool.x]\nwords = ["log"]\n[project]\ndependencies = [\n', '"log",\n]\n'),
        (
            "package.json",
            '{"scripts": {\n"log": "log"},\n"dependencies": {\n"express": "5"\n',
            ',"log": "1"}}\n',
        ),
    ],
)
def test_a_new_dependency_whose_name_stood_in_the_file_is_found_at_its_own_line(
    path: str, old: str, line: str
) -> None:
    at = old.count("\n") + 1
    file = FileChange(path, old + line, action="modify", changed_lines=((at, at),))
    given = bundle({"tech_spec": {"stack": [{"name": "Express", "kind": "library"}]}})
    (found,) = check(Change((file,)), inputs=given, rules=["STK001"]).findings
    assert found.where.lines == str(at)


@pytest.mark.parametrize("path", ["Pipfile", "setup.cfg", "api/Api.csproj"])
def test_a_manifest_that_is_not_read_needs_review(path: str) -> None:
    assert judged({path: "x\n"}).clauses["CONS-01"] is Verdict.NEEDS_REVIEW


def test_what_the_file_imported_before_is_not_brought_in() -> None:
    report = judged({"src/a.py": "import requests\nX = 1\n"}, "flask", base={"src/a.py": "import requests\n"})
    assert unlisted(report) == []


def test_the_projects_own_modules_are_allowed() -> None:
    files = {
        "app/a.py": "from app.b import x\nfrom lib import y\n",
        "app/b.py": "x = 1\n",
        "internal/a.go": 'package a\n\nimport "example.com/me/internal/b"\n',
        "web/a.ts": "import b from 'web/b';\nimport c from 'my-shared/c';\n",
        "src/main/java/com/acme/A.java": "package com.acme;\n\nimport com.acme.billing.Bill;\n",
    }
    base = {
        "src/lib.py": "y = 1\n",
        "go.mod": "module example.com/me/v2\n",
        "libs/package.json": '{\n"name": "my-shared"\n}',
    }
    assert unlisted(judged(files, "flask", base=base)) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("build.gradle", "dependencies { implementation 'org.x:leftpad:1'; api 'org.x:rightpad:1' }\n"),
        ("build.gradle.kts", 'dependencies { implementation("org.x:leftpad:1"); api("org.x:rightpad:1") }\n'),
        ("build.gradle", "dependencies { api group: 'org.x', name: 'leftpad'; api 'org.x:rightpad:1' }\n"),
    ],
)
def test_gradle_dependencies_on_one_line_are_read(name: str, text: str) -> None:
    assert {item.name for item in dependencies(name, text)} == {"org.x:leftpad", "org.x:rightpad"}


def test_a_development_dependency_is_reported_and_violates_nothing() -> None:
    report = judged({"package.json": '{"devDependencies": {"left-pad": "1"}}'}, "Express")
    assert [item.severity for item in report.findings] == [Severity.MINOR]
    assert report.clauses["CONS-01"] is Verdict.NEEDS_REVIEW


def test_an_optional_import_violates_nothing() -> None:
    report = judged({"src/a.py": "try:\n    import ujson\nexcept ImportError:\n    ujson = None\n"}, "flask")
    assert [item.severity for item in report.findings] == [Severity.MINOR]


def test_a_language_that_is_not_read_needs_review() -> None:
    report = judged({"app/a.rb": "require 'sidekiq'\n"}, "rails")
    assert report.clauses["CONS-01"] is Verdict.NEEDS_REVIEW


def test_go_without_its_module_file_needs_review() -> None:
    report = judged({"a.go": 'package a\n\nimport "github.com/me/mine/b"\n'}, "chi")
    assert report.findings == ()
    assert report.clauses["CONS-01"] is Verdict.NEEDS_REVIEW


def test_python_that_does_not_parse_is_not_checked() -> None:
    assert "no Python" in judged({"src/a.py": "import (\n"}, "flask").unchecked["CONS-01"]


def test_a_stack_that_does_not_apply_makes_the_clause_not_apply() -> None:
    made = Change((FileChange("src/a.py", "import requests\n"),))
    spec = bundle({"tech_spec": {"stack": {"not_applicable": "a throw-away script"}}})
    assert check(made, inputs=spec, select=["STK"]).clauses["CONS-01"] is Verdict.NOT_APPLICABLE


def test_another_major_version_of_a_go_library_is_the_same_library() -> None:
    files = {
        "go.mod": "module example.com/x\n\nrequire github.com/google/go-github/v86 v86.0.0\n",
        "src/a.go": 'package a\n\nimport "github.com/google/go-github/v86/github"\n',
    }
    assert unlisted(judged(files, "github.com/google/go-github/v56")) == []


def test_a_folder_that_the_compilers_settings_name_is_the_projects_own() -> None:
    settings = '{"compilerOptions": {"paths": {\n  // ours\n  "@server/*": ["./server/*"],\n  "vite": ["./node_modules/vite"], "@lib/*": ["./node_modules/lib/*"]}}}'
    files = {"server/a.ts": "import { log } from '@server/log';\nimport { x } from '@lib/x';\n"}
    assert unlisted(judged(files, "express", base={"tsconfig.json": settings})) == ["@lib/x"]
