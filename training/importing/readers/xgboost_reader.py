"""Reader of model files of XGBoost."""

import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray

from training.checks.error_sentences import reason_of
from training.errors import TrainingError
from training.export.boosters.booster_parts import SIGMOID
from training.export.boosters.xgboost_booster import best_learner, best_rounds, coded_features, xgboost_parts
from training.importing.graphs.booster_graph import booster_graph
from training.importing.pipelines.category_rows import category_frame
from training.importing.readers.booster_columns import with_categories
from training.importing.readers.foreign_model import ForeignModel
from training.importing.sample import Sample

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
    found = with_categories(model, parts, coded_features(learner), sample)
    own = found.named_as(sample.typed)
    for name in own.words:
        _refuse_damaged(name, own.known[name], sample)
    return found


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
