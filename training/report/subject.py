"""What a page is about."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bundle import Field, Manifest
from training.data.dataset import Dataset
from training.data.split import Split
from training.evaluation.evaluation import Evaluation
from training.export.bundling import Verified
from training.model import Model
from training.report.report import Report


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A job that was done, and everything measured of it."""

    model: Model
    split: Split
    verified: Verified
    evaluation: Evaluation
    report: Report
    seed: int

    @property
    def manifest(self) -> Manifest:
        """The bundle's."""
        return self.verified.bundle.manifest

    @property
    def is_dated(self) -> bool:
        """Whether the rows have an order in time."""
        return self.split.test.dates is not None

    @property
    def title(self) -> str:
        """The question the model answers, or its name."""
        return self.model.card.title if self.model.card else self.report.model

    def period_of(self, dataset: Dataset) -> str:
        """The days of some rows, in words."""
        start, end = dataset.period
        return f", {start} to {end}" if start else ""

    def known_shares(self) -> Iterator[tuple[Field, float]]:
        """Each field with the share of the rows in which it is known."""
        for field in self.model.fields:
            columns = [
                part.columns[field.name]
                for part in (self.split.train, self.split.test)
                if field.name in part.columns
            ]
            absent = sum(int(np.count_nonzero(pd.isna(values))) for values in columns)
            rows = sum(len(values) for values in columns)
            yield field, 1 - absent / rows if rows else 0.0
