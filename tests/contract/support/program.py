"""Starts the program from the source tree; tests/image has a replacement that starts an image."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Protocol

ROOT = Path(__file__).parents[3]


class Program(subprocess.Popen[bytes]):
    """The started program; signals reach the server process, and its exit code is returned."""

    @property
    def server_pid(self) -> int:
        """Process id of the server, in the namespace of this machine."""
        return self.pid


class Start(Protocol):
    """Starts the program."""

    def __call__(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        base: Path,
        settings: Mapping[str, str],
        log: IO[bytes],
    ) -> Program:
        """Starts the program.

        Args:
            module: The module to run: `serving`, or a module of tests/contract/support that wraps it.
            arguments: Command line arguments.
            base: Folder with the folders `model` and `home`.
            settings: Additional environment variables.
            log: File for its output.
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
