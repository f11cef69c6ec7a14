"""Clusters of a window's rows: rows of one day are more alike than rows of several."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bundle import Manifest
from monitoring.captures.capture_window import CaptureWindow
from monitoring.drift.chi_square import chi_square_quantile

# With fewer rows a day, the day of a row is no cluster but a property of that row, such as a birthday.
_FEWEST_OF_A_DAY = 20
# Parts of a window of one day, in the order of time.
_PARTS = 7
_YEAR = 365
# Seasons differ by so many times the variance of the days of a week.
_SEASON = 2.0
# Standard errors above a measured dispersion at which the true one hardly is.
_MARGIN = 1.0


@dataclass(frozen=True)
class DayClusters:
    """Clusters of rows.

    Attributes:
        of_rows: Number of each row's cluster, from 0.
        count: Number of clusters.
        days: Number of days among them; 1 for parts of a day.
        span: Days from the first to the last one.
    """

    of_rows: NDArray[np.int64]
    count: int
    days: int
    span: int

    @property
    def season_factor(self) -> float:
        """Multiple of the differences among the days by which a window may differ from a whole year.

        All days of a short window are in one season, so they count as one day. Seasons differ by more than
        the days of a week: of the measured fields, temperature is the slowest (docs/monitoring.md). Few days
        show their differences badly: the factor is for the quarter of windows that show least.
        """
        degrees = max(1, self.days - 1)
        shown = chi_square_quantile(degrees, 0.75) / degrees
        return _SEASON / shown * self.days * max(0.0, 1 - self.span / _YEAR)


def day_clusters(manifest: Manifest, window: CaptureWindow) -> DayClusters:
    """Returns the days of the rows, by the model's date if it has one, else by the time of the request.

    Parts of one day are the clusters of a window that has no second one.
    """
    for field in manifest.fields:
        if field.type == "date" and not field.ignored:
            found = _of_days(window.columns[field.name])
            if 1 < found.count <= window.size / _FEWEST_OF_A_DAY:
                return found
    found = _of_days([time.date() for time in window.times])
    if 1 < found.count <= window.size / _FEWEST_OF_A_DAY:
        return found
    return DayClusters(np.arange(window.size) * _PARTS // max(1, window.size), _PARTS, 1, 1)


def dispersion(clusters: NDArray[np.int64], codes: NDArray[np.int64], bins: int) -> float:
    """Returns how much more clusters differ than samples of the same size from one distribution would.

    It is Pearson's statistic of homogeneity, divided by its degrees of freedom, at least 1: the design effect
    of Rao and Scott (1981), https://doi.org/10.1080/01621459.1981.10477633, and one standard error.

    Args:
        clusters: Cluster of each row.
        codes: Bin of each row, from 0.
        bins: Number of bins.
    """
    used, places = np.unique(clusters, return_inverse=True)
    counts = np.bincount(places * bins + codes, minlength=len(used) * bins).reshape(len(used), bins)
    counts = counts[:, counts.sum(axis=0) > 0]
    degrees = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    if degrees < 1:
        return 1.0
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    factor = float(((counts - expected) ** 2 / expected).sum() / degrees)
    return max(1.0, factor * (1 + _MARGIN * math.sqrt(2 / degrees)))


def _of_days(days: list[Any]) -> DayClusters:
    ordinals = np.array([0 if day is None else day.toordinal() for day in days], dtype=np.int64)
    known = ordinals[ordinals > 0]
    if not len(known):
        return DayClusters(np.zeros(len(days), dtype=np.int64), 1, 1, 1)
    used, places = np.unique(ordinals, return_inverse=True)
    return DayClusters(places, len(used), len(used), int(known.max() - known.min()) + 1)
