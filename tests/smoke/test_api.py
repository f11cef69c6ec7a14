import itertools
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import EndpointConnectionError

from local.processes.listener import free_port
from smoke.account import Account
from smoke.api import ApiClient, Authorize, api_clients, with_key, with_signature, without_credentials
from smoke.deployed_stack import DeployedStack
from smoke.errors import CheckFailedError
from tests.smoke.web import ReceivedRequest, WebServer, serving

CREDENTIALS = Credentials("AKIDEXAMPLE", "secret")


def api_of(
    url: str, authorize: Authorize = without_credentials, *, seconds: float = 600, patience: float = 300
) -> ApiClient:
    """A client whose retries do not wait."""
    return ApiClient(
        predict_url=f"{url}/v1/predict",
        health_url=f"{url}/v1/health",
        authorize=authorize,
        seconds=seconds,
        patience=patience,
        sleep=lambda _: None,
    )


def echo(_: ReceivedRequest) -> tuple[int, object]:
    return 200, {"well": True}


def test_a_row_is_posted_with_the_key() -> None:
    with serving(echo) as web:
        answer = api_of(web.url, with_key("secret")).predict({"size": 1.5})

    assert (answer.status, answer.body) == (200, {"well": True})
    [request] = web.requests
    assert (request.method, request.path, request.json) == ("POST", "/v1/predict", {"size": 1.5})
    assert request.headers["x-api-key"] == "secret"
    assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "ask",
    [lambda api: api.health(), lambda api: api.predict({}, authorized=False)],
    ids=["health", "predict"],
)
@pytest.mark.parametrize(
    "authorize", [with_key("secret"), with_signature(CREDENTIALS, "eu-west-1")], ids=["key", "iam"]
)
def test_requests_without_credentials_have_neither_key_nor_signature(
    ask: Callable[[ApiClient], object], authorize: Authorize
) -> None:
    with serving(echo) as web:
        ask(api_of(web.url, authorize))

    assert not web.requests[0].headers.keys() & {"x-api-key", "authorization"}


def test_a_signed_request_arrives_as_it_was_signed() -> None:
    with serving(echo) as web:
        api_of(web.url, with_signature(CREDENTIALS, "eu-west-1")).predict({"size": 1.5})

    [request] = web.requests
    authorization = request.headers["authorization"]
    assert "/eu-west-1/execute-api/aws4_request" in authorization
    assert authorization.rpartition("Signature=")[2] == signature(web, request)


def signature(web: WebServer, request: ReceivedRequest) -> str:
    """Computes the signature of the received request."""
    signed = request.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    arrived = AWSRequest(
        request.method,
        web.url + request.path,
        headers={name: request.headers[name] for name in signed},
        data=request.body,
    )
    arrived.context["timestamp"] = request.headers["x-amz-date"]
    signer = SigV4Auth(CREDENTIALS, "execute-api", "eu-west-1")
    return str(signer.signature(signer.string_to_sign(arrived, signer.canonical_request(arrived)), arrived))


@pytest.mark.parametrize("status", [429, 503, 504])
def test_a_request_is_retried_while_the_hosting_starts(status: int) -> None:
    statuses = itertools.chain([status], itertools.repeat(200))
    with serving(lambda _: (next(statuses), {})) as web:
        answer = api_of(web.url).predict({})

    assert (answer.status, len(web.requests)) == (200, 2)


def test_retries_end_with_the_patience() -> None:
    with serving(lambda _: (503, {"detail": "starting"})) as web:
        answer = api_of(web.url, patience=0).predict({})

    assert str(answer) == "503 starting"
    assert len(web.requests) == 1


@pytest.mark.parametrize("status", [400, 403, 422, 500, 502])
def test_other_statuses_are_not_retried(status: int) -> None:
    with serving(lambda _: (status, b"<html>")) as web:
        answer = api_of(web.url).predict({})

    assert (answer.status, answer.body, len(web.requests)) == (status, None, 1)


def test_no_request_is_sent_after_the_time_limit() -> None:
    with serving(echo) as web, pytest.raises(CheckFailedError, match="time limit for all requests is over"):
        api_of(web.url, seconds=-1).health()

    assert web.requests == []


def test_an_api_without_listener_is_named_in_the_error() -> None:
    url = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(CheckFailedError, match=f"GET {url}/v1/health gets no response"):
        api_of(url).health()


@pytest.mark.parametrize("name", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_the_certificates_that_boto3_trusts_are_trusted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    for variable in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(variable, raising=False)
    account = Account(boto3.Session(region_name="eu-west-1"))
    usual = account.ca_bundle
    # Behind a proxy that opens TLS
    path = tmp_path / "proxy.pem"
    monkeypatch.setenv(name, str(path))
    assert [usual, account.ca_bundle] == [True, str(path)]

    given: list[object] = []

    class Session:
        def __init__(self, *, verify: object, **_: object) -> None:
            given.append(verify)
            raise EndpointConnectionError(endpoint_url="https://api")

    monkeypatch.setattr("smoke.api.URLLib3Session", Session)
    stack = DeployedStack(
        name="Tiny",
        status="CREATE_COMPLETE",
        outputs={"PredictUrl": "https://api/v1/predict", "HealthUrl": "https://api/v1/health"},
        resources=(),
        template={},
    )
    monkeypatch.setattr(Account, "credentials", CREDENTIALS)
    with pytest.raises(EndpointConnectionError):
        api_clients(account, stack, ["tiny"])["tiny"].health()
    assert given == [str(path)]
