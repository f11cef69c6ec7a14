"""Record of one captured request."""

import json
from typing import Any

import pytest

from local.sagemaker.capture import record as of_sagemaker
from serving.capture.record import encode_record
from tests.serving.capture.stored_calls import call_of

# As the stack configures real-time endpoints.
CONFIG = {
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
}


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"request": b"0\n1\n", "request_type": "text/csv; header=absent"},
        {"response": b"label\r\nno\r\n", "response_type": "text/csv; charset=utf-8"},
        {"request": b"\xff", "request_type": "Application/JSON; charset=utf-8"},
        {"id": ""},
    ],
)
def test_a_record_is_the_one_of_a_sagemaker_endpoint(parts: dict[str, Any]) -> None:
    call = call_of(**parts)
    words = {name: value for name, value in call._asdict().items() if name != "id"}
    expected = of_sagemaker.record_of(
        of_sagemaker.CapturedCall(**words, inference_id=call.id), CONFIG, event_id="event"
    )

    assert json.loads(encode_record(call, event_id="event")) == json.loads(expected)
