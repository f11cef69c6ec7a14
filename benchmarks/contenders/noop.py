"""The serving process of this project with workers that return a constant response.

Measures the overhead of the server without a model. `python -m` of this module runs such a worker.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from serving.__main__ import main
from serving.http.response import Response
from serving.predict.predictor import Predictor
from serving.predict.request import InferenceRequest
from serving.workers import worker, worker_process

_RESPONSE = Response(
    200,
    b"content-type: application/json\r\nx-model-version: 0123456789ab\r\n",
    b'{"predictions":[{"label":"a","probability":0.1234567}],"model":{"name":"b","version":"0123456789ab"}}',
    1,
)


class NoOp:
    """Replacement for `Batch` without a model."""

    def __init__(self, predictor: Predictor) -> None:
        del predictor

    def answer(self, requests: Sequence[InferenceRequest]) -> list[Response]:
        """Returns the same response to every request."""
        return [_RESPONSE] * len(requests)


def serve(port: int, folder: Path) -> None:
    """Serves until SIGTERM."""
    os.environ |= {
        "SAGEMAKER_BASE_DIR": str(folder),
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "SERVING_HOST": "127.0.0.1",
    }
    sys.argv[1:] = ["serve"]
    worker_process.COMMAND = (sys.executable, "-m", __name__)
    sys.exit(main())


if __name__ == "__main__":
    worker.Batch = NoOp  # type: ignore[misc, assignment]
    worker.main()
