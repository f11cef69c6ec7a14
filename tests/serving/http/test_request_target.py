"""Target and host of a request, and a target that is refused for its method."""

import pytest

from tests.contract.support.process import read_raw
from tests.serving.http.front import Front, ask, post, until


def test_connect_is_refused_and_the_connection_is_closed(front: Front) -> None:
    with front.connect() as client:
        client.sendall(b"CONNECT x:443 HTTP/1.1\r\nhost: x:443\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n")
        reply = read_raw(client)

        assert (reply.status, reply.headers["connection"]) == (404, "close")
        assert client.recv(1) == b""


@pytest.mark.parametrize(
    "target", [b"http://other.example/echo", b"HTTPS://[::1]:8443/echo?a=/b", b"http://%6fther:80/echo"]
)
def test_a_target_in_absolute_form_is_routed_by_its_path(front: Front, target: bytes) -> None:
    assert [reply.body for reply in ask(front, post(b"a", path=target) + post(b"b"), 2)] == [b"a", b"b"]


def test_the_authority_of_an_absolute_form_replaces_host_and_its_query_is_kept(front: Front) -> None:
    with front.connect() as client:
        client.sendall(post(b"a", path=b"http://other:8080/later?x=http://y/"))
        until(lambda: front.waiting)
        exchange = front.waiting[0]
        front.release(0)

        assert read_raw(client).body == b"a"
    assert (exchange.path, exchange.query) == (b"/later", b"x=http://y/")
    assert exchange.headers[b"host"] == b"other:8080"


@pytest.mark.parametrize("host", [b"", b"a.example", b"a_b:8080", b"127.0.0.1:", b"[::1]:80", b"[v1.a:b]"])
def test_a_host_with_an_optional_port_is_accepted(front: Front, host: bytes) -> None:
    (reply,) = ask(front, b"GET /echo HTTP/1.1\r\nhost: %b\r\n\r\n" % host)

    assert reply.status == 200


@pytest.mark.parametrize("host", [b"a, a", b"a/b", b"a:b", b"user@a", b"[::1", b"a b", b"%zz", b"\xe9"])
def test_a_host_that_is_not_one_is_400_on_every_request(front: Front, host: bytes) -> None:
    wrong = b"GET /echo HTTP/1.1\r\nhost: %b\r\n\r\n" % host

    assert [reply.status for reply in ask(front, post(b"a") + wrong + wrong, 3)] == [200, 400, 400]
