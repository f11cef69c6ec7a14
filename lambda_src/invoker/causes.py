"""Every reason for an answer that is no prediction, in one table."""

from typing import NamedTuple


class Cause(NamedTuple):
    """What a client is told for one reason.

    Attributes:
        status: HTTP status.
        title: Its name in RFC 9110, the same on every Python.
        detail: A sentence, where whoever raises the problem knows no better one.
        retry_after: Seconds after which trying again makes sense, None where it does not.
    """

    status: int
    title: str
    detail: str
    retry_after: int | None = None


CAUSES = {
    "refused": Cause(400, "Bad Request", "The request is not one that a model could answer."),
    "no_route": Cause(404, "Not Found", "There is nothing here."),
    "no_method": Cause(405, "Method Not Allowed", "This method is not one of those that are allowed here."),
    "too_large": Cause(413, "Content Too Large", "The request is larger than the model's host accepts."),
    "encoded": Cause(
        415, "Unsupported Media Type", "The body is encoded: send it uncompressed, without Content-Encoding."
    ),
    "throttled": Cause(429, "Too Many Requests", "Too many requests at once.", 1),
    "unexpected": Cause(500, "Internal Server Error", "The request failed for a reason of ours."),
    "model_failed": Cause(502, "Bad Gateway", "The model failed on this request."),
    "model_garbled": Cause(502, "Bad Gateway", "What the model answered is no prediction."),
    "host_failed": Cause(502, "Bad Gateway", "The service that hosts the model failed."),
    "unreachable": Cause(502, "Bad Gateway", "The model could not be reached."),
    "not_ready": Cause(503, "Service Unavailable", "The model is not ready to answer.", 10),
    "out_of_time": Cause(504, "Gateway Timeout", "The model did not answer in time."),
}

# Error code of an AWS API -> cause.
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html#API_runtime_InvokeEndpoint_Errors
# https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
CODES = {
    "InternalDependencyException": "host_failed",
    "InternalFailure": "host_failed",
    "InternalServerException": "host_failed",
    "ModelNotReadyException": "not_ready",
    "RequestTooLargeException": "too_large",
    "ResourceConflictException": "not_ready",
    "ResourceNotFoundException": "not_ready",
    "ResourceNotReadyException": "not_ready",
    "ServiceException": "host_failed",
    "ServiceUnavailable": "not_ready",
    "ServiceUnavailableException": "not_ready",
    "Throttling": "throttled",
    "ThrottlingException": "throttled",
    "TooManyRequestsException": "throttled",
}

# Status of an answer without a code that is known -> cause.
STATUSES = {413: "too_large", 429: "throttled", 503: "not_ready", 504: "out_of_time"}


def cause_of(code: str, status: int) -> str:
    """The cause that an error of an AWS API stands for."""
    fallback = "host_failed" if status >= 500 else "unexpected"
    return CODES.get(code) or STATUSES.get(status, fallback)
