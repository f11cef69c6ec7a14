"""A folder with the layout of SageMaker's /opt/ml, and the container's program that uses it."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import IO

from training.sagemaker.__main__ import main

ROOT = Path(__file__).parents[3]
PROGRAM = ("-m", "training.sagemaker")
EXTRA_MODELS_PROGRAM = ("-m", "tests.training.sagemaker.extra_models_program")


class OptMl:
    """/opt/ml of one instance."""

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
        self.write_config("hyperparameters", dict(hyperparameters))
        self.write_config("inputdataconfig", {name: {"TrainingInputMode": "File"} for name in channels or {}})
        self.write_config("resourceconfig", {"current_host": hosts[rank], "hosts": list(hosts)})
        for name, files in (channels or {}).items():
            folder = base / "input" / "data" / name
            folder.mkdir(parents=True)
            for file in files:
                (folder / file.name).symlink_to(file)

    def write_config(self, name: str, content: object) -> None:
        (self.base / "input" / "config" / f"{name}.json").write_text(json.dumps(content))

    @property
    def failure(self) -> str:
        file = self.base / "output" / "failure"
        return file.read_text() if file.exists() else ""

    @property
    def model(self) -> set[str]:
        return {path.name for path in (self.base / "model").iterdir()}

    def start(self, program: Sequence[str] = PROGRAM) -> "subprocess.Popen[str]":
        """Starts the program as a process; warnings are errors."""
        return subprocess.Popen(
            [sys.executable, "-W", "error", *program, "train"],
            cwd=ROOT,
            env={"PATH": "", "SAGEMAKER_BASE_DIR": str(self.base)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        """Runs the program within this process; returns its exit code and its log."""
        log = StringIO()
        with redirect_stdout(log), redirect_stderr(log):
            code = main(list(arguments or ("train",)), {"SAGEMAKER_BASE_DIR": str(self.base)})
        return code, log.getvalue()


def read_until(log: IO[str], text: str) -> None:
    """Reads a log up to the line that contains the text."""
    assert any(text in line for line in log), f"the log ended without {text!r}"
