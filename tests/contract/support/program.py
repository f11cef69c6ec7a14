"""How a case starts the program: from the source tree, unless tests/image puts an image in its place."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Protocol

ROOT = Path(__file__).parents[3]


class Program(subprocess.Popen[bytes]):
    """The program, started: signals reach the server itself, and its exit code comes back."""

    @property
    def server_pid(self) -> int:
        """Process id of the server, as this machine counts."""
        return self.pid


class Start(Protocol):
    """What starts the program."""

    def __call__(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        base: Path,
        settings: Mapping[str, str],
        log: IO[bytes],
    ) -> Program:
        """Starts it.

        Args:
            module: What is run: `serving`, or a module of tests/contract that wraps it.
            arguments: What the program is given.
            base: Folder that holds the model, and a `home`.
            settings: Environment on top of what the program always has.
            log: Where its output goes.
        """


def start_from_source(
    module: str, arguments: Sequence[str], *, base: Path, settings: Mapping[str, str], log: IO[bytes]
) -> Program:
    """Starts the program of this checkout."""
    inherited = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    places = {"HOME": str(base / "home"), "SAGEMAKER_BASE_DIR": str(base)}
    return Program(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**inherited, **places, **settings},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )
