"""Own migrations with defects put into them one at a time, and how many of the defects are found.

    python benchmarks/seeded_migrations.py [sqlite | postgresql]

Prints, for each operator: mutants, found by the run, found by the static rules alone. The clean pairs are run
as well: whatever is said against them is a false alarm.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from backend_engineer.inputs.bundle import StageInputs
from backend_engineer.outputs import Change, FileChange, MigrationReport, PairOutcome, PairVerdict
from backend_engineer.rules import built_in_rules, check
from backend_engineer.verification import verify_migrations
from backend_engineer.workspace import SourceTree


@dataclass(frozen=True)
class Own:
    """A pair of scripts on the base below, with a check, and the dialects it is written for."""

    name: str
    up: str
    down: str
    verify: str
    only: str = ""


COLUMN = "SELECT count(*) = 1 FROM {columns} WHERE {table} = '{0}' AND {name} = '{1}'"

BASE_UP = {
    "postgresql": """
CREATE TYPE mood AS ENUM ('calm', 'glad');
CREATE TABLE owners (id serial PRIMARY KEY, email varchar(80) NOT NULL UNIQUE, name text DEFAULT 'nobody', mark varchar(12) NOT NULL DEFAULT 'x');
CREATE TABLE pets (id serial PRIMARY KEY, owner_id integer REFERENCES owners (id) ON DELETE CASCADE, kind varchar(20) NOT NULL, weight numeric(6,2), note text);
CREATE INDEX pets_owner ON pets (owner_id);
CREATE INDEX owners_name ON owners (name);
CREATE FUNCTION label(given text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper(given) $$;
CREATE VIEW heavy AS SELECT id, kind FROM pets WHERE weight > 20;
""",
    "sqlite": """
CREATE TABLE owners (id integer PRIMARY KEY, email varchar(80) NOT NULL UNIQUE, name text DEFAULT 'nobody', mark varchar(12) NOT NULL DEFAULT 'x');
CREATE TABLE pets (id integer PRIMARY KEY, owner_id integer REFERENCES owners (id) ON DELETE CASCADE, kind varchar(20) NOT NULL, weight numeric(6,2), note text);
CREATE INDEX pets_owner ON pets (owner_id);
CREATE INDEX owners_name ON owners (name);
CREATE VIEW heavy AS SELECT id, kind FROM pets WHERE weight > 20;
CREATE TRIGGER pets_note AFTER INSERT ON pets BEGIN UPDATE pets SET note = 'new' WHERE id = NEW.id AND note IS NULL; END;
""",
}
BASE_DOWN = {
    "postgresql": "DROP VIEW heavy;\nDROP FUNCTION label(text);\nDROP TABLE pets;\nDROP TABLE owners;\nDROP TYPE mood;\n",
    "sqlite": "DROP VIEW heavy;\nDROP TABLE pets;\nDROP TABLE owners;\n",
}
PG, LITE = "postgresql", "sqlite"


def _rebuild(columns: str, kept: str) -> str:
    return (
        f"CREATE TABLE pets_new ({columns});\nINSERT INTO pets_new ({kept}) SELECT {kept} FROM pets;\n"
        "DROP VIEW heavy;\nDROP TABLE pets;\nALTER TABLE pets_new RENAME TO pets;\n"
        "CREATE INDEX pets_owner ON pets (owner_id);\nCREATE VIEW heavy AS SELECT id, kind FROM pets WHERE weight > 20;\n"
        "CREATE TRIGGER pets_note AFTER INSERT ON pets BEGIN UPDATE pets SET note = 'new' WHERE id = NEW.id AND note IS NULL; END;\n"
    )


_PETS = "id integer PRIMARY KEY, owner_id integer REFERENCES owners (id) ON DELETE CASCADE, kind varchar({0}) NOT NULL, weight numeric(6,2), note text"
_ALL = "id, owner_id, kind, weight, note"

PAIRS = (
    Own("add_column", "ALTER TABLE pets ADD COLUMN colour varchar(10);\n", "ALTER TABLE pets DROP COLUMN colour;\n", "SELECT colour FROM pets"),
    Own("add_two", "ALTER TABLE pets ADD COLUMN a integer;\nALTER TABLE pets ADD COLUMN b text DEFAULT 'q';\n", "ALTER TABLE pets DROP COLUMN b;\nALTER TABLE pets DROP COLUMN a;\n", "SELECT a, b FROM pets"),
    Own("column_and_index", "ALTER TABLE owners ADD COLUMN city text;\nCREATE INDEX owners_city ON owners (city);\n", "DROP INDEX owners_city;\nALTER TABLE owners DROP COLUMN city;\n", "SELECT city FROM owners"),
    Own("new_table", "CREATE TABLE visits (id integer PRIMARY KEY, pet_id integer NOT NULL REFERENCES pets (id), day date NOT NULL);\nCREATE INDEX visits_pet ON visits (pet_id);\n", "DROP TABLE visits;\n", "SELECT id FROM visits"),
    Own("two_tables", "CREATE TABLE vets (id integer PRIMARY KEY, name text NOT NULL);\nCREATE TABLE shifts (id integer PRIMARY KEY, vet_id integer REFERENCES vets (id));\n", "DROP TABLE shifts;\nDROP TABLE vets;\n", "SELECT vet_id FROM shifts"),
    Own("new_index", "CREATE INDEX pets_kind ON pets (kind);\n", "DROP INDEX pets_kind;\n", "SELECT count(*) = 1 FROM {indexes} WHERE {index} = 'pets_kind'"),
    Own("unique_index", "CREATE UNIQUE INDEX owners_mail ON owners (email);\n", "DROP INDEX owners_mail;\n", "SELECT count(*) = 1 FROM {indexes} WHERE {index} = 'owners_mail'"),
    Own("drop_index", "DROP INDEX owners_name;\n", "CREATE INDEX owners_name ON owners (name);\n", "SELECT count(*) = 0 FROM {indexes} WHERE {index} = 'owners_name'"),
    Own("wider_index", "DROP INDEX pets_owner;\nCREATE INDEX pets_owner ON pets (owner_id, kind);\n", "DROP INDEX pets_owner;\nCREATE INDEX pets_owner ON pets (owner_id);\n", "SELECT count(*) = 1 FROM {indexes} WHERE {index} = 'pets_owner' AND {definition} LIKE '%kind%'"),
    Own("rename_column", "ALTER TABLE owners RENAME COLUMN mark TO sign;\n", "ALTER TABLE owners RENAME COLUMN sign TO mark;\n", "SELECT sign FROM owners"),
    Own("rename_table", "ALTER TABLE owners RENAME TO keepers;\n", "ALTER TABLE keepers RENAME TO owners;\n", "SELECT id FROM keepers"),
    Own("new_view", "CREATE VIEW light AS SELECT id FROM pets WHERE weight < 2;\n", "DROP VIEW light;\n", "SELECT count(*) = 1 FROM {views} WHERE {view} = 'light'"),
    Own("other_view", "DROP VIEW heavy;\nCREATE VIEW heavy AS SELECT id, kind FROM pets WHERE weight > 30;\n", "DROP VIEW heavy;\nCREATE VIEW heavy AS SELECT id, kind FROM pets WHERE weight > 20;\n", "SELECT count(*) = 1 FROM {views} WHERE {view} = 'heavy' AND {body} LIKE '%30%'"),
    Own("table_and_view", "CREATE TABLE toys (id integer PRIMARY KEY, label varchar(9) NOT NULL);\nCREATE VIEW toy_labels AS SELECT label FROM toys;\n", "DROP VIEW toy_labels;\nDROP TABLE toys;\n", "SELECT count(*) = 1 FROM {views} WHERE {view} = 'toy_labels'"),
    Own("filled_column", "ALTER TABLE owners ADD COLUMN level integer NOT NULL DEFAULT 3;\nCREATE INDEX owners_level ON owners (level);\n", "DROP INDEX owners_level;\nALTER TABLE owners DROP COLUMN level;\n", "SELECT level FROM owners"),
    Own("lookup", "CREATE TABLE kinds (name varchar(20) PRIMARY KEY);\nINSERT INTO kinds VALUES ('cat'), ('dog');\n", "DROP TABLE kinds;\n", "SELECT count(*) = 2 FROM kinds"),
    Own("partial_index", "CREATE INDEX pets_big ON pets (kind) WHERE weight > 20;\n", "DROP INDEX pets_big;\n", "SELECT count(*) = 1 FROM {indexes} WHERE {index} = 'pets_big'"),
    Own("link_table", "CREATE TABLE friends (one integer NOT NULL REFERENCES pets (id), other integer NOT NULL REFERENCES pets (id), PRIMARY KEY (one, other));\n", "DROP TABLE friends;\n", "SELECT one FROM friends"),
    # PostgreSQL
    Own("length", "ALTER TABLE owners ALTER COLUMN mark TYPE varchar(20);\n", "ALTER TABLE owners ALTER COLUMN mark TYPE varchar(12);\n", "SELECT character_maximum_length = 20 FROM information_schema.columns WHERE table_name = 'owners' AND column_name = 'mark'", PG),
    Own("not_null", "ALTER TABLE owners ALTER COLUMN email DROP NOT NULL;\nALTER TABLE owners ALTER COLUMN name DROP DEFAULT;\n", "ALTER TABLE owners ALTER COLUMN name SET DEFAULT 'nobody';\nALTER TABLE owners ALTER COLUMN email SET NOT NULL;\n", "SELECT is_nullable = 'YES' FROM information_schema.columns WHERE table_name = 'owners' AND column_name = 'email'", PG),
    Own("nullable", "ALTER TABLE owners ALTER COLUMN mark DROP NOT NULL;\nALTER TABLE owners ALTER COLUMN mark DROP DEFAULT;\n", "ALTER TABLE owners ALTER COLUMN mark SET DEFAULT 'x';\nALTER TABLE owners ALTER COLUMN mark SET NOT NULL;\n", "SELECT is_nullable = 'YES' FROM information_schema.columns WHERE table_name = 'owners' AND column_name = 'mark'", PG),
    Own("default", "ALTER TABLE owners ALTER COLUMN name SET DEFAULT 'someone';\n", "ALTER TABLE owners ALTER COLUMN name SET DEFAULT 'nobody';\n", "SELECT column_default LIKE '%someone%' FROM information_schema.columns WHERE table_name = 'owners' AND column_name = 'name'", PG),
    Own("drop_key", "ALTER TABLE pets DROP CONSTRAINT pets_owner_id_fkey;\n", "ALTER TABLE pets ADD CONSTRAINT pets_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES owners (id) ON DELETE CASCADE;\n", "SELECT count(*) = 0 FROM pg_constraint WHERE conname = 'pets_owner_id_fkey'", PG),
    Own("check", "ALTER TABLE pets ADD CONSTRAINT pets_weight CHECK (weight > 0);\n", "ALTER TABLE pets DROP CONSTRAINT pets_weight;\n", "SELECT count(*) = 1 FROM pg_constraint WHERE conname = 'pets_weight'", PG),
    Own("body", "CREATE OR REPLACE FUNCTION label(given text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower(given) $$;\n", "CREATE OR REPLACE FUNCTION label(given text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper(given) $$;\n", "SELECT label('A') = 'a'", PG),
    Own("new_type", "CREATE TYPE size AS ENUM ('small', 'large');\nALTER TABLE pets ADD COLUMN size size;\n", "ALTER TABLE pets DROP COLUMN size;\nDROP TYPE size;\n", "SELECT size FROM pets", PG),
    Own("trigger", "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := 'seen'; RETURN NEW; END $$;\nCREATE TRIGGER pets_touch BEFORE UPDATE ON pets FOR EACH ROW EXECUTE FUNCTION touch();\n", "DROP TRIGGER pets_touch ON pets;\nDROP FUNCTION touch();\n", "SELECT count(*) = 1 FROM pg_trigger WHERE tgname = 'pets_touch'", PG),
    Own("sequence", "CREATE SEQUENCE tickets START 100;\nCREATE TABLE desks (id integer PRIMARY KEY DEFAULT nextval('tickets'));\n", "DROP TABLE desks;\nDROP SEQUENCE tickets;\n", "SELECT id FROM desks", PG),
    Own("label_renamed", "ALTER TYPE mood RENAME VALUE 'glad' TO 'happy';\n", "ALTER TYPE mood RENAME VALUE 'happy' TO 'glad';\n", "SELECT 'happy'::mood IS NOT NULL", PG),
    # SQLite
    Own("length", _rebuild(_PETS.format(40), _ALL), _rebuild(_PETS.format(20), _ALL), "SELECT count(*) = 1 FROM pragma_table_info('pets') WHERE name = 'kind' AND type = 'varchar(40)'", LITE),
    Own("nullable", _rebuild(_PETS.format(20).replace("kind varchar(20) NOT NULL", "kind varchar(20)"), _ALL), _rebuild(_PETS.format(20), _ALL), "SELECT count(*) = 1 FROM pragma_table_info('pets') WHERE name = 'kind' AND \"notnull\" = 0", LITE),
    Own("default", _rebuild(_PETS.format(20).replace("note text", "note text DEFAULT 'none'"), _ALL), _rebuild(_PETS.format(20), _ALL), "SELECT count(*) = 1 FROM pragma_table_info('pets') WHERE name = 'note' AND dflt_value IS NOT NULL", LITE),
    Own("drop_key", _rebuild(_PETS.format(20).replace(" REFERENCES owners (id) ON DELETE CASCADE", ""), _ALL), _rebuild(_PETS.format(20), _ALL), "SELECT count(*) = 0 FROM pragma_foreign_key_list('pets')", LITE),
    Own("trigger", "CREATE TRIGGER owners_mark AFTER INSERT ON owners BEGIN UPDATE owners SET mark = 'new' WHERE id = NEW.id; END;\n", "DROP TRIGGER owners_mark;\n", "SELECT count(*) = 1 FROM sqlite_master WHERE name = 'owners_mark'", LITE),
    Own("other_trigger", "DROP TRIGGER pets_note;\nCREATE TRIGGER pets_note AFTER INSERT ON pets BEGIN UPDATE pets SET note = 'fresh' WHERE id = NEW.id; END;\n", "DROP TRIGGER pets_note;\nCREATE TRIGGER pets_note AFTER INSERT ON pets BEGIN UPDATE pets SET note = 'new' WHERE id = NEW.id AND note IS NULL; END;\n", "SELECT count(*) = 1 FROM sqlite_master WHERE name = 'pets_note' AND sql LIKE '%fresh%'", LITE),
)  # fmt: skip

_WORDS = {
    PG: {"indexes": "pg_indexes", "index": "indexname", "definition": "indexdef", "views": "pg_views", "view": "viewname", "body": "definition"},
    LITE: {"indexes": "sqlite_master", "index": "name", "definition": "sql", "views": "sqlite_master", "view": "name", "body": "sql"},
}  # fmt: skip


def pairs_of(dialect: str) -> list[Own]:
    """The pairs of a dialect, their checks in its words."""
    found = [pair for pair in PAIRS if pair.only in ("", dialect)]
    return [replace(pair, verify=pair.verify.format(**_WORDS[dialect])) for pair in found]


Mutants = Iterator[tuple[str, Own]]
_STATEMENTS = re.compile(r"[^;]*(?:\$\$.*?\$\$[^;]*)*;(?:[^;]*;\s*END;)?\n?", re.DOTALL)


def _statements(sql: str) -> list[str]:
    lines = [line for line in sql.split("\n") if line.strip()]
    return [f"{line}\n" for line in lines]


def drop_statement(pair: Own, dialect: str) -> Mutants:
    """Leave one statement of the rollback out."""
    parts = _statements(pair.down)
    for place in range(len(parts)):
        rest = "".join(parts[:place] + parts[place + 1 :])
        # PostgreSQL drops a column's index with the column.
        with_column = dialect == PG and parts[place].startswith("DROP INDEX") and "DROP COLUMN" in rest
        if rest.strip() and not parts[place].startswith("INSERT") and not with_column:
            yield "schema", replace(pair, down=rest)


def empty_file(pair: Own, dialect: str) -> Mutants:
    """An empty rollback."""
    yield "schema", replace(pair, down="")


def comment_only(pair: Own, dialect: str) -> Mutants:
    """A rollback of a comment alone."""
    yield "schema", replace(pair, down="-- nothing to do\n")


def syntax_error(pair: Own, dialect: str) -> Mutants:
    """A word misspelt so that the rollback does not parse."""
    for word, wrong in (
        ("TABLE", "TABEL"),
        ("DROP INDEX", "DROP INDXE"),
        ("CREATE", "CREAT"),
        ("VIEW", "VEIW"),
        ("DROP TRIGGER", "DROP TRIGGR"),
    ):
        if word in pair.down:
            yield "schema", replace(pair, down=pair.down.replace(word, wrong, 1))
            return


def misspelt_name(pair: Own, dialect: str) -> Mutants:
    """A name in the rollback that nothing has."""
    found = re.search(
        r"DROP (?:COLUMN|INDEX|TABLE|VIEW|CONSTRAINT|TRIGGER|TYPE|FUNCTION|SEQUENCE) (\w+)", pair.down
    )
    if found:
        yield (
            "schema",
            replace(
                pair, down=pair.down[: found.start(1)] + found.group(1) + "z" + pair.down[found.end(1) :]
            ),
        )


def misspelt_new(pair: Own, dialect: str) -> Mutants:
    """A name that comes back with a letter too many."""
    found = re.search(r"(?:RENAME TO|TO|CREATE INDEX|CREATE VIEW|CREATE TRIGGER) (\w+)(?=[ ;])", pair.down)
    if found and not pair.down.startswith("CREATE TABLE pets_new"):
        yield (
            "schema",
            replace(
                pair, down=pair.down[: found.start(1)] + found.group(1) + "z" + pair.down[found.end(1) :]
            ),
        )


def wrong_order(pair: Own, dialect: str) -> Mutants:
    """The rollback's statements the other way round; SQLite drops tables in any order, so there that is none."""
    parts = _statements(pair.down)
    tables = all(part.startswith(("DROP TABLE", "DROP VIEW")) for part in parts)
    if len(parts) == 2 and parts[0].startswith("DROP") and not (dialect == LITE and tables):
        yield "schema", replace(pair, down="".join(reversed(parts)))


def lost_length(pair: Own, dialect: str) -> Mutants:
    """A length that does not come back."""
    for old, new in (
        ("varchar(20)", "varchar(19)"),
        ("varchar(20)", "varchar"),
        ("varchar(12)", "varchar(13)"),
        ("varchar(12)", "varchar"),
        ("numeric(6,2)", "numeric(5,2)"),
    ):
        if old in pair.down:
            yield "schema", replace(pair, down=pair.down.replace(old, new, 1))


def lost_null(pair: Own, dialect: str) -> Mutants:
    """A NOT NULL that does not come back, or comes where none was."""
    if "kind varchar(20) NOT NULL" in pair.down:
        yield (
            "schema",
            replace(pair, down=pair.down.replace("kind varchar(20) NOT NULL", "kind varchar(20)", 1)),
        )
    for line in _statements(pair.down):
        if "NOT NULL;" in line:
            yield "schema", replace(pair, down=pair.down.replace(line, ""))


def lost_default(pair: Own, dialect: str) -> Mutants:
    """A default that does not come back, or another."""
    if "SET DEFAULT 'nobody'" in pair.down:
        yield "schema", replace(pair, down=pair.down.replace("'nobody'", "''"))
    if "weight numeric(6,2)," in pair.down:
        yield (
            "schema",
            replace(
                pair, down=pair.down.replace("weight numeric(6,2),", "weight numeric(6,2) DEFAULT 1,", 1)
            ),
        )


def old_body(pair: Own, dialect: str) -> Mutants:
    """Another body than the one before."""
    for old, new in (
        ("upper(given)", "initcap(given)"),
        ("weight > 20", "weight > 21"),
        ("note = 'new'", "note = 'old'"),
    ):
        if old in pair.down:
            yield "schema", replace(pair, down=pair.down.replace(old, new))


def forgotten_index(pair: Own, dialect: str) -> Mutants:
    """The forward script makes one index more, which the rollback does not know."""
    # A rollback that builds the table anew drops the index with the old one.
    if "pets_new" not in pair.up:
        yield "schema", replace(pair, up=pair.up + "CREATE INDEX forgotten ON pets (note);\n")


def enum_value(pair: Own, dialect: str) -> Mutants:
    """A label is added, which no rollback takes out."""
    if dialect == PG:
        yield "schema", replace(pair, up=pair.up + "ALTER TYPE mood ADD VALUE 'wild';\n")


def lost_rows(pair: Own, dialect: str) -> Mutants:
    """Rows are deleted or overwritten on the way, and the schema shows nothing of it."""
    owners = "keepers" if "TO keepers" in pair.up else "owners"
    yield "data", replace(pair, up=pair.up + "DELETE FROM pets WHERE weight IS NOT NULL;\n")
    yield (
        "data",
        replace(
            pair,
            down=f"DELETE FROM {owners};\n" + pair.down
            if dialect == LITE
            else "DELETE FROM pets;\n" + pair.down,
        ),
    )
    yield "data", replace(pair, up=pair.up + "UPDATE pets SET kind = 'pet';\n")


def cascade(pair: Own, dialect: str) -> Mutants:
    """A CASCADE that takes along what nobody named."""
    if dialect == PG:
        yield "schema", replace(pair, down=pair.down + "ALTER TABLE pets DROP COLUMN weight CASCADE;\n")


def gutted_verify(pair: Own, dialect: str) -> Mutants:
    """A check that passes whatever happens."""
    yield "verify", replace(pair, verify="SELECT 1")
    yield "verify", replace(pair, verify="SELECT count(*) >= 0 FROM pets")


OPERATORS: tuple[Callable[[Own, str], Mutants], ...] = (
    drop_statement, empty_file, comment_only, syntax_error, misspelt_name, misspelt_new, wrong_order, lost_length,
    lost_null, lost_default, old_body, forgotten_index, enum_value, lost_rows, cascade, gutted_verify,
)  # fmt: skip
STATIC = frozenset(
    {
        "MIG001",
        "MIG002",
        "MIG004",
        "MIG010",
        "MIG020",
        "MIG021",
        "MIG022",
        "MIG023",
        "MIG024",
        "MIG025",
        "MIG040",
        "MIG042",
        "MIG051",
    }
)


def files_of(pair: Own, dialect: str, folder: str) -> dict[str, str]:
    """The four files of a pair on its base, under a folder of their own."""
    papers = (
        f"-- VERIFY\n-- {pair.verify};\n-- OPERATIONS\n-- duration: 1 s\n-- impact: none\n-- throttling: none\n"
        "-- Dry run: on a copy. Guard: the runner sets lock_timeout.\n"
    )
    place = f"{folder}/migrations/"
    return {
        f"{place}0001_base.up.sql": BASE_UP[dialect],
        f"{place}0001_base.down.sql": BASE_DOWN[dialect],
        f"{place}0002_step.up.sql": pair.up + papers,
        f"{place}0002_step.down.sql": pair.down,
    }


def mutants_of(dialect: str) -> list[tuple[str, str, Own]]:
    """Operator, what it harms (`schema`, `data`, `verify`), and the pair with the defect."""
    return [
        (operator.__name__, harm, mutant)
        for operator in OPERATORS
        for pair in pairs_of(dialect)
        for harm, mutant in operator(pair, dialect)
    ]


def run_all(pairs: list[Own], dialect: str) -> list[PairOutcome]:
    """The outcome of each pair, run on its base."""
    files: dict[str, str] = {}
    base: dict[str, str] = {}
    for number, pair in enumerate(pairs):
        for path, text in files_of(pair, dialect, f"m{number:04}").items():
            (base if "/0001_" in path else files)[path] = text
    report: MigrationReport = verify_migrations({**base, **files}, dialect, base=base)
    by_folder = {outcome.forward.partition("/")[0]: outcome for outcome in report.pairs}
    return [by_folder[f"m{number:04}"] for number in range(len(pairs))]


def found_by_run(outcome: PairOutcome, harm: str) -> bool:
    """Whether the run says of a mutant what its defect harms."""
    if outcome.verdict not in (PairVerdict.RESTORED, PairVerdict.COLUMN_ORDER, PairVerdict.REPRESENTATION):
        return True
    if harm == "data" and (outcome.rows in ("lost", "changed") or outcome.populated.endswith("failed")):
        return True
    return harm == "verify" and (
        "pass" in (outcome.verify_before, outcome.verify_after_rollback) or outcome.verify_after == "fail"
    )


def found_statically(pair: Own, dialect: str) -> bool:
    """Whether a rule that reads the text alone speaks against a mutant."""
    files = files_of(pair, dialect, "db")
    change = Change(tuple(FileChange(path, text) for path, text in files.items() if "/0002_" in path))
    base = SourceTree.from_mapping({path: text for path, text in files.items() if "/0001_" in path})
    rules = [rule for rule in built_in_rules() if rule.code in STATIC]
    report = check(change, base=base, rules=rules, inputs=_Inputs(dialect))
    return bool(report.findings)


class _Inputs:
    """Partial inputs that state the database and nothing else."""

    def __init__(self, dialect: str) -> None:
        for name in StageInputs.model_fields:
            setattr(self, name, None)
        self.tech_spec = type(
            "Spec", (), {"database": type("Database", (), {"dialect": dialect}), "migrations": None}
        )


def alarms(outcome: PairOutcome) -> str:
    """What the run says against a clean pair, empty if nothing."""
    if outcome.verdict not in (PairVerdict.RESTORED, PairVerdict.COLUMN_ORDER, PairVerdict.REPRESENTATION):
        return f"{outcome.verdict}: {outcome.message} {outcome.differences}"
    if outcome.rows in ("lost", "changed"):
        return f"rows {outcome.rows}: {outcome.row_differences}"
    if outcome.populated.endswith("failed"):
        return f"{outcome.populated}: {outcome.populated_message}"
    if (outcome.verify_before, outcome.verify_after, outcome.verify_after_rollback) != (
        "fail",
        "pass",
        "fail",
    ):
        return f"verify {outcome.verify_before} {outcome.verify_after} {outcome.verify_after_rollback} {outcome.verify_message}"
    return ""


def main(dialect: str) -> None:
    """Print the table for a dialect."""
    clean = pairs_of(dialect)
    said = [
        (pair.name, words)
        for pair, outcome in zip(clean, run_all(clean, dialect), strict=True)
        if (words := alarms(outcome))
    ]
    static_alarms = [pair.name for pair in clean if found_statically(pair, dialect)]
    print(f"{dialect}: {len(clean)} clean pairs, false alarms by the run {len(said)} {said}")
    print(f"static alarms on clean pairs {len(static_alarms)} {static_alarms}")
    mutants = mutants_of(dialect)
    outcomes = run_all([mutant for _, _, mutant in mutants], dialect)
    total: Counter[str] = Counter()
    run: Counter[str] = Counter()
    static: Counter[str] = Counter()
    for (operator, harm, mutant), outcome in zip(mutants, outcomes, strict=True):
        for name in (operator, harm, "all"):
            total[name] += 1
            run[name] += found_by_run(outcome, harm)
            static[name] += (seen := found_statically(mutant, dialect)) if name == operator else seen
        if not found_by_run(outcome, harm):
            print(f"  missed by the run: {operator} on {mutant.name}: {outcome.verdict} rows {outcome.rows}")
        if not seen:
            print(f"  missed statically: {operator} on {mutant.name}")
    for name in total:
        print(
            f"{name:16} {total[name]:4}  run {run[name] / total[name]:7.1%}  static {static[name] / total[name]:7.1%}"
        )


if __name__ == "__main__":
    for wanted in sys.argv[1:] or (LITE, PG):
        main(wanted)
