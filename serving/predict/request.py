"""Parameters of a prediction request: content type, Accept, and the options of its query."""

from functools import lru_cache
from typing import NamedTuple

import msgspec

from bundle import MAX_BODY_BYTES, Manifest
from serving.predict.media_type import CONTENT_TYPES, BodyFormat, accepted_format, content_format
from serving.predict.options import NO_OPTIONS, Options, query_of_attributes, read_options
from serving.problem import Problem, too_large

# SageMaker forwards this header instead of the query:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
CUSTOM_ATTRIBUTES = b"x-amzn-sagemaker-custom-attributes"

RequestHeaders = dict[bytes, bytes]

# Content-Type, Content-Encoding, Accept and query, as they were received.
RequestMetadata = tuple[bytes, bytes, bytes, bytes]

_NO_CODINGS = frozenset({"", "identity"})


class RequestParameters(NamedTuple):
    """How a body is to be read and how the response is to be written.

    Attributes:
        content: Format of the body.
        accept: Format of the response.
        options: Options of the query.
    """

    content: BodyFormat = BodyFormat()
    accept: BodyFormat = BodyFormat()
    options: Options = NO_OPTIONS

    @property
    def response_type(self) -> bytes:
        """The Content-Type of the response."""
        return CONTENT_TYPES[self.accept.media_type]


JSON_REQUEST = RequestParameters()


class ParameterReader:
    """Reads the parameters of requests to one model, with a cache of repeated ones."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self.parse = lru_cache(maxsize=64)(self._parse)

    def read(self, headers: RequestHeaders, query: bytes) -> RequestParameters:
        """Reads the parameters of a request.

        Args:
            headers: Headers of the request by name, in lower case.
            query: Query of its URL.

        Raises:
            Problem: 415 for an unsupported body format, 406 for an unsupported response format, 400 for wrong
                query parameters.
        """
        return self.parse(request_metadata(headers, query))

    def _parse(self, metadata: RequestMetadata) -> RequestParameters:
        content_type, encoding, accept, query = metadata
        _check_encoding(encoding.decode("latin-1"))
        content = content_format(content_type.decode("latin-1"))
        accepted = accepted_format(accept.decode("latin-1"))
        return RequestParameters(content, accepted, read_options(query.decode("latin-1"), self._manifest))


def request_metadata(headers: RequestHeaders, query: bytes) -> RequestMetadata:
    """Returns the parts of a request that decide its parameters.

    Args:
        headers: Headers of the request by name, in lower case.
        query: Query of its URL; parameters in SageMaker's custom attributes replace an empty one.
    """
    if not query and (attributes := headers.get(CUSTOM_ATTRIBUTES)):
        query = query_of_attributes(attributes)
    return (
        headers.get(b"content-type", b""),
        headers.get(b"content-encoding", b""),
        headers.get(b"accept", b""),
        query,
    )


def check_size(size: int, limit: int = MAX_BODY_BYTES) -> None:
    """Raises Problem 413 when a body of `size` bytes is larger than the limit."""
    if size <= limit:
        return
    if limit == MAX_BODY_BYTES:
        raise too_large("The body is too large")
    raise Problem(
        413,
        f"The body is too large: {limit:,} bytes are the most of this batch transform job. Set its "
        "MaxPayloadInMB, and SplitType Line.",
    )


class InferenceRequest(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One request for predictions, as the front sends it to a worker.

    Attributes:
        model: Name under which the model was loaded.
        body: The request's body.
        metadata: Content-Type, Content-Encoding, Accept and query of the request.
    """

    model: str
    body: bytes
    metadata: RequestMetadata


def _check_encoding(encoding: str) -> None:
    if not _NO_CODINGS.issuperset(coding.strip() for coding in encoding.lower().split(",")):
        raise Problem(
            415,
            f"The body is encoded with {encoding[:100]!r}: send it uncompressed, without Content-Encoding.",
            headers=((b"accept-encoding", b"identity"),),
        )
