"""MLflow model folder: its MLmodel file, signature and input example; MLflow itself is not needed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from training.errors import TrainingError
from training.importing.readers.foreign_model import ForeignModel
from training.importing.readers.input_example import example_rows
from training.importing.sample import Sample, read_sample

MLMODEL = "MLmodel"
AUTOGLUON = (
    "whose ensembles have no export to ONNX: train the table itself with python -m training table; or save "
    "the LightGBM in it (predictor._trainer.load_model('LightGBM').model.save_model('model.txt')) and rows "
    "as it gets them (predictor.transform_features(rows).to_csv('rows.csv', index=False)), with codes as "
    "categories, and import both, with predictor.class_labels as --labels"
)
# Flavors that can be imported, with the keys of their files.
_FLAVORS = {
    "onnx": ("data",),
    "sklearn": ("pickled_model",),
    "lightgbm": ("data",),
    "xgboost": ("data",),
}


@dataclass(frozen=True, kw_only=True)
class MlflowFolder:
    """A folder that `mlflow.<flavor>.save_model` wrote.

    Attributes:
        path: The folder.
        file: The model's file in it.
        flavor: Flavor of that file.
        version: Version of MLflow that wrote it; "" when it is not stated.
        columns: Names of the columns of the signature; empty without one, or for a tensor.
        example_file: File of the input example; None without one.
    """

    path: Path
    file: Path
    flavor: str
    version: str
    columns: tuple[str, ...]
    example_file: Path | None

    def named(self, model: ForeignModel) -> ForeignModel:
        """Copies a model of this folder with its origin, and the names of the signature's columns."""
        version = f" {self.version}" if self.version else ""
        return replace(
            model,
            origin=f"MLflow{version} folder with a {model.origin}",
            columns=model.columns or self.columns,
        )

    def example(self) -> Sample:
        """Reads the input example as sample rows.

        Raises:
            TrainingError: When there is none, or it is no data frame.
        """
        if self.example_file is None:
            raise TrainingError(
                f"{self.path} has no input example: give a CSV file of rows as the model gets them with "
                "--rows."
            )
        try:
            rows = example_rows(self.example_file, self.columns)
        except (OSError, ValueError, TypeError) as error:
            raise TrainingError(
                f"The input example {self.example_file} has no rows of columns: give rows with --rows."
            ) from error
        return read_sample(rows, "", self.example_file.name)


def mlflow_folder(path: Path) -> MlflowFolder:
    """Reads the MLmodel file of a folder.

    Raises:
        TrainingError: When there is none, or it has no flavor that can be imported.
    """
    try:
        content = yaml.safe_load((path / MLMODEL).read_text(encoding="utf-8"))
        flavors = content["flavors"]
    except OSError as error:
        if (path / "saved_model.pb").exists():
            raise TrainingError(
                f"The folder {path} is a SavedModel of TensorFlow: export it to ONNX with python -m "
                "tf2onnx.convert --saved-model, with a Softmax or Sigmoid as its last layer, and import that "
                "file."
            ) from error
        if (path / "predictor.pkl").exists():
            raise TrainingError(f"The folder {path} is a predictor of AutoGluon, {AUTOGLUON}.") from error
        raise TrainingError(
            f"The folder {path} has no readable {MLMODEL}: give a folder that mlflow.<flavor>.save_model "
            "wrote, or a model's file."
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise TrainingError(f"{path / MLMODEL} is no description of a model: save it again.") from error
    flavor = next((name for name in _FLAVORS if name in flavors), "")
    if not flavor and {*flavors} == {"python_function"}:
        raise TrainingError(
            f"The MLflow model {path} has Python code of its own and no flavor of a library: import the "
            f"model that this code calls, by its file (such as one of {path / 'artifacts'}), or save it with "
            "mlflow.sklearn, mlflow.lightgbm, mlflow.xgboost or mlflow.onnx, and do in the pipeline what the "
            "code does to rows."
        )
    if not flavor:
        raise TrainingError(
            f"The MLflow model {path} has the flavors {', '.join(flavors)}, and those that can be imported "
            f"are {', '.join(_FLAVORS)}: save it as one of these, or export it to ONNX."
        )
    return MlflowFolder(
        path=path,
        file=_inside(path, _file_of(flavor, flavors[flavor])),
        flavor=flavor,
        version=str(content.get("mlflow_version", "")),
        columns=_signature(content),
        example_file=_example_file(path, content.get("saved_input_example_info") or {}),
    )


def _example_file(path: Path, info: Mapping[str, Any]) -> Path | None:
    """Returns the file of the input example, or of the request that MLflow makes of it."""
    names = [str(info[key]) for key in ("artifact_path", "serving_input_path") if key in info]
    there = [name for name in names if (path / name).is_file()]
    return _inside(path, (there or names)[0]) if names else None


def _file_of(flavor: str, content: Mapping[str, Any]) -> str:
    return str(next((content[key] for key in (*_FLAVORS[flavor], "data") if key in content), ""))


def _inside(folder: Path, name: str) -> Path:
    """Returns a file of the folder."""
    file = (folder / name).resolve()
    if not name or not file.is_relative_to(folder.resolve()) or not file.is_file():
        raise TrainingError(
            f"The folder {folder} has no file {name!r}, which its {MLMODEL} names: copy it again."
        )
    return file


def _signature(content: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns the names of the columns of the signature."""
    try:
        inputs = json.loads((content.get("signature") or {}).get("inputs") or "[]")
        return tuple(str(column["name"]) for column in inputs if column["type"] != "tensor")
    except (ValueError, KeyError, TypeError):
        return ()
