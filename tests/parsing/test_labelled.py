"""Real replies of many models with the right answers: names and lines in the lenient mode."""

from __future__ import annotations

from typing import Any

from backend_engineer.parsing import parse_reply


def _missed_and_extra(label: dict[str, Any], text: str) -> tuple[int, int]:
    """Labels count a naming comment on the first line as content; a header line is dropped by the parser."""
    got = [(file.path, file.start_line, file.end_line) for file in parse_reply(text, names="any").files]
    missed = 0
    for file in label["files"]:
        wanted = [(file["path"], file["start_line"], file["end_line"])]
        if file["named_line"] == file["start_line"]:
            wanted.append((file["path"], file["start_line"] + 1, file["end_line"]))
        hit = next((item for item in wanted if item in got), None)
        if hit is None:
            missed += 1
        else:
            got.remove(hit)
    return missed, len(got)


def test_ninety_nine_of_a_hundred_labelled_files_are_exact(
    labelled: list[tuple[dict[str, Any], str]],
) -> None:
    total = sum(len(label["files"]) for label, _ in labelled)
    missed = sum(_missed_and_extra(label, text)[0] for label, text in labelled)
    assert total > 200
    assert missed <= total * 0.01


def test_ninety_five_of_a_hundred_labelled_replies_are_exact(
    labelled: list[tuple[dict[str, Any], str]],
) -> None:
    exact = sum(_missed_and_extra(label, text) == (0, 0) for label, text in labelled)
    assert exact >= len(labelled) * 0.95
