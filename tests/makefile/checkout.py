"""A checkout whose Makefile runs programs that record their arguments and environment."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RECORDER = """#!{python}
import json, os, sys
with open({calls!r}, "a", encoding="utf-8") as calls:
    calls.write(json.dumps([sys.argv[1:], dict(os.environ)]) + "\\n")
if sys.argv[1:2] == ["-c"]:
    print("flight_delay")
"""


class Checkout:
    """A copy of the Makefile in a folder where everything is installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._calls = folder / "calls"
        for name in ("Makefile", "cdk.json", "package-lock.json", "requirements.txt", "requirements-dev.txt"):
            shutil.copy(ROOT / name, folder)
        for name in (".venv/bin", "node_modules/.bin", "build/reviews"):
            (folder / name).mkdir(parents=True)
        for program in (".venv/bin/python", "node_modules/.bin/cdk"):
            (folder / program).write_text(
                RECORDER.format(python=sys.executable, calls=str(self._calls)), encoding="utf-8"
            )
            (folder / program).chmod(0o755)
        for name in (".venv/.installed", ".venv/.installed-dev", "node_modules/.package-lock.json"):
            (folder / name).touch()

    def make(self, *words: str, **environ: str) -> list[tuple[list[str], dict[str, str]]]:
        """Runs make and returns the recorded calls: arguments, environment."""
        self._calls.write_text("", encoding="utf-8")
        done = subprocess.run(
            ["make", *words],
            cwd=self.folder,
            env={**os.environ, **environ},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done
        assert not (self.folder / "expanded").exists()
        lines = self._calls.read_text(encoding="utf-8").splitlines()
        found: list[Any] = [json.loads(line) for line in lines]
        return [(argv, variables) for argv, variables in found if argv[0] != "-c"]

    def printed(self, *words: str, without: str) -> str:
        """Runs make without a variable of the environment, and returns all that it prints."""
        environ = {name: value for name, value in os.environ.items() if name != without}
        done = subprocess.run(
            ["make", *words],
            cwd=self.folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=True,
        )
        return done.stdout
