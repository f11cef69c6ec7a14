"""What came of a training job, as a program reads it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

import msgspec

from training.data.dataset import Dataset
from training.data.split import Split
from training.evaluation.evaluation import Evaluation
from training.evaluation.intervals import Figure
from training.evaluation.measure import BASELINE, suffix
from training.export.bundling import Verified
from training.model import Model

DIGITS = 6


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The report of a job.

    Attributes:
        model: Its name.
        version: The bundle's.
        path: Where the bundle is.
        bytes: How large it is.
        page: Where the report to look at is; "" without one.
        trouble: Why there is none although there should be.
        data: Where the rows came from.
        period: Their first and last day.
        train_rows: How many were learned from.
        test_rows: How many were tested on.
        dropped: How many could not be used, by reason.
        metrics: The bundle's figures on the test rows.
        intervals: Where each of them would lie, 95 times in 100, on other days: the lower and the upper end.
        linear: A linear model's figures in each situation, under the same names.
        split: Which rows those were, and what the figures' suffixes mean.
        threshold: Probability from which the positive label is answered.
        parameters: Hyperparameters in place of the model's own.
        difference: Largest difference from the scikit-learn pipeline on any row compared.
        seconds: How long it took.
    """

    model: str
    version: str
    path: str
    bytes: int
    page: str = ""
    trouble: str = ""
    data: str
    period: tuple[str, str]
    train_rows: int
    test_rows: int
    dropped: dict[str, int]
    metrics: dict[str, float]
    intervals: dict[str, tuple[float, float]] = {}
    linear: dict[str, float] = {}
    split: str
    threshold: float | None
    parameters: dict[str, float | int | str] = {}
    difference: float
    seconds: float = 0.0

    @classmethod
    def of(
        cls,
        verified: Verified,
        *,
        path: Path,
        data: Dataset,
        split: Split,
        parameters: Mapping[str, float | int | str],
    ) -> Self:
        """The report of a job whose bundle stands at `path`."""
        manifest = verified.bundle.manifest
        return cls(
            model=manifest.name,
            version=manifest.version,
            path=str(path),
            bytes=path.stat().st_size,
            data=data.name,
            period=data.period,
            train_rows=len(split.train),
            test_rows=len(split.test),
            dropped=dict(data.dropped),
            metrics=verified.metrics.values,
            split=verified.metrics.split,
            threshold=manifest.threshold,
            parameters=dict(parameters),
            difference=verified.difference,
        )

    def evaluated(self, model: Model, evaluation: Evaluation) -> Self:
        """The same with how sure its figures are, and what a linear model has."""
        told = {**evaluation.situations, BASELINE: evaluation.mean}
        return msgspec.structs.replace(
            self,
            intervals={
                f"{name}{suffix(model, situation)}": (round(figure.low, DIGITS), round(figure.high, DIGITS))
                for situation, figures in told.items()
                for name, figure in figures.items()
            },
            linear={
                f"{name}{suffix(model, situation)}": round(figure.value, DIGITS)
                for situation, figures in evaluation.linear.items()
                for name, figure in figures.items()
            },
        )

    def figure(self, name: str) -> Figure:
        """A metric with its interval, NaN where it has none."""
        nothing = float("nan")
        return Figure(self.metrics[name], *self.intervals.get(name, (nothing, nothing)))
