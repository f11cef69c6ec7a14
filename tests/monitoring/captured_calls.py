"""Captured calls for tests: answers of a served model, in files as SageMaker's data capture writes them."""

import datetime
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from local.sagemaker.capture.record import CapturedCall, record_of
from serving.predict.predictor import Predictor, problem_of
from serving.problem import MEDIA_TYPE, Problem

MORNING = datetime.datetime(2026, 2, 14, 9, 30, tzinfo=datetime.UTC)
CONFIG = {
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {
        "JsonContentTypes": ["application/json"],
        "CsvContentTypes": ["text/csv"],
    },
}


def captured_call(
    predictor: Predictor,
    body: bytes | Mapping[str, Any],
    *,
    content_type: str = "application/json",
    accept: str = "application/json",
    query: bytes = b"",
    time: datetime.datetime = MORNING,
    id: str = "request",
) -> CapturedCall:
    """Returns the captured call of a request, answered by the model or refused."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {b"content-type": content_type.encode(), b"accept": accept.encode()}
    try:
        parameters = predictor.parameters.read(headers, query)
        answer, answer_type = predictor.answer(data, parameters), parameters.response_type
    except Problem as problem:
        answer, answer_type = problem_of(problem).encode(), MEDIA_TYPE
    return CapturedCall(
        request=data,
        request_type=content_type,
        response=answer,
        response_type=answer_type.decode(),
        inference_id=id,
        time=time,
    )


def write_calls(
    folder: Path, calls: Iterable[CapturedCall], *, config: Mapping[str, Any] = CONFIG, name: str = "calls"
) -> None:
    """Writes calls into the file of their hour."""
    for number, call in enumerate(calls):
        file = folder / "endpoint" / "primary" / f"{call.time:%Y/%m/%d/%H}" / f"{name}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as lines:
            lines.write(record_of(call, config, event_id=f"{name}-{number}") + "\n")
