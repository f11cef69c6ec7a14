"""One instance of a training job: a process over an /opt/ml of its own."""

import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from local.aws import ROOT
from local.sagemaker.training.folder import Folder
from local.sagemaker.training.log import Log

# From SIGTERM to SIGKILL.
STOP_SECONDS = 120.0


class Instance:
    """A running training program.

    Args:
        command: The program, in place of the job's image.
        folder: Its /opt/ml, handed over as SAGEMAKER_BASE_DIR.
        environment: Its environment, but for that.
        descriptors: Open files it inherits, so that their lock is held for as long as it lives.
        logs: A client of CloudWatch Logs.
        stream: Where its lines go.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: Folder,
        environment: Mapping[str, str],
        descriptors: Sequence[int],
        logs: Any,
        stream: str,
    ) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**environment, "SAGEMAKER_BASE_DIR": str(folder.base)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=descriptors,
        )
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        self._log = Log(self._process.stdout, logs=logs, stream=stream)
        self._log.start()

    @property
    def code(self) -> int | None:
        """Its exit code, None while it runs."""
        return self._process.poll()

    def stop(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def kill(self) -> None:
        """End it."""
        self._process.kill()

    def finish(self) -> list[str]:
        """Wait for it and for its last line to be sent; returns all its lines."""
        self._process.wait()
        self._log.join()
        return self._log.text
