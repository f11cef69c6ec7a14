"""Notes on labels of an imported model."""

from pathlib import Path

import pytest

from tests.training.importing.imports import FLOWERS, MODELS, sample_table
from training.importing.model_import import ImportJob, composed
from training.importing.readers.onnx_reader import read_onnx
from training.importing.sample import read_sample


@pytest.mark.parametrize("labels", [(), ("iris a", "iris b", "iris c")])
def test_labels_that_the_user_names_are_no_other_threshold(tmp_path: Path, labels: tuple[str, ...]) -> None:
    file = MODELS / "skl2onnx-1.19-tensor.onnx"
    sample = read_sample(sample_table(FLOWERS)[[*FLOWERS]], "")
    job = ImportJob(model=file, rows=None, name="flowers", out=tmp_path, labels=labels)

    found = composed(read_onnx(file), sample, job)

    assert found.labels == (labels or ("0", "1", "2"))
    assert not any("own label differs" in note for note in found.notes)
