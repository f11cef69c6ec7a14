"""A deployed prediction service, seen from this machine."""

import functools
import http.client
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.aws import REGION, LocalAws
from local.errors import NothingDeployedError, PredictionError
from local.listener import HOST

_SECONDS = 60.0
_SERVICE = "execute-api"
_CREDENTIALS = Credentials("test", "test")


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One stack that answers predictions, its outputs, and which of its models is meant if it has several."""

    aws: LocalAws
    stack: str
    outputs: Mapping[str, str]
    model: str = ""

    @property
    def models(self) -> list[str]:
        """The names of its models where it has several, else none."""
        return [name for name in _predict_urls(self.outputs) if name]

    @property
    def api_url(self) -> str:
        """Where this machine reaches the API, up to its stage.

        Its own address, https://<api>.execute-api.<region>.<suffix>/<stage>, is a name AWS resolves.
        """
        public = urlsplit(next(iter(_predict_urls(self.outputs).values())))
        api, stage = (public.hostname or "").split(".")[0], public.path.split("/")[1]
        return f"{self.aws.url}/restapis/{api}/{stage}/_user_request_"

    @property
    def url(self) -> str:
        """The invoke URL as this machine reaches it."""
        return "/".join(filter(None, (self.api_url, self.model, "predict")))

    @property
    def is_signed(self) -> bool:
        """Whether callers sign their requests; otherwise they have an API key."""
        return "ApiKeyId" not in self.outputs

    @functools.cached_property
    def api_key(self) -> str:
        """The value of the API key, worth something on this machine only."""
        key = self.aws.client("apigateway").get_api_key(apiKey=self.outputs["ApiKeyId"], includeValue=True)
        value: str = key["value"]
        return value

    @functools.cached_property
    def example(self) -> str:
        """The row the service checks its own health with, as JSON.

        Raises:
            NothingDeployedError: No function of the stack has one.
        """
        for name in self._functions():
            configuration = self.aws.client("lambda").get_function_configuration(FunctionName=name)
            if row := _row(configuration.get("Environment", {}).get("Variables", {}), self.model):
                return row
        raise NothingDeployedError(f"Stack {self.stack} holds no example row: give one with --row.")

    def predict(self, row: str) -> str:
        """Ask for a prediction through the invoke URL.

        Args:
            row: The request's body, JSON.

        Returns:
            The answer, JSON.

        Raises:
            PredictionError: The answer is an error, whose detail the message holds, or there is none.
        """
        connection = http.client.HTTPConnection(HOST, self.aws.port, timeout=_SECONDS)
        try:
            connection.request("POST", urlsplit(self.url).path, row.encode(), self._headers(row))
            answer = connection.getresponse()
            body = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise PredictionError(f"{self.url} does not answer ({error}): see {self.aws.log}.") from error
        finally:
            connection.close()
        if answer.status != HTTPStatus.OK:
            raise PredictionError(f"{answer.status} {answer.reason}: {_detail(body)}")
        return body

    def curl(self, row: str) -> str:
        """The command that asks the same in a terminal."""
        signed = ["--aws-sigv4", f"aws:amz:{REGION}:{_SERVICE}", "--user", f"{_CREDENTIALS.access_key}:test"]
        allowed = signed if self.is_signed else ["-H", f"x-api-key: {self.api_key}"]
        return shlex.join(
            ["curl", "-s", self.url, *allowed, "-H", "content-type: application/json", "-d", row]
        )

    def _headers(self, row: str) -> dict[str, str]:
        if not self.is_signed:
            return {"content-type": "application/json", "x-api-key": self.api_key}
        request = AWSRequest("POST", self.url, {"content-type": "application/json"}, row.encode())
        SigV4Auth(_CREDENTIALS, _SERVICE, REGION).add_auth(request)
        return dict(request.headers)

    def _functions(self) -> Iterator[str]:
        resources = self.aws.client("cloudformation").describe_stack_resources(StackName=self.stack)
        for resource in resources["StackResources"]:
            if resource["ResourceType"] == "AWS::Lambda::Function":
                yield resource["PhysicalResourceId"]


def find(aws: LocalAws, *, model: str | None = None) -> Deployment:
    """The deployment of a model, or the last one made.

    Args:
        aws: Where to look.
        model: The model's name; its stack has the same name in another spelling, or is of several models,
            whose names with commas between mean the same stack.

    Raises:
        NothingDeployedError: There is none.
    """
    wanted = model if model is not None else _last(aws)
    stacks = dict(_stacks(aws)) if wanted is not None else {}
    for stack, outputs in stacks.items():
        if stack.lower() == re.sub("[-_,]", "", wanted or "").lower():
            return Deployment(aws=aws, stack=stack, outputs=outputs, model=next(iter(_predict_urls(outputs))))
    for stack, outputs in stacks.items():
        if wanted in _predict_urls(outputs):
            return Deployment(aws=aws, stack=stack, outputs=outputs, model=wanted or "")
    what = "Nothing" if model is None else f"No model {model}"
    raise NothingDeployedError(f"{what} is deployed on this machine: run `make run` first.")


def _last(aws: LocalAws) -> str | None:
    if not aws.outputs.exists():
        return None
    stacks: Mapping[str, Any] = json.loads(aws.outputs.read_text())
    return next(iter(stacks), None)


def _stacks(aws: LocalAws) -> Iterator[tuple[str, dict[str, str]]]:
    for page in aws.client("cloudformation").get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}
            if _predict_urls(outputs):
                yield stack["StackName"], outputs


def _predict_urls(outputs: Mapping[str, str]) -> dict[str, str]:
    """The public invoke URL of each model by its name, of the only one by ""."""
    urls = [value for key, value in outputs.items() if key.startswith("PredictUrl")]
    return {"/".join(urlsplit(url).path.split("/")[2:-1]): url for url in urls}


def _row(variables: Mapping[str, str], model: str) -> str:
    """A row for a model in the variables of a function, "" without one."""
    if model and "MODELS" in variables:
        return json.dumps(json.loads(variables["MODELS"])[model]["instance"])
    return variables.get("HEALTH_INSTANCE", "")


def _detail(body: str) -> str:
    """What an error answer says: a problem's detail, API Gateway's message, or all of it."""
    try:
        problem = json.loads(body)
    except ValueError:
        return body
    if not isinstance(problem, dict):
        return body
    detail = problem.get("detail") or problem.get("message") or body
    errors = [json.dumps(error) for error in problem.get("errors", ())]
    return "\n".join([str(detail), *errors])
