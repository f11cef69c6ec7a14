"""10,000 requests made to be wrong, over real sockets against the real process."""

import csv
import io
from collections import Counter
from http.client import HTTPException

from tests.contract.support.process import Reply, ServingProcess, read_raw

BLOCKS = 20
REQUESTS_A_BLOCK = 500
STATUSES = {200, 400, 406, 413, 415, 422}


class Client:
    """A connection that is made again whenever the server has closed it."""

    def __init__(self, server: ServingProcess) -> None:
        self._server = server
        self._connection = server.connect()

    def ask(self, data: bytes) -> Reply:
        self._connection.sendall(data)
        try:
            reply = read_raw(self._connection)
        except HTTPException as error:
            raise AssertionError(f"No HTTP for {data[:300]!r}") from error
        if reply.headers.get("connection") == "close":
            self.close()
            self._connection = self._server.connect()
        return reply

    def close(self) -> None:
        self._connection.close()


def assert_shaped(reply: Reply) -> None:
    media_type = reply.headers["content-type"]
    if reply.status != 200:
        assert media_type == "application/problem+json"
        assert {"type": "about:blank", "status": reply.status}.items() <= reply.json.items()
        assert reply.json["title"]
        assert reply.json["detail"]
    elif media_type == "application/json":
        assert all(
            "errors" in row or row.keys() >= {"label", "probability"} for row in reply.json["predictions"]
        )
        assert reply.json["predictions"]
    else:
        assert media_type == "text/csv; charset=utf-8"
        lines = [*csv.reader(io.StringIO(reply.body.decode(), newline=""), strict=True)]
        assert len({*map(len, lines)}) == 1


def test_whatever_is_sent_is_answered_in_shape_and_the_process_stays_well(server: ServingProcess) -> None:
    statuses: Counter[int] = Counter()
    client = Client(server)

    for block in range(BLOCKS):
        malformed = MalformedRequests(block)
        for _ in range(REQUESTS_A_BLOCK):
            request = malformed.request()
            reply = client.ask(request.data)
            statuses[reply.status] += 1
            assert reply.status in STATUSES, (request.head, request.body[:1_000], reply.body)
            assert_shaped(reply)
        assert server.get("/ping").status == 200

    client.close()
    assert statuses.keys() == STATUSES, statuses
    assert statuses.total() == BLOCKS * REQUESTS_A_BLOCK
    assert "Traceback" not in server.log
    assert "A request failed" not in server.log
