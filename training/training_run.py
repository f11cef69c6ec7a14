"""A training job: reads data, tunes, fits, writes the bundle, evaluates it and reports."""

import argparse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from bundle import ARCHIVE
from training.checks.datasets import read_dataset, split_dataset
from training.checks.error_sentences import step_error
from training.data.data_options import DataOptions
from training.data.dataset import Dataset
from training.data.split import Split
from training.errors import TrainingError
from training.evaluation.baselines.comparison import Comparison
from training.evaluation.baselines.simplest_model import Choice, fit_baseline, simplest
from training.evaluation.evaluation import evaluate
from training.evaluation.time_series_splits import cut_splits, measure_cuts
from training.export.evaluated_fit import measured_fit
from training.export.verified_bundle import VerifiedBundle, write_bundle
from training.fit_plan import Plan
from training.fitting.fit import Fitted, fit, fit_again
from training.model import Model
from training.progress import Progress, limit_arenas
from training.quantiles.quantile_fit import fit_quantiles
from training.report.better_baselines import simplest_sentences
from training.report.page_data import PageData
from training.report.page_files import remove_page_files
from training.report.training_report import TrainingReport


@dataclass(frozen=True, kw_only=True)
class Job:
    """Input of one training run.

    Attributes:
        name: Name of the model.
        model: The model.
        out: Folder of the bundle.
        data: Source of the rows.
        plan: How to fit.
        page: Whether to write the report as a page, too.
        minutes: Time of the hyperparameter search before the fit; 0 for none.
        cuts: Number of cuts in time that are measured too.
        simplest: Whether a simpler model that is not worse beyond noise ships instead.
        notes: Sentences about the model for its report.
    """

    name: str
    model: Model
    out: Path
    data: DataOptions = field(default_factory=DataOptions)
    plan: Plan = field(default_factory=Plan)
    page: bool = True
    minutes: float = 0
    cuts: int = 0
    simplest: bool = False
    notes: tuple[str, ...] = ()


def make_job(options: argparse.Namespace, model: Model, progress: Progress) -> Job:
    """Makes the job of the command line's options.

    Raises:
        TrainingError: When the options name weather, and the model reads none.
    """
    return Job(
        name=options.model,
        model=model,
        out=options.out or Path("build") / options.model,
        data=DataOptions(
            source=model.data[0] if options.data is None else options.data,
            engine=options.engine,
            master=options.master,
            bucket=options.bucket or "",
            weather=model.require_weather(options.weather, options.model),
            holdout=options.holdout,
            progress=progress,
        ),
        plan=Plan(seed=options.seed),
        page=options.report,
        minutes=options.tune,
        cuts=options.cuts,
        simplest=options.simplest,
    )


def read_rows(job: Job, progress: Progress) -> tuple[Job, Dataset, Split]:
    """Reads and splits the rows of a job; its model then has the fields and situations of these rows.

    Raises:
        TrainingError: When the data are unusable.
    """
    progress.step(f"reading the data: {job.data.source}")
    data = read_dataset(job.model, job.data)
    progress.step(f"{len(data):,} rows, {sum(data.dropped.values()):,} dropped{_reasons(data)}")
    split = split_dataset(job.model, data, job.plan.seed)
    model = job.model.of_fields(split.train.known_fields).of_data(split)
    return replace(job, model=model), data, split


def run(job: Job, progress: Progress) -> TrainingReport:
    """Trains the model, writes its verified bundle, and reports on it.

    Raises:
        TrainingError: When the data are unusable, or the bundle's predictions differ from the pipeline's.
        OSError: When the folder cannot be written.
        KeyboardInterrupt: When the user interrupts; the message says if the bundle was already written.
    """
    limit_arenas()
    job.out.mkdir(parents=True, exist_ok=True)
    job, data, split = read_rows(job, progress)
    # Cut before the fits, because data that cannot be cut are refused.
    cuts = cut_splits(job.model, data, job.cuts) if job.cuts else []
    job = tuned(job, split, progress)
    verified, comparisons = train(job, data, split, progress)
    job = replace(job, model=verified.model)
    report = TrainingReport.of(
        verified,
        path=job.out / ARCHIVE,
        data=data,
        split=split,
        parameters={} if job.model.baseline else job.plan.parameters,
    )
    report = msgspec.structs.replace(report, notes=job.notes)
    if job.simplest:
        sentences = tuple(simplest_sentences(job.model, comparisons))
        report = msgspec.structs.replace(report, simplest=sentences)
    report = _evaluated(job, report, split, cuts, verified, progress)
    progress.step("done")
    return msgspec.structs.replace(report, seconds=round(progress.seconds, 1))


def _reasons(data: Dataset) -> str:
    return "".join(f"; {count:,} {reason}" for reason, count in data.dropped.items())


def tuned(job: Job, split: Split, progress: Progress) -> Job:
    """Searches hyperparameters for the job's minutes and sets them in its plan."""
    if not job.minutes:
        return job
    from training.fitting.tuning import tune

    parameters = tune(
        job.model, split.train, job.plan, minutes=job.minutes, folder=job.out, progress=progress
    )
    return replace(job, plan=replace(job.plan, parameters=parameters))


def train(
    job: Job, data: Dataset, split: Split, progress: Progress
) -> tuple[VerifiedBundle, tuple[Comparison, ...]]:
    """Fits on the training rows, measures that fit, fits again on all rows, and writes that as the bundle.

    A cluster fits once, and ships the measured fit, unless a simpler model ships instead.

    Returns:
        The bundle, and the comparisons that decided for it when the job asks for the simplest model.
    """
    progress.step(f"fitting on {len(split.train):,} rows")
    try:
        tested = fit_with_quantiles(fit, job.model, split.train, job.plan)
        choice = Choice(fitted=tested, comparisons=())
        if job.simplest and not job.plan.stopping():
            choice = simplest(split, job.plan, tested=tested, progress=progress)
        fitted = tested = choice.fitted
        # The hosts of a cluster connect for one fit only; a baseline needs no cluster.
        if tested.model.baseline or not job.plan.cluster:
            progress.step(f"fitting again on all {len(data):,} rows")
            again = fit_baseline if tested.model.baseline else fit
            fitted = fit_again(
                lambda: fit_with_quantiles(again, tested.model, data, job.plan),
                job.plan,
                tested=tested,
            )
    except TrainingError:
        raise
    except Exception as error:
        raise step_error("fitting the pipeline", error) from error
    progress.step(f"testing the first fit on {len(split.test):,} rows, and writing the bundle")
    measured = measured_fit(tested, split, refitted_on=0 if fitted is tested else len(data))
    verified = write_bundle(
        job.out / ARCHIVE, name=job.name, data=data, split=split, fitted=fitted, measured=measured
    )
    # The page of an earlier bundle is not that of this one, even if this one gets none.
    remove_page_files(job.out)
    return verified, choice.comparisons


def fit_with_quantiles(
    fit: Callable[[Model, Dataset, Plan], Fitted], model: Model, rows: Dataset, plan: Plan
) -> Fitted:
    """Fits the model's pipeline and, at the same time in a thread, the quantiles of its second target.

    A plan that stops has no quantiles.
    """
    with ThreadPoolExecutor(1) as thread:
        quantiles = thread.submit(fit_quantiles, model, rows, plan)
        fitted = fit(model, rows, plan)
    return fitted if plan.stopping() else replace(fitted, quantiles=quantiles.result())


def _evaluated(
    job: Job,
    report: TrainingReport,
    split: Split,
    cuts: list[Split],
    verified: VerifiedBundle,
    progress: Progress,
) -> TrainingReport:
    """Adds evaluation and page to the report; an error in them does not discard the verified bundle."""
    try:
        outputs, score = verified.measured.outputs, verified.measured.scorer.score
        evaluation = evaluate(job.model, split, outputs, score, progress, details=job.page)
        report = report.evaluated(job.model, evaluation)
        if cuts:
            measured = tuple(measure_cuts(job.model, cuts, job.plan, progress))
            report = msgspec.structs.replace(report, cuts=measured)
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
    except KeyboardInterrupt as interrupt:
        raise type(interrupt)("Interrupted: the bundle was written, the report was not.") from None
    except Exception as error:
        # The bundle is verified and written, so the report carries the error instead of raising it.
        return msgspec.structs.replace(report, trouble=f"{type(error).__name__}: {error}")
