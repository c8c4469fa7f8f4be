"""What each phase asks for, shows, and refuses."""

from __future__ import annotations

import pytest

from backend_engineer.contract import CLAUSES, Parameters
from backend_engineer.errors import UsageError
from backend_engineer.inputs import NotApplicable
from backend_engineer.outputs import Change, FileChange, Plan, PlannedFile
from backend_engineer.parsing import parse_reply
from backend_engineer.prompts import SECTION_ORDER, Cut, Dialect, cited, explain, parse_prompt, render


def names(prompt):
    return [row.name for row in parse_prompt(prompt)]


def task(prompt):
    return "".join(prompt.text_of(span) for span in prompt.spans if span.section == "task")


def test_sections_stand_in_the_declared_order(prompts, phase, dialect):
    prompt = prompts.render_phase(phase, dialect=dialect)
    places = [SECTION_ORDER.index(span.section) for span in prompt.spans]
    assert places == sorted(places)


def test_the_first_message_is_the_system_s_and_the_second_the_user_s(prompts, phase):
    assert [message.role for message in prompts.render_phase(phase).messages] == ["system", "user"]


def test_every_cited_clause_exists(prompts, phase, settings):
    assert cited(prompts.render_phase(phase, parameters=settings)) <= set(CLAUSES)


def test_the_task_cites_clauses_after_the_documents(prompts, phase):
    assert "-0" in task(prompts.render_phase(phase))


def test_cache_marks_stand_after_the_answer_s_form_the_conventions_and_the_specification(prompts):
    prompt = prompts.render_phase("all")
    marked = [span for span in prompt.spans if span.cache]
    assert [span.section.value for span in marked] == [
        "contract",
        "example",
        "conventions",
        "specification",
    ]
    for span in marked:
        assert span.end in prompt.messages[span.message].cache_marks
    assert sum(len(message.cache_marks) for message in prompt.messages) == len(marked)


def test_more_effort_asks_for_more_checking_and_never_for_less(prompts, phase):
    sizes = [
        len(task(prompts.render_phase(phase, parameters=Parameters(reasoning_effort=effort))))
        for effort in ("low", "medium", "high")
    ]
    assert sizes == sorted(sizes)
    if phase != "context":
        assert sizes[0] < sizes[2]


def test_plan_lists_the_base_without_its_texts(prompts):
    found = names(prompts.render_phase("plan"))
    assert "base" in found
    assert not [name for name in found if name.startswith("base/")]


def test_implement_shows_the_files_that_the_plan_modifies(prompts):
    found = names(prompts.render_phase("implement"))
    assert [name for name in found if name.startswith("base/")] == ["base/app/notes.py"]


def test_implement_without_a_plan_and_a_single_call_show_every_file(prompts):
    for prompt in (prompts.render_phase("implement", plan=None), prompts.render_phase("all")):
        assert [name for name in names(prompt) if name.startswith("base/")] == [
            "base/README.md",
            "base/app/notes.py",
        ]


def test_a_renamed_file_is_shown_under_its_former_path(prompts):
    file = PlannedFile(
        path="app/new.py",
        action="rename",
        section="Services/Use-Cases",
        purpose="x",
        previous_path="app/notes.py",
    )
    plan = Plan(summary="s", files=(file,), schema_change={"kind": "none", "reason": "r"})
    assert "base/app/notes.py" in names(prompts.render_phase("implement", plan=plan))


def test_read_names_the_files_to_show(prompts):
    assert "base/README.md" in names(prompts.render_phase("plan", read=("README.md",)))
    with pytest.raises(UsageError, match="nowhere"):
        prompts.render_phase("plan", read=("nowhere.py",))


def test_a_file_whose_text_is_not_to_be_had_is_only_listed(prompts):
    class Tree:
        paths = ("logo.png",)

        def get(self, path):
            return None

    prompt = prompts.render_phase("all", base=Tree())
    found = {row.name: row.text for row in parse_prompt(prompt)}
    assert found["base"] == "logo.png\n"
    assert "base/logo.png" not in found


def test_verify_numbers_the_lines_of_the_change(prompts):
    found = {row.name: row.text for row in parse_prompt(prompts.render_phase("verify"))}
    assert found["change/app/notes.py"] == "   1| def archive(note):\n   2|     return note\n   3| "
    assert "number before" in task(prompts.render_phase("verify"))


def test_line_numbers_can_be_left_out_of_verify(prompts):
    found = {row.name: row.text for row in parse_prompt(prompts.render_phase("verify", gutter=False))}
    assert found["change/app/notes.py"] == "def archive(note):\n    return note\n"
    assert "number before" not in task(prompts.render_phase("verify", gutter=False))


def test_a_deletion_stands_in_the_change_as_its_action(prompts):
    found = {row.name: row.text for row in parse_prompt(prompts.render_phase("verify"))}
    assert found["change/app/old.py"] == "delete\n"


def test_repair_pins_accepted_files_and_names_the_wanted_ones(prompts):
    words = task(prompts.render_phase("repair"))
    assert words.index("- `db/0001_archived.up.sql`") < words.index("- `app/notes.py`")


def test_continue_names_the_file_and_line_where_the_answer_stopped(prompts):
    words = task(prompts.render_phase("continue"))
    assert "`app/notes.py` after line 12" in words
    assert "from line 13 on" in words


def test_continue_without_a_cut_file_asks_for_the_rest(prompts):
    words = task(prompts.render_phase("continue", cut=None))
    assert "after line" not in words
    assert "still to come" in words


def test_a_part_of_a_split_plan_is_named(prompts):
    files = tuple(file.model_copy(update={"part": index}) for index, file in enumerate(prompts.plan.files, 1))
    plan = prompts.plan.model_copy(update={"files": files})
    assert "part 2 of 2" in task(prompts.render_phase("implement", plan=plan, part=2))
    with pytest.raises(UsageError, match="1 to 2"):
        prompts.render_phase("implement", plan=plan, part=3)


def test_permission_to_split_changes_the_task_of_the_plan(prompts):
    plain, split = (
        task(prompts.render_phase("plan", parameters=Parameters(split=on))) for on in (False, True)
    )
    assert "At most 15 files in all" in plain
    assert "give each file its part" in split


@pytest.mark.parametrize("missing", ["context", "self-check", "verify", "repair", "split"])
def test_a_phase_without_its_material_is_refused(prompts, missing):
    with pytest.raises(UsageError, match=missing):
        render(prompts.make_inputs(), phase=missing)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"phase": "deploy"}, "deploy"),
        ({"dialect": "klingon"}, "klingon"),
        ({"answer_seal": "no seal"}, "no seal"),
        ({"part": 0}, "part 0"),
        ({"characters": "silent"}, "silent"),
        ({"base": {"a": "x"}, "read": "a"}, "read"),
    ],
)
def test_a_wrong_argument_is_named(prompts, arguments, words):
    with pytest.raises(UsageError, match=words):
        render(prompts.make_inputs(), **arguments)


def test_context_renders_without_inputs(prompts):
    prompt = render(None, phase="context", gaps=prompts.gaps)
    assert names(prompt) == ["gaps"]


def test_a_lean_prompt_shows_only_what_the_phase_needs(prompts):
    lean = prompts.render_phase("self-check", lean=True)
    assert {name for name in names(lean) if not name.startswith(("/", "upstream/"))} == {
        "security_policy",
        "perf_targets",
        "change_request",
        "plan",
    }
    assert lean.omitted == ("tech_spec", "ops_guides", "data_model", "api_contract")
    assert "Attestations:" not in lean.messages[0].content


def test_a_lean_terse_prompt_has_room_in_a_small_model(prompts):
    """Everything but documents and request, for the phases that a small model is asked."""
    for phase in ("plan", "self-check", "implement", "verify"):
        prompt = prompts.render_phase(
            phase, lean=True, parameters=Parameters(verbosity="terse", reasoning_effort="low")
        )
        fixed = sum(row.tokens for row in explain(prompt) if row.kind != "document")
        assert fixed <= 3_200


def test_the_request_of_the_call_wins_over_the_one_of_the_inputs(prompts):
    other = prompts.make_inputs().request.model_copy(update={"title": "Another wish"})
    content = render(prompts.make_inputs(), request=other, phase="plan").messages[1].content
    assert "Another wish" in content
    assert "Archive notes" not in content


def test_a_partial_bundle_renders_what_it_has(prompts):
    class Partial:
        tech_spec = prompts.make_inputs().tech_spec
        api_contract = data_model = security_policy = perf_targets = ops_guides = None
        upstream = None
        request = None

    assert names(render(Partial(), phase="plan")) == ["tech_spec", "/tech_spec/error_handling"]


def test_not_applicable_is_shown_with_its_reason(prompts):
    inputs = prompts.make_inputs(
        perf_targets=prompts.make_inputs().perf_targets.model_copy(
            update={"caching": NotApplicable("no cache here")}
        )
    )
    assert '"not_applicable":"no cache here"' in render(inputs, phase="plan").messages[1].content


def test_a_dialect_of_one_s_own_only_decorates(prompts):
    own = Dialect("brackets", "[{tag}]\n", "[/{tag}]\n", "({title})\n")
    prompt = prompts.render_phase("all", dialect=own)
    assert "[contract]\n" in prompt.messages[0].content
    assert prompt.dialect == "brackets"
    assert prompt.fingerprints["contract"] == prompts.render_phase("all").fingerprints["contract"]


def test_a_cut_is_a_value():
    assert Cut("a", 1, "x") == Cut("a", 1, "x")


@pytest.mark.parametrize("again", ["plan", "self-check", "implement", "all", "split"])
def test_a_second_attempt_is_told_what_was_wrong_with_the_first(prompts, again):
    plain = prompts.render_phase(again)
    second = prompts.render_phase(again, findings=(prompts.finding,))
    assert "findings" in names(second)
    assert "`findings`" in task(second)
    assert "`findings`" not in task(plain)


def test_every_phase_but_context_may_ask_back(prompts, phase):
    words = prompts.render_phase(phase, lean=True).messages[0].content
    assert ('{"questions":' in words) is (phase != "context")


def test_the_form_of_a_question_is_one_that_the_parser_reads(prompts):
    words = prompts.render_phase("plan").messages[0].content
    start = words.index('{"questions":')
    block = words[start : words.index("}]}", start) + 3]
    (question,) = parse_reply(f"```json\n{block}\n```\n").questions
    assert question.pointer == "/api_contract/pagination"
    assert question.options == ("a safe answer",)


def test_the_form_of_a_clarification_is_one_that_the_parser_reads(prompts):
    words = prompts.render_phase("context").messages[0].content
    start = words.index('{"clarification":')
    block = words[start : words.index("}}}", start) + 3]
    assert parse_reply(f"```json\n{block}\n```\n").clarification.wording == {
        "/pointer": "one question in plain words, with its options"
    }


def test_the_form_of_findings_is_one_that_the_parser_reads(prompts):
    words = prompts.render_phase("verify", shedding=("example",)).messages[0].content
    start = words.index('{"tool":')
    block = words[start : words.index("\n", start)]
    reply = parse_reply(f"```json\n{block}\n```\n")
    assert reply.diagnostics == ()
    assert len(reply.findings.findings) == 1


def test_the_form_of_a_plan_is_one_that_the_parser_reads(prompts):
    whole = prompts.render_phase("plan")
    words = prompts.render_phase("plan", budget=whole.count() - 1).messages[0].content
    start = words.index('{"plan":{"summary"')
    block = words[start : words.index("\n", start)]
    reply = parse_reply(f"```json\n{block}\n```\n")
    assert reply.diagnostics == ()
    assert reply.plan.files[0].path == "src/a.py"


def test_a_path_named_twice_to_be_read_is_shown_once(prompts):
    prompt = prompts.render_phase("all", base={"a": "x"}, read=("a", "a"))
    assert [row.name for row in parse_prompt(prompt)].count("base/a") == 1
    assert len({span.id for span in prompt.spans}) == len(prompt.spans)


def test_of_a_path_that_a_change_holds_twice_the_later_one_is_shown(prompts):
    change = Change((FileChange("a", "first"), FileChange("b", "other"), FileChange("a", "second")))
    found = parse_prompt(prompts.render_phase("verify", change=change, gutter=False))
    assert [row.text for row in found if row.name == "change/a"] == ["second"]


@pytest.mark.parametrize("line", [-1, 10**12, 10**5000], ids=["below", "above", "beyond"])
def test_a_cut_after_a_line_that_no_file_has_is_refused(line):
    with pytest.raises(UsageError, match="line"):
        Cut("a.py", line, "")
