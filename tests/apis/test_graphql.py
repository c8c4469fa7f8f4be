"""GraphQL schemas: faults by line, differences by coordinate, applied directives included."""

from __future__ import annotations

import random
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer.apis import compare_graphql, graphql_operations, graphql_problems
from backend_engineer.errors import InvalidDocument, MissingExtra

SDL = '''
directive @auth(role: String! = "user") repeatable on FIELD_DEFINITION | OBJECT
"""People."""
type User implements Node @auth(role: "owner") { id: ID! name: String @deprecated(reason: "old") kind: Kind posts(first: Int = 10, after: String): [Post!]! @auth }
type Post implements Node { id: ID! title: String! }
interface Node { id: ID! }
enum Kind { OWNER GUEST }
union Hit = User | Post
scalar Date @specifiedBy(url: "https://dates.example")
input NewUser { name: String! age: Int = 3 }
type Query { me: User node(id: ID!): Node search(text: String): [Hit] at: Date }
type Mutation { createUser(input: NewUser!): User! }
'''


def _found(emitted: str) -> list[tuple[str, str]]:
    return [(item.kind, item.pointer) for item in compare_graphql(SDL, emitted)]


@pytest.mark.parametrize(
    ("old", "new", "kind", "place"),
    [
        ('@auth(role: "owner")', "", "missing", "User"),
        ('@deprecated(reason: "old")', "", "missing", "User.name"),
        (": [Post!]! @auth", ": [Post!]!", "missing", "User.posts"),
        ("first: Int = 10", "first: Int = 20", "changed", "User.posts(first:)"),
        ("first: Int = 10", "first: Int", "changed", "User.posts(first:)"),
        (", after: String", "", "missing", "User.posts(after:)"),
        ("title: String!", "title: String", "changed", "Post.title"),
        ("title: String!", "title: String! body: String", "extra", "Post.body"),
        ("OWNER GUEST", "OWNER", "missing", "Kind.GUEST"),
        ("User | Post", "User", "missing", "Hit"),
        ("type Post implements Node", "type Post", "missing", "Post"),
        ("age: Int = 3", "age: Int = 4", "changed", "NewUser.age"),
        ("input NewUser {", "input NewUser { email: String!", "extra", "NewUser.email"),
        ("type Mutation {", "type Mutation { drop: Int", "extra", "Mutation.drop"),
        ("search(text: String)", "search", "missing", "Query.search(text:)"),
        (" repeatable", "", "changed", "@auth"),
        ('role: String! = "user"', 'role: String! = "guest"', "changed", "@auth(role:)"),
        ("scalar Date", "scalar Money scalar Date", "extra", "Money"),
        ("dates.example", "other.example", "both", "Date"),
    ],
)  # fmt: skip
def test_a_drift_is_found_at_its_coordinate(old: str, new: str, kind: str, place: str) -> None:
    emitted = SDL.replace(old, new)
    assert emitted != SDL
    assert _found(emitted) == ([("extra", place), ("missing", place)] if kind == "both" else [(kind, place)])


USES = """
directive @auth(role: String = "u", scopes: [String] = ["a"], limit: Limit) repeatable on FIELD_DEFINITION
directive @open(to: String) on FIELD_DEFINITION
input Limit { per: Int at: Int }
type Query { me: Int %s }
"""


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ('@auth(role: "u")', "@auth"),
        ('@auth(role: """u""")', "@auth"),
        ('@auth(scopes: ["a"], role: "u")', '@auth(role: "u")'),
        ('@auth @auth(role: "u")', "@auth @auth"),
        ("@auth(limit: {per: 1, at: 2})", "@auth(limit: {at: 2, per: 1})"),
        ('@deprecated(reason: "No longer supported")', "@deprecated"),
    ],
)
def test_a_default_that_is_written_out_is_no_difference(left: str, right: str) -> None:
    assert compare_graphql(USES % left, USES % right) == []
    assert compare_graphql(USES % right, USES % left) == []


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ('@auth(role: "v")', "@auth"),
        ("@auth(role: null)", "@auth"),
        ('@auth(scopes: ["b"])', "@auth"),
        ('@auth @auth(role: "u")', "@auth"),
        ("@open(to: null)", "@open"),
        ('@open(to: "u")', "@open"),
        ('@deprecated(reason: "old")', "@deprecated"),
    ],
)
def test_a_use_with_another_argument_than_the_default_differs(left: str, right: str) -> None:
    wanted = [("extra", "Query.me"), ("missing", "Query.me")]
    assert [(item.kind, item.pointer) for item in compare_graphql(USES % left, USES % right)] == wanted
    assert [(item.kind, item.pointer) for item in compare_graphql(USES % right, USES % left)] == wanted


@pytest.mark.parametrize("use", ["@auth", '@auth(role: "u")', '@auth(role: "v")'])
def test_another_default_is_told_at_the_definition_only(use: str) -> None:
    emitted = (USES % use).replace('= "u"', '= "v"')
    found = [(item.kind, item.pointer) for item in compare_graphql(USES % use, emitted)]
    assert found == [("changed", "@auth(role:)")]


def test_a_use_is_filled_from_the_definition_of_its_own_document() -> None:
    emitted = (USES % "@auth").replace('= "u"', '= "v"')
    same = compare_graphql(USES % '@auth(role: "v")', emitted)
    assert [item.pointer for item in same] == ["@auth(role:)"]
    other = compare_graphql(USES % '@auth(role: "u")', emitted)
    assert [item.pointer for item in other] == ["@auth(role:)", "Query.me", "Query.me"]


def test_a_definition_of_deprecated_in_the_document_gives_its_own_default() -> None:
    own = 'directive @deprecated(reason: String! = "old") on FIELD_DEFINITION ' + USES
    assert compare_graphql(own % "@deprecated", own % '@deprecated(reason: "old")') == []
    assert compare_graphql(own % "@deprecated", own % '@deprecated(reason: "No longer supported")')


def test_another_default_of_a_directive_that_every_schema_has_is_told_where_it_is_applied() -> None:
    own = 'directive @deprecated(reason: String! = "old") on FIELD_DEFINITION ' + USES
    missing, extra = sorted(
        compare_graphql(USES % "@deprecated", own % "@deprecated"), key=lambda item: item.kind, reverse=True
    )
    assert (missing.pointer, extra.pointer) == ("Query.me", "Query.me")
    assert '@deprecated(reason: "No longer supported")' in missing.message
    assert '@deprecated(reason: "old")' in extra.message


def test_a_use_that_is_missing_is_told_as_it_was_written() -> None:
    (found,) = compare_graphql(USES % "@auth", USES % "")
    assert "the directive @auth of the contract" in found.message


INSIDE = """
input Limit { per: Int = 2 at: Float sub: Sub = {} tags: [String] }
input Sub { z: Int = 3 y: ID next: Sub }
directive @use(by: Limit, ids: [ID]) on FIELD_DEFINITION
type Query { me(by: Limit%s): Int %s }
"""


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("{}", "{per: 2}"),
        ("{at: 1, per: 2}", "{per: 2, at: 1.0}"),
        ("{sub: {}}", "{sub: {z: 3}}"),
        ("{}", "{sub: {z: 3}, per: 2}"),
        ('{tags: "a"}', '{tags: ["a"]}'),
        ('{sub: {y: 1}}', '{sub: {y: "1"}}'),
        ('{tags: ["a"]}', '{tags: ["""a"""]}'),
        ("{sub: {next: {}}}", "{sub: {next: {z: 3}}}"),
    ],
)  # fmt: skip
def test_a_default_that_its_type_reads_as_the_same_is_no_difference(left: str, right: str) -> None:
    for one, other in ((left, right), (right, left)):
        assert compare_graphql(INSIDE % (f" = {one}", ""), INSIDE % (f" = {other}", "")) == []
        assert compare_graphql(INSIDE % ("", f"@use(by: {one})"), INSIDE % ("", f"@use(by: {other})")) == []


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("{}", "{per: null}"),
        ("{}", "{per: 3}"),
        ("{}", "{at: 1}"),
        ("null", "{}"),
        ("{sub: {z: 4}}", "{}"),
        ("{tags: []}", "{}"),
        ("{tags: [null]}", "{tags: null}"),
    ],
)
def test_a_default_of_another_value_differs(left: str, right: str) -> None:
    argument = compare_graphql(INSIDE % (f" = {left}", ""), INSIDE % (f" = {right}", ""))
    assert [item.pointer for item in argument] == ["Query.me(by:)"]
    applied = compare_graphql(INSIDE % ("", f"@use(by: {left})"), INSIDE % ("", f"@use(by: {right})"))
    assert [item.pointer for item in applied] == ["Query.me", "Query.me"]


def test_another_default_inside_a_default_is_told_at_its_own_place_only() -> None:
    contract = INSIDE % (" = {per: 1}", "@use(by: {})")
    emitted = contract.replace("z: Int = 3", "z: Int = 4")
    assert [item.pointer for item in compare_graphql(contract, emitted)] == ["Sub.z"]


def test_a_default_is_told_as_it_is_written() -> None:
    (found,) = compare_graphql(INSIDE % (" = {per: 1}", ""), INSIDE % (" = {per: 5}", ""))
    assert "the default is {per: 5}; the contract says {per: 1}:" in found.message.replace("{ ", "{").replace(
        " }", "}"
    )


def test_a_default_that_leads_back_to_its_own_type_is_read_to_its_end() -> None:
    sdl = "input A { a: A = {} n: Int = 1 } type Query { f(by: A = {}): Int }"
    emitted = sdl.replace("by: A = {}", "by: A = {n: 1}")
    # Newer versions of the library call it a fault of the schema.
    assert graphql_problems(sdl) or compare_graphql(sdl, emitted) == []


def test_a_type_that_is_missing_is_one_difference() -> None:
    emitted = SDL.replace("union Hit = User | Post", "").replace("search(text: String): [Hit]", "")
    assert _found(emitted) == [("missing", "Hit"), ("missing", "Query.search")]


def test_a_root_type_that_is_missing_is_found() -> None:
    assert ("changed", "schema") in _found(
        SDL.replace("type Mutation { createUser(input: NewUser!): User! }", "")
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_order_and_descriptions_say_nothing(seed: int) -> None:
    lines = [line for line in SDL.strip().split("\n") if not line.startswith('"')]
    random.Random(seed).shuffle(lines)
    assert _found("\n".join(lines)) == []


def test_what_is_written_as_an_extension_is_the_same() -> None:
    assert _found(SDL.replace("type Query { me: User", "extend type Query { me: User } type Query {")) == []


def test_operations_are_the_fields_of_the_root_types() -> None:
    assert graphql_operations(SDL) == (
        "query me",
        "query node",
        "query search",
        "query at",
        "mutation createUser",
    )


@pytest.mark.parametrize(
    ("sdl", "place"),
    [
        ("type Query { a: Foo }", "1:17"),
        ("type Query {\n a: Int\n a: Int }", "2:2"),
        ("type Query {", "1:13"),
        ("extend type X { a: Int }", "1:13"),
        ("type Query { a: Int @no }", "1:21"),
        ("type A { a: Int }", ""),
        ("", "1:1"),
        ("\ud800", "1:1"),
    ],
)
def test_a_fault_has_its_line(sdl: str, place: str) -> None:
    assert [item.pointer for item in graphql_problems(sdl)][:1] == [place]


def test_a_valid_schema_has_no_fault() -> None:
    assert graphql_problems(SDL) == []


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "type",
                "Query",
                "{",
                "}",
                "a",
                ":",
                "Int",
                "!",
                "[",
                "]",
                "(",
                ")",
                "@",
                "extend",
                "input",
                "enum",
                "=",
                "3",
                '"',
                "|",
                "union",
                "schema",
                "query",
                "implements",
                "&",
                "#",
            ]
        ),
        max_size=20,
    )
)
def test_any_text_is_judged_and_nothing_is_raised(words: list[str]) -> None:
    graphql_problems(" ".join(words))


def test_deep_nesting_is_a_fault_and_no_error() -> None:
    assert graphql_problems("type Query { a(x: Int = " + "[" * 100_000)


def test_a_schema_with_faults_is_not_compared() -> None:
    with pytest.raises(InvalidDocument, match="emitted"):
        compare_graphql(SDL, "type Query { a: Foo }")


def test_graphql_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "graphql", None)
    with pytest.raises(MissingExtra, match="graphql"):
        graphql_problems(SDL)


@pytest.mark.parametrize("seed", range(12))
def test_the_librarys_own_comparison_finds_nothing_that_this_one_misses(seed: int) -> None:
    graphql = pytest.importorskip("graphql")
    pick, words = random.Random(seed), SDL.split(" ")
    for _ in range(200):
        changed = list(words)
        place = pick.randrange(len(changed))
        changed[place] = pick.choice(["String", "Int", "ID!", "", "Node", "[User]", "first:", "x:"])
        emitted = " ".join(changed)
        if not graphql_problems(emitted):
            break
    old, new = graphql.build_schema(SDL), graphql.build_schema(emitted)
    theirs = graphql.find_breaking_changes(old, new) + graphql.find_dangerous_changes(old, new)
    if theirs:
        assert compare_graphql(SDL, emitted)
