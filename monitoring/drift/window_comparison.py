"""Comparison of a window with the reference of a model."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from bundle import Manifest, Reference
from monitoring.captures.capture_window import CaptureWindow
from monitoring.drift.binned_column import MISSING, coded_column
from monitoring.drift.calendar_fields import is_calendar_field
from monitoring.drift.day_clusters import DayClusters, day_clusters
from monitoring.drift.drift_report import PREDICTION, DriftReport, DriftStatus, FieldDrift, WindowSummary
from monitoring.drift.field_comparison import ComparedColumn
from monitoring.drift.prediction_drift import coded_predictions

# Fewer rows give no verdict.
FEWEST_WINDOW_ROWS = 200
# Share of the windows without drift in which something may raise an alarm by chance.
_FALSE_ALARMS = 1 / 500
# Predictions of the reference are those of the test rows, about a fifth of all rows.
_TEST_SHARE = 0.2


def compare(manifest: Manifest, window: CaptureWindow, *, left_out: Collection[str] = ()) -> DriftReport:
    """Compares the rows of a window with what the training of a model saw.

    Args:
        manifest: Manifest of the model.
        window: Rows with their predictions.
        left_out: Fields that clients leave out, so that a missing value is no alarm.
    """
    reference = manifest.reference or None
    if reference is None:
        return _report(
            manifest,
            window,
            "no_reference",
            f"The bundle of {manifest.name} {manifest.version} does not state what its training saw: train "
            "the model again, and deploy it.",
        )
    if window.size < FEWEST_WINDOW_ROWS:
        return _report(
            manifest,
            window,
            "too_few_rows",
            f"The window has {window.size:,} rows, and a comparison needs {FEWEST_WINDOW_ROWS}: take a "
            "longer window, or capture more requests.",
        )
    columns = [*_field_columns(manifest, reference, window, day_clusters(manifest, window))]
    tail = _FALSE_ALARMS / len(columns)
    groups = {name: names for names in reference.together.values() for name in names}
    fields = [
        column.as_dispersed_as(
            [other for other in columns if other.name in groups.get(column.name, ())]
        ).compare(tail=tail, expects_missing=column.name in left_out)
        for column in columns
    ]
    fields.sort(key=lambda field: -field.severity)
    drifted = [field for field in fields if field.severity]
    return _report(
        manifest,
        window,
        "drift" if drifted else "quiet",
        _sentence(drifted, window) if drifted else f"The {window.size:,} rows are like the training rows.",
        tuple(fields),
    )


def _field_columns(
    manifest: Manifest, reference: Reference, window: CaptureWindow, clusters: DayClusters
) -> Iterator[ComparedColumn]:
    for field in manifest.fields:
        if field.ignored:
            continue
        seen = reference.fields[field.name]
        yield ComparedColumn.measured(
            field.name,
            field.type,
            seen,
            coded_column(field, seen, window.columns[field.name]),
            reference_rows=reference.rows,
            clusters=clusters,
            is_calendar=is_calendar_field(field, seen),
        )
    coded = coded_predictions(reference.predictions, window.predictions, labels=manifest.task == "multiclass")
    known = coded.codes != MISSING
    if len(coded.shares) and known.any():
        found = coded._replace(codes=coded.codes[known], outside=coded.outside[known] & False)
        if coded.numbers is not None:
            found = found._replace(numbers=coded.numbers[known])
        yield ComparedColumn.measured(
            PREDICTION,
            manifest.task,
            next(iter(reference.predictions.values())),
            found,
            reference_rows=reference.rows * _TEST_SHARE,
            clusters=replace(clusters, of_rows=clusters.of_rows[known]),
            # The test rows are the newest part of the data.
            seasons=2,
        )


def _sentence(drifted: list[FieldDrift], window: CaptureWindow) -> str:
    names = ", ".join(field.name for field in drifted)
    first = drifted[0].findings[0].sentence
    return f"The {window.size:,} rows differ from the training rows in {names}. {first}"


def _report(
    manifest: Manifest,
    window: CaptureWindow,
    status: DriftStatus,
    sentence: str,
    fields: tuple[FieldDrift, ...] = (),
) -> DriftReport:
    return DriftReport(
        model=manifest.name,
        version=manifest.version,
        status=status,
        sentence=sentence,
        window=WindowSummary.of(window),
        fields=fields,
    )
