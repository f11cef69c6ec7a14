"""The invoker, with an event of API Gateway."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

ENVIRONMENT = {
    "ENDPOINT_NAME": "Tiny",
    "MAX_ROWS": "1000",
    "MAX_BODY_BYTES": "1048576",
    "ARTIFACT_BUCKET": "artifacts",
    "MODEL_FOLDER": "models/tiny/0",
    "MODEL_VERSION": "0",
    "URL_SUFFIX": "amazonaws.com",
}

_SOURCE = Path(__file__).resolve().parents[2] / "lambda_src" / "invoker"


def deploy(folder: Path) -> None:
    """Writes the content of the function's zip into a folder, which is to be on Python's path."""
    shutil.copytree(_SOURCE, folder / "invoker")


def start(url: str) -> Callable[[str], str]:
    """Imports the handler and returns a function that sends it a body."""
    os.environ |= ENVIRONMENT
    if url:
        os.environ["AWS_ENDPOINT_URL"] = url
    from invoker.handler import handler  # type: ignore[import-not-found]  # the path in the zip

    headers = {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "Host": "a.execute-api.eu-west-1.amazonaws.com",
        "User-Agent": "curl/8.0",
        "X-Amzn-Trace-Id": "Root=1-0-0",
        "X-Forwarded-For": "192.0.2.1",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
        "x-api-key": "of the client",
    }
    event = {
        "resource": "/predict",
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "requestContext": {"requestId": "request-1"},
        "isBase64Encoded": False,
    }

    def invoke(body: str) -> str:
        response = handler({**event, "body": body}, None)
        assert response["statusCode"] == 200
        return str(response["body"])

    return invoke
