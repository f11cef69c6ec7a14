"""Reader of ONNX files of any tool."""

import re
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from bundle.archive import MAX_UNPACKED_BYTES
from training.errors import TrainingError
from training.importing.readers.foreign_model import ForeignModel


def read_onnx(path: Path) -> ForeignModel:
    """Reads an ONNX file, with the weights that it keeps in files beside it.

    Raises:
        TrainingError: When the file is truncated or no ONNX file, or its weights are missing or too large.
    """
    try:
        model = onnx.load_model_from_string(path.read_bytes())
    except (DecodeError, ValueError) as error:
        raise TrainingError(f"{path} is truncated or not an ONNX file: copy or export it again.") from error
    if not model.HasField("graph") or not model.graph.output:
        raise TrainingError(f"{path} holds no ONNX graph: copy or export it again.")
    _load_weights(path, model)
    return ForeignModel(model=model, origin=f"ONNX file{_producer(model)}", cure=_cure(model))


def _cure(model: onnx.ModelProto) -> str:
    if any(tensor.data_type == onnx.TensorProto.FLOAT16 for tensor in model.graph.initializer):
        return (
            "Its weights are float16, whose rounding depends on the order of the steps: export it in float32"
        )
    return "Export the model again with its own tool, and import that file"


def _producer(model: onnx.ModelProto) -> str:
    """Returns the exporter and its version; CatBoost writes many lines about its build as the version."""
    name = " ".join(model.producer_name.split())[:40]
    version = re.search(r"[0-9]+([.][0-9]+)+", model.producer_version)
    return f" by {name} {version.group() if version else ''}".rstrip() if name else ""


def _load_weights(path: Path, model: onnx.ModelProto) -> None:
    """Loads the weights in other files into the model."""
    files = {
        entry.value
        for tensor in onnx.external_data_helper._get_all_tensors(model)
        if onnx.external_data_helper.uses_external_data(tensor)
        for entry in tensor.external_data
        if entry.key == "location"
    }
    folder = path.parent.resolve()
    for name in sorted(files):
        file = (folder / name).resolve()
        if not file.is_relative_to(folder) or not file.is_file():
            raise TrainingError(
                f"{path} keeps weights in the file {name!r}, which is not beside it: put it there, or export "
                "the model as one file."
            )
    size = sum((folder / name).stat().st_size for name in files)
    if size > MAX_UNPACKED_BYTES:
        raise TrainingError(
            f"The weights of {path} have {size:,} bytes, and a bundle at most {MAX_UNPACKED_BYTES:,}: export "
            "a smaller model."
        )
    if files:
        onnx.external_data_helper.load_external_data_for_model(model, str(folder))
