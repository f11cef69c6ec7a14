"""Deployed prediction service: its stack outputs, its invoke URL and its predictions."""

import functools
import http.client
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.errors import NothingDeployedError, PredictionError
from local.local_aws import ACCESS_KEY_ID, LOOPBACK_ADDRESS, REGION, SECRET_ACCESS_KEY, LocalAws

_TIMEOUT_SECONDS = 60.0
_SERVICE = "execute-api"
_CREDENTIALS = Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY)


class ServiceResponse(NamedTuple):
    """A response of the API."""

    status: int
    reason: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A deployed stack.

    Attributes:
        aws: The AWS with the stack.
        stack: The stack's name.
        outputs: The stack's outputs by name.
        model: The model to request predictions from; "" for the only one.
    """

    aws: LocalAws
    stack: str
    outputs: Mapping[str, str]
    model: str = ""

    @property
    def models(self) -> list[str]:
        """The names of its models; empty for a stack of one model."""
        return [name for name in predict_urls(self.outputs) if name]

    @property
    def api_url(self) -> str:
        """The URL of the API and its stage on this machine.

        The host of its public URL, https://<api>.execute-api.<region>.<suffix>/<stage>, is in AWS's DNS only.
        """
        public = urlsplit(next(iter(predict_urls(self.outputs).values())))
        api, stage = (public.hostname or "").split(".")[0], public.path.split("/")[1]
        return f"{self.aws.url}/restapis/{api}/{stage}/_user_request_"

    @property
    def url(self) -> str:
        """The invoke URL on this machine."""
        return f"{self.api_url}/{self._path}"

    @property
    def _path(self) -> str:
        return f"{self.model}/predict" if self.model else "predict"

    @property
    def health_url(self) -> str:
        """The URL of the health check on this machine."""
        return f"{self.api_url}/health"

    @property
    def addresses(self) -> str:
        """Lines with the URLs on this machine: of predictions by model, the page, and the health check."""
        urls = [replace(self, model=name).url for name in self.models] or [self.url]
        page = [f"GET   {self.api_url}/ (a page for your browser)"] if "PageUrl" in self.outputs else []
        return "\n".join([*(f"POST  {url}" for url in urls), *page, f"GET   {self.api_url}/health"])

    @property
    def is_signed(self) -> bool:
        """Whether requests need a signature; otherwise they need an API key."""
        return "ApiKeyId" not in self.outputs

    @functools.cached_property
    def api_key(self) -> str:
        """The value of the API key, which is valid on this machine only."""
        key = self.aws.client("apigateway").get_api_key(apiKey=self.outputs["ApiKeyId"], includeValue=True)
        value: str = key["value"]
        return value

    @functools.cached_property
    def example(self) -> str:
        """The example row of the API's description, as JSON.

        Raises:
            NothingDeployedError: The API describes no such row.
            PredictionError: There is no response.
        """
        response = self.request("GET", f"{self.api_url}/openapi.json")
        try:
            operation = json.loads(response.body)["paths"]["/" + self._path]["post"]
            examples = operation["requestBody"]["content"]["application/json"]["examples"]
            row = examples["one_row"]["value"]
        except (ValueError, KeyError, TypeError) as error:
            raise NothingDeployedError(
                f"Stack {self.stack} has no example row (status {response.status} of /openapi.json): "
                "give one with --row."
            ) from error
        return json.dumps(row)

    def predict(self, row: str) -> str:
        """Requests a prediction through the invoke URL.

        Args:
            row: The JSON body of the request.

        Returns:
            The JSON body of the response.

        Raises:
            PredictionError: The response is an error, whose detail the message has, or there is no response.
        """
        response = self.request("POST", self.url, row)
        if response.status != HTTPStatus.OK:
            raise PredictionError(f"{response.status} {response.reason}: {_detail(response.body)}")
        return response.body

    def request(self, method: str, url: str, body: str = "") -> ServiceResponse:
        """Sends a request with the API key or a signature.

        Args:
            method: The HTTP method.
            url: A URL of the API.
            body: The JSON body.

        Raises:
            PredictionError: There is no response.
        """
        connection = http.client.HTTPConnection(LOOPBACK_ADDRESS, self.aws.port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request(method, urlsplit(url).path, body.encode(), self._headers(method, url, body))
            response = connection.getresponse()
            return ServiceResponse(response.status, response.reason, response.read().decode())
        except (OSError, http.client.HTTPException) as error:
            raise PredictionError(f"{url} does not answer ({error}): see {self.aws.log}.") from error
        finally:
            connection.close()

    def curl(self, row: str) -> str:
        """Returns the curl command for the same request."""
        user = f"{_CREDENTIALS.access_key}:{_CREDENTIALS.secret_key}"
        signature = ["--aws-sigv4", f"aws:amz:{REGION}:{_SERVICE}", "--user", user]
        authorization = signature if self.is_signed else ["-H", f"x-api-key: {self.api_key}"]
        return shlex.join(
            ["curl", "-s", self.url, *authorization, "-H", "content-type: application/json", "-d", row]
        )

    def _headers(self, method: str, url: str, body: str) -> dict[str, str]:
        if not self.is_signed:
            return {"content-type": "application/json", "x-api-key": self.api_key}
        request = AWSRequest(method, url, {"content-type": "application/json"}, body.encode())
        SigV4Auth(_CREDENTIALS, _SERVICE, REGION).add_auth(request)
        return dict(request.headers)


def predict_urls(outputs: Mapping[str, str]) -> dict[str, str]:
    """Returns the public invoke URL of each model by its name; the name of an only model is ""."""
    urls = [value for key, value in outputs.items() if key.startswith("PredictUrl")]
    return {"/".join(urlsplit(url).path.split("/")[2:-1]): url for url in urls}


def _detail(body: str) -> str:
    """Returns the text of an error response: a problem's detail, API Gateway's message, or the whole body."""
    try:
        problem = json.loads(body)
    except ValueError:
        return body
    if not isinstance(problem, dict):
        return body
    detail = problem.get("detail") or problem.get("message") or body
    errors = [json.dumps(error) for error in problem.get("errors", ())]
    return "\n".join([str(detail), *errors])
