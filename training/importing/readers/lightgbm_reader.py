"""Reader of model files of LightGBM."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from training.checks.error_sentences import reason_of
from training.errors import TrainingError
from training.export.boosters.lightgbm_booster import categorical_features, category_values, lightgbm_parts
from training.importing.graphs.booster_graph import booster_graph
from training.importing.pipelines.categorical_sample import category_frame
from training.importing.readers.booster_columns import has_words, with_categories
from training.importing.readers.foreign_model import ForeignModel
from training.importing.sample import Sample

# A copy by way of Windows may have its line ends.
MODEL_STARTS, _END = (b"tree\nversion=", b"tree\r\nversion="), b"end of trees"


def read_lightgbm(path: Path, sample: Sample) -> ForeignModel:
    """Reads a file that `Booster.save_model` wrote.

    Raises:
        TrainingError: When it is truncated, or has trees that ONNX cannot express.
    """
    # LightGBM ends the process when a file ends inside a tree.
    content = path.read_bytes()
    if _END not in content:
        raise TrainingError(f"{path} is a truncated model of LightGBM: copy or save it again.")
    try:
        booster = lightgbm.Booster(model_str=content.replace(b"\r\n", b"\n").decode())
        dumped = booster.dump_model()
    except (lightgbm.basic.LightGBMError, ValueError) as error:
        raise TrainingError(
            f"{path} cannot be read as a model of LightGBM: copy or save it again. The reason is "
            f"{reason_of(error)}"
        ) from error
    return lightgbm_model(booster, dumped, sample)


def lightgbm_model(booster: Any, dumped: Mapping[str, Any], sample: Sample) -> ForeignModel:
    """Converts a booster; `dumped` is its `dump_model()`."""
    names = tuple(dumped["feature_names"])
    is_numbered = names == tuple(f"Column_{number}" for number in range(len(names)))
    values = category_values(booster, dumped, () if is_numbered else has_words(sample, names))
    parts = lightgbm_parts(booster, dumped, values)
    objective = str(dumped["objective"]).split()[0]

    def original(rows: Any) -> NDArray[Any]:
        # LightGBM takes the columns of a data frame in their order, whatever their names.
        frame = rows if is_numbered else rows[[*names]]
        found = np.asarray(booster.predict(category_frame(frame, parts.values)))
        table = found.reshape(len(rows), -1)
        is_one = objective in ("binary", "cross_entropy")
        return np.concatenate([1 - table, table], axis=1) if is_one else table

    model = ForeignModel(
        model=booster_graph(parts),
        origin=f"model file of LightGBM, objective {objective}",
        columns=() if is_numbered else names,
        original=original,
        libraries={"lightgbm": lightgbm.__version__},
        cure="Train it with zero_as_missing=false, or export it to ONNX with onnxmltools",
    )
    return with_categories(model, parts, categorical_features(booster, dumped), sample)
