"""Report of a training job as data: the JSON of `--json`, and report.json of a SageMaker job."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

import msgspec

from bundle import Quantiles
from training.data.dataset import Dataset
from training.data.split import Split
from training.evaluation.confidence_intervals import MetricEstimate
from training.evaluation.evaluation import Evaluation
from training.evaluation.manifest_metrics import BASELINE, DIGITS, metric_suffix
from training.evaluation.time_series_splits import TimeCut
from training.export.verified_bundle import VerifiedBundle
from training.model import Model
from training.report.better_baselines import better_baselines

# Where a SageMaker job leaves its report.
REPORT_FILE = "report.json"


class TrainingReport(msgspec.Struct, frozen=True, kw_only=True):
    """Report of a training job.

    Attributes:
        model: Name of the model.
        version: Version of the bundle.
        path: Path of the bundle.
        bytes: Size of the bundle.
        page: Path of the HTML page; "" without one.
        trouble: Error that prevented the HTML page; "" without one.
        data: Source of the rows.
        period: First and last day of the rows, ISO or empty.
        train_rows: Number of training rows.
        test_rows: Number of test rows.
        dropped: Number of source rows that could not be used, by reason.
        refitted_on: Number of rows of the fit that ships; 0 when the fit on the training rows ships.
        metrics: Metrics on the test rows of the fit on the training rows.
        intervals: 95 % confidence interval of each metric: lower and upper end.
        linear: Metrics of the linear baseline, under the same names.
        situations: Description of each situation, by the suffix of its metrics.
        warnings: Sentences on what is not worse than the model.
        notes: Sentences on how the model came about; empty for a model of training/models.
        simplest: Sentences on the choice of `--simplest`; empty unless it is asked for.
        cuts: Metrics at several cuts in time, by situation; empty unless `--cuts` asks for them.
        split: Sentence on the test rows and on the suffixes of the metrics.
        threshold: Lowest probability of a positive prediction; None unless the model is binary.
        parameters: Hyperparameters that replaced the model's own.
        quantiles: The second target, with its metrics; None without one.
        difference: Largest difference from the output of the scikit-learn pipeline.
        seconds: Duration of the job.
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
    refitted_on: int = 0
    dropped: dict[str, int]
    metrics: dict[str, float]
    intervals: dict[str, tuple[float, float]] = {}
    linear: dict[str, float] = {}
    situations: dict[str, str] = {}
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    simplest: tuple[str, ...] = ()
    cuts: tuple[TimeCut, ...] = ()
    split: str
    threshold: float | None
    parameters: dict[str, float | int | str] = {}
    quantiles: Quantiles | None = None
    difference: float
    seconds: float = 0.0

    @classmethod
    def of(
        cls,
        verified: VerifiedBundle,
        *,
        path: Path,
        data: Dataset,
        split: Split,
        parameters: Mapping[str, float | int | str],
    ) -> Self:
        """Returns the report of a job whose bundle was written to `path`."""
        manifest, model = verified.bundle.manifest, verified.model
        return cls(
            model=manifest.name,
            version=manifest.version,
            path=str(path),
            bytes=path.stat().st_size,
            data=data.name,
            period=data.period,
            train_rows=len(split.train),
            test_rows=len(split.test),
            refitted_on=0 if verified.is_measured else len(data),
            dropped=dict(data.dropped),
            metrics=verified.measured.metrics.values,
            situations={
                metric_suffix(model, situation.name): situation.description for situation in model.situations
            },
            split=verified.measured.metrics.split,
            threshold=manifest.threshold,
            parameters=dict(parameters),
            quantiles=manifest.quantiles or None,
            difference=verified.difference,
        )

    def evaluated(self, model: Model, evaluation: Evaluation) -> Self:
        """Returns this report with the confidence intervals and the linear baseline of an evaluation."""
        return msgspec.structs.replace(
            self,
            intervals={
                f"{name}{metric_suffix(model, situation)}": (
                    round(estimate.low, DIGITS),
                    round(estimate.high, DIGITS),
                )
                for situation, estimates in {**evaluation.situations, BASELINE: evaluation.mean}.items()
                for name, estimate in estimates.items()
                if estimate.has_interval
            },
            warnings=tuple(better_baselines(model, evaluation)),
            linear={
                f"{name}{metric_suffix(model, situation)}": round(estimate.value, DIGITS)
                for situation, estimates in evaluation.linear.items()
                for name, estimate in estimates.items()
            },
        )

    def estimate(self, name: str) -> MetricEstimate:
        """Returns a metric with its interval, NaN where it has none."""
        return MetricEstimate(self.metrics[name], *self.intervals.get(name, (float("nan"), float("nan"))))
