"""Interval of a regression in responses."""

import json
from pathlib import Path

import pytest

from bundle import Interval
from serving.predict.golden_row_check import check_golden_rows
from serving.predict.predictor import Predictor
from tests.serving.bundles import write_square_bundle

BODY = b'{"instances": [{"side": 3}, {"side": 0}]}'


@pytest.fixture
def predictor(tmp_path: Path) -> Predictor:
    interval = Interval(level=0.9, half_width=1.5, coverage=0.9)
    return Predictor(write_square_bundle(tmp_path / "model.tar.gz", interval=interval))


def answer(predictor: Predictor, accept: str) -> bytes:
    headers = {b"content-type": b"application/json", b"accept": accept.encode()}
    return predictor.answer(BODY, predictor.parameters.read(headers, b""))


def test_every_value_has_an_interval(predictor: Predictor) -> None:
    assert json.loads(answer(predictor, "application/json"))["predictions"] == [
        {"value": 9.0, "interval": {"low": 7.5, "high": 10.5}},
        {"value": 0.0, "interval": {"low": -1.5, "high": 1.5}},
    ]


def test_a_csv_has_the_ends_as_columns(predictor: Predictor) -> None:
    assert answer(predictor, "text/csv") == b"value,low,high\r\n9.0,7.5,10.5\r\n0.0,-1.5,1.5\r\n"
    assert answer(predictor, "text/csv; header=absent") == b"9.0,7.5,10.5\r\n0.0,-1.5,1.5\r\n"


def test_the_golden_rows_are_right_with_intervals(predictor: Predictor) -> None:
    check_golden_rows(predictor)
