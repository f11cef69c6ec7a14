"""From the name of a model to its bundle, and what came of it."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from training.data.dataset import Dataset
from training.data.request import DataRequest
from training.data.split import Split
from training.evaluation.evaluation import evaluate
from training.export.verified_bundle import VerifiedBundle, write_bundle
from training.fitting.fit import fit
from training.model import Model
from training.plan import Plan
from training.progress import Progress
from training.report.page_data import PageData
from training.report.training_report import TrainingReport

ARCHIVE = "model.tar.gz"


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is to be trained, on which data, how, and where its bundle goes, with or without a page.

    `minutes` of tuning come first.
    """

    name: str
    model: Model
    out: Path
    data: DataRequest = field(default_factory=DataRequest)
    plan: Plan = field(default_factory=Plan)
    page: bool = True
    minutes: float = 0


def run(job: Job, progress: Progress) -> TrainingReport:
    """Trains the model, writes its verified bundle, and reports on it.

    Raises:
        TrainingError: When the data cannot be used, or the bundle does not answer as the pipeline does.
        OSError: When the folder cannot be written to.
        KeyboardInterrupt: When the user ends it; its sentence says so if the bundle was written already.
    """
    job.out.mkdir(parents=True, exist_ok=True)
    progress.step(f"reading the data: {job.data.source}")
    data = job.model.read(job.data)
    progress.step(f"{len(data):,} rows, {sum(data.dropped.values()):,} dropped")
    split = job.model.split(data, job.plan.seed)
    job = tuned(job, split, progress)
    verified = train(job, data, split, progress)
    report = TrainingReport.of(
        verified, path=job.out / ARCHIVE, data=data, split=split, parameters=job.plan.parameters
    )
    report = _evaluated(job, report, split, verified, progress)
    progress.step("done")
    return msgspec.structs.replace(report, seconds=round(progress.seconds, 1))


def tuned(job: Job, split: Split, progress: Progress) -> Job:
    """The job with the hyperparameters that its minutes of tuning find."""
    if not job.minutes:
        return job
    from training.fitting.tuning import tune

    parameters = tune(
        job.model, split.train, job.plan, minutes=job.minutes, folder=job.out, progress=progress
    )
    return replace(job, plan=replace(job.plan, parameters=parameters))


def train(job: Job, data: Dataset, split: Split, progress: Progress) -> VerifiedBundle:
    """Fits on the training rows, and writes the bundle tested on the test rows."""
    progress.step(f"fitting on {len(split.train):,} rows")
    fitted = fit(job.model, split.train, job.plan)
    progress.step(f"writing the bundle, and testing it on {len(split.test):,} rows")
    return write_bundle(job.out / ARCHIVE, name=job.name, data=data, split=split, fitted=fitted)


def _evaluated(
    job: Job, report: TrainingReport, split: Split, verified: VerifiedBundle, progress: Progress
) -> TrainingReport:
    """The report with intervals and the page; a bundle that is right is not lost with them."""
    try:
        evaluation = evaluate(
            job.model, split, verified.outputs, verified.scorer.score, progress, details=job.page
        )
        report = report.evaluated(job.model, evaluation)
        if not job.page:
            return report
        progress.step("drawing the report")
        from training.report.page import write_page

        page = PageData(
            model=job.model,
            split=split,
            verified=verified,
            evaluation=evaluation,
            report=report,
            seed=job.plan.seed,
        )
        return msgspec.structs.replace(report, page=str(write_page(job.out, page)))
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Interrupted: the bundle was written, the report was not.") from None
    except Exception as error:
        # Whatever is wrong with a drawing, the bundle was verified and stands.
        return msgspec.structs.replace(report, trouble=f"{type(error).__name__}: {error}")
