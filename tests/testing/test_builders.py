"""Built inputs are complete, built replies parse back to what they were made of."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.inputs import StageInputs, gather
from backend_engineer.parsing import parse_reply
from backend_engineer.testing import build, build_inputs, build_reply

seeds = st.integers(min_value=0, max_value=100_000)


@given(seeds)
def test_built_inputs_have_no_gap(seed: int) -> None:
    inputs = build_inputs(seed)
    assert isinstance(gather(inputs.model_dump(mode="json")), StageInputs)


@given(seeds)
def test_a_built_reply_parses_to_its_parts(seed: int) -> None:
    built = build(seed)
    reply = parse_reply(build_reply(seed))
    assert reply.diagnostics == ()
    assert [file.path for file in reply.files] == list(built.change.paths)
    assert [file.content for file in reply.files] == [file.content for file in built.change.files]
    assert reply.plan == built.plan
    assert reply.checklist == built.checklist
    assert reply.attestations == built.attestations
    assert reply.findings == built.findings


def test_a_seed_means_the_same_bytes_on_every_platform() -> None:
    digest = hashlib.sha256("".join(build_reply(seed) for seed in range(5)).encode()).hexdigest()
    assert digest == "759e268df657e57c4b9391bf1f7c28047179c307af6eb51990112bc0a900133a"
