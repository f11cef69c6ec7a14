"""Data as users of pandas write them: what is unambiguous is converted, the rest is one sentence."""

import datetime
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bundle import Field
from tests.training.toys import TOY, read_toy
from training.checks.datasets import converted_dataset, read_dataset, split_dataset
from training.data.data_options import DataOptions, only_sample
from training.data.dataset import Dataset
from training.errors import TrainingError
from training.model import Model

FIELDS = (
    Field(name="amount", type="number", minimum=-5, maximum=1_000, required=False, example=1),
    Field(name="count", type="integer", required=False, example=1),
    Field(name="code", type="string", pattern="^[a-z0-9]+$", required=False, example="a"),
    Field(name="kind", type="string", values=("a", "b"), required=False, example="a"),
    Field(name="on", type="date", required=False, example="2024-01-01"),
    Field(name="at", type="time", required=False, example="17:45"),
)
MODEL = replace(TOY, fields=FIELDS, situations=TOY.situations[1:], gaps=())
ZONED = pd.Series(pd.to_datetime(["2024-01-01 23:30", "2024-07-01 00:00"])).dt.tz_localize("America/New_York")
DAYS = ["2024-01-01", "2024-07-01"]


def convert(model: Model = MODEL, target: Any = (0, 1), dates: Any = None, **columns: Any) -> Dataset:
    return converted_dataset(model, Dataset(name="mine", columns=columns, target=target, dates=dates))


def refusal(**data: Any) -> str:
    with pytest.raises(TrainingError) as refused:
        convert(**data)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("amount", [True, False], [1, 0]),
        ("amount", pd.array([True, None], dtype="boolean"), [1, None]),
        ("amount", pd.Series([1, 2], index=[7, 9]), [1, 2]),
        ("amount", pd.array([1, None], dtype="Int64"), [1, None]),
        ("amount", ["1.5", " 2e1 "], [1.5, 20]),
        ("amount", [Decimal("1.5"), None], [1.5, None]),
        ("amount", pd.Categorical([3, 4]), [3, 4]),
        ("amount", np.array([[1], [2]]), [1, 2]),
        ("amount", np.array([1, 2], dtype="uint8"), [1, 2]),
        ("count", [1.0, np.nan], [1, None]),
        ("code", pd.Categorical(["x", None]), ["x", None]),
        ("code", pd.Categorical([415, 408]), ["415", "408"]),
        ("code", pd.array(["x", None], dtype="string"), ["x", None]),
        ("code", np.array([415, 408]), ["415", "408"]),
        ("code", ["x", np.nan], ["x", None]),
        ("code", ["x", ""], ["x", None]),
        ("on", pd.to_datetime(DAYS), DAYS),
        ("on", pd.Series(pd.to_datetime(["2024-01-01 13:00", None])), [DAYS[0], None]),
        ("on", np.array(DAYS, dtype="datetime64[ns]"), DAYS),
        ("on", ZONED, DAYS),
        ("on", [datetime.date(2024, 1, 1), datetime.datetime(2024, 7, 1, 12)], DAYS),  # noqa: DTZ001
        ("on", list(pd.to_datetime(DAYS).tz_localize("Asia/Tokyo")), DAYS),
        ("on", ["2024-01-01", "2024-07-01 10:00"], DAYS),
        ("at", [datetime.time(17, 45), "07:05:00"], ["17:45", "07:05"]),
    ],
)
def test_a_column_that_is_unambiguous_is_converted(column: str, values: Any, expected: list[Any]) -> None:
    found = convert(**{column: values})

    rows = [found.instance(row, [column]).get(column) for row in range(2)]
    assert rows == expected


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            {"amount": [1, "many"]},
            "column 'amount' has 'many' in row 1 (the first row is 0), which is not a number",
        ),
        (
            {"amount": [1, np.inf]},
            "column 'amount' has inf in row 1 (the first row is 0), which is not a finite",
        ),
        (
            {"amount": [-6.0, 1]},
            "has -6.0 in row 0 (the first row is 0), which is not at least the field's minimum",
        ),
        ({"amount": [1, 1001]}, "has 1001.0 in row 1"),
        ({"amount": pd.to_datetime(DAYS)}, "column 'amount' has"),
        ({"amount": [1, [2]]}, "column 'amount' has [2] in row 1"),
        ({"amount": np.ones((2, 3))}, "column 'amount' has the shape (2, 3): give one value a row"),
        ({"amount": [1, 2, 3]}, "column 'amount' has 3 values, and the target has 2: give one value a row"),
        (
            {"count": [1, 1.5]},
            "column 'count' has 1.5 in row 1 (the first row is 0), which is not a whole number",
        ),
        ({"code": [1.0, 2.0]}, "column 'code' has 1.0 in row 0 (the first row is 0), which is not a string"),
        (
            {"code": ["a", "B"]},
            "column 'code' has 'B' in row 1 (the first row is 0), which is not of the field's pat",
        ),
        (
            {"kind": ["a", "c"]},
            "column 'kind' has 'c' in row 1 (the first row is 0), which is not one of a, b",
        ),
        ({"on": ["2024-01-01", "1/2/2024"]}, "column 'on' has '1/2/2024' in row 1"),
        ({"on": ["2024-02-30", None]}, "column 'on' has '2024-02-30' in row 0"),
        (
            {"at": ["17:45", "5 PM"]},
            "column 'at' has '5 PM' in row 1 (the first row is 0), which is not a time such",
        ),
        ({"amuont": [1, 2]}, "column 'amuont', which is no field of the model: did you mean 'amount'?"),
        ({"zzz": [1, 2]}, "column 'zzz', which is no field of the model: the fields are amount, count, "),
        ({"target": ["yes", "maybe"]}, "target has 'maybe' in row 1 (the first row is 0), which is no label"),
        (
            {"target": [0, 7]},
            "target has 7 in row 1 (the first row is 0), which is no label: the targets of this",
        ),
        ({"target": [0, None]}, "target has no value in 1 of 2 rows, first in row 1"),
        ({"target": [0.5, 1]}, "target has 0.5 in row 0"),
        ({"dates": [None, "2024-01-01"]}, "dates of the data have no day in row 0"),
        (
            {"amount": pd.Series([1, 2], index=[0, 1]), "count": pd.Series([1, 2], index=[1, 0])},
            "'amount' and 'count' are Series with different indexes",
        ),
    ],
)
def test_other_data_are_refused_in_one_sentence_with_column_row_and_what_is_wanted(
    data: dict[str, Any], sentence: str
) -> None:
    assert sentence in refusal(**data)


def test_a_missing_value_or_column_of_a_required_field_is_refused() -> None:
    model = replace(MODEL, fields=(Field(name="size", type="number", example=1),))

    assert "column 'size' has no value in 1 of 2 rows, first in row 1" in refusal(
        model=model, size=[1, np.nan]
    )
    assert "have no column 'size', whose field is required" in refusal(model=model)


@pytest.mark.parametrize(
    "target",
    [
        [0, 1],
        [False, True],
        [0.0, 1.0],
        ["no", "yes"],
        pd.Categorical(["no", "yes"], categories=["yes", "no"]),
        pd.Series(["no", "yes"], index=[5, 3]),
        [1, 2],
        [-1, 1],
        np.array([[0], [1]]),
    ],
)
def test_targets_that_are_unambiguous_are_converted_to_positions(target: Any) -> None:
    found = convert(target=target).target

    assert found.tolist() == [0, 1]
    assert found.dtype.kind == "i"


@pytest.mark.parametrize(
    "target", [[1, 2.5], pd.Series([1, 2.5]), ["1", "2.5"], [Decimal(1), Decimal("2.5")]]
)
def test_targets_of_a_regression_are_converted_to_floats(target: Any) -> None:
    regression = replace(MODEL, task="regression", labels=())

    assert convert(model=regression, target=target).target.tolist() == [1, 2.5]
    assert "which is not a finite number" in refusal(model=regression, target=[1, np.inf])


def test_rows_are_sorted_by_their_dates() -> None:
    found = convert(dates=pd.to_datetime(["2024-03-01", "2024-01-01"]), amount=[3, 1])

    assert found.columns["amount"].tolist() == [1, 3]
    assert found.period == ("2024-01-01", "2024-03-01")
    assert found.target.tolist() == [1, 0]


def test_normal_data_stay_the_same_objects() -> None:
    data = read_toy()

    found = converted_dataset(TOY, data)

    assert found.target is data.target
    assert all(found.columns[name] is values for name, values in data.columns.items())


def test_too_few_rows_are_refused_with_their_number_and_the_counted_reasons() -> None:
    model = replace(TOY, read=only_sample(lambda: replace(read_toy(10), dropped={"cancelled": 3})))

    with pytest.raises(
        TrainingError, match=r"toy has 10 usable rows \(left out: 3 cancelled\), and training needs"
    ):
        read_dataset(model, DataOptions())


def test_rows_of_one_label_are_refused_with_the_label() -> None:
    data = read_toy(100)
    model = replace(TOY, read=only_sample(lambda: replace(data, target=np.zeros(100, dtype=int))))

    with pytest.raises(TrainingError, match="None of the 100 rows of toy has the label 'yes', all have 'no'"):
        read_dataset(model, DataOptions())


def test_rows_of_one_day_are_refused_with_the_day() -> None:
    day = np.full(100, np.datetime64("2024-02-29"))

    with pytest.raises(TrainingError, match="toy has rows of one day only, 2024-02-29"):
        split_dataset(TOY, replace(read_toy(100), dates=day), 0)


def test_test_rows_without_a_label_are_refused_with_their_period() -> None:
    target = np.ones(400, dtype=int)
    target[:300] = np.arange(300) % 2

    with pytest.raises(
        TrainingError, match=r"None of the 80 test rows \(2024-02-02 to 2024-02-09\) has .* 'no'"
    ):
        split_dataset(TOY, replace(read_toy(), target=target), 0)


def test_an_exception_of_the_models_own_code_becomes_a_sentence() -> None:
    def read() -> Dataset:
        raise KeyError("hieght")

    with pytest.raises(
        TrainingError, match=r"The model's code failed when reading the data: KeyError: 'hieght'\."
    ):
        read_dataset(replace(TOY, read=only_sample(read)), DataOptions())


def test_data_that_break_a_rule_between_two_fields_are_refused() -> None:
    late = Field(name="late", type="number", required=False, not_less_than="size", example=1.5)
    model = replace(TOY, fields=(*TOY.fields[:2], late))

    with pytest.raises(TrainingError, match="break a rule of the field 'late', first row"):
        read_dataset(model, DataOptions())
