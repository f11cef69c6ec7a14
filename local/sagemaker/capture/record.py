"""Record of one captured request: one line of JSON.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# Mode of a capture option -> member of the record, and value of its mode.
_SIDES = {"Input": ("endpointInput", "INPUT"), "Output": ("endpointOutput", "OUTPUT")}
# Member of CaptureContentTypeHeader -> encoding of the types that it lists; all others are BASE64.
_ENCODINGS = {"CsvContentTypes": "CSV", "JsonContentTypes": "JSON"}


@dataclass(frozen=True, kw_only=True)
class CapturedCall:
    """A request that the model answered.

    Attributes:
        request: Body of the request.
        request_type: Its content type.
        response: Body of the response.
        response_type: Its content type.
        inference_id: InferenceId of InvokeEndpoint, "" without one.
        time: Time of the request.
    """

    request: bytes
    request_type: str
    response: bytes
    response_type: str
    inference_id: str
    time: datetime


def record_of(call: CapturedCall, config: Mapping[str, Any], *, event_id: str) -> str:
    """Returns the record of a call as JSON.

    Args:
        call: The call.
        config: DataCaptureConfig of the endpoint configuration.
        event_id: Id of the record.
    """
    bodies = {
        "Input": (call.request, call.request_type),
        "Output": (call.response, call.response_type),
    }
    types = config.get("CaptureContentTypeHeader") or {}
    captured = {}
    for option in config["CaptureOptions"]:
        member, mode = _SIDES[option["CaptureMode"]]
        body, content_type = bodies[option["CaptureMode"]]
        encoding = _encoding(content_type, types)
        data = base64.b64encode(body).decode() if encoding == "BASE64" else body.decode(errors="replace")
        captured[member] = {
            "observedContentType": content_type,
            "mode": mode,
            "data": data,
            "encoding": encoding,
        }
    inference = {"inferenceId": call.inference_id} if call.inference_id else {}
    time = call.time.strftime("%Y-%m-%dT%H:%M:%SZ")
    metadata = {"eventId": event_id, **inference, "inferenceTime": time}
    return json.dumps({"captureData": captured, "eventMetadata": metadata, "eventVersion": "0"})


def _encoding(content_type: str, types: Mapping[str, Any]) -> str:
    """Returns the encoding of a content type, whose parameters do not count."""
    plain = content_type.partition(";")[0].strip().lower()
    for member, encoding in _ENCODINGS.items():
        if plain in [listed.lower() for listed in types.get(member) or ()]:
            return encoding
    return "BASE64"
