"""AWS account and region of the user's credentials."""

import argparse
import copy
import functools
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import create_credential_resolver
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoRegionError,
    ReadTimeoutError,
)

from stacks.commands.refusals import ALLOW, SIGN_IN, TRY_AGAIN, way_out

_CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2})
# A call that finds no network ends at once or after 20 seconds, so that this is ten minutes at least.
_MOST_FAULTS = 300
_SECONDS_BETWEEN_FAULTS = 2
_FAULTS = (ConnectionClosedError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError)


def add_account_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options `--profile` and `--region` to a parser."""
    parser.add_argument("--profile", help="the AWS profile of the stack's account")
    parser.add_argument("--region", help="the stack's region (default: AWS_REGION, or the profile's)")


class UnreadableAccountError(Exception):
    """A call to the account fails; the message is one sentence.

    Attributes:
        failure: The step that fails, as part of a sentence; "" if no call of AWS has failed.
        advice: The way out, as part of a sentence.
        passes: Whether it may pass by itself, such as throttling or a network that is away for a moment.
    """

    def __init__(self, message: str, *, failure: str = "", advice: str = "", passes: bool = False) -> None:
        super().__init__(message)
        self.failure = failure
        self.advice = advice
        self.passes = passes


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
        self._credentials: dict[str, Any] = {}
        self._most_faults = 0
        self._pause: Callable[[], None] = lambda: None

    @property
    def session(self) -> boto3.Session:
        """New session of boto3 with the profile and the region, such as for another thread.

        All of them share the credentials of assumed roles: each would ask for a code of MFA otherwise.
        """
        found = botocore.session.Session()
        if self._profile:
            found.set_config_variable("profile", self._profile)
        resolver = create_credential_resolver(found, cache=self._credentials, region_name=self._region)
        found.register_component("credential_provider", resolver)
        return boto3.Session(botocore_session=found, region_name=self._region)

    def patient(self, *, pause: Callable[[], None] = lambda: time.sleep(_SECONDS_BETWEEN_FAULTS)) -> Self:
        """Returns this account with calls that are repeated for minutes after a fault that passes by itself.

        For what is followed for a long time: an update of a stack goes on while the network is away.

        Args:
            pause: Waits before a call is repeated.
        """
        found = copy.copy(self)
        found._most_faults, found._pause = _MOST_FAULTS, pause
        return found

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
        for _ in range(self._most_faults):
            try:
                return self._call(service, operation, action, missing, parameters)
            except UnreadableAccountError as error:
                if not error.passes:
                    raise
                self._pause()
        return self._call(service, operation, action, missing, parameters)

    def _call(
        self, service: str, operation: str, action: str, missing: str, parameters: Mapping[str, Any]
    ) -> Any:
        try:
            return getattr(self._client(service), operation)(**parameters)
        except ClientError as error:
            if missing and missing in str(error):
                return None
            raise self._error(action, error, way_out(error)) from error
        except NoRegionError as error:
            raise UnreadableAccountError(_NO_REGION.format(verb=self._verb)) from error
        except (BotoCoreError, ValueError) as error:
            raise self._error(action, error, SIGN_IN) from error

    # A call that changes something has the same errors.
    change = read

    def _error(self, action: str, error: Exception, advice: str) -> UnreadableAccountError:
        failure = f"{action} fails: {str(error).rstrip('. ')}"
        if self._verb != "deploy":
            advice = f"allow {action} to your credentials" if advice is ALLOW else advice
            sentence = f"`make {self._verb}` ends here: {failure}. To go on, {advice}."
        else:
            sentence = (
                f"`make deploy` cannot check the deployment: {failure}. To go on, {advice}, or deploy "
                "without the checks: `node_modules/.bin/cdk deploy`."
            )
        passes = advice is TRY_AGAIN or isinstance(error, _FAULTS)
        return UnreadableAccountError(sentence, failure=failure, advice=advice, passes=passes)

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(service, config=_CONFIG)
        return self._clients[service]


_NO_REGION = (
    "No region is named: name one, such as `make {verb} ARGS='--region eu-west-1'`, or set "
    "AWS_REGION, or the region of your profile (`aws configure set region eu-west-1`)."
)
