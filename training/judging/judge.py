"""Judge: reads two bundles and rows, compares them on rows that neither has learned from, and decides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from msgspec import structs

from training.checks.datasets import read_dataset
from training.data.data_options import DataOptions
from training.data.dataset import Dataset
from training.errors import TrainingError
from training.evaluation.manifest_metrics import metric_suffix
from training.judging.checks import (
    Check,
    amount_checks,
    bundle_checks,
    quality_checks,
    slice_check,
    speed_check,
)
from training.judging.compared_rows import ComparedRows, Measure, compare_rows
from training.judging.contender import (
    CHALLENGER,
    CHAMPION,
    Contender,
    check_fields,
    microseconds_a_row,
)
from training.judging.differences import DECIDING, verdict_name
from training.judging.judge_settings import JudgeSettings
from training.judging.unseen_rows import unseen_rows
from training.judging.verdict import GraphFigures, Learned, Verdict, decided
from training.model import Model
from training.model_catalog import load_model, model_names
from training.progress import Progress
from training.tables.columns.fields_file import FIELDS_FILE
from training.tables.table_model import kept_model

# Without these the rows of one contender mean nothing to the other, or nothing is to be decided.
_DECISIVE = ("version", "interface")
_SHOWN_PARTS = 20


@dataclass(frozen=True, kw_only=True)
class JudgeRequest:
    """The two bundles to judge, and the rows.

    Attributes:
        champion: Path of the champion's bundle.
        challenger: Path of the challenger's bundle.
        data: Source of the rows; "" for the model's sample.
        weather: Value of `--weather`; "" for the rows' own.
        rule: The settings of the judge.
        cache: Folder of downloaded files.
    """

    champion: Path
    challenger: Path
    data: str = ""
    weather: str = ""
    rule: JudgeSettings = field(default_factory=JudgeSettings)
    cache: Path = DataOptions.cache


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A verdict, and the figures that its page draws; None where the rows could not be compared."""

    verdict: Verdict
    compared: ComparedRows | None = None

    def as_text(self, page: Path) -> str:
        """Returns the verdict, the speed of the graphs and the path of the page, for a terminal."""
        lines = [self.verdict.as_text()]
        if self.compared:
            one, two = self.compared.microseconds
            lines.append(f"Processor time a row: champion {one:.1f} microseconds, challenger {two:.1f}.")
        return "\n".join([*lines, f"The page with all figures: {page}"])


def judge(request: JudgeRequest, progress: Progress, *, measure: Measure = microseconds_a_row) -> Judgement:
    """Judges the challenger.

    Args:
        request: What is judged.
        progress: Receives one line a step.
        measure: Measures the processor time of the graphs.

    Raises:
        TrainingError: When a bundle or the rows cannot be read.
    """
    progress.step("reading champion and challenger")
    contenders = (
        Contender.read(CHAMPION, request.champion),
        Contender.read(CHALLENGER, request.challenger),
    )
    checks = [*bundle_checks(contenders, request.rule)]
    if any(check.name in _DECISIVE and not check.passes for check in checks):
        return Judgement(verdict=_decided(_begun(contenders, request.rule), checks))
    model = _model(contenders[1], request)
    options = DataOptions(
        source=request.data or model.data[0],
        weather=model.require_weather(request.weather, contenders[1].manifest.name),
        cache=request.cache,
        progress=progress,
    )
    progress.step(f"reading the data: {options.source}")
    data = read_dataset(model, options)
    return judge_rows(contenders, model, data, request.rule, checks, progress, measure)


def judge_rows(
    contenders: Sequence[Contender],
    model: Model,
    data: Dataset,
    rule: JudgeSettings,
    done: Sequence[Check],
    progress: Progress,
    measure: Measure = microseconds_a_row,
) -> Judgement:
    """Judges by rows that were read already.

    Args:
        contenders: Champion and challenger, of one interface.
        model: The model that has read the rows.
        data: The rows, of which those count that neither has learned from.
        rule: The settings of the judge.
        done: Checks of the bundles.
        progress: Receives one line a step.
        measure: Measures the processor time of the graphs.
    """
    checks = [*done]
    verdict = structs.replace(_begun(contenders, rule), data=data.name)
    unseen = unseen_rows(data, contenders)
    if unseen.refusal:
        checks.append(Check(name="rows", passes=False, sentence=unseen.refusal))
        return Judgement(verdict=_decided(verdict, checks))
    rows = data.take(unseen.positions)
    verdict = _with_rows(verdict, rows)
    checks += amount_checks(rows, unseen.described, rule)
    progress.step(f"running both graphs on {len(rows):,} rows {unseen.described}")
    compared = compare_rows(model, rows, contenders, rule, measure)
    if isinstance(compared, str):
        checks.append(Check(name="predictions", passes=False, sentence=compared))
        return Judgement(verdict=_decided(verdict, checks))
    checks += _comparison_checks(compared, contenders[0], rule)
    return Judgement(verdict=_decided(_with_figures(verdict, compared), checks), compared=compared)


def _model(contender: Contender, request: JudgeRequest) -> Model:
    """Returns the model that reads the rows: of a file of training/models, or of a table's file of fields."""
    name, bundles = contender.manifest.name, (request.challenger, request.champion)
    if name in model_names():
        model = load_model(name).of_fields([one.name for one in contender.manifest.fields])
    elif kept := [path for one in bundles if (path := one.with_name(FIELDS_FILE)).exists()]:
        if not request.data:
            raise TrainingError(f"The model {name} is of a table of your own, so name its rows with --data.")
        model = kept_model(kept[0])
    else:
        raise TrainingError(
            f"There is no model {name!r} in training/models, and no {FIELDS_FILE} beside the bundles, so "
            "nothing says how its rows are read."
        )
    check_fields(model, name, contender)
    return model


def _begun(contenders: Sequence[Contender], rule: JudgeSettings) -> Verdict:
    champion, challenger = (one.manifest.version for one in contenders)
    return Verdict(
        model=contenders[1].manifest.name,
        champion=champion,
        challenger=challenger,
        passes=False,
        reasons=(),
        graph={
            one.role: GraphFigures(bytes=len(one.bundle.model), golden_rows=len(one.manifest.golden))
            for one in contenders
        },
        learned={
            one.role: Learned(
                data=one.manifest.data.name,
                rows=one.learned_rows,
                start=one.manifest.data.start,
                end=one.manifest.data.end,
            )
            for one in contenders
        },
        rule=rule,
    )


def _with_rows(verdict: Verdict, rows: Dataset) -> Verdict:
    if rows.dates is None:
        return structs.replace(verdict, rows=len(rows))
    start, end = rows.period
    days = len(np.unique(rows.dates))
    return structs.replace(verdict, rows=len(rows), start=start, end=end, days=days)


def _with_figures(verdict: Verdict, compared: ComparedRows) -> Verdict:
    model = compared.model
    suffixes = {situation.name: metric_suffix(model, situation.name) for situation in model.situations}
    return structs.replace(
        verdict,
        metrics={
            verdict_name(metric, suffixes[situation]): difference
            for situation, differences in compared.differences.items()
            for metric, difference in differences.items()
        },
        situations={suffixes[situation.name]: situation.description for situation in model.situations},
        slices=tuple(compared.parts[:_SHOWN_PARTS]),
    )


def _comparison_checks(compared: ComparedRows, champion: Contender, rule: JudgeSettings) -> Iterator[Check]:
    model = compared.model
    for situation in model.situations:
        stated = f"{DECIDING[model.task][0]}{metric_suffix(model, situation.name)}"
        promised = champion.manifest.metrics.values.get(stated)
        yield from quality_checks(model, situation, compared.differences[situation.name], promised, rule)
    if compared.parts:
        yield slice_check(compared.parts, rule)
    yield speed_check(compared.microseconds, rule)


def _decided(verdict: Verdict, checks: Sequence[Check]) -> Verdict:
    passes, reasons = decided(checks)
    return structs.replace(verdict, passes=passes, reasons=reasons, checks=tuple(checks))
