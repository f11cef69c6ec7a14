"""Record of one captured request, in the format of SageMaker's data capture: one line of JSON.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

# Bodies of all other types are in base64, as in the captures of a real-time endpoint of the stack.
_JSON = "application/json"


class CapturedRequest(NamedTuple):
    """A request that the model answered.

    Attributes:
        request: Body of the request.
        request_type: Its content type.
        response: Body of the response.
        response_type: Its content type.
        id: Id of the request, "" without one.
        time: Time of the request, in UTC.
    """

    request: bytes
    request_type: str
    response: bytes
    response_type: str
    id: str
    time: datetime


def encode_record(call: CapturedRequest, *, event_id: str) -> bytes:
    """Returns the record of a call as JSON.

    Args:
        call: The call.
        event_id: Id of the record.
    """
    metadata = {
        "eventId": event_id,
        **({"inferenceId": call.id} if call.id else {}),
        "inferenceTime": call.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    captured = {
        "endpointInput": _side("INPUT", call.request, call.request_type),
        "endpointOutput": _side("OUTPUT", call.response, call.response_type),
    }
    return msgspec.json.encode({"captureData": captured, "eventMetadata": metadata, "eventVersion": "0"})


def _side(mode: str, body: bytes, content_type: str) -> Mapping[str, str]:
    is_json = content_type.partition(";")[0].strip().lower() == _JSON
    return {
        "observedContentType": content_type,
        "mode": mode,
        "data": body.decode(errors="replace") if is_json else base64.b64encode(body).decode(),
        "encoding": "JSON" if is_json else "BASE64",
    }
