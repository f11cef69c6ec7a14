"""What a request says beside its body."""

import pytest

from serving.predict.call import JSON_CALL, Call, CallReader
from serving.predict.media_type import CSV, JSON, Form
from serving.predict.options import Options
from serving.problem import Problem
from tests.tiny_bundle import tiny_manifest

READER = CallReader(tiny_manifest())
CONTENT = {b"content-type": b"application/json"}
ATTRIBUTES = b"x-amzn-sagemaker-custom-attributes"


def test_a_call_is_read_from_headers_and_query() -> None:
    headers = {b"content-type": b"text/csv; header=absent", b"accept": b"text/csv; header=absent"}

    call = READER.read(headers, b"on_error=skip&threshold=0.25")

    assert call == Call(Form(CSV, header=False), Form(CSV, header=False), Options(skip=True, threshold=0.25))


def test_what_is_not_said_is_json_and_no_options() -> None:
    assert READER.read(CONTENT, b"") == JSON_CALL == Call(Form(JSON), Form(JSON), Options())


def test_custom_attributes_stand_in_for_a_query_that_is_empty() -> None:
    headers = CONTENT | {ATTRIBUTES: b"probabilities=true"}

    assert READER.read(headers, b"").options == Options(probabilities=True)
    assert READER.read(headers, b"on_error=skip").options == Options(skip=True)
    with pytest.raises(Problem, match="There is no parameter 'trace'"):
        READER.read(CONTENT | {ATTRIBUTES: b"trace=1"}, b"")


@pytest.mark.parametrize("coding", [b"gzip", b"identity, br", b"\xff"])
def test_a_compressed_body_is_refused_and_told_what_is_read(coding: bytes) -> None:
    with pytest.raises(Problem, match="send it uncompressed") as refused:
        READER.read(CONTENT | {b"content-encoding": coding}, b"")

    assert refused.value.status == 415
    assert refused.value.headers == ((b"accept-encoding", b"identity"),)


@pytest.mark.parametrize("coding", [b"", b"identity", b"Identity , identity"])
def test_a_body_that_is_not_compressed_is_read(coding: bytes) -> None:
    assert READER.read(CONTENT | {b"content-encoding": coding}, b"") == JSON_CALL
