"""Fake of the SageMaker, Lambda and S3 APIs: an HTTP server whose responses a test sets."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, NoReturn


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP response; without a status the server never responds."""

    status: int | None = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Bytes:
    """Raw bytes in place of an HTTP response.

    Attributes:
        first: Sent at once.
        drip: Sent again and again until the client closes the connection or the test ends.
        seconds: Pause between two drips.
        end: How the connection ends afterwards.
    """

    first: bytes = b""
    drip: bytes = b""
    seconds: float = 0.05
    end: Literal["close", "reset", "hang"] = "close"


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request that the server received."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]


# Path of the folder of the version that serves, in the artifact bucket.
ARTIFACTS = "/artifacts/models/tiny/abc"
TARGET = "x-amzn-sagemaker-target-model"
IN_SERVICE = Answer(body=b'{"EndpointStatus":"InService"}')


class Runtime:
    """Responses and recorded requests of the server.

    Attributes:
        answer: Response of a model.
        targets: Responses of some of several models, by the archive's name.
        state: Response to a request for the state of the endpoint or function.
        objects: Responses of S3 by path; 403 for all others.
        requests: Inference requests since the response was set.
        descriptions: Other requests since then.
        connections: Client ports of all these requests.
    """

    def __init__(self) -> None:
        self.answer: Answer | Bytes = Answer()
        self.targets: Mapping[str, Answer | Bytes] = {}
        self.state: Answer | Bytes = IN_SERVICE
        self.objects: dict[str, Answer | Bytes] = {}
        self.requests: list[Request] = []
        self.descriptions: list[Request] = []
        self.connections: list[int] = []
        self.gone = threading.Event()
        self.url = ""
        self._all_in_flight: threading.Barrier | None = None

    def respond(
        self,
        answer: Answer | Bytes,
        *,
        state: Answer | Bytes = IN_SERVICE,
        at_once: int = 0,
        **targets: Answer | Bytes,
    ) -> None:
        """Sets the responses and forgets earlier requests.

        Args:
            answer: Response of a model.
            state: Response to a request for the state of the endpoint or function.
            at_once: How many requests must be in flight before any of them gets its response.
            targets: Responses of some of several models, by the model's name.
        """
        self.answer, self.state = answer, state
        self.targets = {f"{name}.tar.gz": response for name, response in targets.items()}
        self._all_in_flight = threading.Barrier(at_once) if at_once else None
        for memory in (self.requests, self.descriptions, self.connections):
            memory.clear()

    def receive(self, request: Request, port: int) -> Answer | Bytes:
        """Records a request, unless it is of S3, and returns its response."""
        if request.path.startswith("/artifacts/"):
            return self.objects.get(request.path, Answer(status=403))
        is_inference = request.path.endswith("/invocations")
        (self.requests if is_inference else self.descriptions).append(request)
        self.connections.append(port)
        if self._all_in_flight:
            with suppress(threading.BrokenBarrierError):
                self._all_in_flight.wait()
        if not is_inference:
            return self.state
        return self.targets.get(request.headers.get(TARGET, ""), self.answer)

    def stop(self) -> None:
        """Ends every response that is still pending."""
        self.gone.set()
        if self._all_in_flight:
            self._all_in_flight.abort()


def prediction(document: dict[str, Any], *, version: str = "") -> Answer:
    """Response of a model with a prediction."""
    headers = {"content-type": "application/json"}
    if version:
        headers["x-amzn-sagemaker-custom-attributes"] = f"model_version={version}"
    return Answer(body=json.dumps(document).encode(), headers=headers)


def fault(code: str, *, status: int = 400, **members: Any) -> Answer:
    """Error response of InvokeEndpoint."""
    body = json.dumps({"Message": f"{code} happened", **members}).encode()
    return Answer(
        status=status, body=body, headers={"x-amzn-errortype": code, "content-type": "application/json"}
    )


def model_error(status: int, message: str) -> Answer:
    """Error response of InvokeEndpoint for an error response of the container."""
    return fault(
        "ModelError", status=424, OriginalStatusCode=status, OriginalMessage=message, LogStreamArn="arn:log"
    )


class Server(ThreadingHTTPServer):
    """Sends the responses of a `Runtime`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.runtime = runtime


class Handler(BaseHTTPRequestHandler):
    """One kept-alive connection of a client."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        request = Request(
            method=self.command,
            path=self.path,
            body=self.rfile.read(length),
            headers={name.lower(): value for name, value in self.headers.items()},
        )
        runtime = self.server.runtime
        answer = runtime.receive(request, self.client_address[1])
        if isinstance(answer, Bytes):
            play(self.connection, answer, runtime.gone)
        elif answer.status is None:
            runtime.gone.wait()
            self.close_connection = True
        else:
            self._send(answer, answer.status)

    def do_GET(self) -> None:
        self.do_POST()

    def _send(self, answer: Answer, status: int) -> None:
        self.send_response(status)
        for name, value in {**answer.headers, "content-length": str(len(answer.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def handle(self) -> None:
        # Some of the tests make the client close its connection early.
        with suppress(ConnectionError, ssl.SSLError):
            super().handle()

    def finish(self) -> None:
        with suppress(ConnectionError, ssl.SSLError, ValueError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Writes no log."""


@contextmanager
def serve(tls: ssl.SSLContext | None = None) -> Iterator[Runtime]:
    """Runs the server on a free port, with TLS if it gets a context."""
    runtime = Runtime()
    with Server(runtime) as server:
        runtime.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield runtime
        finally:
            runtime.stop()
            server.shutdown()
            thread.join()


def play(connection: socket.socket, script: Bytes, gone: threading.Event) -> NoReturn:
    """Sends raw bytes on one connection and ends it."""
    connection.sendall(script.first)
    while script.drip and not gone.wait(script.seconds):
        connection.sendall(script.drip)
    if script.end == "hang":
        gone.wait()
    if script.end == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # The handler's files hold the socket open, so its descriptor is closed directly, which resets it.
        socket.socket(fileno=connection.detach()).close()
    raise ConnectionAbortedError
