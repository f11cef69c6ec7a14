"""Drift on the models' own rows: weeks of flights are quiet, and planted shifts are found."""

import functools

import msgspec
import numpy as np
import pytest

from benchmarks.drift.planted_shifts import PLANTED
from benchmarks.drift.weekly_windows import WeeklyWindows, request_columns
from bundle import Manifest
from monitoring.captures.capture_window import CaptureWindow
from monitoring.drift.window_comparison import compare
from tests.monitoring.captured_calls import MORNING
from tests.tiny_bundle import tiny_manifest
from training.checks.datasets import read_dataset, split_dataset
from training.data.data_options import DataOptions
from training.data.dataset import Dataset
from training.export.reference_statistics import reference_of
from training.model_catalog import load_model, model_names

FLIGHTS = "flight_delay"


@functools.cache
def rows_of(name: str) -> Dataset:
    return read_dataset(load_model(name), DataOptions())


def manifest_of(name: str, learned: Dataset) -> Manifest:
    """A manifest with the reference of some rows, as training states it; without predictions."""
    model = load_model(name).of_fields(learned.known_fields)
    reference = reference_of(model, learned, {}, None)
    return msgspec.structs.replace(tiny_manifest(fields=tuple(model.fields), golden=()), reference=reference)


@functools.cache
def flights() -> tuple[Manifest, WeeklyWindows]:
    data = rows_of(FLIGHTS)
    return manifest_of(FLIGHTS, data), WeeklyWindows(None, data, rows=2_000, seed=1)


@pytest.mark.slow
def test_at_most_one_of_52_weeks_of_flights_raises_an_alarm() -> None:
    manifest, weeks = flights()

    reports = [compare(manifest, window) for window in weeks.windows()]

    assert len(reports) == 52
    assert sum(report.is_alarm for report in reports) <= 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("title", "fields"),
    [
        ("carrier mix: half of United's flights are Southwest's", {"carrier"}),
        ("10 minutes later departures", {"departure_delay"}),
        (
            "weather missing",
            {"temperature", "wind_speed", "precipitation", "visibility", "humidity", "pressure"},
        ),
        ("a new airport, 0.5 % of the flights", {"destination"}),
        ("distance in kilometres", {"distance"}),
    ],
)
def test_a_planted_shift_is_found_in_one_window(title: str, fields: set[str]) -> None:
    manifest, weeks = flights()

    report = compare(manifest, weeks.window(12, PLANTED[title]))

    assert {field.name for field in report.drifted} == fields


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*model_names()} - {FLIGHTS}))
def test_other_models_are_quiet_on_their_own_test_rows(name: str) -> None:
    data = rows_of(name)
    split = split_dataset(load_model(name), data, 0)
    test = split.test if len(split.test) >= 200 else data

    report = compare(manifest_of(name, split.train), window_of(test))

    assert report.status == ("quiet" if len(test) >= 200 else "too_few_rows"), report.sentence


def window_of(data: Dataset) -> CaptureWindow:
    rows = len(data)
    return CaptureWindow(
        columns=request_columns(data.take(np.random.default_rng(0).permutation(rows))),
        predictions=[None] * rows,
        times=[MORNING] * rows,
        calls=[*range(rows)],
        ids=[""] * rows,
    )
