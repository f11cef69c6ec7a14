"""SageMaker's wish that a job should end."""

import signal
from types import FrameType

from training.sagemaker.errors import StoppedError


class Stopping:
    """Whether SIGTERM has come; a fit asks it now and then, and ends with what it has.

    SageMaker sends SIGTERM when a job is stopped, out of time, or its spot instance is taken away, and
    SIGKILL 120 seconds later: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
    """

    def __init__(self) -> None:
        self._wished = False
        self._has_something = False

    def listen(self) -> None:
        """Hears SIGTERM from now on."""
        signal.signal(signal.SIGTERM, self._hear)

    def __call__(self) -> bool:
        """Whether to end now; who asks has something that is worth saving."""
        self._has_something = True
        return self._wished

    def _hear(self, _signal: int, _frame: FrameType | None) -> None:
        self._wished = True
        if not self._has_something:
            raise StoppedError("The job was stopped before there was a model to save.")
