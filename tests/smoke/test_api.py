"""The REST API, asked over a real socket."""

import itertools
from collections.abc import Callable

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from smoke.api import Api, Authorize, nobody, with_key, with_signature
from smoke.errors import UnprovenError
from tests.e2e.support.account import free_port
from tests.smoke.web import Request, Web, serving

CREDENTIALS = Credentials("AKIDEXAMPLE", "secret")


def api_of(url: str, authorize: Authorize = nobody, *, seconds: float = 60, patience: float = 30) -> Api:
    return Api(
        predict_url=f"{url}/v1/predict",
        health_url=f"{url}/v1/health",
        authorize=authorize,
        seconds=seconds,
        patience=patience,
    )


def echo(_: Request) -> tuple[int, object]:
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
    ids=["health", "stranger"],
)
@pytest.mark.parametrize(
    "authorize", [with_key("secret"), with_signature(CREDENTIALS, "eu-west-1")], ids=["key", "iam"]
)
def test_a_stranger_shows_neither_key_nor_signature(
    ask: Callable[[Api], object], authorize: Authorize
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


def signature(web: Web, request: Request) -> str:
    """The signature of what arrived, computed anew."""
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
def test_a_hosting_that_starts_is_asked_again(status: int) -> None:
    statuses = itertools.chain([status], itertools.repeat(200))
    with serving(lambda _: (next(statuses), {})) as web:
        answer = api_of(web.url).predict({})

    assert (answer.status, len(web.requests)) == (200, 2)


def test_a_hosting_that_never_starts_is_given_up() -> None:
    with serving(lambda _: (503, {"detail": "starting"})) as web:
        answer = api_of(web.url, patience=0).predict({})

    assert str(answer) == "503 starting"
    assert len(web.requests) == 1


@pytest.mark.parametrize("status", [400, 403, 422, 500, 502])
def test_what_is_no_start_is_not_asked_again(status: int) -> None:
    with serving(lambda _: (status, b"<html>")) as web:
        answer = api_of(web.url).predict({})

    assert (answer.status, answer.body, len(web.requests)) == (status, None, 1)


def test_out_of_time_nothing_is_asked() -> None:
    with serving(echo) as web, pytest.raises(UnprovenError, match="no time left"):
        api_of(web.url, seconds=-1).health()

    assert web.requests == []


def test_an_api_that_is_not_there_is_named() -> None:
    url = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(UnprovenError, match=f"GET {url}/v1/health gets no answer"):
        api_of(url).health()
