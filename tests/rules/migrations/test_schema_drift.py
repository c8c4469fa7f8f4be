"""Drift between what migrations build and DataModel, on both databases, by a run and by the scripts' text alone."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.contract import Verdict
from backend_engineer.errors import ServerUnavailable
from backend_engineer.outputs import Change, FileChange, MigrationReport, Report
from backend_engineer.rules import check
from backend_engineer.rules.examples import bundle
from backend_engineer.rules.migrations.conditions import conjuncts
from backend_engineer.verification import verify_migrations
from backend_engineer.verification.postgres.server import find_programs
from backend_engineer.workspace import SourceTree

NONE = {"not_applicable": "none in this test"}
HEAD = "CREATE TABLE owners (id integer NOT NULL PRIMARY KEY, kind text);\nCREATE TABLE orgs (id integer NOT NULL PRIMARY KEY);\n"
OWNED = [{"columns": ["owner_id"], "entity": "Owner", "references": ["id"], "on_delete": "CASCADE"}]
KEPT = [{"columns": ["owner_id"], "entity": "Owner", "references": ["id"]}]
OWNER_INDEX = [{"columns": ["owner_id"]}]
OWNER_UNIQUE = [{"columns": ["owner_id"], "unique": True}]
PRICE = "CHECK (price > 0)"
ONE_OF = "CHECK (state IN ('new', 'old'))"


def column(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "nullable": name not in ("id", "owner_id"), **more}


def fields(**more: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [("id", "integer"), ("owner_id", "integer"), ("price", "integer"), ("state", "text")]
    key: dict[str, dict[str, Any]] = {"id": {"primary_key": True}}
    return [column(name, kind, **{**key.get(name, {}), **more.get(name, {})}) for name, kind in rows]


def entity(name: str, *, columns: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    parts = {"relations": NONE, "indexes": NONE, "constraints": NONE, "retention": NONE, **more}
    return {"name": name.title(), "table": name, "fields": fields() if columns is None else columns, **parts}


def table(
    id_: str = "", owner: str = "", price: str = "", state: str = "", *tail: str, key: bool = True
) -> str:
    """A table's statement; `@` stands for its name."""
    primary = " PRIMARY KEY" if key else ""
    rows = (
        f"id integer NOT NULL{primary} {id_}",
        f"owner_id integer NOT NULL {owner}",
        f"price integer {price}",
        f"state text {state}",
    )
    return f"CREATE TABLE @ ({', '.join((*rows, *tail))});"


# Name -> (statements, what the entity says). Nothing here is drift.
CLEAN: dict[str, tuple[str, dict[str, Any]]] = {
    "c_plain": (table(), {}),
    "c_fk": (table(owner="REFERENCES owners (id) ON DELETE CASCADE"), {"relations": OWNED}),
    "c_fk_of_table": (table("", "", "", "", "FOREIGN KEY (owner_id) REFERENCES owners (id) ON DELETE CASCADE"), {"relations": OWNED}),
    "c_fk_named": (table("", "", "", "", "CONSTRAINT c_x FOREIGN KEY (owner_id) REFERENCES owners (id) ON UPDATE CASCADE ON DELETE CASCADE"), {"relations": OWNED}),
    "c_fk_default": (table(owner="REFERENCES owners (id)"), {"relations": KEPT}),
    "c_fk_no_columns": (table(owner="REFERENCES owners"), {"relations": KEPT}),
    "c_fk_restrict": (table(owner="REFERENCES owners (id) ON DELETE RESTRICT"), {"relations": KEPT}),
    "c_fk_words": (table(owner="REFERENCES owners (id) ON DELETE SET DEFAULT"), {"relations": [{**OWNED[0], "on_delete": "on delete  set default"}]}),
    "c_fk_as_constraint": (table(owner="REFERENCES owners (id)"), {"constraints": ["FOREIGN KEY (owner_id) REFERENCES owners (id)"]}),
    "c_fk_deferred": (table(owner="REFERENCES owners (id) DEFERRABLE INITIALLY DEFERRED"), {"relations": KEPT}),
    "c_check": (table(price="CHECK (price > 0)"), {"constraints": [PRICE]}),
    "c_check_turned": (table(price="CHECK (0 < price)"), {"constraints": [PRICE]}),
    "c_check_bare": (table(price="CHECK (price > 0)"), {"constraints": ["price > 0"]}),
    "c_check_named": (table("", "", "", "", "CONSTRAINT c_y CHECK (price > 0)"), {"constraints": ["CONSTRAINT c_y CHECK (price>0);"]}),
    "c_check_whole": (table(price="CHECK (price >= 1)"), {"constraints": [PRICE]}),
    "c_check_in": (table(state="CHECK (state IN ('new', 'old'))"), {"constraints": [ONE_OF]}),
    "c_check_in_turned": (table(state="CHECK (state = 'old' OR state = 'new')"), {"constraints": [ONE_OF]}),
    "c_check_not_in": (table(state="CHECK (state NOT IN ('a', 'b'))"), {"constraints": ["state <> 'a' AND state <> 'b'"]}),
    "c_check_between": (table(price="CHECK (price BETWEEN 1 AND 9)"), {"constraints": ["CHECK (price >= 1)", "CHECK (price <= 9)"]}),
    "c_check_two": (table("", "", "", "", "CHECK (price > 0 AND state <> '')"), {"constraints": ["CHECK (state <> '')", PRICE]}),
    "c_check_like": (table(state="CHECK (state LIKE 'a%')"), {"constraints": ["CHECK (state LIKE 'a%')"]}),
    "c_check_call": (table(state="CHECK (length(state) > 3)"), {"constraints": ["CHECK (LENGTH(state) > 3)"]}),
    "c_check_negative": (table(price="CHECK (price > -1)"), {"constraints": ["CHECK (price>-1)"]}),
    "c_check_null": (table(price="CHECK (price IS NULL OR price > 0)"), {"constraints": ["CHECK (price > 0 or price is null)"]}),
    "c_check_not_null": (table(owner="CHECK (owner_id IS NOT NULL)"), {}),
    "c_check_case": (table(price="CHECK (CASE WHEN price > 3 THEN state IS NOT NULL ELSE price = 1 END)"), {"constraints": ["price > 3 and state is not null or price = 1"], "asks": True}),
    "c_words": (table(price="CHECK (price > 0)"), {"constraints": ["Prices are never negative"], "asks": True}),
    "c_words_alone": (table(), {"constraints": ["An owner has at most three of them."], "asks": True}),
    "c_unique_column": (table(owner="UNIQUE"), {"columns": fields(owner_id={"unique": True})}),
    "c_unique_index": ("CREATE UNIQUE INDEX c_z ON @ (owner_id);", {"indexes": [{"columns": ["owner_id"], "unique": True, "name": "c_z"}]}),
    "c_unique_as_index": (table(owner="UNIQUE"), {"indexes": OWNER_UNIQUE}),
    "c_unique_constraint": (table("", "", "", "", "UNIQUE (owner_id, state)"), {"constraints": ["UNIQUE (owner_id, state)"]}),
    "c_unique_implied": (table("", "", "", "", "UNIQUE (id, owner_id)"), {}),
    "c_unique_partial": ("CREATE UNIQUE INDEX c_p ON @ (owner_id) WHERE state = 'new';", {"constraints": ["CREATE UNIQUE INDEX c_p ON x (owner_id) WHERE (state = 'new')"]}),
    "c_index": ("CREATE INDEX c_i ON @ (owner_id);", {"indexes": OWNER_INDEX}),
    "c_index_two": ("CREATE INDEX c_j ON @ (owner_id, state);", {"indexes": [{"columns": ["owner_id", "state"]}]}),
    "c_index_down": ("CREATE INDEX c_k ON @ (price DESC, id);", {"indexes": [{"columns": ["price DESC", "id"]}]}),
    "c_index_backwards": ("CREATE INDEX c_l ON @ (price DESC);", {"indexes": [{"columns": ["price"]}]}),
    "c_index_call": ("CREATE INDEX c_m ON @ (lower(state));", {"indexes": [{"columns": ["lower(state)"]}]}),
    "c_pair": ("CREATE TABLE @ (id integer NOT NULL, owner_id integer NOT NULL, price integer, state text, PRIMARY KEY (owner_id, id));", {"columns": fields(owner_id={"primary_key": True})}),
    "c_pair_constraint": ("CREATE TABLE @ (id integer NOT NULL, owner_id integer NOT NULL, price integer, state text, PRIMARY KEY (owner_id, id));", {"constraints": ["PRIMARY KEY (id, owner_id)"]}),
    "c_default": (table(state="DEFAULT 'new'", price="DEFAULT 0"), {"columns": fields(state={"default": "'new'"}, price={"default": "0"})}),
    "c_default_unquoted": (table(state="DEFAULT 'new'"), {"columns": fields(state={"default": "new"})}),
    "c_order": ('CREATE TABLE @ (id integer NOT NULL PRIMARY KEY, "order" integer CHECK ("order" > 0));', {"columns": [column("id", "integer", primary_key=True), column("order", "integer")], "constraints": ["CHECK (\"order\" > 0)"]}),
}  # fmt: skip

DRIFT: dict[str, tuple[str, dict[str, Any], set[str]]] = {
    "d_check_missing": (table(), {"constraints": [PRICE]}, {"A condition is missing"}),
    "d_check_bare": (table(), {"constraints": ["price > 0"]}, {"A condition is missing"}),
    "d_check_other": (table(price="CHECK (price > 100)"), {"constraints": [PRICE]}, {"A condition differs"}),
    "d_check_values": (table(state="CHECK (state IN ('new', 'gone'))"), {"constraints": [ONE_OF]}, {"A condition differs"}),
    "d_check_half": (table(price="CHECK (price > 0)"), {"constraints": ["CHECK (price > 0 AND state <> '')"]}, {"A condition is missing"}),
    "d_check_undeclared": (table(price="CHECK (price > 100)"), {}, {"A condition is undeclared"}),
    "d_check_unread": (table(price="CHECK (CASE WHEN price > 3 THEN state IS NOT NULL ELSE price = 1 END)"), {}, {"A condition is undeclared"}),
    "d_fk_elsewhere": (table(owner="REFERENCES orgs (id) ON DELETE CASCADE"), {"relations": OWNED}, {"A foreign key points elsewhere"}),
    "d_fk_action": (table(owner="REFERENCES owners (id) ON DELETE RESTRICT"), {"relations": OWNED}, {"A foreign key deletes in another way"}),
    "d_fk_no_action": (table(owner="REFERENCES owners (id)"), {"relations": OWNED}, {"A foreign key deletes in another way"}),
    "d_fk_undeclared": (table(owner="REFERENCES owners (id)"), {}, {"A foreign key is undeclared"}),
    "d_fk_missing": (table(), {"relations": OWNED}, {"A foreign key is missing"}),
    "d_key_lost": (table(key=False), {}, {"The primary key is missing"}),
    "d_key_wider": (table("", "", "", "", "PRIMARY KEY (id, owner_id)", key=False), {}, {"The primary key differs"}),
    "d_key_other": (table("", "PRIMARY KEY", key=False), {}, {"The primary key differs"}),
    "d_unique_undeclared": (table(owner="UNIQUE"), {}, {"A unique key is undeclared"}),
    "d_unique_two": (table("", "", "", "", "UNIQUE (owner_id, state)"), {}, {"A unique key is undeclared"}),
    "d_unique_for_plain": (table(owner="UNIQUE"), {"indexes": OWNER_INDEX}, {"An index is unique"}),
    "d_unique_partial": ("CREATE UNIQUE INDEX d_a ON @ (owner_id) WHERE state = 'new';", {"indexes": OWNER_UNIQUE}, {"An index is missing"}),
    "d_unique_column": (table(), {"columns": fields(owner_id={"unique": True})}, {"A unique key is missing"}),
    "d_unique_missing": (table(), {"constraints": ["UNIQUE (owner_id, state)"]}, {"A unique key is missing"}),
    "d_plain_for_unique": ("CREATE INDEX d_b ON @ (owner_id);", {"indexes": OWNER_UNIQUE}, {"An index is missing"}),
    "d_index_undeclared": ("CREATE INDEX d_c ON @ (owner_id);", {}, {"An index is undeclared"}),
    "d_index_missing": (table(), {"indexes": OWNER_INDEX}, {"An index is missing"}),
    "d_index_order": ("CREATE INDEX d_d ON @ (state, owner_id);", {"indexes": [{"columns": ["owner_id", "state"]}]}, {"An index is missing", "An index is undeclared"}),
    "d_index_down": ("CREATE INDEX d_e ON @ (price DESC, id);", {"indexes": [{"columns": ["price", "id"]}]}, {"An index has another order"}),
    "d_index_call": ("CREATE INDEX d_f ON @ (lower(state));", {"indexes": [{"columns": ["state"]}]}, {"An index is missing", "An index is undeclared"}),
    "d_index_name": ("CREATE INDEX d_g ON @ (owner_id);", {"indexes": [{"columns": ["owner_id"], "name": "by_owner"}]}, {"An index has another name"}),
    "d_default": (table(state="DEFAULT 'old'"), {"columns": fields(state={"default": "'new'"})}, {"A default differs"}),
    "d_default_lost": (table(), {"columns": fields(state={"default": "'new'"})}, {"A default is missing"}),
    "d_default_more": (table(state="DEFAULT 'old'"), {}, {"A default is undeclared"}),
}  # fmt: skip


def made(name: str, sql: str) -> str:
    whole = sql if sql.startswith("CREATE TABLE") else f"{table()}\n{sql}"
    return whole.replace("@", name)


def built(cases: Mapping[str, tuple[Any, ...]]) -> Change:
    up = HEAD + "\n".join(made(name, case[0]) for name, case in cases.items()) + "\n"
    down = "".join(f"DROP TABLE {name};\n" for name in (*cases, "orgs", "owners"))
    files = (("db/migrations/0001_a.up.sql", up), ("db/migrations/0001_a.down.sql", down))
    return Change(tuple(FileChange(path, text) for path, text in files))


def model(dialect: str, cases: Mapping[str, tuple[Any, ...]]) -> Any:
    own = [column("id", "integer", primary_key=True)]
    entities = [
        {**entity("owners", columns=[*own, column("kind", "text")]), "name": "Owner"},
        entity("orgs", columns=own),
        *(entity(name, **{key: value for key, value in case[1].items() if key != "asks"}) for name, case in cases.items()),
    ]  # fmt: skip
    spec = {"database": {"dialect": dialect}}
    return bundle({"tech_spec": spec, "data_model": {"entities": entities}})


RUNS: dict[tuple[str, str], MigrationReport] = {}
DIALECTS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


def run(dialect: str, name: str, cases: Mapping[str, tuple[Any, ...]]) -> MigrationReport:
    """One run for all cases of a kind: each has a table of its own."""
    if dialect == "postgresql":
        try:
            find_programs()
        except ServerUnavailable as error:
            pytest.skip(f"PostgreSQL is not installed: {error}")
    if (dialect, name) not in RUNS:
        RUNS[dialect, name] = verify_migrations(built(cases), dialect, seed=None)
    report = RUNS[dialect, name]
    assert (report.not_checked, report.pairs[0].message, report.pairs[0].verdict) == ("", "", "restored")
    return report


def judged(dialect: str, cases: Mapping[str, tuple[Any, ...]], *verified: MigrationReport) -> Report:
    base = SourceTree.from_mapping({"README.md": "# a\n"})
    return check(built(cases), inputs=model(dialect, cases), base=base, verified=verified, rules=["MIG070"])


def titles(report: Report, name: str) -> set[str]:
    return {
        item.title for item in report.findings if f"`{name}`" in item.evidence or f"`{name}." in item.evidence
    }


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_schema_that_is_the_models_is_no_drift_by_its_run(dialect: str) -> None:
    report = judged(dialect, CLEAN, run(dialect, "clean", CLEAN))
    assert [item.evidence for item in report.findings] == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_schema_that_is_the_models_holds_the_clause_but_for_words(dialect: str) -> None:
    exact = {name: case for name, case in CLEAN.items() if not case[1].get("asks")}
    assert judged(dialect, exact, run(dialect, "exact", exact)).clauses["CONS-05"] is Verdict.HELD


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", sorted(name for name, case in CLEAN.items() if case[1].get("asks")))
def test_what_only_words_say_is_asked_about_with_the_words(dialect: str, name: str) -> None:
    whole = judged(dialect, {name: CLEAN[name]}, run(dialect, name, {name: CLEAN[name]}))
    verdict = next(row for row in whole.verdicts if row.clause == "CONS-05")
    assert verdict.verdict is Verdict.NEEDS_REVIEW
    assert CLEAN[name][1]["constraints"][0] in verdict.reason


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_scripts_alone_show_no_drift_where_there_is_none(dialect: str) -> None:
    report = judged(dialect, CLEAN)
    assert [item.evidence for item in report.findings] == []
    assert report.clauses["CONS-05"] is Verdict.NOT_CHECKED


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", sorted(DRIFT))
def test_each_drift_is_told_by_its_run(dialect: str, name: str) -> None:
    report = judged(dialect, DRIFT, run(dialect, "drift", DRIFT))
    assert titles(report, name) == DRIFT[name][2]


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_each_drift_is_told_by_the_scripts_alone(dialect: str) -> None:
    report = judged(dialect, DRIFT)
    assert {name: titles(report, name) for name in DRIFT} == {name: case[2] for name, case in DRIFT.items()}


LINES = (
    "table public.pets: table",
    "column public.pets.id: integer not null default nextval('public.pets_id_seq'::regclass)",
    "column public.pets.price: integer",
    "constraint public.pets.pets_pkey: PRIMARY KEY (id)",
)
PETS = [column("id", "serial", primary_key=True), column("price", "integer")]


def seen(lines: tuple[str, ...], **more: Any) -> tuple[set[str], Verdict]:
    entities = [entity("pets", columns=PETS, **more)]
    files = {"db/migrations/0001_a.up.sql": "SELECT 1;\n", "db/migrations/0001_a.down.sql": "SELECT 1;\n"}
    report = check(
        Change(tuple(FileChange(path, text) for path, text in files.items())),
        inputs=bundle({"data_model": {"entities": entities}}),
        base=SourceTree.from_mapping({}),
        verified=MigrationReport(dialect="postgresql", schema_after=lines),
        rules=["MIG070"],
    )
    return {item.title for item in report.findings}, report.clauses["CONS-05"]


def test_a_number_that_the_database_draws_is_no_default_of_the_models() -> None:
    assert seen(LINES) == (set(), Verdict.HELD)


def test_what_stands_behind_a_columns_type_is_no_part_of_it() -> None:
    lines = (*LINES[:2], "column public.pets.price: integer inherited", LINES[3])
    assert seen(lines) == (set(), Verdict.HELD)


def test_a_condition_that_was_never_validated_is_asked_about() -> None:
    lines = (*LINES, "constraint public.pets.pets_price: CHECK ((price > 0)) NOT VALID")
    assert seen(lines, constraints=[PRICE]) == (set(), Verdict.NEEDS_REVIEW)


def test_partitions_belong_to_their_table() -> None:
    bound = "FOR VALUES FROM (1) TO (10)"
    lines = (
        *LINES,
        f"table public.pets_1: table {bound} inherits public.pets",
        "column public.pets_1.id: integer",
    )
    assert seen(lines) == (set(), Verdict.HELD)


def test_a_table_that_only_inherits_is_one_of_its_own() -> None:
    lines = (*LINES, "table public.cats: table inherits public.pets")
    assert seen(lines) == ({"A table is undeclared"}, Verdict.VIOLATED)


def test_a_condition_that_no_one_can_read_is_asked_about_beside_another() -> None:
    lines = (*LINES, "constraint public.pets.c: CHECK (CASE WHEN (price > 0) THEN true ELSE false END)")
    assert seen(lines, constraints=[PRICE]) == (set(), Verdict.NEEDS_REVIEW)


def test_an_exclusion_is_compared_by_its_text() -> None:
    shown = "EXCLUDE USING gist (price WITH =)"
    lines = (*LINES, f"constraint public.pets.e: {shown}")
    assert seen(lines, constraints=["exclude using gist (price with =)"]) == (set(), Verdict.HELD)
    assert seen(lines) == ({"A condition is undeclared"}, Verdict.VIOLATED)
    assert seen(LINES, constraints=[shown]) == ({"A condition is missing"}, Verdict.VIOLATED)


def test_a_deletion_in_words_is_asked_about() -> None:
    relation = {
        "columns": ["price"],
        "entity": "Pets",
        "references": ["id"],
        "on_delete": "the rows go as well",
    }
    lines = (
        *LINES,
        "constraint public.pets.f: FOREIGN KEY (price) REFERENCES public.pets(id) ON DELETE CASCADE",
    )
    assert seen(lines, relations=[relation]) == (set(), Verdict.NEEDS_REVIEW)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("price > 0", "((price > (0)::numeric))"),
        ("state IN ('a', 'b')", "(((state)::text = ANY ((ARRAY['b'::character varying, 'a'::character varying])::text[])))"),
        ("state = ANY ('{a,b}'::text[])", "state IN ('a', 'b')"),
        ("NOT (price < 0)", "price >= 0"),
        ("NOT (a > 0 OR b > 0)", "a <= 0 AND b <= 0"),
        ("on_day > DATE '2020-01-01'", "(on_day > '2020-01-01'::date)"),
        ("CAST(a AS text) <> ''", "((a)::text <> ''::text)"),
        ("active = true", "active"),
        ("a > b", "b < a"),
        ("price > - 1.50", "(price > '-1.5'::numeric)"),
    ],
)  # fmt: skip
def test_two_ways_of_writing_a_condition_are_one(one: str, other: str) -> None:
    assert conjuncts(one) == conjuncts(other) is not None


@pytest.mark.parametrize(
    ("one", "other"), [("a > 0", "a >= 0"), ("a = 'x'", "a = 'X'"), ("a OR b", "a AND b"), ("a IS TRUE", "a")]
)
def test_conditions_that_mean_different_things_stay_apart(one: str, other: str) -> None:
    assert conjuncts(one) != conjuncts(other)


@pytest.mark.parametrize(
    "text",
    [
        "prices are positive",
        "Email is unique",
        "a b",
        "price > 0 because",
        "(((",
        "",
        "CASE WHEN a THEN b END",
    ],
)
def test_words_are_no_condition(text: str) -> None:
    assert conjuncts(text) is None


TERMS = st.sampled_from(["a", "b", "1", "-2", "'x'", "c + 1", "length(d)"])
COMPARED = st.builds("{} {} {}".format, TERMS, st.sampled_from(["<", ">", "=", "<>", "<=", ">="]), TERMS)


@given(st.lists(COMPARED, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_parts_and_needless_parentheses_change_nothing(parts: list[str], chance: Any) -> None:
    turned = [f"(({part}))" for part in parts]
    chance.shuffle(turned)
    assert conjuncts(" AND ".join(parts)) == conjuncts(f"({' AND '.join(turned)})") is not None
    assert conjuncts(" OR ".join(parts)) == conjuncts(" or ".join(turned)) is not None


@given(st.text(alphabet="ab1 ()[]'\"<>=!~-+*/,.:;$\\\n", max_size=40))
def test_any_text_is_read_or_is_not_and_nothing_breaks(text: str) -> None:
    read = conjuncts(text)
    assert read is None or read
    seen(
        (
            f"table t: {text}",
            f"column t.a: {text}",
            f"constraint t.c: {text}",
            f"index i: CREATE INDEX {text}",
        ),
        constraints=[text],
    )
