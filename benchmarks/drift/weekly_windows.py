"""Windows of the weeks of a model's own data, as captured requests would give them."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from bundle import Bundle
from monitoring.captures.capture_window import CaptureWindow
from serving.predict.predictor import Predictor
from serving.rows.request_rows import RequestRows
from training.data.dataset import Dataset

WEEK = 7
# Changes the columns of a window in place.
Shift = Callable[[dict[str, list[Any]]], None]


class WeeklyWindows:
    """Samples of the weeks of a data set, with the predictions of a bundle.

    Args:
        bundle: The model; None for windows without predictions.
        data: Its rows with their days.
        rows: Number of rows of each window.
        seed: Seed of the samples.
    """

    def __init__(self, bundle: Bundle | None, data: Dataset, *, rows: int, seed: int) -> None:
        self._predictor = Predictor(bundle) if bundle else None
        self._data = data
        assert data.dates is not None
        days = (data.dates - data.dates[0]).astype("timedelta64[D]").astype(np.int64)
        random = np.random.default_rng(seed)
        self._samples = [
            np.sort(random.choice(found, min(rows, len(found)), replace=False))
            for week in range((int(days[-1]) + 1) // WEEK)
            if len(found := np.flatnonzero(days // WEEK == week))
        ]

    def __len__(self) -> int:
        return len(self._samples)

    def windows(self, shift: Shift | None = None) -> Iterator[CaptureWindow]:
        """Yields a window of each week, after a shift of its columns."""
        for week in range(len(self)):
            yield self.window(week, shift)

    def window(self, week: int, shift: Shift | None = None) -> CaptureWindow:
        """Returns the window of one week, from 0."""
        sample = self._samples[week]
        columns = request_columns(self._data.take(sample))
        if shift:
            shift(columns)
        predictions: list[Any] = [None] * len(sample)
        if self._predictor:
            found = self._predictor.predict_plain(RequestRows({**columns}, len(sample)))
            predictions = [getattr(one, "probability", getattr(one, "value", None)) for one in found]
        assert self._data.dates is not None
        days = self._data.dates[sample].astype("datetime64[D]").tolist()
        noon = datetime.time(12, tzinfo=datetime.UTC)
        return CaptureWindow(
            columns=columns,
            predictions=predictions,
            times=[datetime.datetime.combine(day, noon) for day in days],
            calls=[*range(len(sample))],
            ids=[""] * len(sample),
        )


def request_columns(data: Dataset) -> dict[str, list[Any]]:
    """Returns the columns of a data set as they are decoded from requests."""
    return {name: _values(column) for name, column in data.columns.items()}


def _values(column: Any) -> list[Any]:
    if isinstance(column, pd.Categorical) or column.dtype.kind == "O":
        return [None if pd.isna(value) else str(value) for value in np.asarray(column)]
    if column.dtype.kind == "M":
        return list(column.astype("datetime64[D]").tolist())
    # A float32 has the digits that data had.
    return [None if np.isnan(value) else float(str(value)) for value in column]
