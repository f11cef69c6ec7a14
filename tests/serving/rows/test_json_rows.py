"""JSON decoder: rows in each shape of a body, and the same verdict on generated rows."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bundle import Field
from serving.problem import Problem
from serving.rows.request_rows import Row
from serving.rows.row_validator import RowValidator
from tests.serving.rows.decoders import ROW, decode_json, json_decoder, json_refusal, tuples
from tests.tiny_bundle import EXAMPLE, FIELDS

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0, 3, 7.5, 100])
WORDS = st.sampled_from(["ant", "17:45", "2024-02-29", "2023-02-29", "25:00", 'a "quoted" ant']) | st.text()
VALUES: st.SearchStrategy[Any] = (
    NUMBERS | WORDS | st.booleans() | st.none() | st.lists(st.integers(), max_size=2)
)
NAMES = st.sampled_from([field.name for field in FIELDS] + ["instances", "sise"])
INSTANCES: st.SearchStrategy[dict[str, Any]] = st.dictionaries(NAMES, VALUES, max_size=6)


def test_one_object_is_one_row_in_field_order() -> None:
    assert decode_json(EXAMPLE) == [ROW]


def test_instances_are_decoded_in_order() -> None:
    rows = decode_json({"instances": [EXAMPLE | {"size": size} for size in (3, 1, 2)]})

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
    assert decode_json(body) == [ROW]


def test_optional_values_at_the_end_of_an_array_may_be_omitted() -> None:
    assert decode_json({"values": [[0, None, "2024-02-29", "17:45", "ant"], [1, 2], [3]]}) == [
        ROW,
        (1, 2, None, None, None),
        (3, None, None, None, None),
    ]


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


def verdict(body: bytes) -> tuple[int, list[Row]]:
    try:
        return 200, decode_json(body)
    except Problem as problem:
        return problem.status, []


@given(instance=INSTANCES)
@example(instance={"size": 1, "kind": 'a "quoted" ant'})
def test_decoder_and_validator_accept_the_same_rows(instance: dict[str, Any]) -> None:
    broken = RowValidator(FIELDS).invalid_names(instance)
    body = {"instances": [EXAMPLE, instance]}

    if broken:
        assert [(error.row, error.field) for error in json_refusal(body).errors] == [
            (1, name) for name in broken
        ]
    else:
        assert len(decode_json(body)) == 2
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
