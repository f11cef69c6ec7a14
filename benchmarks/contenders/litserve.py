"""LitServe, with pydantic and the same ONNX graph."""

from pathlib import Path
from typing import Any

import litserve

from benchmarks.contenders.rows import row_model
from benchmarks.contenders.scorer import Scorer


class PredictionApi(litserve.LitAPI):
    """Decodes, predicts and encodes without batching, which was not slower than with batching."""

    def __init__(self, folder: Path) -> None:
        super().__init__(api_path="/invocations")
        self._folder = folder

    def setup(self, device: str) -> None:  # noqa: ARG002  # LitServe's signature
        """Loads the model in the worker."""
        self._scorer = Scorer(self._folder)
        self._row = row_model(self._scorer.fields)

    def decode_request(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        """Returns the validated rows of a request."""
        instances = request.get("instances", [request])
        return [vars(self._row.model_validate(instance)) for instance in instances]

    def predict(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Returns the response body for rows."""
        return self._scorer.respond(rows)

    def encode_response(self, response: dict[str, Any]) -> dict[str, Any]:
        """Returns the response unchanged, because the server encodes it as JSON."""
        return response


def serve(port: int, folder: Path) -> None:
    """Serves until SIGTERM."""
    server = litserve.LitServer(PredictionApi(folder), accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1",
        port=port,
        num_api_servers=1,
        log_level="warning",
        generate_client_file=False,
        access_log=False,
    )
