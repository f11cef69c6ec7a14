import numpy as np
import pytest

from training.data.dataset import Dataset


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
