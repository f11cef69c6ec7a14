from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.training.toys import TOY, fitted_toy
from training.data.dataset import Dataset
from training.data.slices import Slice
from training.data.split import Split
from training.evaluation.metrics import compute_metrics, positive_probability
from training.evaluation.ranking_metrics import Ranking
from training.evaluation.slice_metrics import slice_metrics
from training.model import Situation


def dataset(**columns: Any) -> Dataset:
    size = len(next(iter(columns.values())))
    return Dataset(name="cut", columns=columns, target=np.zeros(size))


def rankings(split: Split, outputs: dict[str, Any]) -> dict[str, Ranking]:
    return {
        name: Ranking(split.test.target, positive_probability(output)) for name, output in outputs.items()
    }


def names_of(slice_: Slice, rows: Dataset) -> list[str | None]:
    codes, names = slice_.parts(rows)
    return [names[code] if code >= 0 else None for code in codes]


def test_a_part_is_named_by_the_cut_of_its_value_and_an_absent_value_is_in_no_part() -> None:
    times = pd.Categorical(["17:45", "17:10", None, "06:00"])

    found = names_of(Slice(title="hour", fields=("time",), cut=lambda time: time[:2]), dataset(time=times))

    assert found == ["17", "17", None, "06"]


def test_several_fields_make_a_part_together() -> None:
    rows = dataset(
        one=pd.Categorical(["a", "a", "b", None]), two=np.array(["x", "y", "x", "x"], dtype=object)
    )

    found = names_of(Slice(title="pair", fields=("one", "two")), rows)

    assert found == ["a to x", "a to y", "b to x", None]


@pytest.mark.parametrize(("in_order", "shown"), [(False, ["b", "c"]), (True, ["b", "c"])])
def test_the_largest_parts_are_shown(in_order: bool, shown: list[str]) -> None:
    slice_ = Slice(title="kind", fields=("kind",), most=2, in_order=in_order)
    codes, names = slice_.parts(dataset(kind=pd.Categorical(["c", "b", "b", "a", "c", "b"])))

    assert [names[part] for part in slice_.shown(np.bincount(codes), names)] == shown


@pytest.mark.parametrize("rows_at_once", [7, 1_000_000])
def test_a_part_has_the_metrics_of_its_own_rows(rows_at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.evaluation.slice_metrics._ROWS_AT_ONCE", rows_at_once)
    # Given predictions for test rows
    _, split, fitted = fitted_toy()
    outputs = fitted.outputs(split.test)
    model = replace(TOY, slices=(Slice(title="kind", fields=("kind",)),))

    # When the metrics are computed by kind
    (metrics,) = slice_metrics(model, split, outputs, rankings(split, outputs))

    # Then every kind has the metrics of its own rows
    assert {part.name for part in metrics.parts} == {"a", "b", "c"}
    for part in metrics.parts:
        selected = split.test.columns["kind"] == part.name
        assert part.rows == selected.sum()
        assert part.mean == pytest.approx(split.test.target[selected].mean())
        assert part.train_mean == pytest.approx(
            split.train.target[split.train.columns["kind"] == part.name].mean()
        )
        few = min(split.test.target[selected].sum(), (1 - split.test.target[selected]).sum()) < 20
        assert ("late" in part.estimates) is not few
    larger, outputs = replace(split, test=split.train), fitted.outputs(split.train)
    (metrics,) = slice_metrics(model, larger, outputs, rankings(larger, outputs))
    for part in metrics.parts:
        selected = split.train.columns["kind"] == part.name
        expected = compute_metrics("binary", split.train.target[selected], outputs["late"][selected])
        found = part.estimates["late"]
        assert found.value == pytest.approx(expected["roc_auc"])
        assert found.low < found.value < found.high


@pytest.mark.parametrize("rows_at_once", [7, 1_000_000])
def test_months_without_test_rows_are_listed_in_order(
    rows_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.evaluation.slice_metrics._ROWS_AT_ONCE", rows_at_once)
    _, split, fitted = fitted_toy()
    dated = [replace(part, columns={**part.columns, "day": part.dates}) for part in (split.train, split.test)]
    slice_ = Slice(title="month", fields=("day",), cut=lambda day: f"{day}"[:7], in_order=True)

    (metrics,) = slice_metrics(
        replace(TOY, slices=(slice_,)),
        replace(split, train=dated[0], test=dated[1]),
        fitted.outputs(split.test),
        rankings(split, fitted.outputs(split.test)),
    )

    assert [(part.name, part.rows) for part in metrics.parts] == [("2024-01", 0), ("2024-02", 80)]
    assert metrics.parts[0].estimates == {}


def test_a_regression_has_its_mean_absolute_error_by_part() -> None:
    random = np.random.default_rng(0)
    _, split, _ = fitted_toy()
    value = random.normal(size=len(split.test))
    regression = replace(
        TOY,
        task="regression",
        labels=(),
        situations=(Situation(name="", description="all"),),
        slices=(Slice(title="kind", fields=("kind",)),),
    )

    (metrics,) = slice_metrics(
        regression,
        replace(split, test=replace(split.test, target=value)),
        {"": value[:, np.newaxis] + 0.5},
        {},
    )

    assert [tuple(part.estimates[""]) for part in metrics.parts] == [pytest.approx((0.5, 0.5, 0.5))] * 3
