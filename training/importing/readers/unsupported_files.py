"""Files of other libraries that are recognized, to say how their model can be imported."""

import codecs
import gzip
import json
import tarfile
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path

_GZIP = b"\x1f\x8b"
_KERAS = (
    "a model of Keras: export it with tf2onnx (python -m tf2onnx.convert), or model.export of Keras 3 to ONNX"
)
_TORCH = (
    "a file of PyTorch: export the model with torch.onnx.export, with a Softmax or Sigmoid as its last layer"
)
_CATBOOST = (
    "save it with save_model('model.onnx', format='onnx'), which takes no categories (with them, train "
    "LightGBM on categories of pandas, or the table itself with python -m training table)"
)
_H2O = (
    "convert that of a GBM of numbers alone with onnxmltools.convert_h2o (for any other, train the table "
    "itself with python -m training table)"
)
_R = (
    "a file of R: save the booster in it with its own library (lgb.save, xgb.save), or export the model to "
    "ONNX with the tool that trained it"
)
_BY_START = {
    b"\x1c\xed": f"a model of H2O: save its MOJO with model.download_mojo, and {_H2O}",
    b"CBM1": f"a model of CatBoost: {_CATBOOST}",
    b"\x89HDF": _KERAS,
    b"binf": "a model of XGBoost's old binary format: load it with the version that wrote it, and save it "
    "with save_model('model.ubj')",
    b"<?xml": "an XML file, such as PMML: export the model to ONNX with the tool that trained it",
    b"<PMML": "a PMML file: export the model to ONNX with the tool that trained it",
    b"<!DOCTYPE": "a web page, as a download without permission gives: download the model again",
    b"<html": "a web page, as a download without permission gives: download the model again",
    b"version https://git-lfs": "a pointer of Git LFS: fetch the model with git lfs pull",
    b"RDX": _R,
    b"X\n\x00\x00\x00": _R,
    # The magic number of torch.save before PyTorch 1.6.
    b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19": _TORCH,
}
# Identifiers of FlatBuffers, which follow the offset of the root table.
_IDENTIFIER = slice(4, 8)
_BY_IDENTIFIER = {
    b"TFL3": "a model of TensorFlow Lite: convert it with tf2onnx (python -m tf2onnx.convert --tflite), with "
    "a Softmax or Sigmoid as its last layer",
    b"ORTM": "a model in ONNX Runtime's own format: give the ONNX file that it was made of",
}
_DUMP = "a dump of {} for reading, which has no model: save it with save_model({!r})"
_BY_MEMBER = {
    "model.weights.h5": _KERAS,
    "keras_metadata.pb": _KERAS,
    "data.pkl": _TORCH,
    "serialized_exported_program.json": _TORCH,
    "models/model.json": _TORCH,
    "experimental/modelDetails.json": f"a MOJO of H2O: {_H2O}",
    "model.ini": f"a MOJO of H2O: {_H2O}",
}


def members(path: Path) -> Collection[str]:
    """Returns the names in a ZIP file, and the last parts of each; empty for another file."""
    if not zipfile.is_zipfile(path):
        return ()
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return {*names, *(name.rpartition("/")[2] for name in names), *(name.partition("/")[2] for name in names)}


def first_bytes(path: Path, count: int) -> bytes:
    """Returns the first bytes of a file, unpacked where gzip has packed it."""
    with path.open("rb") as file:
        start = file.read(count)
    if not start.startswith(_GZIP):
        return start
    try:
        with gzip.open(path) as unpacked:
            return unpacked.read(count)
    except (OSError, EOFError, zlib.error):
        return start


def is_text(start: bytes) -> bool:
    """Tells whether the first bytes of a file are text in UTF-8, and no binary file."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return all(sign.isprintable() or sign.isspace() for sign in text.lstrip("\ufeff"))


def is_archive(path: Path) -> bool:
    """Returns true for a TAR archive, with or without compression."""
    try:
        return tarfile.is_tarfile(path)
    except (OSError, EOFError):
        return False


def other_library(start: bytes, names: Collection[str]) -> str:
    """Returns what a file of another library is, and how to import its model; "" when it is not known.

    Args:
        start: First bytes of the file.
        names: Its members, when it is a ZIP file.
    """
    if found := _BY_IDENTIFIER.get(start[_IDENTIFIER], ""):
        return found
    start = start.removeprefix(codecs.BOM_UTF8)
    by_start = next((found for known, found in _BY_START.items() if start.startswith(known)), "")
    return by_start or next((found for known, found in _BY_MEMBER.items() if known in names), "")


def other_json(content: bytes) -> str:
    """Returns what the JSON of another library or a dump is, and how to import its model; "" when unknown."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    if isinstance(found, list):
        return _DUMP.format("XGBoost", "model.ubj") if found and "nodeid" in str(found[0])[:200] else ""
    if "tree_info" in found:
        return _DUMP.format("LightGBM", "model.txt")
    return (
        f"a model of CatBoost as JSON: {_CATBOOST}"
        if {"oblivious_trees", "trees", "model_info"} & {*found}
        else ""
    )
