"""Import of a model in README.md and docs/import-a-model.md: the output is that of the command."""

import shlex
import shutil
from pathlib import Path

import pytest

from training.__main__ import main

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "tests" / "training" / "importing" / "models"
PAGE = (ROOT / "docs" / "import-a-model.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_import_of_the_pages_prints_what_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = PAGE.partition("```sh\n")[2].partition("\n```")[0]
    said = PAGE.partition("```text\n")[2].partition("```")[0]
    shutil.copy(MODELS / "skl2onnx-1.14-columns.onnx", tmp_path / "bought.onnx")
    shutil.copy(MODELS / "visits.csv", tmp_path)
    monkeypatch.chdir(tmp_path)

    assert main(shlex.split(command.removeprefix("python -m training"))) == 0

    assert capsys.readouterr().out == said
    assert f"$ {command}\n{said.splitlines()[0]}\n" in (ROOT / "README.md").read_text(encoding="utf-8")
