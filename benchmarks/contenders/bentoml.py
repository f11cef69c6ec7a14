"""BentoML, with pydantic and the same ONNX graph."""

import os
import sys
from pathlib import Path
from typing import Any

import bentoml

from benchmarks.contenders.rows import row_model
from benchmarks.contenders.scorer import Scorer
from bundle import read_directory

# BentoML imports this module again in its own processes.
FOLDER = Path(os.environ["BENCH_FOLDER"])
Row: Any = row_model(read_directory(FOLDER / "model").manifest.fields)


@bentoml.service(workers=1, logging={"access": {"enabled": False}}, metrics={"enabled": False})
class Prediction:
    """Service with a route for a row and one for a batch; `async` avoids the overhead of the thread pool."""

    def __init__(self) -> None:
        self._scorer = Scorer(FOLDER)

    @bentoml.api(route="/row")
    async def row(self, row: Row, /) -> dict[str, Any]:
        """Predicts one row."""
        return self._scorer.respond([vars(row)])

    @bentoml.api(route="/batch")
    async def batch(self, instances: list[Row]) -> dict[str, Any]:
        """Predicts several rows."""
        return self._scorer.respond([vars(row) for row in instances])


def serve(port: int, folder: Path) -> None:  # noqa: ARG001  # BENCH_FOLDER is the folder
    """Serves until SIGTERM; replaces this process with BentoML's."""
    service = f"{__name__}:{Prediction.name}"
    options = ["--host", "127.0.0.1", "--port", str(port), "--quiet", "--do-not-track"]
    os.execv(sys.executable, [sys.executable, "-m", "bentoml", "serve", service, *options])  # noqa: S606  # no shell is wanted
