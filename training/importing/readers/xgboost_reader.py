"""Reader of model files of XGBoost."""

import re
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray

from training.checks.error_sentences import reason_of
from training.errors import TrainingError
from training.export.boosters.booster_parts import SIGMOID
from training.export.boosters.xgboost_booster import (
    best_learner,
    best_rounds,
    coded_features,
    largest_code,
    xgboost_parts,
)
from training.importing.column_matching import found_columns
from training.importing.graphs.booster_graph import booster_graph
from training.importing.pipelines.categorical_sample import category_frame
from training.importing.readers.booster_columns import with_categories
from training.importing.readers.foreign_model import ForeignModel
from training.importing.sample import Sample

# Share of distinct codes in no split of the model above which they are no codes; how many of them are shown.
_MOST_UNKNOWN, _SHOWN = 0.5, 3
# Time and place in XGBoost's source, before its message.
_SOURCE = re.compile(r"\[[0-9:]+\] \S+: ")


def read_xgboost(path: Path, sample: Sample) -> ForeignModel:
    """Reads a file that `save_model` wrote, as JSON or UBJSON.

    Raises:
        TrainingError: When it is truncated, or has trees that ONNX cannot express.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            booster = xgboost.Booster(model_file=path)
    except (xgboost.core.XGBoostError, ValueError) as error:
        raise TrainingError(
            f"{path} cannot be read as a model of XGBoost: copy or save it again, with save_model. The "
            f"reason is {_SOURCE.sub('', reason_of(error))}"
        ) from error
    return xgboost_model(booster, sample)


def xgboost_model(booster: Any, sample: Sample) -> ForeignModel:
    """Converts a booster, up to the best iteration of early stopping."""
    learner = best_learner(booster)
    best = (0, best_rounds(learner))
    parts = xgboost_parts(learner)
    objective = learner["objective"]["name"]
    names = tuple(learner.get("feature_names") or ())
    if objective == "multi:softmax":
        booster.set_param({"objective": "multi:softprob"})

    def original(rows: Any) -> NDArray[Any]:
        frame = category_frame(rows[[*names]] if names else rows, parts.values)
        if parts.values:
            matrix = xgboost.DMatrix(frame, enable_categorical=True)
        else:
            matrix = xgboost.DMatrix(frame.to_numpy(dtype=np.float32), feature_types=booster.feature_types)
        predicted = booster.predict(matrix, validate_features=False, iteration_range=best)
        found = np.asarray(predicted, dtype=np.float64)
        table = found.reshape(len(rows), -1)
        return np.concatenate([1 - table, table], axis=1) if parts.function == SIGMOID else table

    model = ForeignModel(
        model=booster_graph(parts),
        origin=f"model file of XGBoost, objective {objective}",
        columns=names,
        original=original,
        libraries={"xgboost": xgboost.__version__},
    )
    coded = coded_features(learner)
    found = with_categories(model, parts, coded, sample)
    own = found.named_as(sample.typed)
    for name in own.words:
        _refuse_damaged(name, own.known[name], sample)
    there = found_columns(names, sample.typed)
    codes = {
        there[names[one]]: one for one in coded if names and one not in parts.values and names[one] in there
    }
    for name, feature in codes.items():
        _refuse_values(name, sample.values(name, "integer"), largest_code(parts, feature))
    return replace(found, notes=(*found.notes, *map(_codes_note, codes)))


def _refuse_values(column: str, values: NDArray[Any], largest: int) -> None:
    """Raises TrainingError for numbers that are most likely the values of categories, and not their codes."""
    distinct = np.unique(values[~np.isnan(values)])
    if (distinct > largest).mean() > _MOST_UNKNOWN:
        shown = ", ".join(f"{value:g}" for value in distinct[-_SHOWN:])
        raise TrainingError(
            f"The XGBoost model has the codes of the categories of {column!r}, which go up to about "
            f"{largest}, and the sample has values such as {shown}: give the codes as the training had them "
            f"(frame[{column!r}].cat.codes), or train it again with XGBoost from version 3.1 on."
        )


def _codes_note(column: str) -> str:
    return (
        f"A row has the code of the category of {column}, as the training's data had it (with a data frame "
        "the position in its categories, from 0 on): the file does not have their values."
    )


def _refuse_damaged(column: str, names: Sequence[str], sample: Sample) -> None:
    """Raises TrainingError for names of categories that XGBoost has cut: it counts letters as bytes."""
    if name := next((one for one in names if not str(one).isascii()), ""):
        texts = {*sample.values(column, "string")} if column in sample.typed else set()
        if texts - {*names, None}:
            raise TrainingError(
                f"The XGBoost model has damaged names of the categories of {column!r}, such as {name!r}: "
                "XGBoost counts each letter outside of ASCII as one byte. Write these values in ASCII before "
                "the training (Zurich for Zürich), and train it again."
            )
