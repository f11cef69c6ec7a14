"""Record of one captured call: one line of a data capture file.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

import base64
import binascii
import datetime
from typing import NamedTuple

import msgspec


class CapturedBody(NamedTuple):
    """Body of a captured request or response, with its content type."""

    content_type: str
    data: bytes


class CaptureRecord(NamedTuple):
    """One captured call.

    Attributes:
        time: Time of the request.
        event: Id of the record.
        id: InferenceId of the request; "" without one, as in a health check.
        request: Body of the request; None when requests are not captured.
        response: Body of the response; None when responses are not captured.
    """

    time: datetime.datetime
    event: str
    id: str
    request: CapturedBody | None
    response: CapturedBody | None


class _Side(msgspec.Struct, frozen=True, rename="camel"):
    data: str
    encoding: str
    observed_content_type: str = ""


class _Data(msgspec.Struct, frozen=True, rename="camel"):
    endpoint_input: _Side | None = None
    endpoint_output: _Side | None = None


class _Metadata(msgspec.Struct, frozen=True, rename="camel"):
    inference_time: datetime.datetime
    event_id: str = ""
    inference_id: str = ""


class _Line(msgspec.Struct, frozen=True, rename="camel"):
    capture_data: _Data
    event_metadata: _Metadata


_DECODER = msgspec.json.Decoder(_Line)


def parse_record(line: bytes) -> CaptureRecord:
    """Parses a line of a data capture file.

    Raises:
        ValueError: The line is no record.
    """
    # msgspec's errors are ValueErrors.
    found = _DECODER.decode(line)
    metadata = found.event_metadata
    time = metadata.inference_time
    return CaptureRecord(
        time=time if time.tzinfo else time.replace(tzinfo=datetime.UTC),
        event=metadata.event_id,
        id=metadata.inference_id,
        request=_body(found.capture_data.endpoint_input),
        response=_body(found.capture_data.endpoint_output),
    )


def _body(side: _Side | None) -> CapturedBody | None:
    if side is None:
        return None
    if side.encoding == "BASE64":
        try:
            data = base64.b64decode(side.data, validate=True)
        except binascii.Error as error:
            raise ValueError(str(error)) from error
    else:
        data = side.data.encode()
    return CapturedBody(side.observed_content_type, data)
