"""Everything that was measured on the test rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from training.data.split import Split
from training.evaluation.decisions import Decisions
from training.evaluation.importance import importance
from training.evaluation.intervals import Figure, figures
from training.evaluation.linear import linear_baseline
from training.evaluation.measure import mean_answers
from training.evaluation.metrics import positive
from training.evaluation.ranking import Ranking
from training.evaluation.resampling import Resampling
from training.evaluation.sliced import Sliced, measure_slices
from training.export.bundling import Verified
from training.export.scorer import Scorer
from training.model import Model
from training.progress import Progress

Figures = Mapping[str, Figure]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """How good a bundle is, by situation, and how sure that is.

    Attributes:
        situations: The bundle's metrics.
        mean: Those of always answering the training rows' mean.
        rankings: The test rows ranked, in a binary model.
        decisions: What the threshold comes to, in a binary model.
        linear: A linear model's, fitted on the same fields; none where there is nothing to fit it on.
        slices: The quality by part of the rows.
        importance: By field what is lost without it.
    """

    situations: Mapping[str, Figures]
    mean: Figures
    rankings: Mapping[str, Ranking]
    decisions: Mapping[str, Decisions]
    linear: Mapping[str, Figures] = field(default_factory=dict)
    slices: tuple[Sliced, ...] = ()
    importance: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def evaluate(
    model: Model, split: Split, verified: Verified, progress: Progress, *, details: bool
) -> Evaluation:
    """Measures a verified bundle on the test rows, from the answers it gave there.

    With `details` it is set beside a linear model, cut into slices, and asked what each field matters.

    Raises:
        TrainingError: When the test rows lack a label.
    """
    test, outputs = split.test, verified.outputs
    progress.step("drawing other test days, to say how sure the figures are")
    resampling = Resampling(test)
    rankings = _rankings(model, split, verified)
    measured = {
        name: figures(model.task, test.target, output, resampling, rankings.get(name))
        for name, output in outputs.items()
    }
    mean = figures(model.task, test.target, mean_answers(model, split), resampling)
    evaluation = Evaluation(
        situations=measured, mean=mean, rankings=rankings, decisions=_decisions(model, split, verified)
    )
    if not details:
        return evaluation
    slices = measure_slices(model, split, outputs, rankings)
    progress.step("fitting the linear baseline")
    linear = linear_baseline(model, split)
    progress.step("measuring what each field matters")
    scorer = Scorer(verified.bundle.model, model.fields)
    return replace(evaluation, linear=linear, slices=slices, importance=importance(model, test, scorer))


def _rankings(model: Model, split: Split, verified: Verified) -> dict[str, Ranking]:
    if model.task != "binary":
        return {}
    return {name: Ranking(split.test.target, positive(output)) for name, output in verified.outputs.items()}


def _decisions(model: Model, split: Split, verified: Verified) -> dict[str, Decisions]:
    if model.threshold is None:
        return {}
    return {
        name: Decisions.of(
            split.test.target, output, threshold=model.threshold, missed_cost=model.missed_cost
        )
        for name, output in verified.outputs.items()
    }
