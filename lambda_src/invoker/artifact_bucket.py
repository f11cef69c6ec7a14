"""Objects of the artifact bucket: manifest and report of the version that serves."""

import hashlib
import json
import os
from typing import Any

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest

from .aws_service import PROMPT, http_session, own_region, role_credentials
from .call_errors import CallError
from .model_call import Caller, Deadline
from .problem import ProblemError

_CALLER = Caller()
_MAX_SECONDS = 5.0
_OK = 200
# Without s3:ListBucket, S3 answers 403 for a missing object, and not 404:
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
_ABSENT = (403, 404)


class AbsentError(ProblemError):
    """S3 has no such object, or denies access to it."""


def read_artifact(key: str, deadline: Deadline) -> bytes:
    """Returns an object of the artifact bucket.

    Raises:
        AbsentError: There is no such object.
        ProblemError: It cannot be read before the deadline.
    """
    try:
        status, body = _CALLER.call(lambda: _get(key), deadline.within(_MAX_SECONDS))
    except CallError as error:
        raise _problem(ProblemError, key, error.evidence) from error
    if status != _OK:
        raise _problem(AbsentError if status in _ABSENT else ProblemError, key, {"s3_status": status})
    return body


def version_file(name: str) -> str:
    """Returns the key of a file in the folder of the version that serves."""
    return f"{os.environ['MODEL_FOLDER']}/{name}"


def read_golden_row(deadline: Deadline) -> str:
    """Returns the shortest golden row in the manifest of the version that serves, as JSON.

    Raises:
        ProblemError: The manifest cannot be read.
    """
    key = version_file("manifest.json")
    body = read_artifact(key, deadline)
    try:
        return min((json.dumps(golden["instance"]) for golden in json.loads(body)["golden"]), key=len)
    except (ValueError, KeyError, TypeError) as error:
        raise _problem(ProblemError, key, {"error": repr(error)}) from error


def tag_of(text: str) -> str:
    """Returns the ETag of a page, by the rule of the pages that are made at synth."""
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _get(key: str) -> tuple[int, bytes]:
    url = _bucket_url()
    request = AWSRequest(method="GET", url=f"{url}/{key}")
    S3SigV4Auth(role_credentials(), "s3", own_region()).add_auth(request)
    session = http_session(url, PROMPT)
    try:
        response = session.send(request.prepare())
        return response.status_code, response.content
    finally:
        session.close()


def _bucket_url() -> str:
    bucket = os.environ["ARTIFACT_BUCKET"]
    if endpoint := os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"):
        return f"{endpoint}/{bucket}"
    return f"https://{bucket}.s3.{own_region()}.{os.environ['URL_SUFFIX']}"


def _problem(kind: type[ProblemError], key: str, evidence: Any) -> ProblemError:
    detail = "A file of this model could not be read from the artifact bucket."
    return kind("host_failed", detail, evidence={"key": key, **evidence})
