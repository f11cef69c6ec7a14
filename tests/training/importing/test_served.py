"""Imported models over HTTP: the server answers as the tool that made the model predicts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.support.process import ServingProcess, unpack
from tests.training.importing.imports import CASES, MODELS, Case, sample_table
from training.importing.command import main

SERVED = ("skl2onnx-1.14-columns.onnx", "catboost-1.2-multiclass.onnx", "lightgbm-3.3-poisson.txt")


@pytest.fixture(params=[case for case in CASES if case.file in SERVED], ids=lambda case: case.file)
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Case, ServingProcess]]:
    case: Case = request.param
    rows = case.write_rows(tmp_path)
    arguments = [str(MODELS / case.file), "--rows", str(rows), "--target", case.target]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    unpack(tmp_path / "model.tar.gz", tmp_path)
    with ServingProcess(tmp_path) as process:
        yield case, process.until_ready()


def test_the_server_answers_as_the_tool_predicts(served: tuple[Case, ServingProcess]) -> None:
    case, server = served
    expected = case.expected
    table = sample_table(case.columns)[[*case.columns]].head(len(expected))
    rows = [
        {name: value for name, value in row.items() if value == value}
        for row in table.to_dict(orient="records")
    ]

    reply = server.predict({"instances": rows})

    assert reply.status == 200, reply.body
    for answer, wanted in zip(reply.json["predictions"], expected, strict=True):
        if not isinstance(wanted, list):
            assert answer["value"] == pytest.approx(wanted, rel=1e-5)
        elif len(wanted) == 2:
            assert answer["probability"] == pytest.approx(wanted[1], abs=1e-5)
        else:
            assert answer["label"] == str(wanted.index(max(wanted)))
            assert answer["probability"] == pytest.approx(max(wanted), abs=1e-5)
