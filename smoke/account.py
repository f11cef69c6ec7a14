"""The account and region that AWS credentials lead to."""

from typing import Any

import boto3
from botocore.config import Config

from smoke.errors import NotFoundError, SmokeError

_CONFIG = Config(connect_timeout=5, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 2})


class Account:
    """Clients of AWS, with bounds of time, and what shows that somebody may ask an API.

    Args:
        session: Whose account and region.
    """

    def __init__(self, session: boto3.Session) -> None:
        self._session = session

    @property
    def region(self) -> str:
        """The region."""
        return str(self._session.region_name)

    def client(self, service: str) -> Any:
        """A boto3 client.

        Raises:
            SmokeError: The environment leads to no AWS.
        """
        try:
            return self._session.client(service, config=_CONFIG)
        except ValueError as error:
            raise SmokeError(f"{error}: see to AWS_DEFAULT_REGION and AWS_ENDPOINT_URL.") from error

    def api_key(self, key_id: str) -> str:
        """The value of an API key."""
        return str(self.client("apigateway").get_api_key(apiKey=key_id, includeValue=True)["value"])

    @property
    def credentials(self) -> Any:
        """The credentials, as botocore holds them.

        Raises:
            NotFoundError: There are none.
        """
        if (credentials := self._session.get_credentials()) is None:
            raise NotFoundError("There are no AWS credentials to sign requests with.")
        return credentials
