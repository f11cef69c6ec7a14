import json
from pathlib import Path

import numpy as np
import pytest

from bundle import read_archive
from tests.training.conftest import Command
from tests.training.importing.imports import CASES, MODELS, Case, sample_table
from training.data.dataset import Dataset
from training.data.model_inputs import graph_tensors
from training.export.graph_scorer import GraphScorer


@pytest.mark.parametrize("case", CASES, ids=[case.file for case in CASES])
def test_a_model_of_another_tool_predicts_in_its_bundle_what_the_tool_predicts(
    case: Case, tmp_path: Path, command: Command
) -> None:
    target = ("--target", case.target) if case.target else ()

    result = command(
        "import",
        str(MODELS / case.file),
        "--rows",
        str(case.write_rows(tmp_path)),
        "--out",
        str(tmp_path),
        "--json",
        *target,
        *case.arguments,
    )

    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    bundle = read_archive(tmp_path / "model.tar.gz")
    expected = np.array(case.expected)
    found = _predictions(tmp_path, case, len(expected))
    if expected.ndim == 1 or expected.shape[1] == 1:
        found = found[:, -1]
    np.testing.assert_allclose(found, expected.reshape(found.shape), rtol=1e-5, atol=1e-5)
    assert bundle.manifest.name == report["model"]
    assert bool(report["metrics"]) == bool(case.target)
    assert {field.name for field in bundle.manifest.fields} == {*case.columns}
    assert (tmp_path / "report.html").stat().st_size > 1000


def _predictions(folder: Path, case: Case, size: int) -> np.ndarray:
    bundle = read_archive(folder / "model.tar.gz")
    table = sample_table(case.columns).head(size)
    columns = {
        field.name: table[field.name].to_numpy(dtype=float if field.is_number else object)
        for field in bundle.manifest.fields
    }
    rows = Dataset(name="sample", columns=columns, target=np.zeros(size))
    fields = bundle.manifest.fields
    return GraphScorer(bundle.model, fields).score(graph_tensors(fields, rows))
