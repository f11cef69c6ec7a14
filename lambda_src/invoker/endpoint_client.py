"""SageMaker endpoint as the model's host: InvokeEndpoint for predictions, DescribeEndpoint for its status."""

import copy
import json
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from botocore.session import Session

from .model_call import (
    PATIENT,
    PROMPT,
    Caller,
    CallError,
    Deadline,
    ModelRequest,
    ModelResponse,
    read_inference_response,
)
from .problem import ProblemError, model_problem

# The container names its model's version in the response's custom attributes.
VERSION_ATTRIBUTE = "model_version="
# Statuses of a multi-model container: a model is not loaded, is being loaded, or does not fit the memory.
# https://docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html
_NOT_LOADED = (404, 409, 507)
_DESCRIBE_HEADERS = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "SageMaker.DescribeEndpoint",
}


class EndpointClient:
    """Client of one endpoint.

    Args:
        name: Name of the endpoint.
        session: Session of botocore.
        has_cold_starts: Whether a request may have to wait until the host has started.
    """

    def __init__(self, name: str, *, session: Session, has_cold_starts: bool) -> None:
        self._name = name
        self._session = session
        self._client = session.create_client(
            "sagemaker-runtime", config=PATIENT if has_cold_starts else PROMPT
        )
        self._caller = Caller()
        self._target: dict[str, str] = {}

    def with_target(self, model: str) -> "EndpointClient":
        """Returns a client of the same endpoint for one of its several models, by the model's name."""
        found = copy.copy(self)
        found._caller = Caller()
        found._target = {"TargetModel": f"{model}.tar.gz"}
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
        attributes = {"CustomAttributes": request.query} if request.query else {}
        if request.id:
            attributes["InferenceId"] = request.id
        response = self._client.invoke_endpoint(
            EndpointName=self._name,
            Body=request.body,
            ContentType=request.content_type,
            Accept=request.accept,
            **attributes,
            **self._target,
        )
        attribute = response.get("CustomAttributes", "").partition(VERSION_ATTRIBUTE)[2]
        version = attribute.partition(",")[0].strip()
        return read_inference_response(response["Body"].read(), response.get("ContentType", ""), version)

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
        # botocore takes a second to load the model of SageMaker's API, so this signs the request itself.
        meta = self._client.meta
        url = meta.endpoint_url.replace("://runtime.", "://api.", 1)
        body = json.dumps({"EndpointName": self._name}).encode()
        request = AWSRequest(method="POST", url=f"{url}/", data=body, headers=_DESCRIBE_HEADERS)
        SigV4Auth(self._session.get_credentials(), "sagemaker", meta.region_name).add_auth(request)
        http_session = URLLib3Session(timeout=(PROMPT.connect_timeout, PROMPT.read_timeout))
        return json.loads(http_session.send(request.prepare()).content)


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
