"""Request bodies as rows, or as truthful refusals."""

import datetime
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bundle import MAX_ROWS
from serving.decode import RequestDecoder, Row
from serving.problem import Problem
from serving.rules import Rules
from tests.tiny_bundle import EXAMPLE, FIELDS

DECODER = RequestDecoder(FIELDS)
ROW = (0.0, None, datetime.date(2024, 2, 29), "17:45", "ant")

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0, 3, 7.5, 100])
WORDS = st.sampled_from(["ant", "17:45", "2024-02-29", "2023-02-29", "25:00", 'a "quoted" ant']) | st.text()
VALUES: st.SearchStrategy[Any] = (
    NUMBERS | WORDS | st.booleans() | st.none() | st.lists(st.integers(), max_size=2)
)
NAMES = st.sampled_from([field.name for field in FIELDS] + ["instances", "sise"])
INSTANCES: st.SearchStrategy[dict[str, Any]] = st.dictionaries(NAMES, VALUES, max_size=6)


def refusal(body: bytes) -> Problem:
    with pytest.raises(Problem) as refused:
        DECODER.decode(body)
    return refused.value


def verdict(body: bytes) -> tuple[int, list[Row]]:
    try:
        return 200, DECODER.decode(body)
    except Problem as problem:
        return problem.status, []


def test_one_instance_is_one_row_in_field_order_with_none_where_absent() -> None:
    rows = DECODER.decode(json.dumps(EXAMPLE).encode())

    assert rows == [ROW]


def test_instances_are_rows_in_the_order_of_the_request() -> None:
    body = json.dumps({"instances": [EXAMPLE | {"size": size} for size in (3, 1, 2)]}).encode()

    rows = DECODER.decode(body)

    assert [row[0] for row in rows] == [3, 1, 2]


@pytest.mark.parametrize(
    "body",
    [
        b'{"size":0,"count":null,"day":"2024-02-29","at":"17:45","kind":"ant"}',
        b'{"size":0,"day":"2024-02-29","at":"17:45","kind":"\\u0061nt"}',
        b' {"kind" : "ant", "at":"17:45","day":"2024-02-29",\n"size" : 0.0e0} ',
        b'{"instances":[{"size":0,"day":"2024-02-29","at":"17:45","kind":"ant"}]}',
    ],
    ids=["null", "escape", "space", "batch of one"],
)
def test_the_same_row_in_other_words_is_the_same_row(body: bytes) -> None:
    assert DECODER.decode(body) == [ROW]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"size":1}x',
        b'{"size":NaN}',
        b'{"size":Infinity}',
        b'{"sise":-Infinity}',
        b'{"size":1,"kind":"\x00"}',
        b'{"size":1,"kind":"\xff"}',
        b'{"size":1,"\xff":1}',
        b'{"size":1,"kind":"\\ud800"}',
        b'\xef\xbb\xbf{"size":1}',
        '{"size":1}'.encode("utf-16"),
        b'{"size":1,"size":2}',
        b'{"size":1,"kind":null,"kind":"ant"}',
        b'{"instances":[{"size":1},{"size":1,"size":1}]}',
        b'{"size":true,"size":1}',
        b"[" * 100_000,
        b'{"size":' * 100_000,
        b'{"size":' + b"[" * 100_000,
    ],
    ids=range(19),
)
def test_what_is_not_json_of_distinct_names_is_refused_as_that(body: bytes) -> None:
    assert refusal(body).status == 400


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 5_000, "1" + "0" * 400 + ".5"])
def test_a_number_too_large_for_any_type_is_refused_by_its_field(number: str) -> None:
    problem = refusal(b'{"size":%b}' % number.encode())

    assert (problem.status, [error.field for error in problem.errors]) == (422, ["size"])


@pytest.mark.parametrize("body", [b"null", b"1", b'"size"', b"[]", b'[{"size":1}]'])
def test_a_body_that_is_no_object_is_told_the_two_shapes(body: bytes) -> None:
    problem = refusal(body)

    assert (problem.status, problem.errors) == (422, ())
    assert '{"instances": [row, ...]}' in problem.detail


@pytest.mark.parametrize(
    "body", [b'{"instances":{}}', b'{"instances":[{"size":1}],"size":1}', b'{"instances":null}']
)
def test_instances_stand_alone_and_are_a_list(body: bytes) -> None:
    assert 'nothing beside "instances"' in refusal(body).detail


def test_no_instances_are_refused() -> None:
    problem = refusal(b'{"instances":[]}')

    assert (problem.status, "one row at least" in problem.detail) == (422, True)


@pytest.mark.parametrize("row", [b'{"size":1}', b"{}"], ids=["right rows", "wrong rows"])
def test_more_rows_than_the_most_are_too_large(row: bytes) -> None:
    problem = refusal(b'{"instances":[%b]}' % b",".join([row] * (MAX_ROWS + 1)))

    assert (problem.status, f"{MAX_ROWS} are the most" in problem.detail) == (413, True)
    assert len(DECODER.decode(b'{"instances":[%b]}' % b",".join([b'{"size":1}'] * MAX_ROWS))) == MAX_ROWS


def test_every_wrong_value_of_every_row_is_named() -> None:
    body = json.dumps(
        {"instances": [EXAMPLE, {"sise": 1}, 7, EXAMPLE | {"size": 101, "kind": "ANT", "at": "25:00"}]}
    ).encode()

    problem = refusal(body)

    assert problem.status == 422
    assert [(error.row, error.field) for error in problem.errors] == [
        (1, "sise"),
        (1, "size"),
        (2, None),
        (3, "size"),
        (3, "at"),
        (3, "kind"),
    ]
    assert problem.detail == "The request has 6 errors in 3 of its 4 rows."


def test_of_very_many_errors_a_hundred_are_listed_and_all_are_counted() -> None:
    body = json.dumps({"instances": [{}] * 150}).encode()

    problem = refusal(body)

    assert len(problem.errors) == 100
    assert problem.detail == "The request has 150 errors in 150 of its 150 rows; the first 100 are listed."


@given(instance=INSTANCES)
@example(instance={"size": 1, "kind": 'a "quoted" ant'})
def test_a_row_is_decoded_exactly_when_no_rule_is_broken(instance: dict[str, Any]) -> None:
    broken = list(Rules(FIELDS).errors(instance, 0))
    body = json.dumps({"instances": [EXAMPLE, instance]}).encode()

    if broken:
        assert [(error.row, error.field) for error in refusal(body).errors] == [
            (1, error.field) for error in broken
        ]
    else:
        assert len(DECODER.decode(body)) == 2


@given(
    body=st.binary(max_size=200) | st.text(alphabet='{}[]":,size01e-.null \\u', max_size=60).map(str.encode)
)
def test_any_bytes_are_rows_or_refused(body: bytes) -> None:
    status, rows = verdict(body)

    assert status in (200, 400, 413, 422)
    assert all(len(row) == len(FIELDS) for row in rows)


def test_a_model_may_have_a_field_of_the_name_instances() -> None:
    field = FIELDS[0]
    decoder = RequestDecoder([type(field)(name="instances", type="number", example=1)])

    assert decoder.decode(b'{"instances":2}') == [(2.0,)]
    assert decoder.decode(b'{"instances":[{"instances":2}]}') == [(2.0,)]
