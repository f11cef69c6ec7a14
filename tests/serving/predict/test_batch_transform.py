"""Requests of a batch transform job: one line of the response for each line of the request."""

import json
from typing import Any

import pytest

from serving.predict.batch_transform import LineTransformer
from serving.predict.predictor import Predictor
from serving.predict.request import RequestMetadata
from serving.problem import Problem

YES = {"label": "yes", "probability": 0.5}
INVALID = "must be a number from 0 to 100 cm"


def metadata(content: bytes, accept: bytes = b"", query: bytes = b"on_error=skip") -> RequestMetadata:
    return (content, b"", accept, query)


def answer(predictor: Predictor, body: bytes, request: RequestMetadata) -> list[str]:
    """Returns the lines of a response; each has its line end."""
    transformer = LineTransformer(predictor)
    text = transformer.answer(body, transformer.parameters(request))[0].decode()
    assert text.endswith("\n")
    return text[:-1].split("\n")


def outcomes(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def test_every_json_line_gets_a_line_and_an_invalid_one_gets_its_errors(binary: Predictor) -> None:
    body = b'{"size":0}\n{"size":101}\nno JSON\n\n[0]\r\n{"size":0,"size":1}\n{"size":0}'

    found = outcomes(answer(binary, body, metadata(b"application/jsonlines")))

    assert [found[position] for position in (0, 4, 6)] == [YES] * 3
    assert found[1] == {"errors": [{"field": "size", "rule": INVALID}]}
    assert [outcome["errors"][0]["rule"][:12] for outcome in found[2:4]] == ["must be JSON"] * 2
    assert "the same name twice" in found[5]["errors"][0]["rule"]


def test_rows_keep_their_places_when_some_of_very_many_are_invalid(binary: Predictor) -> None:
    bad = {0, 31, 32, 999, 1_000, 1_001, 2_500}
    lines = [json.dumps({"size": "no" if row in bad else row % 2}) for row in range(2_501)]

    found = outcomes(answer(binary, "\n".join(lines).encode(), metadata(b"application/jsonlines")))

    assert {row for row, outcome in enumerate(found) if "errors" in outcome} == bad
    predicted = {row: outcome["probability"] > 0.5 for row, outcome in enumerate(found) if row not in bad}
    assert predicted == {row: row % 2 == 1 for row in range(2_501) if row not in bad}


def test_every_line_of_a_csv_gets_a_line_and_a_malformed_one_harms_no_other(binary: Predictor) -> None:
    body = b'0,,,,ant\r\n0,,,,"an\r\n0\n101\n1,2,3,4,5,6\n\n0,,,,\xff\n0,\0\n0,,,,"ant"\r\n'

    lines = answer(binary, body, metadata(b"text/csv"))

    assert [lines[position] for position in (0, 2, 8)] == ["yes,0.5,"] * 3
    assert lines[1].startswith(",,must be comma-separated values in UTF-8 (unexpected end of data)")
    assert lines[3] == f",,size {INVALID}"
    assert lines[4] == ",,has 6 cells: 5 are the most"
    assert lines[5].startswith(",,size is required")
    assert lines[6].startswith(",,must be comma-separated values in UTF-8")
    assert lines[7] == ',,"must be comma-separated values, without NUL characters"'


def test_the_header_of_a_csv_gets_the_header_of_the_response(binary: Predictor) -> None:
    request = metadata(b"text/csv", b"text/csv", b"on_error=skip&probabilities=true")

    assert answer(binary, b"size,count\n0,1\n", request) == [
        "label,probability,probability_no,probability_yes,error",
        "yes,0.5,0.5,0.5,",
    ]
    assert answer(binary, b"0,1\n", request) == ["yes,0.5,0.5,0.5,"]


def test_the_header_of_a_csv_gets_a_line_in_json_lines_too(binary: Predictor) -> None:
    found = outcomes(answer(binary, b"size\n0\n", metadata(b"text/csv", b"application/jsonlines")))

    assert found == [{"errors": [{"rule": "is the header of the CSV, and no row"}]}, YES]


def test_a_header_in_another_order_is_refused_unless_every_request_has_it(binary: Predictor) -> None:
    body = b"kind,size\nant,0\n"

    with pytest.raises(Problem, match="must be size, count, day, at, kind, in this order") as refused:
        answer(binary, body, metadata(b"text/csv"))
    lines = answer(binary, body, metadata(b"text/csv; header=present"))

    assert refused.value.status == 422
    assert lines == ["label,probability,error", "yes,0.5,"]


def test_a_response_to_lines_has_lines_whatever_json_is_accepted(binary: Predictor) -> None:
    for accept in (b"application/json", b"application/jsonlines"):
        assert outcomes(answer(binary, b"0\n0\n", metadata(b"text/csv", accept))) == [YES, YES]


def test_an_error_with_a_line_end_keeps_its_line(binary: Predictor) -> None:
    lines = answer(binary, b'{"size":0,"a\\nb":1}\n', metadata(b"application/jsonlines", b"text/csv"))

    assert len(lines) == 1
    assert lines[0].startswith(",,a b is not a field of this model")


def test_a_json_document_is_answered_as_by_an_endpoint(binary: Predictor) -> None:
    transformer = LineTransformer(binary)

    body, found = transformer.answer(
        b'{"instances":[{"size":0},{}]}', transformer.parameters(metadata(b"application/json"))
    )

    assert json.loads(body)["model"]["name"] == "tiny"
    assert "errors" in json.loads(body)["predictions"][1]
    assert len(found) == 1


def test_without_skip_an_invalid_line_refuses_the_request_with_its_position(binary: Predictor) -> None:
    lines = [b'{"size":0}'] * 1_500 + [b"{}"]

    with pytest.raises(Problem, match="1 error in 1 of its 1,501 rows") as refused:
        answer(binary, b"\n".join(lines), metadata(b"application/jsonlines", query=b""))

    assert refused.value.errors[0].row == 1_500


def test_a_row_on_which_the_model_fails_gets_an_error_in_its_place(regression: Predictor) -> None:
    lines = answer(regression, b"2\n1e30\n3\n", metadata(b"text/csv"))

    assert lines == ["4.0,", ",made the model fail; the log says why", "9.0,"]


def test_an_empty_request_is_refused(binary: Predictor) -> None:
    with pytest.raises(Problem, match="no rows"):
        answer(binary, b"", metadata(b"text/csv"))
