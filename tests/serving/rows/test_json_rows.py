"""JSON decoder."""

import datetime
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bundle import MAX_BODY_BYTES, MAX_ROWS, Field
from serving.problem import Problem
from serving.rows.request_rows import FieldError, InvalidRow, Row
from serving.rows.row_validator import RowValidator
from tests.serving.rows.decoders import json_decoder, tuples
from tests.tiny_bundle import EXAMPLE, FIELDS

DECODER = json_decoder()
ROW = (0.0, None, datetime.date(2024, 2, 29), "17:45", "ant")
CSV = "size,count,day,at,kind\r\n0,,2024-02-29,17:45,ant\r\n"

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0, 3, 7.5, 100])
WORDS = st.sampled_from(["ant", "17:45", "2024-02-29", "2023-02-29", "25:00", 'a "quoted" ant']) | st.text()
VALUES: st.SearchStrategy[Any] = (
    NUMBERS | WORDS | st.booleans() | st.none() | st.lists(st.integers(), max_size=2)
)
NAMES = st.sampled_from([field.name for field in FIELDS] + ["instances", "sise"])
INSTANCES: st.SearchStrategy[dict[str, Any]] = st.dictionaries(NAMES, VALUES, max_size=6)


def decode(body: Any) -> list[Row]:
    """Decodes a body, given as bytes or as a JSON value."""
    return tuples(DECODER.decode(body if isinstance(body, bytes) else json.dumps(body).encode()))


def refusal(body: Any) -> Problem:
    with pytest.raises(Problem) as refused:
        decode(body)
    return refused.value


def verdict(body: bytes) -> tuple[int, list[Row]]:
    try:
        return 200, decode(body)
    except Problem as problem:
        return problem.status, []


def test_one_object_is_one_row_in_field_order() -> None:
    assert decode(EXAMPLE) == [ROW]


def test_instances_are_decoded_in_order() -> None:
    rows = decode({"instances": [EXAMPLE | {"size": size} for size in (3, 1, 2)]})

    assert [row[0] for row in rows] == [3, 1, 2]


@pytest.mark.parametrize(
    "body",
    [
        b'{"size":0,"count":null,"day":"2024-02-29","at":"17:45","kind":"ant"}',
        b'{"size":0,"day":"2024-02-29","at":"17:45","kind":"\\u0061nt"}',
        b' {"kind" : "ant", "at":"17:45","day":"2024-02-29",\n"size" : 0.0e0} ',
        b'{"instances":[{"size":0,"day":"2024-02-29","at":"17:45","kind":"ant"}]}',
        b'{"values":[[0,null,"2024-02-29","17:45","ant"]]}',
        b'{"data":"0,,2024-02-29,17:45,ant"}',
        b'{"data":"kind,at,day,size\\nant,17:45,2024-02-29,0"}',
        b'{"data":"\\"0\\",,2024-02-29,17:45,\\u0061nt"}',
    ],
    ids=["null", "escape", "space", "batch of one", "values", "data", "header", "escapes in data"],
)
def test_equivalent_bodies_give_the_same_row(body: bytes) -> None:
    assert decode(body) == [ROW]


def test_optional_values_at_the_end_of_an_array_may_be_omitted() -> None:
    assert decode({"values": [[0, None, "2024-02-29", "17:45", "ant"], [1, 2], [3]]}) == [
        ROW,
        (1, 2, None, None, None),
        (3, None, None, None, None),
    ]


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
        b'\xef\xbb\xbf\xef\xbb\xbf{"size":1}',
        '{"size":1}'.encode("utf-16"),
        b'{"size":1,"size":2}',
        b'{"size":1,"kind":null,"kind":"ant"}',
        b'{"instances":[{"size":1},{"size":1,"size":1}]}',
        b'{"instances":[{"size":1}],"instances":[{"size":1}]}',
        b'{"values":[[1]],"values":[[1]]}',
        b'{"values":[[1,null,null,null,"ant"]],"values":[[1]]}',
        b'{"data":"1","data":"2"}',
        b'{"data":"\\u0022","data":"1\\u0022"}',
        b'{"data":"1\\n\\"unclosed"}',
        b'{"sise":1,"kind":"\\ud800"}',
        b'{"instances":[{"sise":1},{"size":1,"kind":"\\udfff"}]}',
        b"null",
        b"1",
        b'"size"',
        b"[]",
        b'[{"size":1}]',
        b'{"size":true,"size":1}',
        b"[" * 100_000,
        b'{"size":' * 100_000,
        b'{"size":' + b"[" * 100_000,
    ],
    ids=range(32),
)
def test_invalid_json_and_duplicate_names_are_400(body: bytes) -> None:
    assert refusal(body).status == 400


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 5_000, "1" + "0" * 400 + ".5"])
def test_a_number_beyond_every_type_is_an_error_of_its_field(number: str) -> None:
    problem = refusal(b'{"size":%b}' % number.encode())

    assert (problem.status, [error.field for error in problem.errors]) == (422, ["size"])


def test_the_error_of_a_body_that_is_not_an_object_lists_the_shapes() -> None:
    detail = refusal(b"[]").detail

    assert detail.startswith("The body must be one row as a JSON object, ")
    assert all(f'{{"{member}": ' in detail for member in ("instances", "values", "data"))


@pytest.mark.parametrize(
    ("member", "body"),
    [
        ("instances", {"instances": {}}),
        ("instances", {"instances": [{"size": 1}], "size": 1}),
        ("instances", {"instances": [{"size": 1}], "values": [[1]]}),
        ("instances", {"instances": None}),
        ("values", {"values": "1"}),
        ("values", {"values": [[1]], "data": "1"}),
        ("data", {"data": ["1"]}),
        ("data", {"data": "1", "more": 1}),
    ],
)
def test_a_member_with_rows_must_be_the_only_one_and_of_its_type(member: str, body: Any) -> None:
    problem = refusal(body)

    assert (problem.status, problem.errors) == (422, ())
    assert f'nothing beside "{member}"' in problem.detail


@pytest.mark.parametrize("body", [{"instances": []}, {"values": []}, {"data": ""}, {"data": "size\r\n\n"}])
def test_a_request_without_rows_is_422(body: Any) -> None:
    problem = refusal(body)

    assert (problem.status, "one row at least" in problem.detail) == (422, True)


@pytest.mark.parametrize(
    ("member", "row"),
    [
        ("instances", {"size": 1}),
        ("instances", {}),
        ("values", [1]),
        ("values", []),
        ("data", "1\n"),
        ("data", "x\n"),
    ],
)
def test_too_many_rows_are_413_whether_valid_or_not(member: str, row: Any) -> None:
    rows = row * (MAX_ROWS + 1) if isinstance(row, str) else [row] * (MAX_ROWS + 1)

    problem = refusal({member: rows})

    assert problem.status == 413
    assert f"{MAX_ROWS:,} rows and {MAX_BODY_BYTES:,} bytes" in problem.detail


def test_the_largest_number_of_rows_is_accepted() -> None:
    for rows in ({"instances": [{"size": 1}] * MAX_ROWS}, {"values": [[1]] * MAX_ROWS}):
        assert len(decode(rows)) == MAX_ROWS
    assert len(decode({"data": "size\r\n" + "1\r\n" * MAX_ROWS})) == MAX_ROWS


def test_every_invalid_value_of_every_row_is_listed() -> None:
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


def test_a_hundred_errors_are_listed_and_all_are_counted() -> None:
    body = json.dumps({"instances": [{}] * 150}).encode()

    problem = refusal(body)

    assert len(problem.errors) == 100
    assert problem.detail == "The request has 150 errors in 150 of its 150 rows; the first 100 are listed."


def test_errors_of_array_rows_name_the_fields() -> None:
    problem = refusal({"values": [[101, 1.5], {}, [1, 2, "2023-02-29", None, "ant", 6], []]})

    assert [(error.row, error.field, error.rule) for error in problem.errors] == [
        (0, "size", "must be a number from 0 to 100 cm"),
        (0, "count", "must be a whole number of at least 0, null or left out"),
        (1, None, "must be a JSON array of values in the order of the fields"),
        (2, None, "has 6 values: 5 are the most"),
        (3, "size", "is required and must be a number from 0 to 100 cm"),
    ]


def test_the_error_of_an_unknown_name_suggests_the_nearest_field() -> None:
    problem = refusal({"sise": 1, "Kind": "ant", "colour": 1, "value": []})

    assert [error.rule for error in problem.errors[:4]] == [
        "is not a field of this model: did you mean size?",
        "is not a field of this model: did you mean kind?",
        "is not a field of this model",
        "is not a field of this model: did you mean values?",
    ]


def test_only_the_first_unknown_names_get_a_suggestion() -> None:
    problem = refusal({f"size{number}": 1 for number in range(60_000)})

    assert problem.detail == "The request has 60001 errors in 1 of its 1 rows; the first 100 are listed."
    assert [error.rule.endswith("did you mean size?") for error in problem.errors] == [True] * 20 + [
        False
    ] * 80


def test_skipped_rows_keep_their_positions() -> None:
    rows = DECODER.decode(
        json.dumps({"instances": [{"sise": 1}, EXAMPLE, 7, {"size": 101}, EXAMPLE]}).encode(), skip=True
    )

    assert tuples(rows) == [ROW, ROW]
    assert rows.invalid == {
        0: InvalidRow(
            [
                FieldError("sise", "is not a field of this model: did you mean size?"),
                FieldError("size", "is required and must be a number from 0 to 100 cm"),
            ]
        ),
        2: InvalidRow([FieldError(rule="must be a JSON object of field names and values")]),
        3: InvalidRow([FieldError("size", "must be a number from 0 to 100 cm")]),
    }


@pytest.mark.parametrize(
    "body",
    [
        {"instances": [{"size": 101}, {"size": 1}]},
        {"values": [[101], [1]]},
        {"data": "size\n101\n1\n"},
        {"data": "101\n1\n"},
    ],
)
def test_invalid_rows_can_be_skipped_in_every_shape(body: Any) -> None:
    rows = DECODER.decode(json.dumps(body).encode(), skip=True)

    assert tuples(rows) == [(1, None, None, None, None)]
    assert rows.invalid == {0: InvalidRow([FieldError("size", "must be a number from 0 to 100 cm")])}


def test_a_single_invalid_row_can_be_skipped() -> None:
    rows = DECODER.decode(b'{"size":101}', skip=True)

    assert (rows.size, [*rows.invalid]) == (0, [0])


def test_a_skipped_row_has_twenty_errors_and_the_number_of_others() -> None:
    rows = DECODER.decode(json.dumps({f"x{number}": 1 for number in range(30)}).encode(), skip=True)

    assert (len(rows.invalid[0].errors), rows.invalid[0].more) == (20, 11)


@pytest.mark.parametrize(
    "body", [b'{"instances":[]}', b'{"instances":[{"size":1,"size":1}]}', b'{"instances":1}', b"[]", b"{"]
)
def test_a_request_without_rows_is_refused_even_with_skip(body: bytes) -> None:
    with pytest.raises(Problem):
        DECODER.decode(body, skip=True)


@given(instance=INSTANCES)
@example(instance={"size": 1, "kind": 'a "quoted" ant'})
def test_decoder_and_validator_accept_the_same_rows(instance: dict[str, Any]) -> None:
    broken = RowValidator(FIELDS).invalid_names(instance)
    body = {"instances": [EXAMPLE, instance]}

    if broken:
        assert [(error.row, error.field) for error in refusal(body).errors] == [(1, name) for name in broken]
    else:
        assert len(decode(body)) == 2
    # A single row has another decoder than rows in a list.
    lone = "instances" not in instance
    assert not lone or verdict(json.dumps(instance).encode())[0] == (422 if broken else 200)


@given(row=st.lists(VALUES, max_size=6))
def test_arrays_and_objects_accept_the_same_values(row: list[Any]) -> None:
    names = [field.name for field in FIELDS]
    instance = dict(zip(names, row, strict=False)) if len(row) <= len(names) else {"too": "long"}

    together = verdict(json.dumps({"values": [row]}).encode())

    assert together == verdict(json.dumps({"instances": [instance]}).encode())


@given(
    body=st.binary(max_size=200) | st.text(alphabet='{}[]":,size01e-.null \\u', max_size=60).map(str.encode)
)
def test_arbitrary_bytes_are_decoded_or_refused(body: bytes) -> None:
    status, rows = verdict(body)

    assert status in (200, 400, 413, 422)
    assert all(len(row) == len(FIELDS) for row in rows)


@pytest.mark.parametrize("name", ["instances", "values"])
def test_a_field_may_have_the_name_of_a_member(name: str) -> None:
    fields = [Field(name=name, type="number", example=1)]
    decoder = json_decoder(fields)
    many = {"instances": [{name: 2}], "values": [[2]]}[name]

    assert tuples(decoder.decode(json.dumps({name: 2}).encode()), fields) == [(2,)]
    assert tuples(decoder.decode(json.dumps({name: many}).encode()), fields) == [(2,)]
    with pytest.raises(Problem) as refused:
        decoder.decode(json.dumps({name: "x"}).encode())
    assert [error.field for error in refused.value.errors] == [name]


def test_a_field_may_have_the_name_data() -> None:
    fields = [Field(name="data", type="string", pattern="^[a-z]+$", example="a")]
    decoder = json_decoder(fields)

    assert tuples(decoder.decode(b'{"data":"words"}'), fields) == [("words",)]
    for wrong in (b'{"data":"data\\r\\nwords"}', b'{"data":["words"]}'):
        with pytest.raises(Problem) as refused:
            decoder.decode(wrong)
        assert [error.field for error in refused.value.errors] == ["data"]
