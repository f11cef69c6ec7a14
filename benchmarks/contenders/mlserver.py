"""MLServer, with the same ONNX graph; a request has one tensor for each field (V2 protocol)."""

import datetime
import os
import sys
from pathlib import Path
from typing import Any

from mlserver import MLModel
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput

from benchmarks.contenders.scorer import Scorer


class Runtime(MLModel):
    """Model with an input tensor for each field and an output tensor for each member of a prediction."""

    async def load(self) -> bool:
        """Loads the model."""
        self._scorer = Scorer(Path(os.environ["BENCH_FOLDER"]))
        self._dates = {field.name for field in self._scorer.fields if field.type == "date"}
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Predicts the rows of a request."""
        columns = {tensor.name: self._values(tensor.name, tensor.data.root) for tensor in payload.inputs}
        rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        predictions = self._scorer.predict(rows)
        return InferenceResponse(
            model_name=self.name,
            outputs=[
                ResponseOutput(
                    name=name,
                    shape=[len(rows)],
                    datatype="BYTES" if name == "label" else "FP64",
                    data=[prediction[name] for prediction in predictions],
                )
                for name in predictions[0]
            ],
        )

    def _values(self, name: str, values: list[Any]) -> list[Any]:
        return [datetime.date.fromisoformat(value) for value in values] if name in self._dates else values


def serve(port: int, folder: Path) -> None:
    """Serves until SIGTERM; replaces this process with MLServer's.

    The pool of workers is off: it copies every request, and does not start with current versions of uvloop.
    """
    settings = {
        "MLSERVER_HOST": "127.0.0.1",
        "MLSERVER_HTTP_PORT": str(port),
        "MLSERVER_GRPC_PORT": "0",
        "MLSERVER_METRICS_ENDPOINT": "",
        "MLSERVER_DEBUG": "false",
        "MLSERVER_GZIP_ENABLED": "false",
        "MLSERVER_PARALLEL_WORKERS": "0",
        "MLSERVER_MODEL_NAME": "model",
        "MLSERVER_MODEL_IMPLEMENTATION": f"{__name__}.{Runtime.__name__}",
    }
    program = str(Path(sys.executable).with_name("mlserver"))
    os.execve(program, [program, "start", str(folder)], os.environ | settings)  # noqa: S606  # no shell is wanted
