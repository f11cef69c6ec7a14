"""Signatures of the invoker's requests, compared with those of botocore."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.invoker.aws_service import RequestSigner
from tests.lambda_src.conftest import Import
from tests.lambda_src.events import GOOD, Context, post
from tests.lambda_src.sagemaker_runtime import Runtime, prediction

NOW = datetime(2026, 11, 21, 7, 8, 9, tzinfo=UTC)
WORDS = st.text("abcXYZ0189+/=_-", min_size=1, max_size=40)
URLS = st.sampled_from(
    [
        "https://runtime.sagemaker.eu-west-1.amazonaws.com",
        "https://Lambda.eu-west-1.amazonaws.com:443",
        "http://127.0.0.1:4566",
        "http://localhost:80/of/a/proxy",
        "http://user:secret@[::1]:4566/",
    ]
)
PATHS = st.sampled_from(
    ["/", "/endpoints/Tiny/invocations", "/functions/arn%3Aaws%3Alambda/invocations", "//a/../b"]
)
NAMES = st.sampled_from(["accept", "content-type", "x-amz-target", "x-amzn-sagemaker-inference-id"])
HEADERS = st.dictionaries(NAMES, st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30))


def signer(url: str, *credentials: str, clock: Callable[[], float] = NOW.timestamp) -> RequestSigner:
    """A signer in the environment of a function whose role has this key, secret and token."""
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    with patch.dict("os.environ", dict(zip(names, credentials, strict=True)) | {"AWS_REGION": "eu-west-1"}):
        return RequestSigner("sagemaker", url, clock=clock)


def botocores(
    method: str,
    url: str,
    headers: dict[str, str],
    body: bytes,
    *credentials: str | None,
    service: str = "sagemaker",
    now: datetime = NOW,
) -> dict[str, str]:
    """The headers that botocore adds to a request."""
    request = AWSRequest(method, url, headers=headers, data=body)
    with patch("botocore.auth.get_current_datetime", return_value=now.replace(tzinfo=None)):
        botocore.auth.SigV4Auth(Credentials(*credentials), service, "eu-west-1").add_auth(request)
    return {name: value for name, value in request.headers.items() if name not in headers}


@given(
    key=WORDS,
    secret=WORDS,
    token=st.just("") | WORDS,
    url=URLS,
    path=PATHS,
    headers=HEADERS,
    body=st.binary(),
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_signing_headers_are_those_of_botocore(
    method: str, key: str, secret: str, token: str, url: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    found = signer(url, key, secret, token).sign(method, path, headers, body)

    expected = botocores(method, url + path, headers, body, key, secret, token or None)
    assert list(found.items()) == list(expected.items())


def test_a_request_of_the_next_day_is_signed_with_that_days_key() -> None:
    url, now = "https://runtime.sagemaker.eu-west-1.amazonaws.com", [NOW - timedelta(days=1)]
    kept = signer(url, "a", "b", "", clock=lambda: now[0].timestamp())
    yesterday = kept.sign("POST", "/", {}, b"{}")

    now[0] = NOW
    today = kept.sign("POST", "/", {}, b"{}")

    assert yesterday["Authorization"] != today["Authorization"]
    assert today == botocores("POST", f"{url}/", {}, b"{}", "a", "b")


@pytest.mark.parametrize(
    ("host", "service"),
    [({}, "sagemaker"), ({"FUNCTION_NAME": "arn:aws:lambda:eu-west-1:1:function:Tiny"}, "lambda")],
)
@pytest.mark.parametrize("token", ["", "of/the/role"])
def test_a_received_request_has_the_signature_that_botocore_gives_it(
    start_invoker: Import,
    runtime: Runtime,
    monkeypatch: pytest.MonkeyPatch,
    host: dict[str, str],
    service: str,
    token: str,
) -> None:
    invoker = start_invoker(runtime.url, AWS_SESSION_TOKEN=token, **host)
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-0-0")
    runtime.respond(prediction(GOOD))

    invoker.handler(post("{}"), Context())

    [received] = runtime.requests
    authorization = received.headers["authorization"]
    [names] = re.findall(r"SignedHeaders=([^,]+)", authorization)
    added = {"host", "x-amz-date", "x-amz-security-token"}
    signed = {name: received.headers[name] for name in names.split(";") if name not in added}
    moment = datetime.strptime(received.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    expected = botocores(
        *("POST", runtime.url + received.path, signed, received.body, "test", "test", token or None),
        service=service,
        now=moment,
    )
    assert authorization == expected["Authorization"]
    assert received.headers["host"] in runtime.url
