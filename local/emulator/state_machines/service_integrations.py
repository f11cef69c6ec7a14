"""Tasks that call an AWS service: with the names of Step Functions, and the permissions of the role.

`arn:aws:states:::aws-sdk:<service>:<action>` calls any operation of any service, as the AWS SDK for Java 2
does; `arn:aws:states:::<service>:<action>` are the optimized integrations, of the AWS SDK for Java 1.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
"""

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import Shape
from botocore.response import StreamingBody
from ministack.services import stepfunctions

from local.emulator.state_machines.aws_sdk_action_names import (
    botocore_name,
    error_name,
    error_prefix,
    first_capital,
    java_name,
)
from local.emulator.state_machines.role_authorization import current_role


@dataclass(frozen=True, kw_only=True)
class Integration:
    """Integration of Step Functions with one AWS service: the names of its calls, members and errors.

    Attributes:
        service: The service, as botocore names it.
        prefix: The prefix of the names of its errors.
        other: The error that is none of the service's own, such as a refusal by IAM.
        name: Returns the name of a member in Step Functions.
    """

    service: str
    prefix: str
    other: str
    name: Callable[[str], str] = first_capital

    def call(self, action: str, parameters: Mapping[str, Any]) -> Any:
        """Calls an operation with the role of the execution in progress.

        Args:
            action: Such as createTrainingJob.
            parameters: Named as in Step Functions.

        Returns:
            The result, named as in Step Functions.

        Raises:
            stepfunctions._ExecutionError: The service refuses the call, or has no such operation.
        """
        client = current_role().client(self.service)
        operation = action[:1].upper() + action[1:]
        model = client.meta.service_model
        if operation not in model.operation_names:
            raise stepfunctions._ExecutionError(
                "States.Runtime", f"The service {self.service} has no operation {action}."
            )
        shapes = model.operation_model(operation)
        arguments = self._to_wire(parameters, shapes.input_shape) if parameters and shapes.input_shape else {}
        try:
            answer = getattr(client, xform_name(operation))(**arguments)
        except ParamValidationError as error:
            raise stepfunctions._ExecutionError(f"{self.prefix}.{self.other}", str(error)) from None
        except ClientError as error:
            known = {shape.error_code: error_name(shape.name) for shape in model.error_shapes}
            raise stepfunctions._ExecutionError(*self._failure(error, known)) from None
        answer.pop("ResponseMetadata", None)
        return self._from_wire(answer, shapes.output_shape)

    def _failure(self, error: ClientError, known: Mapping[str, str]) -> tuple[str, str]:
        found, metadata = error.response["Error"], error.response["ResponseMetadata"]
        # The text of the SDK's exception.
        cause = (
            f"{found.get('Message', '')} (Service: {self.prefix}, "
            f"Status Code: {metadata['HTTPStatusCode']}, Request ID: {metadata.get('RequestId', '')})"
        )
        return f"{self.prefix}.{known.get(found['Code'], self.other)}", cause

    def _to_wire(self, value: Any, shape: Shape) -> Any:
        """Returns parameters as the service names them; an object in place of a text becomes JSON."""
        if shape.type_name == "structure" and isinstance(value, Mapping):
            wire = {self.name(name): name for name in shape.members}
            wire |= {name: name for name in shape.members}
            return {
                wire.get(name, name): self._to_wire(item, shape.members[wire[name]]) if name in wire else item
                for name, item in value.items()
            }
        if shape.type_name == "list" and isinstance(value, list):
            return [self._to_wire(item, shape.member) for item in value]
        if shape.type_name == "map" and isinstance(value, Mapping):
            return {name: self._to_wire(item, shape.value) for name, item in value.items()}
        if shape.type_name in ("string", "blob") and isinstance(value, (Mapping, list)):
            return json.dumps(value)
        return value

    def _from_wire(self, value: Any, shape: Shape | None) -> Any:
        if isinstance(value, StreamingBody):
            return value.read().decode(errors="replace")
        if isinstance(value, bytes):
            return value.decode(errors="replace")
        if isinstance(value, datetime):
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if shape is None or not isinstance(value, (Mapping, list)):
            return value
        if shape.type_name == "structure" and isinstance(value, Mapping):
            return {
                self.name(name): self._from_wire(item, shape.members.get(name))
                for name, item in value.items()
            }
        if isinstance(value, Mapping):
            # The keys of a map are data.
            return {name: self._from_wire(item, shape.value) for name, item in value.items()}
        return [self._from_wire(item, shape.member) for item in value]


# The optimized integrations by the service's name in resources.
OPTIMIZED: Mapping[str, Integration] = {
    "dynamodb": Integration(service="dynamodb", prefix="DynamoDB", other="AmazonDynamoDBException"),
    "events": Integration(service="events", prefix="EventBridge", other="AmazonEventBridgeException"),
    "sagemaker": Integration(service="sagemaker", prefix="SageMaker", other="AmazonSageMakerException"),
    "sns": Integration(service="sns", prefix="SNS", other="AmazonSNSException"),
    "sqs": Integration(service="sqs", prefix="SQS", other="AmazonSQSException"),
    "states": Integration(service="stepfunctions", prefix="StepFunctions", other="AWSStepFunctionsException"),
}


def install() -> None:
    """Replaces MiniStack's calls of services, which no role decides; those of ECS stay."""
    stepfunctions._invoke_aws_sdk_integration = _call_sdk
    for service in ("dynamodb", "events", "sns", "sqs"):
        prefix = f"arn:aws:states:::{service}:"
        replaced = [name for name in stepfunctions._SERVICE_DISPATCH if name.startswith(prefix)]
        for name in replaced:
            del stepfunctions._SERVICE_DISPATCH[name]
        stepfunctions._SERVICE_DISPATCH[prefix] = _call_optimized
    stepfunctions._invoke_nested_start_execution = _call_optimized


def _call_sdk(resource: str, parameters: Mapping[str, Any]) -> Any:
    service, action = resource.partition(":aws-sdk:")[2].removesuffix(".waitForTaskToken").split(":")
    return sdk_integration(service).call(action, parameters)


def _call_optimized(resource: str, parameters: Mapping[str, Any]) -> Any:
    service, action = resource.removesuffix(".waitForTaskToken").split(":")[-2:]
    answer = OPTIMIZED[service].call(action, parameters)
    if answer.get("FailedEntryCount"):
        # https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
        raise stepfunctions._ExecutionError("EventBridge.FailedEntry", json.dumps(answer))
    return answer


@functools.cache
def sdk_integration(service: str) -> Integration:
    """Returns the integration of a service, such as sagemaker or cloudwatchlogs.

    Raises:
        stepfunctions._ExecutionError: There is no such service.
    """
    name = botocore_name(service)
    if not name:
        raise stepfunctions._ExecutionError("States.Runtime", f"There is no AWS service {service}.")
    prefix = error_prefix(name)
    return Integration(service=name, prefix=prefix, other=f"{prefix}Exception", name=java_name)
