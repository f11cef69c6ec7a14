"""Files of other libraries that are recognized, to say how their model can be imported."""

import zipfile
from collections.abc import Collection
from pathlib import Path

_KERAS = (
    "a model of Keras: export it with tf2onnx (python -m tf2onnx.convert), or model.export of Keras 3 to ONNX"
)
_TORCH = (
    "a file of PyTorch: export the model with torch.onnx.export, with a Softmax or Sigmoid as its last layer"
)
_BY_START = {
    b"CBM1": "a model of CatBoost: save it with save_model('model.onnx', format='onnx')",
    b"\x89HDF": _KERAS,
    b"binf": "a model of XGBoost's old binary format: load it with the version that wrote it, and save it "
    "with save_model('model.ubj')",
    b"<?xml": "an XML file, such as PMML: export the model to ONNX with the tool that trained it",
    b"<PMML": "a PMML file: export the model to ONNX with the tool that trained it",
}
_BY_MEMBER = {
    "model.weights.h5": _KERAS,
    "keras_metadata.pb": _KERAS,
    "data.pkl": _TORCH,
    "experimental/modelDetails.json": "a MOJO of H2O: train the model as XGBoost or LightGBM, or export it "
    "to ONNX",
    "model.ini": "a MOJO of H2O: train the model as XGBoost or LightGBM, or export it to ONNX",
}


def members(path: Path) -> Collection[str]:
    """Returns the names in a ZIP file, and the last part of each; empty for another file."""
    if not zipfile.is_zipfile(path):
        return ()
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return {*names, *(name.rpartition("/")[2] for name in names)}


def other_library(start: bytes, names: Collection[str]) -> str:
    """Returns what a file of another library is, and how to import its model; "" when it is not known.

    Args:
        start: First bytes of the file.
        names: Its members, when it is a ZIP file.
    """
    by_start = next((found for known, found in _BY_START.items() if start.startswith(known)), "")
    return by_start or next((found for known, found in _BY_MEMBER.items() if known in names), "")
