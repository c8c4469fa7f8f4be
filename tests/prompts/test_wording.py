"""Templates: packaged ones, a caller's own, and the sandbox around both."""

from __future__ import annotations

import re

import pytest

from backend_engineer.contract import CLAUSES
from backend_engineer.errors import UsageError
from backend_engineer.prompts import PROMPT_PHASES, Templates, coverage, render
from backend_engineer.prompts.wording import PACKAGED


def folder(tmp_path, **sources):
    for name, source in sources.items():
        (tmp_path / f"{name}.j2").write_text(source, encoding="utf-8")
    return tmp_path


def test_every_phase_has_a_template_file_of_its_own():
    assert {f"{phase.value}.j2" for phase in PROMPT_PHASES} <= set(PACKAGED.sources)


def test_no_template_repeats_a_clause_s_words():
    for name, source in PACKAGED.sources.items():
        for row in CLAUSES.values():
            assert row.statement not in source, name


def test_an_own_template_replaces_the_packaged_one_of_its_name(prompts, tmp_path):
    own = folder(tmp_path, role="{{ clause('META-01', plain=True) }}\nAnswer in rhyme.\n")
    prompt = render(prompts.make_inputs(), phase="plan", templates=own)
    assert "Answer in rhyme." in prompt.messages[0].content
    assert prompt.lacking == ()
    assert prompt.span("role/2").origin.startswith("templates:")


def test_what_own_templates_do_not_state_is_reported_clause_by_clause(prompts, tmp_path):
    own = folder(tmp_path, contract="{{ clause('CONS-02') }}\n")
    prompt = render(prompts.make_inputs(), phase="plan", templates=str(own))
    assert coverage(prompt).stated == ("CONS-02",)
    assert {lack.clause for lack in prompt.lacking} == set(coverage(prompt).missing)
    assert all(lack.statement == CLAUSES[lack.clause].statement for lack in prompt.lacking)


def test_own_templates_may_use_every_documented_name(prompts, tmp_path):
    source = (
        '{{ message("system") }}{{ section("contract") }}{% for title, rows in contract %}{{ part(title) }}\n'
        "{% for row in rows %}{{ clause(row.id) }}{% endfor %}{% endfor %}{{ cache() }}"
        '{{ message("user") }}{{ section("specification") }}{{ documents("specification") }}'
        '{{ section("task") }}{{ phase }} {{ verbosity }} {{ effort }} {{ setting("cap") }}\n'
    )
    prompt = render(prompts.make_inputs(), phase="plan", templates=folder(tmp_path, plan=source))
    assert coverage(prompt).complete
    assert prompt.messages[1].content.endswith("plan balanced medium 15\n")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{{ nothing_of_that_name }}", "nothing_of_that_name"),
        ("{% if %}", "line 1"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ phase.format.__globals__ }}", "unsafe"),
        ("{% include 'absent.j2' %}", "absent"),
        ("{% include '../../../etc/passwd' %}", "passwd"),
        ("{{ message('system') }}{{ clause('CONS-99') }}", "CONS-99"),
        ("{{ message('oracle') }}", "oracle"),
        ("{{ section('attic') }}", "attic"),
        ("text before any message", "message"),
        ("{{ message('user') }}{{ setting('secret') }}", "secret"),
        ("{{ message('user') }}{{ label('cut_path') }}", "cut_path"),
    ],
)
def test_a_template_that_cannot_be_used_is_named_and_ends_in_a_usage_error(prompts, tmp_path, source, words):
    with pytest.raises(UsageError, match=re.escape(words)):
        render(prompts.make_inputs(), phase="plan", templates=folder(tmp_path, plan=source))


def test_a_folder_without_templates_is_refused(prompts, tmp_path):
    with pytest.raises(UsageError, match="no template"):
        render(prompts.make_inputs(), templates=tmp_path)


def test_a_template_that_is_no_text_is_refused(prompts, tmp_path):
    (tmp_path / "plan.j2").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot be read"):
        render(prompts.make_inputs(), templates=tmp_path)


def test_a_template_with_the_mark_s_character_is_refused():
    with pytest.raises(UsageError, match="NUL"):
        Templates({"plan.j2": "a\x00b"}, "own")


def test_documents_never_pass_through_the_engine(prompts, dialect):
    """Braces of every template system stand in the prompt as they stood in the document."""
    text = "{{ x }} {% y %} {# z #} ${x} %s {0} \\1\n"
    prompt = render(prompts.make_inputs(upstream={"a": text}), phase="plan", dialect=dialect)
    assert text in prompt.messages[1].content
