"""What a request is made of, as far as a model is concerned."""

import msgspec

from bundle import MAX_BODY_BYTES
from serving.problem import too_large

# SageMaker hands on no query, but this header: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
CUSTOM_ATTRIBUTES = b"x-amzn-sagemaker-custom-attributes"

Headers = dict[bytes, bytes]

# What it says beside its body: Content-Type, Content-Encoding, Accept and query.
Terms = tuple[bytes, bytes, bytes, bytes]


def terms_of(headers: Headers, query: bytes) -> Terms:
    """What a request says beside its body.

    Args:
        headers: Its headers, by their names in lower case.
        query: The query of its URL. The custom attributes of SageMaker stand in for an empty one.
    """
    return (
        headers.get(b"content-type", b""),
        headers.get(b"content-encoding", b""),
        headers.get(b"accept", b""),
        query or headers.get(CUSTOM_ATTRIBUTES, b""),
    )


def check_size(size: int) -> None:
    """Raises Problem 413 when a body of `size` bytes is over the most there may be."""
    if size > MAX_BODY_BYTES:
        raise too_large("The body is too large")


class InferenceRequest(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One request for predictions, as the front sends it to a worker.

    Attributes:
        model: Name under which the model was loaded.
        body: The request's body.
        terms: Content-Type, Content-Encoding, Accept and query of the request.
    """

    model: str
    body: bytes
    terms: Terms
