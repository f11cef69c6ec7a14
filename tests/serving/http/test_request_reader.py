"""Request reader: calls of its receiver, recorded by a fake."""

import pytest

from serving.http.exchange import MAX_KNOWN_BYTES, MAX_KNOWN_HEADS, Exchange, KnownHeads
from serving.http.request_head import MAX_HEAD_BYTES
from serving.http.request_reader import Phase, RequestReader
from serving.http.response import CLOSE, KEEP_ALIVE, Response
from serving.http.route import Route
from serving.problem import Problem

ECHO = Route("echo", "/echo", ("POST",), lambda _: None)


class RecordingReceiver:
    """Records the calls of a reader."""

    def __init__(self) -> None:
        self.dispatched: list[Exchange] = []
        self.rejected: list[tuple[Exchange, int]] = []
        self.continues = 0

    def reply(self, exchange: Exchange, response: Response) -> None:
        raise NotImplementedError

    def dispatch(self, exchange: Exchange) -> None:
        self.dispatched.append(exchange)

    def reject(self, exchange: Exchange, problem: Problem) -> None:
        self.rejected.append((exchange, problem.status))

    def send_continue(self) -> None:
        self.continues += 1


def find_route(method: bytes, path: bytes) -> Route:
    if (method, path) != (b"POST", b"/echo"):
        raise Problem(404, "There is nothing here.")
    return ECHO


@pytest.fixture
def receiver() -> RecordingReceiver:
    return RecordingReceiver()


@pytest.fixture
def reader(receiver: RecordingReceiver) -> RequestReader:
    return RequestReader(receiver, find_route, 0.0)


def head(*lines: bytes, target: bytes = b"/echo", version: bytes = b"1.1") -> bytes:
    return b"\r\n".join([b"POST %b HTTP/%b" % (target, version), b"host: x", *lines, b"", b""])


def test_a_complete_request_is_dispatched_with_its_parts_and_its_time(
    reader: RequestReader, receiver: RecordingReceiver
) -> None:
    reader.feed(head(b"Content-Length: 3", b"Accept: a", b"accept: b", target=b"/echo?x=1?2"), 1.0)
    reader.feed(b"ab", 2.0)
    reader.feed(b"c", 3.0)

    (exchange,) = receiver.dispatched
    assert (exchange.method, exchange.path, exchange.query) == (b"POST", b"/echo", b"x=1?2")
    assert exchange.headers == {b"host": b"x", b"content-length": b"3", b"accept": b"a, b"}
    assert (exchange.body, exchange.arrived, exchange.ending) == (b"abc", 3.0, b"")
    assert (exchange.route, exchange.handle) == ("echo", ECHO.handle)


def test_the_phase_and_its_start_follow_the_parts_of_a_request(reader: RequestReader) -> None:
    found = [(reader.phase, reader.since)]
    data = head(b"content-length: 2")
    for now, piece in enumerate([data[:5], data[5:], b"a", b"b"], start=1):
        reader.feed(piece, float(now))
        found.append((reader.phase, reader.since))

    assert found == [
        (Phase.REQUEST, 0.0),
        (Phase.HEAD, 1.0),
        (Phase.BODY, 2.0),
        (Phase.BODY, 2.0),
        (Phase.REQUEST, 4.0),
    ]


def test_a_refused_request_is_rejected_once_and_its_body_discarded(
    reader: RequestReader, receiver: RecordingReceiver
) -> None:
    reader.feed(head(b"content-length: 3", target=b"/nowhere") + b"abc" + head(b"content-length: 0"), 1.0)

    assert [status for _, status in receiver.rejected] == [404]
    assert [exchange.body for exchange in receiver.dispatched] == [b""]


@pytest.mark.parametrize(
    ("version", "line", "ending"),
    [
        (b"1.1", b"connection: keep-alive", b""),
        (b"1.1", b"connection: close", CLOSE),
        (b"1.0", b"accept: a", CLOSE),
        (b"1.0", b"connection: keep-alive", KEEP_ALIVE),
    ],
)
def test_the_ending_follows_the_version_and_the_connection_header(
    reader: RequestReader, receiver: RecordingReceiver, version: bytes, line: bytes, ending: bytes
) -> None:
    reader.feed(head(line, b"content-length: 0", version=version), 1.0)

    assert [exchange.ending for exchange in receiver.dispatched] == [ending]
    assert reader.phase is (Phase.NOTHING if ending is CLOSE else Phase.REQUEST)


def test_expect_asks_for_continue_after_the_head_is_accepted_only(
    reader: RequestReader, receiver: RecordingReceiver
) -> None:
    reader.feed(head(b"content-length: 1", b"expect: 100-continue"), 1.0)
    accepted = receiver.continues
    reader.feed(b"a" + head(b"content-length: 1", b"expect: 100-continue", target=b"/nowhere"), 2.0)

    assert (accepted, receiver.continues) == (1, 1)
    (exchange, _), *_ = receiver.rejected
    assert exchange.closes
    assert reader.phase is Phase.NOTHING


def test_an_upgrade_header_is_ignored(reader: RequestReader, receiver: RecordingReceiver) -> None:
    reader.feed(head(b"connection: upgrade", b"upgrade: h2c", b"content-length: 1") + b"a", 1.0)

    assert [exchange.body for exchange in receiver.dispatched] == [b"a"]


def test_a_head_over_the_limit_ends_the_connection_before_it_is_complete(reader: RequestReader) -> None:
    reader.feed(head(b"a: ")[:-4], 1.0)
    with pytest.raises(Problem) as raised:
        reader.feed(b"a" * (MAX_HEAD_BYTES + 1), 1.0)

    assert raised.value.status == 431


def test_bytes_that_are_not_http_raise_400_and_nothing_after_stop(reader: RequestReader) -> None:
    with pytest.raises(Problem) as raised:
        reader.feed(b"nonsense\r\n\r\n", 1.0)
    reader.stop()
    reader.feed(b"nonsense\r\n\r\n", 2.0)

    assert raised.value.status == 400


def test_an_error_of_the_receiver_is_not_a_400(reader: RequestReader, receiver: RecordingReceiver) -> None:
    receiver.dispatch = lambda _: 1 / 0  # type: ignore[assignment, method-assign]

    with pytest.raises(Exception, match="on_message_complete") as raised:
        reader.feed(head(b"content-length: 0"), 1.0)

    assert not isinstance(raised.value, Problem)


def parts(exchange: Exchange) -> list[object]:
    names = ["target", "path", "query", "method", "headers", "body", "route", "handle", "arrived", "ending"]
    return [getattr(exchange, name) for name in names]


def test_a_request_with_a_known_head_is_dispatched_as_a_parsed_one(receiver: RecordingReceiver) -> None:
    known = KnownHeads()
    data = head(b"content-length: 3", b"Accept: a", target=b"/echo?x=1") + b"abc"
    for body in (data, data[:-3] + b"xyz"):
        RequestReader(receiver, find_route, 0.0, known_heads=known).feed(body, 1.0)
    RequestReader(receiver, find_route, 0.0).feed(data[:-3] + b"xyz", 1.0)

    first, repeated, parsed = receiver.dispatched
    assert known.find(data, receiver.reply) is not None
    assert parts(repeated) == parts(parsed)
    assert (first.body, repeated.body) == (b"abc", b"xyz")


def test_after_a_known_head_requests_in_pieces_and_pipelined_ones_are_parsed(
    reader: RequestReader, receiver: RecordingReceiver
) -> None:
    one = head(b"content-length: 3") + b"abc"
    for number, piece in enumerate([one, one, one[:9], one[9:], one + one, one + one[:-1], b"c", one]):
        reader.feed(piece, float(number))

    assert [exchange.body for exchange in receiver.dispatched] == [b"abc"] * 8
    assert [exchange.arrived for exchange in receiver.dispatched] == [0, 1, 3, 4, 4, 5, 6, 7]
    assert (reader.phase, reader.since) == (Phase.REQUEST, 7.0)


def test_the_end_of_a_head_that_came_in_pieces_is_no_known_head(
    reader: RequestReader, receiver: RecordingReceiver
) -> None:
    data = head(b"content-length: 3") + b"abc"
    reader.feed(data[:20], 1.0)
    reader.feed(data[20:], 2.0)

    with pytest.raises(Problem, match=r"not HTTP/1\.1"):
        reader.feed(data[20:], 3.0)
    assert len(receiver.dispatched) == 1


@pytest.mark.parametrize(
    "lines", [(b"expect: 100-continue",), (b"transfer-encoding: chunked",), (b"connection: close",)]
)
def test_a_head_that_asks_for_more_is_parsed_each_time(
    receiver: RecordingReceiver, lines: tuple[bytes, ...]
) -> None:
    known = KnownHeads()
    chunked = lines[0].endswith(b"chunked")
    data = head(*lines, *(() if chunked else (b"content-length: 0",))) + (b"0\r\n\r\n" if chunked else b"")
    RequestReader(receiver, find_route, 0.0, known_heads=known).feed(data, 1.0)

    assert len(receiver.dispatched) == 1
    assert known.find(data, receiver.reply) is None


def test_a_refused_request_leaves_no_known_head(receiver: RecordingReceiver) -> None:
    known = KnownHeads()
    data = head(target=b"/nowhere")
    RequestReader(receiver, find_route, 0.0, known_heads=known).feed(data, 1.0)

    assert [status for _, status in receiver.rejected] == [404]
    assert known.find(data, receiver.reply) is None


def test_known_heads_are_limited_in_number_and_size(receiver: RecordingReceiver) -> None:
    known = KnownHeads()
    reader = RequestReader(receiver, find_route, 0.0, known_heads=known)
    requests = [head(b"content-length: 0", b"number: %d" % number) for number in range(MAX_KNOWN_HEADS + 1)]
    for data in requests:
        reader.feed(data, 1.0)
    large = head(b"content-length: 0", b"x: " + b"y" * MAX_KNOWN_BYTES)
    reader.feed(large, 2.0)

    assert known.find(requests[0], receiver.reply) is None
    assert known.find(requests[-1], receiver.reply) is not None
    assert known.find(large, receiver.reply) is None
