"""SageMaker and Lambda as far as the invoker sees them: a real server whose answers a test sets."""

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
    """What the server says, after so many seconds; without a status it never says anything."""

    status: int | None = 200
    seconds: float = 0
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Bytes:
    """What the server puts on the wire, whatever that is.

    Attributes:
        first: Sent at once.
        drip: Sent again and again, so many seconds apart, until the client has gone.
        end: What then becomes of the connection.
    """

    first: bytes = b""
    drip: bytes = b""
    seconds: float = 0.05
    end: Literal["close", "reset", "hang"] = "close"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the server was asked."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]


TARGET = "x-amzn-sagemaker-target-model"
IN_SERVICE = Answer(body=b'{"EndpointStatus":"InService"}')


class Runtime:
    """The server's script and its memory.

    Attributes:
        answer: What a model says.
        targets: What one of several models says, by its archive's name.
        state: What is said of its endpoint or function.
        requests: What the model was asked since the answer was set.
        descriptions: What else was asked since then.
        connections: The clients' ports of all these.
    """

    def __init__(self) -> None:
        self.answer: Answer | Bytes = Answer()
        self.targets: Mapping[str, Answer | Bytes] = {}
        self.state: Answer | Bytes = IN_SERVICE
        self.requests: list[Request] = []
        self.descriptions: list[Request] = []
        self.connections: list[int] = []
        self.gone = threading.Event()
        self.url = ""

    def respond(
        self, answer: Answer | Bytes, *, state: Answer | Bytes = IN_SERVICE, **targets: Answer | Bytes
    ) -> None:
        """Sets the answers and forgets what was asked before.

        Args:
            answer: A model's.
            state: Of its endpoint or function.
            targets: Those of some of several models, by name.
        """
        self.answer, self.state = answer, state
        self.targets = {f"{name}.tar.gz": said for name, said in targets.items()}
        for memory in (self.requests, self.descriptions, self.connections):
            memory.clear()

    def script(self, request: Request, port: int) -> Answer | Bytes:
        """Remembers a request and says what to answer."""
        is_question = request.path.endswith("/invocations")
        (self.requests if is_question else self.descriptions).append(request)
        self.connections.append(port)
        if not is_question:
            return self.state
        return self.targets.get(request.headers.get(TARGET, ""), self.answer)


def prediction(document: dict[str, Any], *, version: str = "") -> Answer:
    """A container's good answer."""
    told = {"x-amzn-sagemaker-custom-attributes": f"model_version={version}"} if version else {}
    return Answer(body=json.dumps(document).encode(), headers={"content-type": "application/json", **told})


def fault(code: str, *, status: int = 400, **members: Any) -> Answer:
    """An error of InvokeEndpoint in the form the AWS API gives it."""
    body = json.dumps({"Message": f"{code} happened", **members}).encode()
    return Answer(
        status=status, body=body, headers={"x-amzn-errortype": code, "content-type": "application/json"}
    )


def model_error(status: int, message: str) -> Answer:
    """How SageMaker passes on what a container answered."""
    return fault(
        "ModelError", status=424, OriginalStatusCode=status, OriginalMessage=message, LogStreamArn="arn:log"
    )


class Server(ThreadingHTTPServer):
    """Plays what its runtime says."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.runtime = runtime


class Handler(BaseHTTPRequestHandler):
    """One connection of a client, which stays open from request to request."""

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
        answer = runtime.script(request, self.client_address[1])
        if isinstance(answer, Bytes):
            play(self.connection, answer, runtime.gone)
        elif answer.status is None:
            runtime.gone.wait()
            self.close_connection = True
        else:
            runtime.gone.wait(answer.seconds)
            self._say(answer, answer.status)

    def do_GET(self) -> None:
        self.do_POST()

    def _say(self, answer: Answer, status: int) -> None:
        self.send_response(status)
        for name, value in {**answer.headers, "content-length": str(len(answer.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def handle(self) -> None:
        # The client went away, which is what some of the tests are about.
        with suppress(ConnectionError, ssl.SSLError):
            super().handle()

    def finish(self) -> None:
        with suppress(ConnectionError, ssl.SSLError, ValueError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: the test's output is its own."""


@contextmanager
def serve(tls: ssl.SSLContext | None = None) -> Iterator[Runtime]:
    """Runs the server on a port of its own, encrypted where it is told with what."""
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
            runtime.gone.set()
            server.shutdown()
            thread.join()


def play(connection: socket.socket, script: Bytes, gone: threading.Event) -> NoReturn:
    """Plays a script on one connection, which is lost afterwards."""
    connection.sendall(script.first)
    while script.drip and not gone.wait(script.seconds):
        connection.sendall(script.drip)
    if script.end == "hang":
        gone.wait()
    if script.end == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # The handler's files hold the descriptor too, and a reset is what becomes of it when it is closed.
        socket.socket(fileno=connection.detach()).close()
    raise ConnectionAbortedError
