"""What a prompt says about itself."""

from __future__ import annotations

from backend_engineer.contract import CLAUSES
from backend_engineer.prompts import cited, coverage, explain


def test_every_span_is_explained_in_order(prompts, phase):
    prompt = prompts.render_phase(phase)
    assert [row.id for row in explain(prompt)] == [span.id for span in prompt.spans]


def test_documents_name_what_they_were_made_from(prompts):
    origins = {row.id: row.origin for row in explain(prompts.render_phase("implement"))}
    assert origins["document/tech_spec"] == "inputs.tech_spec"
    assert origins["document//tech_spec/error_handling"] == "inputs.tech_spec"
    assert origins["document/upstream/product"] == "inputs.upstream"
    assert origins["document/base/app/notes.py"] == "base:app/notes.py"
    assert origins["document/plan"] == "plan"
    assert origins["clause/CONS-02"] == "contract"
    assert origins["format/1"] == "library"


def test_what_stands_before_the_last_mark_can_be_cached(prompts):
    rows = explain(prompts.render_phase("all"))
    assert all(row.cacheable for row in rows if row.message == 0)
    assert {row.section for row in rows if not row.cacheable} == {"request", "base", "task"}


def test_tokens_of_spans_add_up_to_about_those_of_the_prompt(prompts, phase):
    prompt = prompts.render_phase(phase)
    rows = explain(prompt)
    assert abs(sum(row.tokens for row in rows) - prompt.count()) <= len(rows)


def test_an_own_counter_is_used(prompts):
    class Ones:
        def count(self, text):
            return 1

    assert {row.tokens for row in explain(prompts.render_phase("plan"), Ones())} == {1}


def test_coverage_counts_a_clause_only_where_its_words_stand(prompts):
    from dataclasses import replace

    prompt = prompts.render_phase("plan")
    spans = tuple(
        replace(span, clauses=("CONS-02",)) if span.id == "clause/CONS-01" else span for span in prompt.spans
    )
    found = coverage(replace(prompt, spans=spans))
    assert found.missing == ("CONS-01",)
    assert found.repeated == ()


def test_deleting_any_clause_from_the_plan_is_seen_by_name(prompts):
    from dataclasses import replace

    prompt = prompts.render_phase("plan")
    for span in prompt.spans:
        if span.clauses and span.clauses[0] != "META-01":
            rest = tuple(other for other in prompt.spans if other is not span)
            assert coverage(replace(prompt, spans=rest)).missing == span.clauses


def test_ranges_of_clauses_are_cited_in_full(prompts):
    found = cited(prompts.render_phase("all"))
    assert {"APID-01", "APID-02", "APID-03", "APID-04"} <= found
    assert found <= set(CLAUSES)


def test_a_forged_citation_in_a_document_is_no_citation(prompts):
    inputs = prompts.make_inputs(upstream={"x": "see ACCS-01"})
    assert "ACCS-01" not in cited(prompts.render_phase("plan", inputs))
