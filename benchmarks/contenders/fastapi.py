"""FastAPI on uvicorn, with pydantic and the same ONNX graph."""

from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import create_model

from benchmarks.contenders.rows import response_model_for, row_model
from benchmarks.contenders.scorer import Scorer


def application(folder: Path) -> FastAPI:
    """Returns the application, with separate routes for rows and batches to save a distinction."""
    scorer = Scorer(folder)
    Row = row_model(scorer.fields)  # noqa: N806  # a class
    Batch = create_model("Batch", instances=(list[Row], ...))  # noqa: N806  # a class
    response = response_model_for(labels=scorer.has_labels)
    app = FastAPI()

    # `async` avoids the overhead of the thread pool.
    @app.post("/row", response_model=response)
    async def row(row: Row) -> Any:
        return scorer.respond([vars(row)])

    @app.post("/batch", response_model=response)
    async def batch(batch: Batch) -> Any:
        return scorer.respond([vars(row) for row in batch.instances])

    return app


def serve(port: int, folder: Path) -> None:
    """Serves until SIGTERM."""
    uvicorn.run(
        application(folder),
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
    )
