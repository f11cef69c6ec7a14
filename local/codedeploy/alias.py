"""Alias of a function, and alarms: the calls that CodeDeploy makes with the service role of a group.

https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from local.codedeploy.app_spec import AppSpec

_NO_PROVISIONED_CONCURRENCY = "ProvisionedConcurrencyConfigNotFoundException"
# CodeDeploy's message for a call that the service role does not permit:
# https://docs.aws.amazon.com/codedeploy/latest/userguide/error-codes.html
_DENIED = (
    "The IAM role {role} does not give you permission to perform operations in the following AWS service: "
    "{service}. Contact your AWS administrator if you need help. If you are an AWS administrator, you can "
    "grant permissions to your users or groups by creating IAM policies."
)


class ShiftError(Exception):
    """The deployment cannot go on.

    Attributes:
        code: CodeDeploy's error code, such as IAM_ROLE_PERMISSIONS.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ServiceRole(Protocol):
    """A service role that CodeDeploy has assumed."""

    def client(self, service: str, /) -> Any:
        """Creates a boto3 client with the role's credentials."""


class ShiftedAlias:
    """The alias of a deployment, and the alarms that stop it.

    Args:
        spec: The alias and its versions.
        role: ARN of the service role.
        assume: Assumes the role; raises ShiftError.
    """

    def __init__(self, spec: AppSpec, *, role: str, assume: Callable[[], ServiceRole]) -> None:
        self._spec = spec
        self._role = role
        self._assume = assume
        self._clients: dict[str, Any] = {}

    def check(self) -> None:
        """Checks that the alias refers to the current version.

        Raises:
            ShiftError: It refers to another one, or the role does not permit the calls.
        """
        spec = self._spec
        found = self._call("lambda", "get_alias", FunctionName=spec.function, Name=spec.alias)
        try:
            self._call(
                "lambda",
                "get_provisioned_concurrency_config",
                FunctionName=spec.function,
                Qualifier=spec.alias,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != _NO_PROVISIONED_CONCURRENCY:
                raise ShiftError("INTERNAL_ERROR", str(error)) from error
        if found["FunctionVersion"] != spec.current:
            # The sentence is CodeDeploy's: https://github.com/aws/serverless-application-model/issues/291
            raise ShiftError(
                "INVALID_LAMBDA_CONFIGURATION",
                "The deployment failed because the AppSpec file that specifies the AWS Lambda deployment "
                "configuration is missing or has an invalid configuration. The Lambda function alias version "
                "does not match the current version in AppSpec file.",
            )

    def shift(self, percentage: int) -> None:
        """Gives the target version a part of the traffic; 100 makes it the only version.

        https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html

        Raises:
            ShiftError: The role does not permit the call, or Lambda refuses it.
        """
        spec = self._spec
        is_all = percentage == 100
        weights = {} if is_all else {spec.target: percentage / 100}
        self._update(spec.target if is_all else spec.current, weights)

    def restore(self) -> None:
        """Gives all traffic to the current version again.

        Raises:
            ShiftError: The role does not permit the call, or Lambda refuses it.
        """
        self._update(self._spec.current, {})

    def alarms(self, names: Sequence[str]) -> list[str]:
        """Returns the names of those alarms that are in ALARM.

        Raises:
            ShiftError: The role does not permit the call.
        """
        if not names:
            return []
        found = self._call(
            "cloudwatch",
            "describe_alarms",
            AlarmNames=list(names),
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
        )
        alarms = [*found["MetricAlarms"], *found.get("CompositeAlarms", ())]
        return [alarm["AlarmName"] for alarm in alarms if alarm["StateValue"] == "ALARM"]

    def _update(self, version: str, weights: dict[str, float]) -> None:
        try:
            self._call(
                "lambda",
                "update_alias",
                FunctionName=self._spec.function,
                Name=self._spec.alias,
                FunctionVersion=version,
                RoutingConfig={"AdditionalVersionWeights": weights},
            )
        except ClientError as error:
            message = error.response["Error"]["Message"]
            raise ShiftError("INVALID_LAMBDA_CONFIGURATION", message) from error

    def _call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        try:
            # One client for a deployment: the models of the services are large.
            if service not in self._clients:
                self._clients[service] = self._assume().client(service)
            result: dict[str, Any] = getattr(self._clients[service], operation)(**parameters)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 403:
                raise
            name = {"lambda": "AWSLambda", "cloudwatch": "AmazonCloudWatch"}[service]
            raise ShiftError("IAM_ROLE_PERMISSIONS", _DENIED.format(role=self._role, service=name)) from error
        except BotoCoreError as error:
            raise ShiftError("INTERNAL_ERROR", str(error)) from error
        return result
