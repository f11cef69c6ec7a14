"""AWS account and region of the user's credentials."""

import os
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from smoke.errors import NotFoundError, SmokeError

_CONFIG = Config(connect_timeout=5, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 2})


class Account:
    """Creates boto3 clients with timeouts, and reads credentials for API requests.

    Args:
        session: The session with account and region.
    """

    def __init__(self, session: boto3.Session) -> None:
        self._session = session

    @property
    def region(self) -> str:
        """The session's region."""
        return str(self._session.region_name)

    def client(self, service: str) -> Any:
        """Creates a boto3 client.

        Raises:
            SmokeError: Region or endpoint URL are not valid.
        """
        try:
            return self._session.client(service, config=_CONFIG)
        except ValueError as error:
            raise SmokeError(
                f"{error}: check AWS_REGION, AWS_DEFAULT_REGION and AWS_ENDPOINT_URL."
            ) from error

    def api_key(self, key_id: str) -> str:
        """Returns the value of an API key."""
        return str(self.client("apigateway").get_api_key(apiKey=key_id, includeValue=True)["value"])

    @property
    def ca_bundle(self) -> str | bool:
        """The path of the certificates that are trusted, such as those of a proxy; True for the usual ones.

        As boto3 reads it: https://docs.aws.amazon.com/sdkref/latest/guide/feature-gen-config.html
        """
        name = self._session.profile_name
        settings = botocore.session.Session(profile=None if name == "default" else name)
        return settings.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE") or True

    @property
    def credentials(self) -> Any:
        """The session's botocore Credentials.

        Raises:
            NotFoundError: The session has no credentials.
        """
        if (credentials := self._session.get_credentials()) is None:
            raise NotFoundError("There are no AWS credentials to sign requests with.")
        return credentials
