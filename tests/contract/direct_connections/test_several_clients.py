"""Several clients with kept connections: workers answer them together, and each gets its own responses."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.contract.direct_connections.test_lone_client import (
    ONE,
    ROW,
    TWO,
    TWO_FRONTS,
    ask,
    handed_over,
    is_asleep,
    request,
    workers,
)
from tests.contract.support.load import BATCH
from tests.contract.support.process import PoisonedProcess, ServingProcess, read_raw
from tests.contract.test_observability import metrics

CLIENTS = 6


@contextmanager
def clients_of(process: ServingProcess) -> Iterator[list[socket.socket]]:
    """Connects clients, and sends requests until workers answer them all."""
    with ExitStack() as stack:
        clients = [stack.enter_context(process.connect()) for _ in range(CLIENTS)]

        def are_direct() -> bool:
            for _ in range(20):
                ask_all(clients)
            return handed_over(process) == CLIENTS

        process.until(are_direct)
        yield clients


def ask_all(clients: list[socket.socket], body: bytes = ROW) -> list[int]:
    """Sends a request of each client before the first response is read; returns the statuses."""
    for client in clients:
        client.sendall(request(body))
    return [read_raw(client).status for client in clients]


@pytest.mark.parametrize(
    "environment", [ONE, TWO, TWO_FRONTS], ids=["one worker", "two workers", "two fronts"]
)
def test_each_client_gets_the_responses_to_its_own_requests(base: Path, environment: dict[str, str]) -> None:
    with (
        ServingProcess(base, **environment) as process,
        clients_of(process.until_ready()) as clients,
    ):
        for _ in range(5):
            for number, client in enumerate(clients):
                client.sendall(request(b'{"instances":[' + b",".join([ROW] * (number + 1)) + b"]}"))
            found = [len(read_raw(client).json["predictions"]) for client in clients]

            assert found == [*range(1, CLIENTS + 1)]


def test_every_request_of_every_client_is_counted_once(base: Path) -> None:
    def change(name: str) -> float:
        return after[name] - before[name]

    with (
        ServingProcess(base, **TWO) as process,
        clients_of(process.until_ready()) as clients,
    ):
        # On a busy machine the front takes some connections back meanwhile, which changes no count.
        before = metrics(process)
        for _ in range(5):
            ask_all(clients)
        after = metrics(process)

        sent = 5 * CLIENTS
        assert change("serving_requests_total invocations 200") == sent
        assert change("serving_request_seconds_count") == sent
        assert change("serving_batch_requests_sum") == sent
        assert 0 < change("serving_batch_requests_count") <= sent
        assert change("serving_rows_total") == sent


def test_other_requests_of_one_client_are_answered_while_the_others_stay_with_the_worker(base: Path) -> None:
    with ServingProcess(base, **ONE) as process:

        def others_stay() -> bool:
            """On a busy machine the front takes back connections without requests for a second."""
            with clients_of(process) as clients:
                with process.connect() as stranger:
                    statuses = [ask(stranger).status, ask(clients[0], b"{").status]
                clients[1].sendall(b"GET /ping HTTP/1.1\r\nhost: x\r\n\r\n")
                statuses.append(read_raw(clients[1], "GET").status)
                stayed = handed_over(process) == CLIENTS - 1

                assert statuses == [200, 400, 200]
                assert ask_all(clients) == [200] * CLIENTS
            return stayed

        process.until_ready().until(others_stay)


def test_the_requests_of_all_clients_of_a_killed_worker_are_answered_by_another(base: Path) -> None:
    with (
        PoisonedProcess(base, **TWO) as process,
        clients_of(process.until_ready()) as clients,
    ):
        known = len(workers(process))
        clients[0].sendall(request(b'{"instances":[{"size":0,"kind":"early"}]}'))
        statuses = ask_all(clients[1:], BATCH)

        assert [read_raw(clients[0]).status, *statuses] == [200] * CLIENTS
        process.until(lambda: len(workers(process)) > known)
        assert ask_all(clients) == [200] * CLIENTS


def test_a_request_that_kills_two_workers_is_500_and_the_others_are_answered(base: Path) -> None:
    with (
        PoisonedProcess(base, **TWO) as process,
        clients_of(process.until_ready()) as clients,
    ):
        clients[0].sendall(request(b'{"instances":[{"size":0,"kind":"poison"}]}'))
        statuses = ask_all(clients[1:], BATCH)

        assert (read_raw(clients[0]).status, statuses) == (500, [200] * (CLIENTS - 1))


def test_clients_of_a_worker_that_is_killed_between_requests_go_on(base: Path) -> None:
    with (
        PoisonedProcess(base, **ONE) as process,
        clients_of(process.until_ready()) as clients,
    ):
        [worker] = workers(process)
        # A client may have a response while its worker has yet to come back from sending it.
        process.until(lambda: is_asleep(worker))
        os.kill(worker, signal.SIGSTOP)
        # Batches: the deadline of a row is two seconds, in which a busy machine replaces no worker.
        for client in clients:
            client.sendall(request(BATCH))
        os.kill(worker, signal.SIGKILL)

        assert [read_raw(client).status for client in clients] == [200] * CLIENTS


def test_after_sigterm_every_client_gets_a_response_that_closes_its_connection(base: Path) -> None:
    with (
        ServingProcess(base, **TWO) as process,
        clients_of(process.until_ready()) as clients,
    ):
        # Requests under way keep the server from ending: a quiet connection has a second.
        for client in clients:
            client.sendall(request()[:20])
        process.stop()
        process.until(lambda: any(process.events("stopping")))
        for client in clients:
            client.sendall(request()[20:])
        for client in clients:
            reply = read_raw(client)
            # The worker may still answer until it hears of it.
            while "connection" not in reply.headers:
                reply = ask(client)
            assert (reply.status, reply.headers["connection"]) == (200, "close")
            assert client.recv(1) == b""

        assert process.exit_code() == 0
