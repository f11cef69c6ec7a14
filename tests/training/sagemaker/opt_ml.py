"""What SageMaker lays out for a training container, and the container's program over it."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[3]
PROGRAM = ("-m", "training.sagemaker")
PATIENT = ("-m", "tests.training.sagemaker.patient_program")


class OptMl:
    """An /opt/ml of one instance."""

    def __init__(
        self,
        base: Path,
        *,
        hyperparameters: Mapping[str, str],
        channels: Mapping[str, Sequence[Path]] | None = None,
        hosts: Sequence[str] = ("algo-1",),
        rank: int = 0,
    ) -> None:
        self.base = base
        (base / "input" / "config").mkdir(parents=True)
        (base / "model").mkdir()
        (base / "output").mkdir()
        told = {name: {"TrainingInputMode": "File"} for name in channels or {}}
        self.tell("hyperparameters", dict(hyperparameters))
        self.tell("inputdataconfig", told)
        self.tell("resourceconfig", {"current_host": hosts[rank], "hosts": list(hosts)})
        for name, files in (channels or {}).items():
            folder = base / "input" / "data" / name
            folder.mkdir(parents=True)
            for file in files:
                (folder / file.name).symlink_to(file)

    def tell(self, name: str, told: object) -> None:
        (self.base / "input" / "config" / f"{name}.json").write_text(json.dumps(told))

    @property
    def failure(self) -> str:
        file = self.base / "output" / "failure"
        return file.read_text() if file.exists() else ""

    @property
    def model(self) -> set[str]:
        return {path.name for path in (self.base / "model").iterdir()}

    def start(self, *words: str, program: Sequence[str] = PROGRAM) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-W", "error", *program, *(words or ("train",))],
            cwd=ROOT,
            env={"PATH": "", "SAGEMAKER_BASE_DIR": str(self.base)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str, program: Sequence[str] = PROGRAM) -> tuple[int, str]:
        """Exit code and log."""
        process = self.start(*words, program=program)
        log, _ = process.communicate(timeout=300)
        return process.returncode, log


def read_until(log: IO[str], text: str) -> None:
    """Reads a log up to the line that holds the text."""
    assert any(text in line for line in log), f"the log ended without {text!r}"
