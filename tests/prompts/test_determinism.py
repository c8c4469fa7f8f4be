"""The same call gives the same characters in every process (I4)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
GOLDEN = HERE / "golden_fingerprints.json"

SCRIPT = """
import hashlib, json, runpy, sys
sys.dont_write_bytecode = True
kit = runpy.run_path(sys.argv[1])
rows = {}
for phase in kit["PHASE_ARGUMENTS"]:
    for dialect in ("claude", "gpt", "plain"):
        prompt = kit["render_phase"](phase, dialect=dialect)
        digest = hashlib.sha256(prompt.to_json().encode()).hexdigest()
        rows[f"{phase} {dialect}"] = [digest, dict(prompt.fingerprints)]
print(json.dumps(rows, sort_keys=True))
"""


def run(tmp_path, *flags, **environment):
    result = subprocess.run(
        [sys.executable, *flags, "-c", SCRIPT, str(HERE / "conftest.py")],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], **environment},
        check=True,
    )
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    return run(tmp_path_factory.mktemp("a"), PYTHONHASHSEED="0", TZ="UTC", LC_ALL="C")


def test_i4_another_hash_seed_locale_zone_folder_and_optimisation_change_nothing(here, tmp_path):
    other = run(
        tmp_path, "-O", PYTHONHASHSEED="4242", TZ="Asia/Kathmandu", LC_ALL="C.UTF-8", LANG="tr_TR.UTF-8"
    )
    assert other == here


def test_i4_a_random_hash_seed_and_utf8_mode_change_nothing(here, tmp_path):
    assert run(tmp_path, "-X", "utf8", PYTHONHASHSEED="random", TZ="America/St_Johns") == here


def test_i4_the_fingerprints_of_what_the_caller_gave_are_pinned(here):
    """The contract's and the templates' move with every edit of theirs; these two only with the library."""
    pinned = json.loads(GOLDEN.read_text(encoding="utf-8"))
    found = {name: {key: row[1][key] for key in ("inputs", "request")} for name, row in here.items()}
    assert found == pinned


WATCHED = """
import runpy, sys
kit = runpy.run_path(sys.argv[1])
inputs = kit["make_inputs"]()
seen = []
def watch(event, arguments):
    if event == "open" or event.startswith(("socket.", "os.", "subprocess.", "shutil.")):
        seen.append((event, str(arguments[:1])))
sys.addaudithook(watch)
for phase in kit["PHASE_ARGUMENTS"]:
    kit["render_phase"](phase, inputs)
print(seen)
"""


def test_i12_the_very_first_rendering_of_a_process_opens_nothing(tmp_path):
    result = subprocess.run(
        [sys.executable, "-c", WATCHED, str(HERE / "conftest.py")],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    assert result.stdout == "[]\n"


def test_i4_threads_change_nothing(prompts):
    from concurrent.futures import ThreadPoolExecutor

    alone = prompts.render_phase("all").to_json()
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda _: prompts.render_phase("all").to_json(), range(24)))
    assert set(together) == {alone}
