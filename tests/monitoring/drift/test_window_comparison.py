"""Comparison with the reference: kinds of drift, days that differ, calendars, windows without a verdict."""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from bundle import Distribution, Field
from bundle.cloudwatch_metrics import DRIFT_SEVERITY, DRIFTED_FIELDS, WINDOW_ROWS
from monitoring.drift.drift_metrics import metric_values
from monitoring.drift.drift_report import DriftReport
from monitoring.drift.window_comparison import compare
from tests.monitoring.drift.windows import FIELDS, REFERENCE, drift_manifest, drift_window

Columns = dict[str, list[Any]]


def each(name: str, step: int, value: Any) -> Callable[[Columns], None]:
    def shift(columns: Columns) -> None:
        for row in range(0, len(columns[name]), step):
            columns[name][row] = value

    return shift


def mapped(name: str, change: Callable[[Any], Any]) -> Callable[[Columns], None]:
    def shift(columns: Columns) -> None:
        columns[name] = [change(value) for value in columns[name]]

    return shift


def alarms(report: DriftReport) -> list[tuple[str, str]]:
    return [
        (field.name, finding.kind)
        for field in report.fields
        for finding in field.findings
        if finding.is_alarm
    ]


@pytest.mark.parametrize("rows", [200, 2_000, 20_000])
def test_rows_like_the_training_rows_are_quiet(rows: int) -> None:
    report = compare(drift_manifest(), drift_window(rows))

    assert (report.status, report.is_alarm, alarms(report)) == ("quiet", False, [])
    assert report.sentence == f"The {rows:,} rows are like the training rows."
    assert {field.name for field in report.fields} == {"delay", "kind", "month", "prediction"}
    assert metric_values(report) == {WINDOW_ROWS: rows, DRIFTED_FIELDS: 0, DRIFT_SEVERITY: 0}


@pytest.mark.parametrize(
    ("shift", "alarm", "sentence"),
    [
        (each("kind", 4, "cow"), ("kind", "distribution"), "kind is cow in 40 % of the rows, and in 20 % of"),
        (mapped("delay", lambda value: value / 2), ("delay", "distribution"), "The median of delay is "),
        (
            mapped("delay", lambda value: 3 * value),
            ("delay", "range"),
            "delay is outside of 0 to 100, the trained",
        ),
        (
            each("kind", 100, "yak"),
            ("kind", "unseen"),
            "kind has a value that no training row had, such as yak, in 1 % of",
        ),
        (each("kind", 1, None), ("kind", "missing"), "kind is missing in 100 % of the rows, and in 0.1 % of"),
        (
            each("delay", 10, None),
            ("delay", "missing"),
            "delay is missing in 10 % of the rows, and in 0 % of",
        ),
        (
            mapped("prediction", lambda value: value**2),
            ("prediction", "distribution"),
            "The median of prediction is",
        ),
    ],
)
def test_each_kind_of_drift_is_found_and_said(
    shift: Callable[[Columns], None], alarm: tuple[str, str], sentence: str
) -> None:
    report = compare(drift_manifest(), drift_window(shift=shift))

    assert report.is_alarm
    assert alarm in alarms(report)
    assert {name for name, _ in alarms(report)} == {alarm[0]}
    assert sentence in " ".join(finding.sentence for finding in report.drifted[0].findings)
    assert metric_values(report)[DRIFTED_FIELDS] == 1
    assert metric_values(report)[DRIFT_SEVERITY] > 1


def test_days_that_differ_among_themselves_may_differ_from_the_reference() -> None:
    calm, wild = (np.linspace(60, 60 + spread, 2_000) for spread in (0, 30))

    def levels(level: np.ndarray[Any, Any]) -> Callable[[Columns], None]:
        def shift(columns: Columns) -> None:
            columns["delay"] = (level + np.array(columns["delay"]) / 20).tolist()

        return shift

    alike = compare(drift_manifest(), drift_window(shift=levels(calm)))
    different = compare(drift_manifest(), drift_window(shift=levels(wild)))

    assert alarms(alike) == [("delay", "distribution")]
    assert alarms(different) == []
    by_name = {field.name: field for field in different.fields}
    assert by_name["delay"].effective_rows < 20 < 50 < by_name["kind"].effective_rows


def test_fields_of_one_source_share_the_differences_among_the_days() -> None:
    def weather(columns: Columns) -> None:
        columns["delay"] = [60 + 30 * row / 2_000 for row in range(2_000)]
        columns["kind"] = ["bee"] * 2_000

    reference = msgspec.structs.replace(REFERENCE, together={"weather": ("delay", "kind")})

    assert alarms(compare(drift_manifest(), drift_window(shift=weather))) == [("kind", "distribution")]
    assert alarms(compare(drift_manifest(reference=reference), drift_window(shift=weather))) == []


def test_one_day_outside_of_the_trained_range_is_no_drift() -> None:
    def cold(columns: Columns) -> None:
        columns["delay"][:280] = [-5.0] * 280

    assert ("delay", "range") not in alarms(compare(drift_manifest(), drift_window(shift=cold)))


def test_parts_of_a_date_move_on_without_an_alarm() -> None:
    # Every row is of February, and the reference has twelve months.
    quiet = compare(drift_manifest(), drift_window())
    renamed = (msgspec.structs.replace(FIELDS[2], name="grade"), *FIELDS[:2])
    fields = {**REFERENCE.fields, "grade": REFERENCE.fields["month"]}
    del fields["month"]
    window = drift_window()
    window.columns["grade"] = window.columns.pop("month")
    other = drift_manifest(
        fields=renamed,
        reference=msgspec.structs.replace(REFERENCE, fields=fields),
        golden=(),
    )

    assert not quiet.is_alarm
    assert alarms(compare(other, window)) == [("grade", "distribution")]


def test_a_field_that_clients_leave_out_is_no_alarm() -> None:
    window = drift_window(shift=each("kind", 1, None))

    report = compare(drift_manifest(), window, left_out=["kind"])

    assert report.status == "quiet"
    [finding] = [finding for field in report.fields for finding in field.findings]
    assert (finding.kind, finding.is_alarm) == ("missing", False)


def test_predictions_are_compared_with_the_mixture_of_situations_that_fits_them() -> None:
    low = Distribution(edges=(0.0, 0.1, 0.2), shares=(0.5, 0.5))
    high = Distribution(edges=(0.8, 0.9, 1.0), shares=(0.5, 0.5))
    reference = msgspec.structs.replace(REFERENCE, predictions={"late": low, "early": high})

    def mixed(columns: Columns) -> None:
        values = columns["prediction"]
        columns["prediction"] = [value / 5 + 0.8 * (row % 3 == 0) for row, value in enumerate(values)]

    assert alarms(compare(drift_manifest(reference=reference), drift_window(shift=mixed))) == []
    assert alarms(compare(drift_manifest(reference=reference), drift_window())) == [
        ("prediction", "distribution")
    ]


def test_labels_of_a_multiclass_model_drift_too() -> None:
    reference = msgspec.structs.replace(
        REFERENCE, predictions={"": Distribution(values={"a": 0.5, "b": 0.4, "c": 0.1})}
    )
    manifest = drift_manifest(
        task="multiclass", labels=("a", "b", "c"), positive_label=None, threshold=None, reference=reference
    )
    random = np.random.default_rng(0)
    like, unlike = (
        random.choice(["a", "b", "c"], 2_000, p=shares).tolist()
        for shares in ([0.5, 0.4, 0.1], [0.2, 0.4, 0.4])
    )

    assert alarms(compare(manifest, drift_window(predictions=like))) == []
    assert alarms(compare(manifest, drift_window(predictions=unlike))) == [("prediction", "distribution")]


def test_rows_without_predictions_are_compared_by_their_fields() -> None:
    report = compare(drift_manifest(), drift_window(shift=each("prediction", 1, None)))

    assert [field.name for field in report.fields] == ["delay", "kind", "month"]


def test_a_window_without_a_verdict_says_why() -> None:
    few = compare(drift_manifest(), drift_window(199))
    old = compare(drift_manifest(reference=msgspec.UNSET), drift_window())

    assert (few.status, old.status) == ("too_few_rows", "no_reference")
    assert few.sentence == (
        "The window has 199 rows, and a comparison needs 200: take a longer window, or capture more requests."
    )
    assert "does not state what its training saw: train the model again" in old.sentence
    assert metric_values(few) == {WINDOW_ROWS: 199}


def test_a_report_is_the_same_after_its_json() -> None:
    report = compare(drift_manifest(), drift_window(shift=each("kind", 4, "cow")))

    assert msgspec.json.decode(report.encode(), type=DriftReport) == report


@pytest.mark.parametrize(
    ("type_", "seen", "values"),
    [
        ("boolean", Distribution(values={"false": 0.5, "true": 0.5}), [True, False]),
        ("time", Distribution(edges=(0.0, 720.0, 1439.0), shares=(0.5, 0.5)), ["06:00", "18:30"]),
        ("text", Distribution(edges=(1.0, 2.0, 5.0), shares=(0.5, 0.5)), ["well", "not so well at all"]),
        ("string", Distribution(values={"a": 0.5}, others=0.5), ["a", "never listed"]),
        ("number", Distribution(missing=1.0), [None, None]),
        ("integer", Distribution(edges=(3.0, 3.0), shares=(1.0,)), [3, 3]),
    ],
)
def test_every_type_of_a_field_is_quiet_on_its_own_values(
    type_: Any, seen: Distribution, values: list[Any]
) -> None:
    example: Any = {"boolean": True, "time": "17:45", "text": "a word", "string": "a"}.get(type_, 3)
    field = Field(name="value", type=type_, required=False, description="A value.", example=example)
    reference = msgspec.structs.replace(REFERENCE, fields={"value": seen})
    manifest = drift_manifest(fields=(field,), reference=reference, golden=())
    window = drift_window()
    window.columns.clear()
    window.columns["value"] = values * 1_000

    report = compare(manifest, window)

    assert alarms(report) == []
    assert report.encode()
