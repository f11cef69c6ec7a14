from typing import Any

import numpy as np
import pandas as pd
import pytest

from bundle import Field
from training.data.dataset import Dataset, check_row_rules
from training.errors import TrainingError


@pytest.fixture
def two_rows() -> Dataset:
    return Dataset(
        name="generated",
        columns={
            "size": np.array([1.5, np.nan]),
            "kind": np.array(["ant", None], dtype=object),
            "day": np.array(["2024-02-29", "2024-03-01"], dtype="datetime64[D]"),
        },
        target=np.array([1, 0]),
        dates=np.array(["2024-02-29", "2024-03-01"], dtype="datetime64[D]"),
    )


def test_an_instance_has_the_json_values_of_its_row(two_rows: Dataset) -> None:
    assert two_rows.instance(0, ["kind", "size", "day"]) == {"kind": "ant", "size": 1.5, "day": "2024-02-29"}
    assert type(two_rows.instance(0, ["size"])["size"]) is float


def test_an_instance_has_only_the_requested_fields_that_have_a_value(two_rows: Dataset) -> None:
    assert two_rows.instance(1, ["kind", "size", "day"]) == {"day": "2024-03-01"}
    assert two_rows.instance(0, ["kind", "never"]) == {"kind": "ant"}


def test_taken_rows_keep_their_labels_and_dates(two_rows: Dataset) -> None:
    taken = two_rows.take(np.array([1]))

    assert len(taken) == 1
    assert taken.target.tolist() == [0]
    assert taken.period == ("2024-03-01", "2024-03-01")
    assert taken.instance(0, ["day"]) == {"day": "2024-03-01"}


def test_rows_without_dates_have_no_period() -> None:
    assert Dataset(name="x", columns={}, target=np.zeros(1)).period == ("", "")


def test_removed_fields_are_absent_in_every_row(two_rows: Dataset) -> None:
    reduced = two_rows.without(["size", "day"])

    assert [reduced.instance(row, ["kind", "size", "day"]) for row in (0, 1)] == [{"kind": "ant"}, {}]


RULED = (
    Field(name="start", type="date", earliest="2013-01-01", example="2013-06-30"),
    Field(name="end", type="date", required=False, not_less_than="start", example="2013-06-30"),
    Field(name="origin", type="string", example="JFK"),
    Field(name="destination", type="string", differs_from="origin", example="SFO"),
)
KEPT: dict[str, Any] = {
    "start": np.array(["2013-01-01", "2013-06-30", "2013-06-30"], dtype="datetime64[D]"),
    "end": np.array(["2013-01-01", "NaT", "2013-07-01"], dtype="datetime64[D]"),
    "origin": pd.Categorical(["JFK", "SFO", "JFK"]),
    "destination": np.array(["SFO", "JFK", "LAX"], dtype=object),
}


def test_rows_that_keep_the_rules_are_accepted() -> None:
    check_row_rules(RULED, KEPT)
    check_row_rules(RULED, {name: values for name, values in KEPT.items() if name != "end"})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"start": np.array(["2013-01-01", "2012-12-31", "2012-12-30"], dtype="datetime64[D]")},
            "2 rows break a rule of the field 'start', first row 1 .* with start '2012-12-31': ",
        ),
        (
            {"end": np.array(["NaT", "NaT", "2013-06-29"], dtype="datetime64[D]")},
            "1 row breaks a rule of the field 'end', first row 2 .* end '2013-06-29', start '2013-06-30': ",
        ),
        (
            {"destination": np.array(["SFO", None, "JFK"], dtype=object)},
            "1 row breaks a rule of the field 'destination', first row 2 .* destination 'JFK', origin 'JFK'",
        ),
    ],
)
@pytest.mark.parametrize("rows_at_once", [1, 2, 1_000])
def test_rows_that_break_a_rule_are_refused_with_the_first_one(
    change: dict[str, Any], sentence: str, rows_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.data.dataset._ROWS_AT_ONCE", rows_at_once)

    with pytest.raises(TrainingError, match=sentence):
        check_row_rules(RULED, KEPT | change)
