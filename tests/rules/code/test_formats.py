"""A string that a format fills is read as its text and what each place is filled with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.outputs import FileChange
from backend_engineer.rules.code.python_source import read_python
from backend_engineer.rules.code.source import SourceView, filled
from backend_engineer.rules.code.tree_source import read_tree

PIECES = st.text(st.characters(blacklist_characters="%{}", blacklist_categories=["Cs"]), max_size=8)


@given(PIECES, st.lists(st.tuples(st.text("xyz", min_size=1), PIECES), max_size=5))
def test_a_filled_format_says_what_pythons_own_operator_writes(
    first: str, rest: list[tuple[str, str]]
) -> None:
    # A blank behind each verb: a letter there would not be part of it, a digit before it would.
    template = first + "".join(f"%s {piece}100%%" for _, piece in rest)
    values = [value for value, _ in rest]
    text, holes = filled(template, {str(at): value for at, value in enumerate(values)}, "all")
    assert text.format(*holes) == template % tuple(values)


@given(st.text(), st.dictionaries(st.text("012", max_size=1), st.text(max_size=4)))
def test_any_text_has_one_hole_for_each_verb(text: str, given_values: dict[str, str]) -> None:
    found, holes = filled(text, given_values, "all")
    assert found.count("{}") >= len(holes)


@pytest.mark.parametrize(
    ("path", "source", "text", "holes"),
    [
        ("a.py", "x = '{}-{}'.format(a, b.c)", "{}-{}", ("a", "b.c")),
        ("a.py", "x = '{1}-{0}'.format(a, b)", "{}-{}", ("b", "a")),
        ("a.py", "x = '{n}-{u.id}'.format(n=a, u=b)", "{}-{}", ("a", "b.id")),
        ("a.py", "x = '{:d}-{!r:>4}'.format(a, b)", "{}-{}", ("int(a)", "b")),
        ("a.py", "x = '{n}'.format(**more)", "{}", ("n",)),
        ("a.py", "x = '%s-%d' % (a, b)", "{}-{}", ("a", "int(b)")),
        ("a.py", "x = '%(n)s' % {'n': a}", "{}", ("a",)),
        ("a.py", "x = '%s' % a", "{}", ("a",)),
        ("a.go", 'package a\nvar x = fmt.Sprintf("%s-%d-%%", a, b.C)\n', "{}-{}-%", ("a", "int(b.C)")),
        ("a.go", 'package a\nvar x = fmt.Sprintf("%[2]s-%[1]v", a, b)\n', "{}-{}", ("b", "a")),
        ("a.go", "package a\nvar x = fmt.Sprintf(`%s`+`-`, a)\n", "{}-", ("a",)),
        ("A.java", 'class A { String x = String.format("%2$s-%1$s", a, b()); }', "{}-{}", ("b()", "a")),
        ("A.java", 'class A { String x = String.format(Locale.ROOT, "%s", a); }', "{}", ("a",)),
        ("A.java", 'class A { String x = ("%s").formatted(a) + "%s-".formatted(b); }', "{}-", ("b",)),
    ],
)
def test_a_format_of_each_language_is_read(path: str, source: str, text: str, holes: tuple[str, ...]) -> None:
    language = {"py": "python", "go": "go", "java": "java"}[path.rpartition(".")[2]]
    file = FileChange(path=path, action="add", content=source)
    view = (read_python if language == "python" else read_tree)(file, language, False)
    assert isinstance(view, SourceView)
    assert (text, holes) in [(item.value, item.holes) for item in view.texts]


def test_text_in_braces_that_is_no_format_stays_a_plain_string() -> None:
    view = read_python(FileChange(path="a.py", action="add", content="x = '{'.format(a)"), "python", False)
    assert isinstance(view, SourceView)
    assert [(item.value, item.holes) for item in view.texts] == [("{", ())]
