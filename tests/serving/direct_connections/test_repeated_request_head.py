"""Repeated head: the body of a request that is whole and differs from an earlier one in its body alone."""

import pytest

from serving.direct_connections.repeated_request_head import RepeatedRequestHead
from serving.http.exchange import Exchange
from serving.predict.request import InferenceRequest

METADATA = (b"application/json", b"", b"", b"a=b")
HEAD = b"POST /invocations?a=b HTTP/1.1\r\nhost: x\r\nContent-Length: 10\r\nn: 10\r\n\r\n"


def request(head: bytes = HEAD, *, predicts: bool = True) -> Exchange:
    exchange = Exchange(lambda *_: None)
    exchange.head = head
    exchange.inference = InferenceRequest("", b"", METADATA) if predicts else None
    return exchange


def repeated() -> RepeatedRequestHead:
    found = RepeatedRequestHead.of(request())
    assert found
    return found


@pytest.mark.parametrize("body", [b'{"size":1}', b'{"size":12345}', b"0" * 100])
def test_a_request_with_a_body_of_any_length_has_the_head(body: bytes) -> None:
    data = HEAD.replace(b"Length: 10", b"Length: %d" % len(body)) + body

    assert repeated().body_of(data) == body
    assert repeated().metadata == METADATA


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HEAD,
        HEAD[:-3],
        HEAD + b"123456789",
        HEAD + b"1234567890" + HEAD,
        HEAD.replace(b"x", b"y") + b"1234567890",
        HEAD.replace(b"Length: 10", b"Length: 010") + b"1234567890",
        HEAD.replace(b"n: 10", b"n: 11") + b"1234567890",
        HEAD.replace(b"\r\n\r\n", b"\r\nz: 1\r\n\r\n") + b"1234567890",
        b"x" + HEAD + b"1234567890",
    ],
    ids=["nothing", "no body", "part", "short", "two", "host", "zero", "header", "more", "before"],
)
def test_anything_but_one_whole_request_with_the_head_has_no_body(data: bytes) -> None:
    assert repeated().body_of(data) is None


@pytest.mark.parametrize(
    "exchange",
    [request(b"GET /ping HTTP/1.1\r\nhost: x\r\n\r\n"), request(b""), request(predicts=False)],
    ids=["no length", "unknown head", "no prediction"],
)
def test_a_request_without_a_known_body_or_a_prediction_has_no_repeated_head(exchange: Exchange) -> None:
    assert RepeatedRequestHead.of(exchange) is None
