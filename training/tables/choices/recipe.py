"""Recipe of a pipeline: linear or trees on the fields of a table, with its hyperparameters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline

from bundle import Columns, Field
from training.features.linear_features import LinearFeatures
from training.features.text_features import WordsBeside
from training.features.tree_features import TreeFeatures
from training.fitting.own_table_boosting import TableTreesClassifier, TableTreesRegressor
from training.tables.choices.sampled_pipeline import SampledPipeline

RecipeKind = Literal["linear", "trees"]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a pipeline is made.

    Attributes:
        kind: A linear model, or trees.
        parameters: Hyperparameters: `strength` of a linear model's regularization; those of `TableTrees`.
        dated: Whether the rows are split by time; then only the weekday of dates is used, because a trend
            over months does not go on.
    """

    kind: RecipeKind
    parameters: Mapping[str, float | int] = field(default_factory=dict)
    dated: bool = False

    def pipeline(self, fields: Sequence[Field], *, classes: int, seed: int) -> Pipeline:
        """Makes the unfitted pipeline; `classes` is 0 in a regression."""
        features = self.features(fields, classes=classes)
        kind = SampledPipeline if self.kind == "linear" else Pipeline
        return kind([("features", features), ("model", self.estimator(classes=classes, seed=seed))])

    def features(self, fields: Sequence[Field], *, classes: int) -> Any:
        """Makes the unfitted features."""
        order = Columns(fields)
        texts = [one.name for one in fields if one.type == "text" and not one.ignored]
        made = {"linear": _linear_features, "trees": _tree_features}[self.kind](
            fields, order, dated=self.dated, classes=classes
        )
        if not texts:
            return made
        return WordsBeside(features=made, string_columns=order.strings, texts=texts)

    def estimator(self, *, classes: int, seed: int) -> Any:
        """Makes the unfitted last step."""
        if self.kind == "trees":
            kind: Any = TableTreesClassifier if classes else TableTreesRegressor
            return kind(**self.parameters, seed=seed)
        strength = self.parameters.get("strength", 1.0)
        if not classes:
            return Ridge(alpha=strength)
        return LogisticRegression(C=1 / strength, tol=1e-3, max_iter=300, random_state=seed)


def _linear_features(
    fields: Sequence[Field], order: Columns, *, dated: bool, classes: int
) -> LinearFeatures | None:
    del classes
    columns: dict[str, list[str]] = {"numbers": [], "strings": [], "hours": [], "weekdays": []}
    for name, kind in _used(fields):
        if kind == "string":
            columns["strings"].append(name)
        elif kind == "time":
            columns["hours"].append(f"{name}_minutes")
        elif kind == "date":
            columns["weekdays"].append(f"{name}_day_of_week")
            columns["numbers"] += [] if dated else [f"{name}_{part}" for part in ("month", "day_of_year")]
        else:
            columns["numbers"].append(name)
    if not any(columns.values()):
        return None
    return LinearFeatures(number_columns=order.numbers, string_columns=order.strings, **columns)


def _tree_features(
    fields: Sequence[Field], order: Columns, *, dated: bool, classes: int
) -> TreeFeatures | None:
    strings = [name for name, kind in _used(fields) if kind == "string"]
    unused = {
        f"{name}_{part}" for name, kind in _used(fields) if kind == "date" and dated for part in _TRENDS
    }
    numbers = [name for name in order.numbers if name not in unused]
    if not strings and not numbers:
        return None
    return TreeFeatures(
        number_columns=order.numbers,
        string_columns=order.strings,
        numbers=numbers,
        strings=strings,
        classes=classes,
    )


_TRENDS = ("month", "day", "day_of_year")


def _used(fields: Sequence[Field]) -> Iterator[tuple[str, str]]:
    for one in fields:
        if not one.ignored and one.type != "text":
            yield one.name, one.type
