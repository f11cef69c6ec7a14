"""The command `python -m training judge`."""

import json
from pathlib import Path

import pytest

from tests.training.conftest import Command
from tests.training.judging.trained import train_model


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("lines")
    return [str(train_model(folder / f"{seed}", "line", holdout=1, seed=seed)) for seed in (0, 1)]


def judge(command: Command, bundles: list[str], out: Path, *words: str) -> tuple[int, str, str]:
    done = command("judge", "--champion", bundles[0], "--challenger", bundles[1], "--out", str(out), *words)
    return done.returncode, done.stdout, done.stderr


def test_a_challenger_that_passes(command: Command, bundles: list[str], tmp_path: Path) -> None:
    code, out, _ = judge(command, bundles, tmp_path, "--set", "min_rows=10", "--json")

    assert code == 0
    assert json.loads(out) == json.loads((tmp_path / "verdict.json").read_text())
    page = (tmp_path / "verdict.html").read_text()
    assert "The challenger passes" in page
    assert page.index("Reasons") < page.index("Quality") < page.index("Bundles")


def test_a_challenger_that_does_not_pass(command: Command, bundles: list[str], tmp_path: Path) -> None:
    code, out, _ = judge(command, bundles, tmp_path)

    assert code == 3
    assert "does not pass against the champion" in out
    assert "at least 200 are wanted" in out
    assert not json.loads((tmp_path / "verdict.json").read_text())["passes"]


def test_the_same_version_twice(command: Command, bundles: list[str], tmp_path: Path) -> None:
    code, out, _ = judge(command, bundles[:1] * 2, tmp_path)

    assert code == 3
    assert "are the same version" in out
    assert "there is nothing to release" in (tmp_path / "verdict.html").read_text()


def test_a_bundle_that_is_missing(command: Command, bundles: list[str], tmp_path: Path) -> None:
    code, _, error = judge(command, [bundles[0], "missing.tar.gz"], tmp_path)

    assert code == 1
    assert "The challenger missing.tar.gz cannot be judged." in error
    assert not (tmp_path / "verdict.json").exists()


def test_a_wrong_setting(command: Command, bundles: list[str], tmp_path: Path) -> None:
    code, _, error = judge(command, bundles, tmp_path, "--set", "min_rows=many")

    assert code == 2
    assert "A setting of the judge is wrong" in error
