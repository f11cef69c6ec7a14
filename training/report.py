"""What came of a training job, for people and for programs."""

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import msgspec

from training.bundling import Verified
from training.dataset import Dataset
from training.evaluate import BASELINE
from training.model import Situation
from training.split import Split

WIDTH = 110


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a job.

    Attributes:
        model: Its name.
        version: The bundle's.
        path: Where the bundle is.
        bytes: How large it is.
        data: Where the rows came from.
        period: Their first and last day.
        train_rows: How many were learned from.
        test_rows: How many were tested on.
        dropped: How many could not be used, by reason.
        metrics: The bundle's figures on the test rows.
        split: Which rows those were, and what the figures' suffixes mean.
        threshold: Probability from which the positive label is answered.
        difference: Largest difference from the scikit-learn pipeline on any test row.
        seconds: How long it took.
    """

    model: str
    version: str
    path: str
    bytes: int
    data: str
    period: tuple[str, str]
    train_rows: int
    test_rows: int
    dropped: dict[str, int]
    metrics: dict[str, float]
    split: str
    threshold: float | None
    difference: float
    seconds: float

    @classmethod
    def of(cls, verified: Verified, *, path: Path, data: Dataset, split: Split, seconds: float) -> Self:
        """The report on a bundle that stands at `path`."""
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
            difference=verified.difference,
            seconds=round(seconds, 1),
        )

    def text(self, situations: Sequence[Situation]) -> str:
        """The same for people, one line a situation the model was tested in."""
        lines = [
            f"{self.model} {self.version}, trained in {self.seconds:g} s",
            f"  data       {self.data}{self._period()}",
            f"  rows       {self.train_rows:,} to learn from, {self.test_rows:,} to test on",
            *(f"  dropped    {count:,} {reason}" for reason, count in self.dropped.items()),
            *_table(self.metrics, situations),
            textwrap.fill(self.split, WIDTH, initial_indent="  tested on  ", subsequent_indent=" " * 13),
            f"  parity     {self.difference:.1e} at most from the scikit-learn pipeline on every test row",
            f"  bundle     {self.path} ({self.bytes / 1024:,.0f} KiB)",
        ]
        if self.threshold is not None:
            lines.insert(-2, f"  threshold  {self.threshold:g}")
        return "\n".join(lines)

    def _period(self) -> str:
        start, end = self.period
        return f", {start} to {end}" if start else ""


def _table(metrics: dict[str, float], situations: Sequence[Situation]) -> list[str]:
    names = [name.removesuffix(f"_{BASELINE}") for name in metrics if name.endswith(f"_{BASELINE}")]
    first, *others = situations
    rows = [(first.description, ""), *((other.description, f"_{other.name}") for other in others)]
    rows.append(("always the mean of the training rows", f"_{BASELINE}"))
    width = max(len(title) for title, _ in rows)
    lines = [f"  {'':{width}}" + "".join(f"  {name.replace('_', ' '):>17}" for name in names)]
    for title, suffix in rows:
        lines.append(
            f"  {title:{width}}" + "".join(f"  {metrics[f'{name}{suffix}']:17.4f}" for name in names)
        )
    if "base_rate" in metrics:
        lines.append(f"  base rate  {metrics['base_rate']:.4f}")
    return lines
