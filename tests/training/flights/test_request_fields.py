"""Rules of the request fields of a flight."""

import json

import pytest

from serving.problem import Problem
from tests.serving.rows.decoders import json_decoder
from training.flights.request_fields import FIELDS


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"destination": "JFK"}, "destination", "must differ from origin"),
        ({"flight_date": "1850-01-01"}, "flight_date", "from 1987-10-01 on"),
    ],
)
def test_a_flight_that_cannot_exist_is_refused(change: dict[str, str], field: str, rule: str) -> None:
    row = {field.name: field.example for field in FIELDS}

    with pytest.raises(Problem) as refused:
        json_decoder(FIELDS).decode(json.dumps(row | change).encode())

    [error] = refused.value.errors
    assert error.field == field
    assert rule in error.rule
