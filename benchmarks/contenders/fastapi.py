"""FastAPI on uvicorn, with pydantic and the same ONNX graph."""

from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import create_model

from benchmarks.contenders.rows import answer_model, row_model
from benchmarks.contenders.scorer import Scorer


def application(folder: Path) -> FastAPI:
    """One route for a row and one for a batch, so that neither pays for telling them apart."""
    scorer = Scorer(folder)
    Row = row_model(scorer.fields)  # noqa: N806  # a class
    Batch = create_model("Batch", instances=(list[Row], ...))  # noqa: N806  # a class
    answer = answer_model(labels=scorer.has_labels)
    app = FastAPI()

    # `async`, because a thread of the pool costs more than the prediction takes.
    @app.post("/row", response_model=answer)
    async def row(row: Row) -> Any:
        return scorer.answer([vars(row)])

    @app.post("/batch", response_model=answer)
    async def batch(batch: Batch) -> Any:
        return scorer.answer([vars(row) for row in batch.instances])

    return app


def serve(port: int, folder: Path) -> None:
    """Answers until SIGTERM."""
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
