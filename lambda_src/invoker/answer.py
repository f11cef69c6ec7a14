"""An answer in the form an API Gateway proxy integration takes."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """Status, headers in lower case, and a body that is text."""

    status: int
    headers: Mapping[str, str]
    body: str = ""

    def to_proxy(self, headers: Mapping[str, str], *, has_body: bool) -> dict[str, Any]:
        """What the function returns.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html

        Args:
            headers: Headers that every answer has.
            has_body: False in answer to HEAD.
        """
        return {
            "statusCode": self.status,
            "headers": {**self.headers, **headers},
            "body": self.body if has_body else "",
        }
