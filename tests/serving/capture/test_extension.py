"""Connections of the internal extension to Lambda's API."""

import json
import queue
import socket
import threading
from collections.abc import Sequence

from serving.capture.extension import Extension

EVENT = json.dumps({"eventType": "INVOKE", "requestId": "call", "deadlineMs": 0}).encode()


def serve(listener: socket.socket, answers: Sequence[Sequence[bytes]], seen: list[list[bytes]]) -> None:
    """Accepts a connection for each list of answers, and closes it after the last of them."""
    for bodies in answers:
        connection, _ = listener.accept()
        seen.append([])
        with connection:
            for body in bodies:
                seen[-1].append(connection.recv(1 << 16).split(b" ", 1)[0])
                head = b"HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: one\r\nContent-Length: %d\r\n\r\n"
                connection.sendall(head % len(body) + body)


def test_events_come_over_one_connection_and_a_lost_one_is_replaced() -> None:
    # Given an API that answers the registration, closes the connection after two events, and sends a third
    worked, seen = queue.Queue[str](), list[list[bytes]]()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answers = [[b"{}"], [EVENT, EVENT], [EVENT]]
        api = threading.Thread(target=serve, args=[listener, answers, seen])
        api.start()
        host, port = listener.getsockname()

        # When the extension runs
        lines = list[str]()
        extension = Extension(f"{host}:{port}", work=lambda: worked.put("worked"), log=lines.append)
        extension.end_call("call")
        extension.start()

        # Then it works after each event, and connects for none but the first and the one after the loss
        assert [worked.get(timeout=30) for _ in range(3)] == ["worked"] * 3
        api.join()
    assert seen == [[b"POST"], [b"GET", b"GET"], [b"GET"]]


def test_after_an_error_of_its_work_the_extension_asks_for_the_next_event() -> None:
    # Given work that fails once
    worked, outcomes, seen = queue.Queue[str](), iter(["error", "worked"]), list[list[bytes]]()
    lines = list[str]()

    def work() -> None:
        outcome = next(outcomes)
        worked.put(outcome)
        if outcome == "error":
            raise RuntimeError(outcome)

    # When Lambda sends two events
    with socket.create_server(("127.0.0.1", 0)) as listener:
        api = threading.Thread(target=serve, args=[listener, [[b"{}"], [EVENT, EVENT]], seen], daemon=True)
        api.start()
        host, port = listener.getsockname()
        extension = Extension(f"{host}:{port}", work=work, log=lines.append)
        extension.end_call("call")
        extension.start()

        # Then the second one is worked for, too: Lambda waits for an extension after each call
        assert [worked.get(timeout=30) for _ in range(2)] == ["error", "worked"]
    assert "RuntimeError: error" in lines[0]


def test_failures_in_a_row_are_logged_once_and_a_single_one_is_not() -> None:
    # Given an API that closes one connection before an event, and four before the next
    worked, lines, seen = queue.Queue[list[str]](), list[str](), list[list[bytes]]()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answers = [[b"{}"], [], [EVENT], [], [], [], [], [EVENT]]
        api = threading.Thread(target=serve, args=[listener, answers, seen])
        api.start()
        host, port = listener.getsockname()
        extension = Extension(f"{host}:{port}", work=lambda: worked.put([*lines]), log=lines.append)
        extension.end_call("call")
        extension.start()

        # When it works after these events
        first, second = (worked.get(timeout=30) for _ in range(2))
        api.join()

    # Then its log has the failures that delay responses
    assert first == []
    (line,) = second
    assert line.startswith("Data capture delays responses: Lambda sends no events: ")
