"""Credentials of a Lambda function's role: from the environment, or with SnapStart from a local endpoint.

A snapshot would outlive credentials in the environment, so Lambda gives a function with SnapStart an endpoint
instead: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html#snapstart-credentials
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from serving.lambda_function.signature import Credentials


class CredentialsSource:
    """Reads the credentials anew for each use, because those of an endpoint expire.

    Args:
        environ: Environment of a Lambda function:
            https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._url = environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI", "")
        self._token = environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
        self._given = Credentials(
            key=environ.get("AWS_ACCESS_KEY_ID", ""),
            secret=environ.get("AWS_SECRET_ACCESS_KEY", ""),
            token=environ.get("AWS_SESSION_TOKEN", ""),
        )

    def read(self, *, seconds: float) -> Credentials:
        """Returns the current credentials.

        Args:
            seconds: Time limit.

        Raises:
            OSError: The endpoint does not answer.
            HTTPException: Its answer has no credentials.
        """
        if self._given.key or not self._url:
            return self._given
        url = urlsplit(self._url)
        connection = HTTPConnection(url.netloc, timeout=seconds)
        try:
            connection.request("GET", url.path, headers={"authorization": self._token})
            response = connection.getresponse()
            if response.status != HTTPStatus.OK:
                raise HTTPException(f"the credentials endpoint answers {response.status}")
            return _credentials_of(response.read())
        finally:
            connection.close()


def _credentials_of(answer: bytes) -> Credentials:
    try:
        found = json.loads(answer)
        return Credentials(
            key=found["AccessKeyId"], secret=found["SecretAccessKey"], token=found.get("Token", "")
        )
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise HTTPException("the credentials endpoint answers without credentials") from error
