"""JSON Lines bodies: a row per line, and errors per line."""

import json
from typing import Any

import pytest

from bundle import MAX_ROWS
from serving.predict.media_type import BodyFormat
from serving.predict.options import Options
from serving.predict.predictor import Predictor
from serving.predict.request import RequestParameters
from serving.problem import Problem

LINES = BodyFormat("application/jsonlines")
HALF = {"label": "yes", "probability": 0.5}


def ask(predictor: Predictor, body: bytes, *, skip: bool = False) -> list[dict[str, Any]]:
    parameters = RequestParameters(content=LINES, accept=LINES, options=Options(skip=skip))
    answer = predictor.answer(body, parameters)
    assert answer.endswith(b"\n")
    return [json.loads(line) for line in answer.splitlines()]


@pytest.mark.parametrize(
    "body",
    [
        b'{"size": 0}',
        b'{"size": 0}\n',
        b'\xef\xbb\xbf{"size": 0}\r\n\r\n',
        b"[0]",
        b"\n \n[0, null]\n",
    ],
)
def test_one_line_is_one_row(binary: Predictor, body: bytes) -> None:
    assert ask(binary, body) == [HALF]


def test_many_lines_get_a_line_each_in_their_order(binary: Predictor) -> None:
    found = ask(binary, b'{"size": 100}\n[0]\n{"kind": "ant", "size": 0}\n')

    assert [row["probability"] for row in found] == [1, 0.5, 0.5]


def test_only_a_line_feed_ends_a_row(binary: Predictor) -> None:
    separators = "\u2028\u2029\x85".encode()

    found = ask(binary, b'[0]\n{"size": 0, "kind": "a%b"}\n[0]' % separators, skip=True)

    assert ["errors" in row for row in found] == [False, True, False]


def test_every_invalid_line_is_listed_with_its_row(binary: Predictor) -> None:
    body = b'{"size": 0}\n{"sise": 0}\n{\n"x"\n{"size": 0, "size": 1}\n{"size": 0}'

    with pytest.raises(Problem) as refused:
        ask(binary, body)

    assert refused.value.status == 422
    assert {error.row for error in refused.value.errors} == {1, 2, 3, 4}
    rules = {error.row: error.rule for error in refused.value.errors}
    assert rules[2].startswith("must be JSON (")
    assert rules[3] == "must be a JSON object, or an array of values in the order of the fields"
    assert "same name twice" in rules[4]


def test_skipped_lines_have_their_errors_in_their_place(binary: Predictor) -> None:
    found = ask(binary, b'[0]\n{"size": "x"}\n\xff\n[0, 1, 2, 3, 4, 5, 6]\n[0]', skip=True)

    assert ["errors" in row for row in found] == [False, True, True, True, False]
    assert found[0] == found[-1] == HALF
    assert found[1]["errors"][0]["field"] == "size"


@pytest.mark.parametrize(("body", "status"), [(b"", 422), (b" \n", 422), (b"[0]\n" * (MAX_ROWS + 1), 413)])
def test_no_rows_and_too_many_rows_are_refused(binary: Predictor, body: bytes, status: int) -> None:
    with pytest.raises(Problem) as refused:
        ask(binary, body)

    assert refused.value.status == status


def test_the_largest_number_of_rows_is_accepted(binary: Predictor) -> None:
    assert ask(binary, b"[0]\n" * MAX_ROWS) == [HALF] * MAX_ROWS
