import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stacks.settings import ROOT

TRAINING = """
import pathlib, sys
print("progress of", *sys.argv[1:])
folder = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
folder.mkdir(parents=True)
(folder / "model.tar.gz").write_text("trained")
sys.exit(7 if sys.argv[1] == "broken" else 0)
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy with a training room that only says what it was asked."""
    for room in ("stacks", "bundle"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "__main__.py").write_text(TRAINING)
    return tmp_path


def prepare(checkout: Path, **context: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stacks.prepare"],
        cwd=checkout,
        env=os.environ | {"CDK_CONTEXT_JSON": json.dumps(context)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_model_without_a_bundle_is_trained_and_stdout_left_to_the_template(checkout: Path) -> None:
    done = prepare(checkout, model="first")

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [
        "Training first, because there is no bundle in build/first.",
        "progress of first --out build/first",
    ]
    assert (checkout / "build" / "first" / "model.tar.gz").read_text() == "trained"


def test_a_bundle_that_is_there_is_left_alone(checkout: Path) -> None:
    bundle = checkout / "build" / "first" / "model.tar.gz"
    bundle.parent.mkdir(parents=True)
    bundle.write_text("trained before")

    done = prepare(checkout, model="first")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert bundle.read_text() == "trained before"


def test_a_bundle_of_another_place_is_never_trained(checkout: Path) -> None:
    done = prepare(checkout, model="first", bundle="elsewhere/model.tar.gz")

    assert (done.returncode, done.stderr) == (0, "")
    assert not (checkout / "build").exists()


def test_training_that_fails_ends_the_synth(checkout: Path) -> None:
    assert prepare(checkout, model="broken").returncode == 7


def test_wrong_settings_are_said_before_anything_is_trained(checkout: Path) -> None:
    done = prepare(checkout, model="first", instance_count="0", colour="red")

    assert done.returncode == 1
    assert [line.split()[2] for line in done.stderr.splitlines()] == ["colour", "instance_count"]
    assert not (checkout / "build").exists()
