"""A value that is put into a statement is told from a piece of SQL by how the code is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.rules.code.sql_holes import comes_from_request, is_harmless, is_piece_of_sql


@pytest.mark.parametrize(
    "hole",
    [
        "name", "orderId", "order_id", "order.id", "tableId", "field_value", "joinDate", "params['name']", "params.id", "whereabouts",
        "user.getId()", "ids.join(',')", "','.join(ids)", "str(name)", "String.valueOf(name)", "strings.Join(ids, sep)", "bindTime",
    ],
)  # fmt: skip
def test_a_value_is_a_value_whatever_words_of_sql_its_name_begins_with(hole: str) -> None:
    assert not is_harmless(hole)
    assert not is_piece_of_sql(hole, quoted=False)


@pytest.mark.parametrize(
    "hole",
    [
        "placeholders", "params", "table", "table_name", "tableName", "column", "columns.join(', ')", "', '.join(columns)", "whereClause",
        "order_by", "orderBy", "sortBy", "sqlIDs", "baseSQL", "fieldNames", "this.table", "strings.Join(marks, sep)", "subquery", "q",
        "paramIndex", "conditions", "valueMarks",
    ],
)  # fmt: skip
def test_a_part_of_a_statement_is_known_by_the_last_word_of_its_name(hole: str) -> None:
    assert is_piece_of_sql(hole, quoted=False)


@pytest.mark.parametrize("hole", ["params", "placeholder", "q", "query", "order", "where", "condition"])
def test_between_quotation_marks_stands_a_value(hole: str) -> None:
    assert not is_piece_of_sql(hole, quoted=True)


@pytest.mark.parametrize("hole", ["table", "schema", "columnName", "sequence"])
def test_between_quotation_marks_a_name_of_the_database_may_stand(hole: str) -> None:
    assert is_piece_of_sql(hole, quoted=True)


@pytest.mark.parametrize(
    "hole",
    [
        "req.params.order", "req.query?.table", "request.args['column']", "c.Param(\"order\")", "r.FormValue(\"q\")",
        "request.getParameter(\"sort\")", "r.URL.Query().Get(\"table\")",
    ],
)  # fmt: skip
def test_what_a_request_gives_is_never_a_part_of_a_statement(hole: str) -> None:
    assert comes_from_request(hole)
    assert not is_piece_of_sql(hole, quoted=False)
    assert not is_harmless(hole)


@pytest.mark.parametrize(
    "hole",
    [
        "'active'", "42", "STATUS", "Names.MAIL_SERVICE", "int(value)", "Number(id)", "strconv.Itoa(n)", "ids.length", "len(rows)",
        "','.join('?' * len(ids))", "ids.map(() => '?').join(',')", "ids.map((_, i) => `$${i + 1}`).join()", "':name'",
        "quote_ident(name)", "db.escape(name)", "pq.QuoteLiteral(name)", "escapedName", "start.isoformat()", "since.toISOString()",
    ],
)  # fmt: skip
def test_numbers_constants_marks_and_quoted_values_are_harmless(hole: str) -> None:
    assert is_harmless(hole)


@given(st.text(st.sampled_from("ab.()[]'\"`? joinreq_${}, \n"), max_size=40), st.booleans())
def test_any_code_gets_an_answer(hole: str, quoted: bool) -> None:
    assert is_piece_of_sql(hole, quoted) in (True, False)
    assert is_harmless(hole) in (True, False)
