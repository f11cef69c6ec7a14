"""Data of the report page: a finished training job and its evaluation."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bundle import Field, Manifest
from training.data.dataset import Dataset
from training.data.split import Split
from training.evaluation.evaluation import Evaluation
from training.export.verified_bundle import VerifiedBundle
from training.model import Model
from training.report.training_report import TrainingReport


@dataclass(frozen=True, kw_only=True)
class PageData:
    """A finished training job and its evaluation."""

    model: Model
    split: Split
    verified: VerifiedBundle
    evaluation: Evaluation
    report: TrainingReport
    seed: int

    @property
    def manifest(self) -> Manifest:
        """Manifest of the bundle."""
        return self.verified.bundle.manifest

    @property
    def is_dated(self) -> bool:
        """Whether the rows have dates."""
        return self.split.test.dates is not None

    @property
    def title(self) -> str:
        """Title of the model card, or the model's name without a card."""
        return self.model.card.title if self.model.card else self.report.model

    def period_of(self, dataset: Dataset) -> str:
        """Returns the first and the last day of the rows as text, empty without dates."""
        start, end = dataset.period
        return f", {start} to {end}" if start else ""

    def known_shares(self) -> Iterator[tuple[Field, float]]:
        """Yields each field with the share of all rows in which it has a value."""
        for field in self.model.fields:
            columns = [
                part.columns[field.name]
                for part in (self.split.train, self.split.test)
                if field.name in part.columns
            ]
            absent = sum(int(np.count_nonzero(pd.isna(values))) for values in columns)
            rows = sum(len(values) for values in columns)
            yield field, 1 - absent / rows if rows else 0.0
