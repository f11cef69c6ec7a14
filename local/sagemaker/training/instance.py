"""Instance of a training job: a process with its own /opt/ml folder."""

import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from local.local_aws import ROOT
from local.sagemaker.training.instance_folder import InstanceFolder
from local.sagemaker.training.instance_log import InstanceLog

# SageMaker's time from SIGTERM to SIGKILL.
# https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html
INSTANCE_STOP_SECONDS = 120.0


class TrainingInstance:
    """A running training process.

    Args:
        command: The training command, in place of the job's image.
        folder: Its /opt/ml; the path is in SAGEMAKER_BASE_DIR.
        environment: Its other environment variables.
        descriptors: Open files that it inherits, to hold their lock until it ends.
        logs: A boto3 client of CloudWatch Logs.
        stream: The name of its log stream.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: InstanceFolder,
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
            encoding="utf-8",
        )
        assert self._process.stdout is not None  # noqa: S101 - Popen opened a pipe
        self._log = InstanceLog(self._process.stdout, logs=logs, stream=stream)
        self._log.start()
        self._is_stopped = False

    @property
    def code(self) -> int | None:
        """The exit code; None while it runs."""
        return self._process.poll()

    @property
    def has_failed(self) -> bool:
        """Whether the process ended with an error before `stop` was called."""
        return bool(self.code) and not self._is_stopped

    def stop(self) -> None:
        """Sends SIGTERM."""
        self._is_stopped = self.code is None
        self._process.terminate()

    def kill(self) -> None:
        """Sends SIGKILL."""
        self._process.kill()

    def finish(self) -> list[str]:
        """Waits until it has ended and its log is sent; returns its log lines."""
        self._process.wait()
        self._log.join()
        return self._log.text
