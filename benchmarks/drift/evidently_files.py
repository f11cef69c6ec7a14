"""Files for Evidently: a reference and windows as CSV, and the types of their columns."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.drift.weekly_windows import WeeklyWindows
from bundle import Bundle
from monitoring.captures.capture_window import CaptureWindow
from monitoring.drift.drift_report import PREDICTION
from training.data.dataset import Dataset

REFERENCE_ROWS = 20_000


def write_reference(folder: Path, bundle: Bundle, data: Dataset) -> None:
    """Writes rows of all weeks with their predictions, and the types of the columns."""
    rows = np.sort(np.random.default_rng(0).choice(len(data), min(REFERENCE_ROWS, len(data)), replace=False))
    weeks = WeeklyWindows(bundle, data.take(rows), rows=len(rows), seed=0)
    _write(
        folder / "reference.csv",
        bundle,
        [(window.columns, window.predictions) for window in weeks.windows()],
    )
    types = {"numbers": [PREDICTION], "strings": list[str]()}
    for field in bundle.manifest.fields:
        if field.type in ("number", "integer", "time"):
            types["numbers"].append(field.name)
        elif field.type in ("string", "boolean"):
            types["strings"].append(field.name)
    (folder / "types.json").write_text(json.dumps(types), encoding="utf-8")


def write_window(path: Path, bundle: Bundle, window: CaptureWindow) -> None:
    """Writes the rows of a window with their predictions."""
    _write(path, bundle, [(window.columns, window.predictions)])


def _write(path: Path, bundle: Bundle, parts: list[tuple[dict[str, list[Any]], list[Any]]]) -> None:
    fields = [field for field in bundle.manifest.fields if field.type not in ("date", "text")]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*(field.name for field in fields), PREDICTION])
        for columns, predictions in parts:
            cells = [_cells(columns[field.name], is_time=field.type == "time") for field in fields]
            writer.writerows(zip(*cells, predictions, strict=True))


def _cells(values: list[Any], *, is_time: bool) -> list[Any]:
    if not is_time:
        return values
    return [None if value is None else int(value[:2]) * 60 + int(value[3:]) for value in values]
