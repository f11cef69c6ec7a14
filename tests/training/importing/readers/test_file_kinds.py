"""Files whose name or beginning says another kind than their content."""

import gzip
from pathlib import Path

import pytest

from tests.training.importing.foreign import network, rows_file, saved
from training.errors import TrainingError
from training.importing.readers.model_file import read_model
from training.importing.sample import read_sample


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "model.pickle", "model"])
def test_an_onnx_file_with_the_name_of_a_pickle_is_an_onnx_file(name: str, tmp_path: Path) -> None:
    sample = read_sample(rows_file(tmp_path), "")

    model, _ = read_model(saved(tmp_path, network(), name), sample, trust=True)

    assert model.origin == "ONNX file"


# Each process that runs tests must find the same names of tests, so nothing here is of the current time.
_R_DATA = b"X\n\x00\x00\x00\x03\x00\x04"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("rows.csv", b"a,b\n1,2\n", "is a text, and no model: .* rows are given with --rows"),
        ("model.cpp", "// größe\ndouble apply();\n".encode(), "is a text, and no model"),
        ("model.rds", gzip.compress(_R_DATA, mtime=0), "is a file of R: save the booster"),
        ("model.RData", gzip.compress(b"RDX3\nX\n", mtime=0), "is a file of R"),
        ("model.pkl", b'\xef\xbb\xbf<?xml version="1.0"?><PMML/>', "is an XML file, such as PMML"),
        ("model.joblib", b"\x1f\x8b\x08 truncated", "is a pickle, and loading one runs"),
        ("model.onnx", b"hello", "is truncated or not an ONNX file"),
    ],
)
def test_a_file_without_a_model_is_refused_as_what_it_is(
    name: str, content: bytes, sentence: str, tmp_path: Path
) -> None:
    sample = read_sample(rows_file(tmp_path), "")

    with pytest.raises(TrainingError, match=sentence):
        read_model(saved(tmp_path, content, name), sample, trust=False)
