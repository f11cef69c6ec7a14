"""SIGTERM, by which SageMaker stops a training job."""

import signal
from types import FrameType

from training.sagemaker.errors import StoppedError


class StopSignal:
    """Records SIGTERM; a fit calls it after each round and ends early once it returns true.

    SageMaker sends SIGTERM when a job is stopped or out of time or loses its spot instance, and SIGKILL 120
    seconds later: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
    """

    def __init__(self) -> None:
        self._is_received = False
        self._has_model = False

    def install(self) -> None:
        """Handles SIGTERM from now on.

        Raises:
            StoppedError: In the main thread, when SIGTERM arrives before the first call.
        """
        signal.signal(signal.SIGTERM, self._handle)

    def __call__(self) -> bool:
        """Returns whether SIGTERM was received; the caller has a model that can be saved from now on."""
        self._has_model = True
        return self._is_received

    def _handle(self, _signal: int, _frame: FrameType | None) -> None:
        self._is_received = True
        if not self._has_model:
            raise StoppedError("The job was stopped before there was a model to save.")
