"""Columns of a booster with categories: their names, kinds and tensors."""

from collections.abc import Sequence
from dataclasses import replace

from training.errors import TrainingError
from training.export.boosters.booster_parts import BoosterParts
from training.importing.column_matching import found_columns
from training.importing.graphs.booster_graph import FEATURES, WORDS
from training.importing.pipelines.categorical_sample import kind_of, refuse_unknown
from training.importing.readers.foreign_model import ForeignModel
from training.importing.sample import Sample


def with_categories(
    model: ForeignModel, parts: BoosterParts, codes: Sequence[int], sample: Sample
) -> ForeignModel:
    """Copies a booster's model with the kinds of its columns with categories.

    Args:
        model: The model.
        parts: Its booster.
        codes: Its features with categories; one without values has the codes themselves.
        sample: The sample rows.

    Raises:
        TrainingError: When the sample has words where the model has codes.
    """
    names = [*model.columns] or [*map(str, sample.typed)]
    # A sample with too few columns is refused when they are matched.
    if len(names) < parts.features:
        return model
    there = found_columns(names, sample.typed)
    for feature in {*codes} - {*parts.values}:
        _refuse_words(model, there.get(names[feature], ""), sample)
    for feature, keys in ({} if parts.is_closed else parts.keys).items():
        refuse_unknown(there.get(names[feature], ""), keys, sample)
    tensors = {FEATURES: parts.numbers, WORDS: parts.words} if parts.words and model.columns else {}
    return replace(
        model,
        tensors={
            tensor: tuple(names[one] for one in features) for tensor, features in tensors.items() if features
        },
        kinds={
            names[feature]: kind_of(parts.values.get(feature, (0,)))
            for feature in {*codes, *parts.values} - {*parts.words}
        },
        looked_up=tuple(names[feature] for feature in parts.values),
        words=tuple(names[feature] for feature in parts.words),
        known={names[feature]: tuple(values) for feature, values in parts.values.items() if parts.is_closed},
        notes=(*model.notes, *(_empty_note(names[one]) for one, keys in parts.keys.items() if "" in keys)),
    )


def _empty_note(column: str) -> str:
    return f"An absent value of {column} is predicted as its category '', the string without letters."


def _refuse_words(model: ForeignModel, column: str, sample: Sample) -> None:
    if sample.words.get(column):
        raise TrainingError(
            f"The {model.origin} has the codes of the categories of {column!r} and not their values, and "
            f"{sample.name} has words: give the codes as the training had them "
            f"(frame[{column!r}].cat.codes); or train it on a data frame whose column is a category of "
            "pandas, with LightGBM, or XGBoost from version 3.1 on."
        )


def has_words(sample: Sample, names: Sequence[str]) -> list[bool]:
    """Returns whether each column of a model has words in the sample; one that is missing may have."""
    there = found_columns(names, sample.typed)
    return [name not in there or sample.words[there[name]] for name in names]
