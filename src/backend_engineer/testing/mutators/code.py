# ruff: noqa: S608  the snippets are SQL on purpose
"""Mutators of source code: one snippet each, put into a file of the change or beside it.

Owns: the snippets, by rule and language.
Must never know: how the rules find them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace

from backend_engineer.contract import Section
from backend_engineer.inputs import StageInputs
from backend_engineer.testing.builders import Built
from backend_engineer.testing.mutators.mutator import Mutator

__all__ = ["MUTATORS"]

_Apply = Callable[[Built, random.Random], Built]


def _fill(built: Built, chance: random.Random, text: str) -> str:
    theme = built.theme
    words = {
        "MANY": theme.many,
        "ONE": theme.one,
        "COLUMN": theme.column,
        "OWNED": theme.personal,
        "N": str(chance.randint(2, 99)),
    }
    for word, value in words.items():
        text = text.replace(f"__{word}__", value)
    return text


def _added(section: Section, path: str, *texts: str) -> _Apply:
    """A mutator that adds a file with one of these texts."""

    def apply(built: Built, chance: random.Random) -> Built:
        return built.add(section, _fill(built, chance, path), _fill(built, chance, chance.choice(texts)))

    return apply


def _in_store(*texts: str) -> _Apply:
    """A mutator that adds one of these texts to the store."""

    def apply(built: Built, chance: random.Random) -> Built:
        store = next(item for item in built.change.files if "/sql_" in item.path)
        return built.append(store.path, "\n\n" + _fill(built, chance, chance.choice(texts)))

    return apply


def _no_index(built: Built, chance: random.Random) -> Built:
    store = next(item for item in built.change.files if "/sql_" in item.path)
    column = built.theme.personal
    return built.append(
        store.path,
        f'\n\nBY_{column.upper()} = "SELECT id FROM {built.theme.many} WHERE {column} = ? LIMIT {chance.randint(1, 50)}"\n',
    )


def _unwatched(built: Built, chance: random.Random) -> Built:
    path = built.file(Section.OBSERVABILITY).path
    return built.edit(path, f"GET /{built.theme.many}", f"GET /other-{chance.randint(1, 99)}")


def _one_kind(built: Built, chance: random.Random) -> Built:
    file = built.file(Section.TESTS)
    text = (
        f"class NameTest:\n    def test_name_{chance.randint(1, 99)}(self):\n        assert str(1) == '1'\n"
    )
    return built.with_file(replace(file, content=text))


def _no_key(built: Built, chance: random.Random) -> Built:
    for file in built.change.files:
        if file.path.endswith(".py"):
            text = re.sub(r"(?i)idempotency[-_ ]?key", "request_name", file.content or "")
            built = built.with_file(replace(file, content=re.sub(r"(?i)idempotency", "name", text)))
    text = f"router.post('/{built.theme.many}', requireRole('r{chance.randint(1, 9)}'), (req, res) => add(req, res));\n"
    return built.add(Section.CONTROLLERS, "src/controllers/add.ts", text)


def _kept_for_ever(built: Built, chance: random.Random) -> Built:
    up = built.change.files[0]
    table = f"CREATE TABLE {built.theme.one}_visits (\n    id {'INTEGER' if chance.random() < 0.5 else 'bigint'} PRIMARY KEY\n);\n"
    data = built.inputs.model_dump(mode="json")
    entity = {**data["data_model"]["entities"][0], "name": "Visit", "table": f"{built.theme.one}_visits"}
    data["data_model"]["entities"].append(entity)
    built = built.edit(up.path, "\n-- VERIFY", f"{table}\n-- VERIFY")
    return replace(built, inputs=StageInputs.model_validate(data))


_WORKER = "def run(queue):\n    for item in queue:\n        print(item, __N__)\n"
_SERVER = "export const server = app.listen(80__N__);\n"

MUTATORS: tuple[Mutator, ...] = (
    Mutator(
        "write without a bound",
        "SQL301",
        _in_store('CLEAR = "DELETE FROM __MANY__"\n', 'RESET = "UPDATE __MANY__ SET __COLUMN__ = NULL"\n'),
    ),
    Mutator(
        "write without a bound in Go",
        "SQL301",
        _added(
            Section.PORTS,
            "src/ports/clear__N__.go",
            'package ports\n\nconst clear = "DELETE FROM __MANY__"\n',
        ),
    ),
    Mutator(
        "star read",
        "SQL302",
        _in_store(
            'ALL = "SELECT * FROM __MANY__ WHERE id = ?"\n',
            'ALL = "SELECT m.* FROM __MANY__ WHERE m.id = ? LIMIT __N__"\n',
        ),
    ),
    Mutator("read without a limit", "SQL303", _in_store('IDS = "SELECT id FROM __MANY__ ORDER BY id"\n')),
    Mutator(
        "value in the text of a statement",
        "SQL304",
        _in_store(
            "def by(connection, value):\n    return connection.execute(f\"SELECT id FROM __MANY__ WHERE __COLUMN__ = '{value}'\")\n",
            'def by(connection, value):\n    return connection.execute("SELECT id FROM __MANY__ WHERE id = " + value)\n',
        ),
    ),
    Mutator(
        "value in the text of a statement in TypeScript",
        "SQL304",
        _added(
            Section.PORTS,
            "src/ports/find__N__.ts",
            "export const find = (db: Db, id: string) => db.query(`SELECT id FROM __MANY__ WHERE id = ${id}`);\n",
        ),
    ),
    Mutator(
        "value in the text of a statement by a format",
        "SQL304",
        _in_store(
            "def by_name(connection, value):\n    return connection.execute(\"SELECT id FROM __MANY__ WHERE __COLUMN__ = '{}'\".format(value))\n",
            "def by_name(connection, value):\n    return connection.execute(\"SELECT id FROM __MANY__ WHERE __COLUMN__ = '{name}' AND id < {n}\".format(name=value, n=__N__))\n",
            "def by_name(connection, value):\n    return connection.execute(\"SELECT id FROM __MANY__ WHERE __COLUMN__ = '%s'\" % value)\n",
            "def by_name(connection, value):\n    return connection.execute(\"SELECT id FROM __MANY__ WHERE id < %d AND __COLUMN__ = '%s'\" % (__N__, value))\n",
            'def by_name(connection, value):\n    return connection.execute("SELECT id FROM __MANY__ WHERE __COLUMN__ = \'%(name)s\'" % {"name": value})\n',
        ),
    ),
    Mutator(
        "value in the text of a statement by Sprintf",
        "SQL304",
        _added(
            Section.PORTS,
            "src/ports/find__N__.go",
            'package ports\n\nimport "fmt"\n\nfunc find(db DB, value string) {\n\tdb.Query(fmt.Sprintf("SELECT id FROM __MANY__ WHERE __COLUMN__ = \'%s\'", value))\n}\n',
            "package ports\n\nimport \"fmt\"\n\nfunc find(db DB, value string) {\n\tquery := fmt.Sprintf(`SELECT id FROM __MANY__ WHERE id < %d AND __COLUMN__ = '%v'`, __N__, value)\n\tdb.Query(query)\n}\n",
        ),
    ),
    Mutator(
        "value in the text of a statement by Java's formats",
        "SQL304",
        _added(
            Section.PORTS,
            "src/ports/Find__N__.java",
            "class Find__N__ {\n  String find(String value) { return String.format(\"SELECT id FROM __MANY__ WHERE __COLUMN__ = '%s'\", value); }\n}\n",
            "class Find__N__ {\n  String find(String value) { return \"SELECT id FROM __MANY__ WHERE __COLUMN__ = '%2$s' AND id < %1$d\".formatted(__N__, value); }\n}\n",
        ),
    ),
    Mutator(
        "mass assignment",
        "MAS305",
        _added(
            Section.SERVICES,
            "src/services/assign__N__.ts",
            "export function set(req: Req, __ONE__: Row) {\n  Object.assign(__ONE__, req.body);\n}\n",
            "export const add = (req: Req, repo: Repo) => repo.create(req.body);\n",
        ),
    ),
    Mutator(
        "address from the request",
        "SSR306",
        _added(
            Section.PORTS,
            "src/ports/fetch__N__.ts",
            "export const go = async (req: Req) => fetch(req.query.target);\n",
            "export const go = async (req: Req) => fetch(req.body.url);\n",
        ),
    ),
    Mutator(
        "error outside the envelope",
        "ERR307",
        _added(
            Section.CONTROLLERS,
            "src/controllers/fail__N__.ts",
            "export const fail = (res: Res) => res.status(4__N__).json({ message: 'no' });\n".replace(
                "4__N__", "409"
            ),
            "export const fail = (res: Res) => res.status(500).send('broken');\n",
        ),
    ),
    Mutator(
        "paging by offset",
        "PAG308",
        _in_store('PAGES = "SELECT id FROM __MANY__ WHERE id > 0 ORDER BY id LIMIT ? OFFSET ?"\n'),
    ),
    Mutator(
        "route without a guard",
        "GRD309",
        _added(
            Section.CONTROLLERS,
            "src/controllers/open__N__.ts",
            "router.delete('/__MANY__/:id', (req, res) => drop(req, res));\n",
        ),
    ),
    Mutator(
        "entry point that cannot be stopped",
        "SIG311",
        _added(Section.CONTROLLERS, "src/server.js", "app.get('/healthz', live);\n" + _SERVER),
    ),
    Mutator(
        "entry point without a probe",
        "PRB312",
        _added(
            Section.CONTROLLERS, "src/server.js", _SERVER + "process.on('SIGTERM', () => server.close());\n"
        ),
    ),
    Mutator("no idempotency key in the code", "IDM310", _no_key),
    Mutator("retention that nothing carries out", "RET313", _kept_for_ever),
    Mutator("query without an index", "IDX314", _no_index),
    Mutator("one kind of test", "TST315", _one_kind),
    Mutator("worker without a runbook", "RUN316", _added(Section.JOBS, "src/workers/mail__N__.py", _WORKER)),
    Mutator(
        "variable that no document names",
        "ENV317",
        _added(
            Section.SERVICES,
            "src/services/settings.py",
            'import os\n\nLIMIT = os.environ["__COLUMN___LIMIT___N__"]\n'.replace(
                "__COLUMN___LIMIT", "ROW_LIMIT"
            ),
            'import os\n\nMODE = os.getenv("STORE_MODE___N__")\n',
        ),
    ),
    Mutator("objective that nothing watches", "SLO319", _unwatched),
    Mutator(
        "query in a loop",
        "NPL320",
        _in_store(
            'def each(db, ids):\n    for key in ids:\n        yield db.execute("SELECT __COLUMN__ FROM __MANY__ WHERE id = ?", (key,))\n'
        ),
    ),
)
