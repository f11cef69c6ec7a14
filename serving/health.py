"""Whether this process may get requests: what /ping says."""

from serving.model import ModelError
from serving.predictor import Predictor


class Health:
    """Loading, then ready or not, then stopping.

    Attributes:
        predictor: The model that answers; None until it has answered its golden rows right.
        stopping: Whether the process was told to stop.
    """

    def __init__(self) -> None:
        self.predictor: Predictor | None = None
        self.stopping = False
        self._unready = "The model is being loaded."

    def start(self, predictor: Predictor) -> None:
        """Makes ready with a loaded model, unless it gets its golden rows wrong."""
        trouble = _trouble_of(predictor)
        if trouble:
            self._unready = trouble
        else:
            self.predictor = predictor

    def stop(self) -> None:
        """Takes no more from the load balancer; what arrives nevertheless is still answered."""
        self.stopping = True

    def trouble(self) -> str | None:
        """Why a load balancer should send nothing now; None when all is well.

        The golden rows are asked again each time: it takes microseconds, and the answer is true now.
        """
        if self.stopping:
            return "The process is stopping."
        return self._unready if self.predictor is None else _trouble_of(self.predictor)


def _trouble_of(predictor: Predictor) -> str | None:
    try:
        predictor.check()
    except ModelError as error:
        return str(error)
    return None
