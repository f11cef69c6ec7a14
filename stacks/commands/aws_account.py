"""AWS account and region of the user's credentials."""

import argparse
import functools
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError

_CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2})


def add_account_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options `--profile` and `--region` to a parser."""
    parser.add_argument("--profile", help="the AWS profile of the stack's account")
    parser.add_argument("--region", help="the stack's region (default: AWS_REGION, or the profile's)")


class UnreadableAccountError(Exception):
    """A call to the account fails; the message is one sentence."""


class AwsAccount:
    """Calls the services of an account.

    Args:
        environment: AWS_REGION has the region; boto3 alone reads AWS_DEFAULT_REGION and profiles, and the CDK
            CLI prefers AWS_REGION to both.
        profile: Profile of the AWS CLI; None for the default credentials.
        region: Region of the option --region, which has precedence.
        verb: Verb of the Makefile that error messages name.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        profile: str | None = None,
        region: str | None = None,
        verb: str = "deploy",
    ) -> None:
        self._verb = verb
        self._region = region or environment.get("AWS_REGION") or None
        self._profile = profile
        self._clients: dict[str, Any] = {}

    @property
    def session(self) -> boto3.Session:
        """New session of boto3 with the profile and the region, such as for another thread."""
        return boto3.Session(profile_name=self._profile, region_name=self._region)

    @functools.cached_property
    def _session(self) -> boto3.Session:
        """The session of all calls: a new one would read the descriptions of AWS's services again."""
        return self.session

    @property
    def region(self) -> str:
        """Name of the region."""
        return str(self._client("sts").meta.region_name)

    @property
    def number(self) -> str:
        """Number of the account."""
        identity = self.read("sts", "get_caller_identity", action="sts:GetCallerIdentity") or {}
        return str(identity["Account"])

    def read(self, service: str, operation: str, *, action: str, missing: str = "", **parameters: Any) -> Any:
        """Makes one reading call.

        Args:
            service: Service as boto3 names it.
            operation: Method of its client.
            action: IAM action that the call needs.
            missing: Part of the error message that says that there is no such thing; "" for none.
            **parameters: Parameters of the call.

        Returns:
            The response, or None when there is no such thing.

        Raises:
            UnreadableAccountError: For every other error.
        """
        try:
            return getattr(self._client(service), operation)(**parameters)
        except ClientError as error:
            if missing and missing in str(error):
                return None
            raise UnreadableAccountError(self._sentence(action, error, _advice(error))) from error
        except NoRegionError as error:
            raise UnreadableAccountError(_NO_REGION.format(verb=self._verb)) from error
        except (BotoCoreError, ValueError) as error:
            raise UnreadableAccountError(self._sentence(action, error, _SIGN_IN)) from error

    # A call that changes something has the same errors.
    change = read

    def _sentence(self, action: str, error: Exception, advice: str) -> str:
        failure = f"{action} fails: {str(error).rstrip('. ')}"
        if self._verb != "deploy":
            own = f"allow {action} to your credentials" if advice is _ALLOW else advice
            return f"`make {self._verb}` ends here: {failure}. To go on, {own}."
        return (
            f"`make deploy` cannot check the deployment: {failure}. To go on, {advice}, or deploy without "
            "the checks: `node_modules/.bin/cdk deploy`."
        )

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(service, config=_CONFIG)
        return self._clients[service]


def _advice(error: ClientError) -> str:
    """Returns what to do about a refusal by AWS, by its code.

    https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
    """
    code = str(error.response.get("Error", {}).get("Code", ""))
    if any(
        word in code for word in ("Expired", "Token", "InvalidAccessKeyId", "UnrecognizedClient", "Signature")
    ):
        return _SIGN_IN_AGAIN
    if (
        any(word in code for word in ("Denied", "Unauthorized", "Forbidden", "NotAuthorized"))
        or code == "403"
    ):
        return _ALLOW
    if any(word in code for word in ("Throttl", "TooManyRequests", "ServiceUnavailable", "Internal")):
        return _TRY_AGAIN
    return _CORRECT


_ALLOW = "allow the actions of deploy-permissions.json in docs/deploy-from-github.md"
_NO_REGION = (
    "No region is named: name one, such as `make {verb} ARGS='--region eu-west-1'`, or set "
    "AWS_REGION, or the region of your profile (`aws configure set region eu-west-1`)."
)
_SIGN_IN_AGAIN = "sign in again, such as with `aws sso login`, or check your access key"
_TRY_AGAIN = "try again in a minute"
_CORRECT = "correct what AWS names"
_SIGN_IN = "check your credentials, region and network"
