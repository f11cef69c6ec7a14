"""The real table of docs/add-a-model.md: its file is trained as it stands, on sample and CSV file."""

import json
import re
import sys
from pathlib import Path

import pytest

from bundle import read_archive
from tests.training.conftest import Command
from training import models

PAGE = Path(__file__).parents[3] / "docs" / "add-a-model.md"


@pytest.fixture
def rain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The model of the page, in a folder of additional models."""
    [source] = re.findall(r"`training/models/rain\.py`.*?```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / "rain.py").write_text(source)
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "training.models.rain", raising=False)
    return "rain"


@pytest.mark.slow
def test_the_sample_of_the_page_is_trained(rain: str, tmp_path: Path, command: Command) -> None:
    result = command(rain, "--no-report", "--json", "--out", str(tmp_path / "out"))

    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    manifest = read_archive(tmp_path / "out" / "model.tar.gz").manifest
    assert report["situations"] == {"": "without pressure", "_pressure": "with pressure"}
    assert manifest.data.rows > 26_000
    assert any("pressure" not in row.instance for row in manifest.golden)
    assert all(re.fullmatch("2013-[0-9-]{5}", row.instance["day"]) for row in manifest.golden)


@pytest.mark.slow
def test_a_table_of_the_user_is_trained(rain: str, tmp_path: Path, command: Command) -> None:
    rows = [
        f"2024-01-{day:02d},{'JFK' if day % 2 else 'LGA'},{50 + day},{'' if day % 3 else 1010},{weather}"
        for day in range(1, 31)
        for weather in [("dry", "rain")[day > 15]]
    ]
    (tmp_path / "own.csv").write_text("\n".join(["day,origin,humid,pressure,weather", *rows, ""]))

    result = command(rain, "--no-report", "--data", str(tmp_path / "own.csv"), "--out", str(tmp_path / "out"))

    assert result.returncode == 0, result.stderr
    assert "24 for training, 6 for testing" in result.stdout
