"""SageMaker endpoint as the model's host: InvokeEndpoint for predictions, DescribeEndpoint for its status."""

import copy
import functools
import json
from typing import Any
from urllib.parse import quote

from .aws_service import PATIENT, PROMPT, service_url
from .call_errors import CallError
from .model_call import (
    Caller,
    Deadline,
    ModelRequest,
    ModelResponse,
    SignedRequests,
    read_inference_response,
)
from .problem import ProblemError, model_problem

# The container names its model's version in the response's custom attributes.
VERSION_ATTRIBUTE = "model_version="
# Statuses of a multi-model container: a model is not loaded, is being loaded, or does not fit the memory.
# https://docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html
_NOT_LOADED = (404, 409, 507)
# Headers of the parameters CustomAttributes, InferenceId and TargetModel.
_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
_INFERENCE_ID = "x-amzn-sagemaker-inference-id"
_TARGET = "x-amzn-sagemaker-target-model"
_DESCRIBE_HEADERS = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "SageMaker.DescribeEndpoint",
}


class EndpointClient:
    """Client of one endpoint.

    Args:
        name: Name of the endpoint.
        has_cold_starts: Whether a request may have to wait until the host has started.
    """

    def __init__(self, name: str, *, has_cold_starts: bool) -> None:
        self._name = name
        self._path = f"/endpoints/{quote(name, safe='')}/invocations"
        self._runtime = SignedRequests(
            "sagemaker",
            service_url("runtime.sagemaker", "SAGEMAKER_RUNTIME"),
            PATIENT if has_cold_starts else PROMPT,
        )
        self._caller = Caller()
        self._target: dict[str, str] = {}

    def with_target(self, model: str) -> "EndpointClient":
        """Returns a client of the same endpoint for one of its several models, by the model's name."""
        found = copy.copy(self)
        found._caller = Caller()
        found._target = {_TARGET: f"{model}.tar.gz"}
        return found

    def invoke(self, request: ModelRequest, deadline: Deadline) -> ModelResponse:
        """Calls InvokeEndpoint, with the query string as custom attributes.

        Captured data has the request's id as InferenceId, which joins it with the answer.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html

        Raises:
            ProblemError: There is no prediction.
        """
        try:
            return self._caller.call(lambda: self._invoke(request), deadline)
        except CallError as error:
            raise _problem(error, has_several_models=bool(self._target)) from error

    def _invoke(self, request: ModelRequest) -> ModelResponse:
        headers = {"content-type": request.content_type, "accept": request.accept, **self._target}
        if request.query:
            headers[_ATTRIBUTES] = request.query
        if request.id:
            headers[_INFERENCE_ID] = request.id
        response = self._runtime.send("POST", self._path, headers=headers, body=request.body)
        attribute = response.headers.get(_ATTRIBUTES, "").partition(VERSION_ATTRIBUTE)[2]
        version = attribute.partition(",")[0].strip()
        return read_inference_response(response.body, response.headers.get("content-type", ""), version)

    def status(self, deadline: Deadline) -> str:
        """Returns the EndpointStatus of DescribeEndpoint, such as InService.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html

        Raises:
            CallError: The call failed.
            ValueError: The response is not JSON.
            KeyError: The response has no EndpointStatus.
        """
        return str(self._caller.call(self._describe, deadline)["EndpointStatus"])

    def _describe(self) -> Any:
        body = json.dumps({"EndpointName": self._name}).encode()
        return json.loads(self._control.send("POST", "/", headers=_DESCRIBE_HEADERS, body=body).body)

    @functools.cached_property
    def _control(self) -> SignedRequests:
        # A cold start for a prediction does not need it.
        return SignedRequests("sagemaker", service_url("api.sagemaker", "SAGEMAKER"), PROMPT)


def _problem(error: CallError, *, has_several_models: bool) -> ProblemError:
    if error.code == "ModelError":
        return _model_problem(error, has_several_models=has_several_models)
    # Messages of SageMaker itself, unlike those of the model, never quote a body.
    if error.code in ("ValidationError", "ValidationException"):
        # The code stands both for an endpoint that is missing or not in service, and for an invalid argument.
        is_argument = "validation error detected" in str(error)
        detail = "The request's headers are not what an endpoint accepts." if is_argument else ""
        return ProblemError("refused" if is_argument else "not_ready", detail, evidence=error.evidence)
    return ProblemError(error.cause, evidence=error.evidence)


def _model_problem(error: CallError, *, has_several_models: bool) -> ProblemError:
    status, message = error.members.get("OriginalStatusCode"), error.members.get("OriginalMessage")
    status = status if isinstance(status, int) else 0
    message = message if isinstance(message, str) else ""
    log = error.members.get("LogStreamArn", "")
    evidence = {"code": "ModelError", "original_status": status, "log": log}
    # With status 0 the container did not answer, and the message is SageMaker's own.
    if status == 0 and "timed out" in message:
        return ProblemError("out_of_time", evidence=evidence)
    if has_several_models and status in _NOT_LOADED:
        return ProblemError("not_ready", evidence=evidence)
    return model_problem(status, message, evidence)
