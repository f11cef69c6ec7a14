"""Parameters and metadata of a request, and the limit of its size."""

import pytest

from bundle import MAX_BODY_BYTES
from serving.predict.media_type import CSV_TYPE, BodyFormat
from serving.predict.options import Options
from serving.predict.request import (
    JSON_REQUEST,
    ParameterReader,
    RequestParameters,
    check_size,
    request_metadata,
)
from serving.problem import Problem
from tests.tiny_bundle import tiny_manifest

READER = ParameterReader(tiny_manifest())
CONTENT = {b"content-type": b"application/json"}
ATTRIBUTES = b"x-amzn-sagemaker-custom-attributes"
HEADERS = {b"content-type": b"text/csv", b"content-encoding": b"br", b"accept": b"*/*", b"host": b"x"}


def test_metadata_are_three_headers_and_the_query() -> None:
    headers = HEADERS | {ATTRIBUTES: b"threshold=0.1"}

    assert request_metadata(headers, b"threshold=0.4") == (b"text/csv", b"br", b"*/*", b"threshold=0.4")


def test_custom_attributes_replace_an_empty_query() -> None:
    assert request_metadata({ATTRIBUTES: b"threshold=0.1"}, b"") == (b"", b"", b"", b"threshold=0.1")


def test_the_largest_body_is_accepted() -> None:
    check_size(MAX_BODY_BYTES)


def test_a_larger_body_is_refused_with_both_limits() -> None:
    with pytest.raises(Problem) as refused:
        check_size(MAX_BODY_BYTES + 1)

    assert refused.value.status == 413
    assert "1,000 rows and 1,048,576 bytes" in refused.value.detail


def test_parameters_are_read_from_headers_and_query() -> None:
    headers = {b"content-type": b"text/csv; header=absent", b"accept": b"text/csv; header=absent"}

    parameters = READER.read(headers, b"on_error=skip&threshold=0.25")

    without_header = BodyFormat(CSV_TYPE, header=False)
    assert parameters == RequestParameters(without_header, without_header, Options(skip=True, threshold=0.25))
    assert parameters.response_type == b"text/csv; charset=utf-8"


def test_the_default_is_json_without_options() -> None:
    assert READER.read(CONTENT, b"") == JSON_REQUEST == RequestParameters()
    assert JSON_REQUEST.response_type == b"application/json"


def test_custom_attributes_are_parsed_as_a_query() -> None:
    headers = CONTENT | {ATTRIBUTES: b"probabilities=true"}

    assert READER.read(headers, b"").options == Options(probabilities=True)
    assert READER.read(headers, b"on_error=skip").options == Options(skip=True)


@pytest.mark.parametrize(
    "attributes",
    [
        b"c000b4f9-df62-4c85-a0bf-7c525f9104a4",
        b"Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1",
        b"trace=1&on_eror=skip&=",
        b"\xff%%=&&;",
    ],
)
def test_what_others_send_in_custom_attributes_is_left_alone(attributes: bytes) -> None:
    found = READER.read(CONTENT | {ATTRIBUTES: attributes}, b"")

    assert found == JSON_REQUEST


@pytest.mark.parametrize(
    "attributes",
    [b"trace_id=abc&on_error=skip", b"on_error=skip;Root=1-2", b"trace=a, on_error=skip", b"on_error=skip x"],
)
def test_parameters_among_what_others_send_are_read(attributes: bytes) -> None:
    assert READER.read(CONTENT | {ATTRIBUTES: attributes}, b"").options == Options(skip=True)


def test_a_wrong_value_of_a_parameter_in_custom_attributes_is_refused() -> None:
    with pytest.raises(Problem, match="must be refuse or skip"):
        READER.read(CONTENT | {ATTRIBUTES: b"trace=1;on_error=no"}, b"")


def test_the_apis_query_in_custom_attributes_is_read_strictly() -> None:
    with pytest.raises(
        Problem, match="There is no parameter 'on_eror' for this model: did you mean on_error"
    ):
        READER.read(CONTENT | {ATTRIBUTES: b"&on_eror=skip"}, b"")


def test_repeated_metadata_are_parsed_once() -> None:
    metadata = request_metadata(CONTENT, b"threshold=0.125")

    assert READER.parse(metadata) is READER.parse(metadata)


@pytest.mark.parametrize("coding", [b"gzip", b"identity, br", b"\xff"])
def test_a_compressed_body_is_refused_with_the_supported_encoding(coding: bytes) -> None:
    with pytest.raises(Problem, match="send it uncompressed") as refused:
        READER.read(CONTENT | {b"content-encoding": coding}, b"")

    assert refused.value.status == 415
    assert refused.value.headers == ((b"accept-encoding", b"identity"),)


@pytest.mark.parametrize("coding", [b"", b"identity", b"Identity , identity"])
def test_an_uncompressed_body_is_read(coding: bytes) -> None:
    assert READER.read(CONTENT | {b"content-encoding": coding}, b"") == JSON_REQUEST
