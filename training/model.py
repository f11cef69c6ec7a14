"""A model: the declaration that each file of training/models makes."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Self

from bundle import Columns, Field
from training.data.data_options import SAMPLE, DataOptions
from training.data.dataset import Dataset
from training.data.slices import Slice
from training.data.split import Split
from training.errors import TrainingError
from training.fit_plan import Plan
from training.model_card import ModelCard

if TYPE_CHECKING:
    # Optuna is slow to import, and only tuning needs it.
    from optuna import Trial


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A set of fields that clients know at the time of a request; metrics are computed in each situation.

    Attributes:
        name: Suffix of the situation's metrics.
        description: Its description in reports.
        absent: Fields that are unknown in the situation.
        parts: Parts of the description by title, such as "weather", with their fields. When the data have no
            value of a part's fields, the description becomes "with" and the other titles.
    """

    name: str
    description: str
    absent: tuple[str, ...] = ()
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of_data(self, known: frozenset[str]) -> Self:
        """Copies the situation with the description that is true for data with these fields."""
        titles = [title for title, fields in self.parts.items() if known.intersection(fields)]
        if len(titles) == len(self.parts):
            return self
        return replace(self, description=f"with {' and '.join(titles)}" if titles else "all fields")


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Fields that are removed together from a random `share` of the training rows.

    Without such rows the model would not learn to predict when the fields are absent.
    """

    fields: tuple[str, ...]
    share: float


@dataclass(frozen=True, kw_only=True)
class QuantileTarget:
    """A second, numeric target, of which the model predicts a median and a range when a request asks for it.

    Attributes:
        name: Its name, which is that of the request's parameter and of the answer's member.
        description: What it is, for people: the end of a sentence.
        unit: Unit of its values.
        pipeline: Makes the unfitted scikit-learn pipeline, given the columns of its input and a plan. `fit`
            takes the values, and `dates` as that of the model; `predict` returns shape (n, 3), ascending.
        levels: Probabilities of the three quantiles.
    """

    name: str
    description: str
    unit: str
    pipeline: Callable[[Columns, Plan], Any]
    levels: tuple[float, float, float] = (0.1, 0.5, 0.9)


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model's data, fields, pipeline and evaluation.

    Attributes:
        task: Kind of prediction.
        fields: Fields of a request row.
        read: Reads the dataset that the options name.
        split: Splits a dataset into training and test rows, given a seed.
        pipeline: Makes the unfitted scikit-learn pipeline, given the columns of its input and a plan. If its
            `fit` takes `dates`, it gets the day of each row.
        data: Forms of `--data` for `--list`; the default first.
        reads_weather: Whether `read` knows the option `--weather`.
        labels: Class names in the order of the target's numbers, the positive one last; none in a regression.
        situations: Situations, the one with the fewest known fields first; its metrics have no suffix.
        if_known: Optional fields that a bundle has only if some training row has a value of them.
        gaps: Fields that are removed at random in training.
        together: Fields that mean something only together, by a title; reasons name them as one.
        missed_cost: Cost of one missed positive in false alarms, in a binary model.
        space: Suggests the hyperparameters of an Optuna trial; None when there is nothing to tune.
        slices: Slices of the test rows with metrics of their own.
        card: Model card.
        quantiles: Second, numeric target; `read` gives its values as `numeric_target`, and no field may.
        libraries: Distributions that the model needs beyond those of every model.
        baseline: Name of the baseline that takes the place of the model's own pipeline; "" for none.
    """

    task: Literal["binary", "multiclass", "regression"]
    fields: tuple[Field, ...]
    read: Callable[[DataOptions], Dataset]
    split: Callable[[Dataset, int], Split]
    pipeline: Callable[[Columns, Plan], Any]
    data: tuple[str, ...] = (SAMPLE,)
    reads_weather: bool = False
    labels: tuple[str, ...] = ()
    situations: tuple[Situation, ...] = (Situation(name="", description="all fields"),)
    if_known: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    together: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missed_cost: float = 1.0
    space: Callable[["Trial"], Mapping[str, float | int | str]] | None = None
    slices: tuple[Slice, ...] = ()
    card: ModelCard | None = None
    quantiles: QuantileTarget | None = None
    libraries: tuple[str, ...] = ()
    baseline: str = ""

    @property
    def threshold(self) -> float | None:
        """The probability from which the positive label has the lower expected cost, in a binary model.

        It is the same in every situation, because it depends only on the cost of a mistake.
        Source: Elkan, The foundations of cost-sensitive learning, IJCAI 2001, equation 2.
        """
        return 1 / (1 + self.missed_cost) if self.task == "binary" else None

    def require_weather(self, source: str, name: str) -> str:
        """Returns the value of `--weather`, when the model reads weather or the value is empty.

        Args:
            source: The value.
            name: Name of the model, for the message.

        Raises:
            TrainingError: When the model reads no weather.
        """
        if source and not self.reads_weather:
            raise TrainingError(f"The model {name} reads no weather: leave --weather out.")
        return source

    def of_data(self, split: Split) -> Self:
        """Copies the model with the situations that hold for the data.

        A situation in which no further field has a value, in training rows and in test rows, would repeat the
        figures of another one.
        """
        known = split.train.known_fields & split.test.known_fields
        situations: dict[frozenset[str], Situation] = {}
        for situation in self.situations:
            situations.setdefault(known.difference(situation.absent), situation.of_data(known))
        return replace(self, situations=tuple(situations.values()))

    def of_fields(self, known: Collection[str]) -> Self:
        """Copies the model without the fields of `if_known` that are not among the known ones."""
        unknown = set(self.if_known).difference(known)
        return replace(self, fields=tuple(one for one in self.fields if one.name not in unknown))

    def replaced_by(self, baseline: str, pipeline: Callable[[], Any]) -> Self:
        """Copies the model with a baseline's pipeline instead of its own; the card says so."""
        found = replace(self, baseline=baseline, pipeline=lambda *_: pipeline(), space=None, libraries=())
        card = self.card and replace(self.card, limits=(found.about_baseline, *self.card.limits))
        return replace(found, card=card)

    @property
    def about_baseline(self) -> str:
        """The sentence on the baseline that takes the place of the model's own pipeline; "" without one."""
        if not self.baseline:
            return ""
        return (
            f"This is not the pipeline of the model's file but {self.baseline}: on the test rows, that "
            "pipeline was not better beyond noise."
        )

    @property
    def columns(self) -> Columns:
        """The input columns of its fields."""
        return Columns(self.fields)
