"""What one file of training/models says about its model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from bundle import Columns, Field
from training.card import Card
from training.data.dataset import Dataset
from training.data.request import SAMPLE, DataRequest
from training.data.split import Split
from training.evaluation.slices import Slice
from training.plan import Plan

if TYPE_CHECKING:
    # Optuna takes long to import, and few tune.
    from optuna import Trial


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What a client knows when asking: the quality is measured in each situation by itself.

    Attributes:
        name: Suffix of its metrics.
        description: The same in words.
        absent: Fields that are not known then.
    """

    name: str
    description: str
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Fields left out together, at random, in a `share` of the training rows.

    A model that never met a row without them would make nothing of one.
    """

    fields: tuple[str, ...]
    share: float


@dataclass(frozen=True, kw_only=True)
class Model:
    """One kind of model, from its data to its pipeline.

    Attributes:
        task: What is predicted.
        fields: The request row.
        read: Reads the data that a job asks for.
        split: Divides rows into those to learn from and those to be tested on, given a seed.
        pipeline: Makes the unfitted scikit-learn pipeline, given the columns of its input and a plan. If its
            `fit` takes `dates`, it is given the rows' days.
        data: What `--data` may say, for people; the default first.
        labels: Class names in the order of the target's numbers, the positive one last; none in a regression.
        situations: Ways to ask, the one that knows least first: its metrics carry no suffix.
        gaps: What is left out at random in training.
        missed_cost: How many false alarms one missed positive costs, in a binary model.
        space: Suggests hyperparameters for a trial of Optuna's; None when there is nothing to tune.
        slices: How the test rows are cut to measure their parts.
        card: What it is for, for people.
        libraries: Distributions it was made with, beyond those of every model.
    """

    task: Literal["binary", "multiclass", "regression"]
    fields: tuple[Field, ...]
    read: Callable[[DataRequest], Dataset]
    split: Callable[[Dataset, int], Split]
    pipeline: Callable[[Columns, Plan], Any]
    data: tuple[str, ...] = (SAMPLE,)
    labels: tuple[str, ...] = ()
    situations: tuple[Situation, ...] = (Situation(name="", description="all fields"),)
    gaps: tuple[Gap, ...] = ()
    missed_cost: float = 1.0
    space: Callable[["Trial"], Mapping[str, float | int | str]] | None = None
    slices: tuple[Slice, ...] = ()
    card: Card | None = None
    libraries: tuple[str, ...] = ()

    @property
    def threshold(self) -> float | None:
        """The probability from which the positive label is the cheaper answer, in a binary model.

        It holds for every situation alike, because it rests on the probability and not on how sharp it is.
        Source: Elkan, The foundations of cost-sensitive learning, IJCAI 2001, equation 2.
        """
        return 1 / (1 + self.missed_cost) if self.task == "binary" else None

    @property
    def columns(self) -> Columns:
        """The columns its fields become."""
        return Columns(self.fields)
