"""The SageMaker endpoint as the invoker sees it: an answer, or a problem."""

import copy
import json
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from botocore.session import Session

from .call import CallError, Calls
from .deadline import Deadline
from .patience import PATIENT, PROMPT
from .prediction import Prediction, read_prediction
from .problem import ProblemError, refused_by_model
from .question import Question

_VERSION = "model_version="
# What a container with several models says of one of them and never of a request: it is not loaded, is being
# loaded, or there is no memory for it. https://docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html
_NOT_LOADED = (404, 409, 507)
_DESCRIBE = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "SageMaker.DescribeEndpoint"}


class Endpoint:
    """One SageMaker endpoint, by its name; one that has cold starts is waited for longer."""

    def __init__(self, name: str, *, session: Session, has_cold_starts: bool) -> None:
        self._name = name
        self._session = session
        self._client = session.create_client(
            "sagemaker-runtime", config=PATIENT if has_cold_starts else PROMPT
        )
        self._calls = Calls()
        self._target: dict[str, str] = {}

    def targeting(self, model: str) -> "Endpoint":
        """The same endpoint, asked for one of the several models behind it."""
        found = copy.copy(self)
        found._calls = Calls()
        found._target = {"TargetModel": f"{model}.tar.gz"}
        return found

    def invoke(self, question: Question, deadline: Deadline) -> Prediction:
        """Sends one request to the model: InvokeEndpoint, where the query goes as custom attributes.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html

        Raises:
            ProblemError: When there is no prediction to pass on.
        """
        try:
            return self._calls.ask(lambda: self._ask(question), deadline)
        except CallError as error:
            raise _problem(error, has_several=bool(self._target)) from error

    def _ask(self, question: Question) -> Prediction:
        attributes = {"CustomAttributes": question.query} if question.query else {}
        reply = self._client.invoke_endpoint(
            EndpointName=self._name,
            Body=question.body,
            ContentType=question.content_type,
            Accept=question.accept,
            **attributes,
            **self._target,
        )
        version = reply.get("CustomAttributes", "").partition(_VERSION)[2].partition(",")[0].strip()
        return read_prediction(reply["Body"].read(), reply.get("ContentType", ""), version)

    def state(self, deadline: Deadline) -> str:
        """The endpoint's status in SageMaker's words, as InService.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html

        Raises:
            CallError: SageMaker does not tell.
            ValueError: What it tells is nothing that it should.
            KeyError: The same.
        """
        return str(self._calls.ask(self._describe, deadline)["EndpointStatus"])

    def _describe(self) -> Any:
        # Signed by hand: botocore reads all of SageMaker's own API before it makes a client, a second's work
        # for a small function.
        meta = self._client.meta
        url = meta.endpoint_url.replace("://runtime.", "://api.", 1)
        body = json.dumps({"EndpointName": self._name}).encode()
        request = AWSRequest(method="POST", url=f"{url}/", data=body, headers=_DESCRIBE)
        SigV4Auth(self._session.get_credentials(), "sagemaker", meta.region_name).add_auth(request)
        with_limits = URLLib3Session(timeout=(PROMPT.connect_timeout, PROMPT.read_timeout))
        return json.loads(with_limits.send(request.prepare()).content)


def _problem(error: CallError, *, has_several: bool) -> ProblemError:
    if error.code == "ModelError":
        return _model_problem(error, has_several=has_several)
    # Messages of SageMaker itself, unlike those of the model, never quote a body.
    if error.code in ("ValidationError", "ValidationException"):
        # The code stands for an endpoint that is missing or in no state to answer, and for a bad argument.
        is_argument = "validation error detected" in str(error)
        detail = "The request's headers are not what an endpoint accepts." if is_argument else ""
        return ProblemError("refused" if is_argument else "not_ready", detail, evidence=error.evidence)
    return ProblemError(error.cause, evidence=error.evidence)


def _model_problem(error: CallError, *, has_several: bool) -> ProblemError:
    status, message = error.members.get("OriginalStatusCode"), error.members.get("OriginalMessage")
    status = status if isinstance(status, int) else 0
    message = message if isinstance(message, str) else ""
    log = error.members.get("LogStreamArn", "")
    evidence = {"code": "ModelError", "original_status": status, "log": log}
    # Status 0 says that the words are SageMaker's own: the container gave no answer.
    if status == 0 and "timed out" in message:
        return ProblemError("out_of_time", evidence=evidence)
    if has_several and status in _NOT_LOADED:
        return ProblemError("not_ready", evidence=evidence)
    return refused_by_model(status, message, evidence)
