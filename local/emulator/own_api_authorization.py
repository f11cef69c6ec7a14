"""Authentication and authorization of the emulator's own APIs, as MiniStack does them for its services.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

import re
import uuid
from collections.abc import Mapping, Sequence

import ministack.app
from hypercorn.typing import HTTPScope
from ministack.core import iam_evaluator, router

from local.iam.decision_log_entry import denial_message
from local.iam.policy_evaluation import caller_arn
from local.iam.request import current_request, decided_call, read_request
from local.local_aws import ACCOUNT, REGION
from local.sagemaker.errors import SageMakerError
from local.sagemaker.registry.iam_resources import registry_resources
from local.sagemaker.sagemaker_response import SageMakerResponse, error_response

_INVOKE = "InvokeEndpoint"
_ANY = "*"
_SERVICE = "sagemaker"

# The parameter with a resource's name, and the resource's type in its ARN.
_TYPES = {
    "EndpointConfigName": "endpoint-config",
    "EndpointName": "endpoint",
    "ModelName": "model",
    "TrainingJobName": "training-job",
    "TransformJobName": "transform-job",
}
_OPERATION = re.compile(r"(Create|Describe|Update|Delete|Stop)(\w+)")


def refusal(
    scope: HTTPScope, headers: Mapping[str, str], body: bytes, operation: str, endpoint: str = ""
) -> SageMakerResponse | None:
    """Decides about a request; returns the response of a refusal, or None when it is allowed.

    Args:
        scope: The request.
        headers: Its headers; their names are in lower case.
        body: Its body.
        operation: Such as CreateModel or InvokeEndpoint.
        endpoint: The endpoint of an InvokeEndpoint request.
    """
    request = read_request(scope["path"], b"" if operation == _INVOKE else body, {})
    current_request.set(request)
    names = {"EndpointName": endpoint} if operation == _INVOKE else request.parameters
    resources = sagemaker_resources(operation, names)
    return refused_call(scope, headers, body, action=f"{_SERVICE}:{operation}", resources=resources)


def refused_call(
    scope: HTTPScope, headers: Mapping[str, str], body: bytes, *, action: str, resources: Sequence[str]
) -> SageMakerResponse | None:
    """Decides about an action on resources; returns the response of a refusal, or None when it is allowed.

    Args:
        scope: The request.
        headers: Its headers; their names are in lower case.
        body: Its body.
        action: Such as codedeploy:GetDeployment.
        resources: The ARNs.
    """
    _pin(scope, body)
    key = router.extract_access_key_id(dict(headers), {})
    service = action.partition(":")[0]
    for resource in resources:
        refused = iam_evaluator.enforce(key, action, service, REGION, resource_arn=resource)
        if refused is not None:
            return _response(refused, headers, key, service)
    return None


def sagemaker_resources(operation: str, parameters: Mapping[str, object]) -> list[str]:
    """Returns the ARNs of the resources that an operation needs; * for an operation without one."""
    if found := registry_resources(operation, parameters):
        return found
    if operation in ("CreateEndpoint", "UpdateEndpoint"):
        names = ["EndpointName", "EndpointConfigName"]
    elif operation in (_INVOKE, "UpdateEndpointWeightsAndCapacities"):
        names = ["EndpointName"]
    else:
        verb = _OPERATION.fullmatch(operation)
        names = [f"{verb[2]}Name"] if verb else []
    arns = [
        f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{_TYPES[name]}/{parameters.get(name, '')}"
        for name in names
        if name in _TYPES
    ]
    return arns or [_ANY]


def _pin(scope: HTTPScope, body: bytes) -> None:
    """Keeps the request for the check of its signature, as MiniStack's own entry does."""
    client = scope.get("client")
    ministack.app.pin_request_origin(client[0] if client else "", True)
    path = scope.get("raw_path") or scope["path"].encode()
    iam_evaluator.pin_signed_request(scope["method"], path.decode("latin-1"), {}, list(scope["headers"]))
    iam_evaluator.pin_signed_body(body)


def _response(refused: object, headers: Mapping[str, str], key: str, service: str) -> SageMakerResponse:
    action, resource = decided_call.get()
    if isinstance(refused, iam_evaluator.AuthError):
        status, answered, body = ministack.app._credential_failure(
            service, action, str(uuid.uuid4()), refused, dict(headers)
        )
        return SageMakerResponse(status=status, headers=answered, body=body)
    return error_response(
        SageMakerError("AccessDeniedException", denial_message(caller_arn(key), action, resource))
    )
