"""Champion and challenger on the same rows: outputs, differences, parts of the rows, processor time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.data.dataset import Dataset
from training.data.model_inputs import graph_tensors
from training.data.split import Split
from training.evaluation.bootstrap import ClusterBootstrap
from training.judging.contender import Contender, microseconds_a_row
from training.judging.differences import Difference, metric_differences
from training.judging.judge_settings import JudgeSettings
from training.judging.slice_differences import PartDifference, SituationOutputs, slice_differences
from training.model import Model

Measure = Callable[..., Sequence[float]]


@dataclass(frozen=True, kw_only=True)
class ComparedRows:
    """Both contenders on the same rows.

    Attributes:
        model: The model, with the situations that hold for the rows.
        rows: The rows.
        outputs: Outputs of the graphs by role, of each situation.
        differences: Differences by situation, of each metric.
        parts: Differences in parts of the rows.
        microseconds: Processor time of a row, of champion and challenger.
    """

    model: Model
    rows: Dataset
    outputs: Mapping[str, SituationOutputs]
    differences: Mapping[str, Mapping[str, Difference]]
    parts: Sequence[PartDifference]
    microseconds: Sequence[float]


def compare_rows(
    model: Model,
    rows: Dataset,
    contenders: Sequence[Contender],
    rule: JudgeSettings,
    measure: Measure = microseconds_a_row,
) -> ComparedRows | str:
    """Runs both graphs on the rows and compares them.

    Args:
        model: The model.
        rows: Rows that neither has learned from.
        contenders: Champion and challenger.
        rule: The settings of the judge.
        measure: Measures the processor time of the graphs.

    Returns:
        The comparison, or a sentence on why there is none.
    """
    if problem := _one_sided(model, rows):
        return problem
    # Situations that would repeat another one, because no row has their fields, are left out.
    model = model.of_data(Split(train=rows, test=rows, description=""))
    tensors = {
        situation.name: graph_tensors(model.fields, rows.without(situation.absent))
        for situation in model.situations
    }
    outputs = {one.role: one.outputs(tensors) for one in contenders}
    for one in contenders:
        unknown = sum(int((~np.isfinite(output)).any(axis=1).sum()) for output in outputs[one.role].values())
        if unknown:
            return f"The {one.name} predicts no finite number in {unknown:,} cases, so it cannot be compared."
    bootstrap = ClusterBootstrap(rows)
    champion, challenger = (outputs[one.role] for one in contenders)
    differences = {
        name: metric_differences(model.task, rows.target, champion[name], challenger[name], bootstrap)
        for name in champion
    }
    parts = slice_differences(model, rows, champion, challenger, fewest_rows=rule.slice_rows)
    return ComparedRows(
        model=model,
        rows=rows,
        outputs=outputs,
        differences=differences,
        parts=parts,
        microseconds=measure(contenders, tensors[model.situations[-1].name]),
    )


def _one_sided(model: Model, rows: Dataset) -> str:
    """Returns why the metrics of the rows are undefined; "" when they are not."""
    if model.labels:
        counts = np.bincount(rows.target, minlength=len(model.labels))
        missing = [label for label, count in zip(model.labels, counts, strict=True) if not count]
        return f"None of these rows has the label {missing[0]!r}: more rows are needed." if missing else ""
    is_constant = not len(rows) or rows.target.min() == rows.target.max()
    return "All of these rows have the same value, so no metric is defined." if is_constant else ""
