"""Recognizes what a model's file or folder is, by its content, and reads it."""

from collections.abc import Collection
from pathlib import Path

from training.errors import TrainingError
from training.importing.readers.foreign_model import ForeignModel
from training.importing.readers.lightgbm_reader import MODEL_STARTS, read_lightgbm
from training.importing.readers.mlflow_folder import mlflow_folder
from training.importing.readers.onnx_reader import read_onnx
from training.importing.readers.sklearn_reader import read_pickle, read_skops
from training.importing.readers.unsupported_files import (
    first_bytes,
    is_archive,
    is_text,
    members,
    other_json,
    other_library,
)
from training.importing.readers.xgboost_reader import read_xgboost
from training.importing.sample import Sample

# First bytes of pickles of protocol 2 and later, and of what joblib compresses with zlib, gzip, bzip2 and xz.
_PICKLES = (
    b"\x80\x02",
    b"\x80\x03",
    b"\x80\x04",
    b"\x80\x05",
    b"x\x9c",
    b"x\x5e",
    b"x\x01",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
)
# The number of the IR version is the first member of an ONNX file; no pickle begins with it.
_ONNX = b"\x08"
_ZIP = b"PK\x03\x04"
_START = 64
_KINDS = (
    "an ONNX file, a skops, joblib or pickle file of scikit-learn, a model file of LightGBM (.txt) or "
    "XGBoost (.json, .ubj), or an MLflow folder"
)


def read_model(path: Path, sample: Sample | None, *, trust: bool) -> tuple[ForeignModel, Sample]:
    """Reads a model, and the example rows of an MLflow folder when no sample is given.

    Raises:
        TrainingError: When the file is missing or of no known kind, or cannot be used.
    """
    if not path.exists():
        raise TrainingError(f"There is no file {path}: give {_KINDS}.")
    if path.is_dir():
        folder = mlflow_folder(path)
        sample = sample or folder.example()
        return folder.named(read_file(folder.file, sample, trust=trust)), sample
    if sample is None:
        raise TrainingError(
            f"{path} has no example rows: give a CSV file of rows as the model gets them with --rows."
        )
    return read_file(path, sample, trust=trust), sample


def read_file(path: Path, sample: Sample, *, trust: bool) -> ForeignModel:
    """Reads a model's file by its content; raises as `read_model`."""
    with path.open("rb") as file:
        start = file.read(_START)
    names = members(path)
    _refuse_unknown(path, start, first_bytes(path, _START), names)
    if start.startswith(MODEL_STARTS):
        return read_lightgbm(path, sample)
    if "schema.json" in names:
        return read_skops(path, sample, trust=trust)
    if start.startswith(_ONNX):
        return read_onnx(path)
    if start.startswith(_PICKLES) or path.suffix in (".pkl", ".pickle", ".joblib"):
        return read_pickle(path, sample, trust=trust)
    if start.lstrip().startswith((b"{", b"[")):
        if found := other_json(path.read_bytes()):
            raise TrainingError(f"{path} is {found}, and import that file.")
        return read_xgboost(path, sample)
    if is_text(start) and path.suffix != ".onnx":
        raise TrainingError(f"{path} is a text, and no model: give {_KINDS}; rows are given with --rows.")
    return read_onnx(path)


def _refuse_unknown(path: Path, start: bytes, unpacked: bytes, names: Collection[str]) -> None:
    """Raises TrainingError for a file that is certainly none of the known kinds."""
    if not start:
        raise TrainingError(f"{path} is empty: copy or save it again.")
    if found := other_library(unpacked, names):
        raise TrainingError(f"{path} is {found}, and import that file.")
    if start.startswith(_ZIP) and "schema.json" not in names:
        raise TrainingError(f"{path} is a ZIP file and no skops file, or is truncated: give {_KINDS}.")
    if is_archive(path):
        raise TrainingError(f"{path} is an archive: unpack it, and give the model's file or folder in it.")
    if path.suffix == ".txt" and not start.startswith(MODEL_STARTS):
        raise TrainingError(f"{path} is no model file of LightGBM: give {_KINDS}.")
