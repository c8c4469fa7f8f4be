"""Credentials are found by their shape, look-alikes are left alone, and nothing of a secret survives."""

import random
import re
import string

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from backend_engineer.redaction import find_secrets, fingerprint, redact, without_credentials
from backend_engineer.redaction.patterns import TOKEN_SHAPES, TokenShape
from backend_engineer.redaction.secrets import _is_placeholder, _matches, _tokens

# Tokens are put together here, so that no scanner takes this file for a leak.
ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


def chars(alphabet: str, count: int, seed: int = 7) -> str:
    return "".join(random.Random(seed).choices(alphabet, k=count))


TOKENS = {
    "GitHub personal token": "ghp" + "_" + chars(ALNUM, 36),
    "GitHub fine-grained token": "github" + "_pat_" + chars(ALNUM, 82),
    "GitLab personal token": "glpat" + "-" + chars(ALNUM, 20),
    "Vault service token": "hvs" + "." + chars(ALNUM, 90),
    "Databricks token": "dapi" + chars(HEX, 32),
    "Shopify access token": "shpat" + "_" + chars(HEX, 32),
    "DigitalOcean personal token": "dop" + "_v1_" + chars(HEX, 64),
    "Hugging Face token": "hf" + "_" + chars(string.ascii_letters, 34),
    "npm token": "npm" + "_" + chars(ALNUM, 36),
    "Linear key": "lin" + "_api_" + chars(ALNUM, 40),
    "New Relic user key": "NRAK" + "-" + chars(string.ascii_uppercase + string.digits, 27),
    "Grafana service account token": "glsa" + "_" + chars(ALNUM, 32) + "_" + chars(HEX, 8),
    "AWS access key id": "AKIA" + chars(string.ascii_uppercase + "234567", 16),
    "Google API key": "AIza" + chars(ALNUM, 35),
    "Slack token": "xoxb" + "-" + chars(string.digits, 12) + "-" + chars(ALNUM, 24),
    "Stripe secret key": "sk" + "_live_" + chars(ALNUM, 24),
    "SendGrid key": "SG" + "." + chars(ALNUM, 22) + "." + chars(ALNUM, 43),
    "Telegram bot token": chars(string.digits, 9, 3) + ":AA" + chars(ALNUM, 33),
    "OpenAI project key": "sk" + "-proj-" + chars(ALNUM, 60),
    "JSON Web Token": ".".join(("eyJ" + chars(ALNUM, 30), "eyJ" + chars(ALNUM, 60), chars(ALNUM, 43))),
    "private key": "-----BEGIN "
    + "RSA PRIVATE KEY-----\n"
    + chars(ALNUM, 64)
    + "\n-----END RSA PRIVATE KEY-----",
}


@pytest.mark.parametrize(("kind", "token"), TOKENS.items(), ids=TOKENS)
def test_a_token_is_found_by_its_shape(kind: str, token: str) -> None:
    (found,) = find_secrets(f'client.connect("{token}")\n', assignments=False)
    assert (found.kind, found.sure, found.line) == (kind, True, 1)


@pytest.mark.parametrize(("kind", "token"), TOKENS.items(), ids=TOKENS)
def test_nothing_of_a_token_survives_redaction(kind: str, token: str) -> None:
    shown = redact(f"before {token} after")
    assert token[8:] not in shown
    assert re.fullmatch(r"before \[redacted sha256:[0-9a-f]{8}, [0-9]+ characters\] after", shown)


@pytest.mark.parametrize(
    "text",
    [
        'password = "hunter2-Xy99!"',
        "DB_PASSWORD: 'Zq8s7sd9f!x'",
        'const apiKey: string = "a8sd7f9a8xd7f9a8sd7f";',
        'config["client_secret"] = "pX93kd-02kdKs8"',
        "export API_TOKEN=9f8s7df98s7df98s7dfA",
        "postgres://svc:Zq8s7sd9f@db.prod.internal/x",
        "https://bot:9fj3kd8sl2@git.internal.io/repo.git",
    ],
)
def test_a_literal_that_a_name_or_a_place_gives_away_is_found(text: str) -> None:
    (found,) = find_secrets(text)
    assert not found.sure


@pytest.mark.parametrize(
    "text",
    [
        'password = os.environ["DB_PASSWORD"]',
        'password: "${DB_PASSWORD}"',
        "token: {{ vault_token }}",
        'secret_path = "secret/data/app"',
        'idempotencyKey = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"',
        '"integrity": "sha512-oRZ8cM7Qn1wVx0Yw9bDk2pL5tS3uR6eF=="',
        'next_cursor = "eyJpZCI6MTIzfQ"',
        "postgres://user:password@localhost:5432/app",
        "postgres://postgres:postgres@db/app",
        'API_KEY = "your-api-key-here"',
        'token_url = "https://auth.example.com/oauth2/Token1"',
        "password_hash = hash_password(password)",
        "const tokenType = 'Bearer-Token-v2'",
        "INSERT INTO users (email, password_hash) VALUES ($1, $2)",
        "passwordPolicy: 'min8-UPPER-lower-1digit'",
        "AKIAIOSFODNN7EXAMPLE",
        "-----BEGIN PRIVATE KEY-----",
        "primary_key = 'user_id_2024'",
        "sort_key=created_at_2024_desc",
    ],
)
def test_a_look_alike_is_left_alone(text: str) -> None:
    assert find_secrets(text) == ()


def test_a_secret_names_its_line() -> None:
    (found,) = find_secrets("a\nb\n" + TOKENS["npm token"])
    assert found.line == 3


def test_the_same_secret_has_the_same_fingerprint() -> None:
    assert fingerprint("one") == fingerprint("one") != fingerprint("two")


def test_every_shape_holds_its_needle() -> None:
    for shape in TOKEN_SHAPES:
        assert re.compile(shape.pattern)
        plain = shape.pattern.replace("[.]", ".").replace("\\", "")
        assert shape.needle in plain or shape.needle in ("xox", "k_live_", "k_test_")


def test_there_are_at_least_sixty_shapes() -> None:
    assert len({shape.kind for shape in TOKEN_SHAPES}) >= 60


TEXTS = st.lists(
    st.one_of(
        st.text(max_size=30), st.sampled_from([*TOKENS.values(), 'password = "hunter2-Xy99!"', "\n", " "])
    ),
    max_size=8,
).map("".join)


@given(TEXTS)
def test_places_are_in_order_and_inside_the_text(text: str) -> None:
    place = 0
    for secret in find_secrets(text):
        assert place <= secret.start < secret.end <= len(text)
        assert secret.line == text.count("\n", 0, secret.start) + 1
        place = secret.end


@given(TEXTS)
def test_redaction_leaves_nothing_to_find(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@pytest.mark.parametrize(
    "text", ["key" * 40_000, "password=" * 15_000, "://" * 40_000, "-----BEGIN PRIVATE KEY-----" * 4_000]
)
def test_hostile_text_is_searched_quickly(text: str) -> None:
    import time

    start = time.perf_counter()
    find_secrets(text)
    assert time.perf_counter() - start < 2


# One text that each shape matches; a text made of pieces of them is where a quick search could go wrong.
_PIECES = st.lists(
    st.one_of(
        st.sampled_from([shape.needle for shape in TOKEN_SHAPES if shape.before is not None]),
        st.sampled_from(list(TOKENS.values())),
        st.sampled_from(
            [
                "a",
                "1",
                "f" * 32,
                "Z9" * 20,
                "-",
                "_",
                ".",
                "~",
                "=",
                " ",
                "\n",
                '"',
                "sk",
                "rk",
                "AccountKey=",
            ]
        ),
    ),
    max_size=12,
).map("".join)


def plain_tokens(text: str) -> list[tuple[str, str]]:
    """What every shape finds in the whole text, placeholders left out."""
    return [
        (shape.kind, match.group())
        for shape in TOKEN_SHAPES
        for match in re.finditer(shape.pattern, text)
        if not _is_placeholder(match.group())
    ]


@settings(max_examples=300, deadline=None)
@given(_PIECES)
def test_trying_only_the_places_of_a_needle_finds_what_a_whole_search_finds(text: str) -> None:
    for shape in TOKEN_SHAPES:
        whole = [match.span() for match in re.finditer(shape.pattern, text)]
        assert [match.span() for match in _matches(shape, text)] == whole, shape.kind
    assert [(kind, match.group()) for kind, match in _tokens(text)] == plain_tokens(text)


@pytest.mark.parametrize("shape", TOKEN_SHAPES, ids=lambda shape: shape.kind)
def test_each_shape_is_found_where_a_whole_search_finds_it(shape: TokenShape) -> None:
    seen = []

    @settings(max_examples=4, deadline=None, database=None, phases=[Phase.generate])
    @given(st.from_regex(shape.pattern))
    def run(text: str) -> None:
        whole = [match.span() for match in re.finditer(shape.pattern, text)]
        assert [match.span() for match in _matches(shape, text)] == whole
        assert [(kind, match.group()) for kind, match in _tokens(text)] == plain_tokens(text)
        seen.append(whole)

    run()
    assert any(seen), "no text was made that the shape matches"


@given(st.text(max_size=20), st.text(max_size=20), st.integers(8, 40))
def test_no_fragment_of_a_known_credential_stays(before: str, after: str, size: int) -> None:
    credential = "ghp" + "_" + "k7Qm2vR9xT4wZ8bN5cL1sD6fG3hJ0pAyE2uB"
    for part in (credential[:size], credential[-size:]):
        shown = without_credentials(f"{before}{part}{after}", [credential])
        assert credential[:8] not in shown
        assert credential[-8:] not in shown


def test_a_text_without_the_credential_is_left_alone() -> None:
    assert without_credentials("nothing of it", ["k7Qm2vR9xT4wZ8bN5cL1"]) == "nothing of it"
