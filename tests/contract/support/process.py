"""The serving program as SageMaker runs it: started with `serve`, used over HTTP, stopped by a signal."""

import http.client
import json
import os
import select
import signal
import socket
import subprocess
import tarfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Self

from tests.contract.support.program import Start, start_from_source

HOST = "127.0.0.1"
# Bounds a hang only; no case depends on the time that something takes.
HANG_SECONDS = 300


@dataclass(frozen=True)
class Reply:
    """A complete HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def unpack(archive: Path, base: Path) -> None:
    """Unpacks a bundle into `base`/model, as SageMaker does."""
    with tarfile.open(archive) as members:
        members.extractall(base / "model", filter="data")


@contextmanager
def until_ended(pids: Collection[int]) -> Iterator[None]:
    """Waits at the end of the block until processes have ended, which need not be children of the test."""
    with ExitStack() as stack:
        poll = select.poll()
        for pid in pids:
            descriptor = os.pidfd_open(pid)
            stack.callback(os.close, descriptor)
            poll.register(descriptor, select.POLLIN)
        yield
        ended: set[int] = set()
        while len(ended) < len(pids):
            found = poll.poll(1_000 * HANG_SECONDS)
            assert found, "a process goes on"
            for descriptor, _ in found:
                poll.unregister(descriptor)
                ended.add(descriptor)


class ServingProcess:
    """One run of `python -m serving`, with its model in `base`/model and its log in `base`/log.

    Attributes:
        start: Starts the program; tests/image replaces it to start an image.
        module: The module that is run.
    """

    start: ClassVar[Start] = staticmethod(start_from_source)
    module: ClassVar[str] = "serving"

    def __init__(self, base: Path, *arguments: str, **environment: str) -> None:
        self._log = base / "log"
        self.home = base / "home"
        self.home.mkdir(parents=True)
        settings = {"SAGEMAKER_BIND_TO_PORT": "0", "SERVING_HOST": HOST}
        with self._log.open("wb") as log:
            self._process = self.start(
                self.module, arguments or ("serve",), base=base, settings=settings | environment, log=log
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def log(self) -> str:
        return self._log.read_text()

    @property
    def pid(self) -> int:
        """Process id of the server."""
        return self._process.server_pid

    @property
    def port(self) -> int:
        """The port, once the server listens."""
        self.until(lambda: any(self.events("listening")))
        return int(self.events("listening")[0]["port"])

    def events(self, name: str = "") -> list[dict[str, Any]]:
        """Returns the events of the log; only those called `name` when it is given."""
        lines = self.log.splitlines(keepends=True)
        found = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]
        return [event for event in found if not name or event["event"] == name]

    def until_ready(self) -> Self:
        """Waits until /ping is 200."""
        self.until(lambda: self.get("/ping").status == 200)
        return self

    def until_refusing(self) -> None:
        """Waits until new connections are refused."""
        self.until(lambda: not self._accepts())

    def _accepts(self) -> bool:
        try:
            self.connect().close()
        except ConnectionRefusedError:
            return False
        return True

    def until(self, condition: Callable[[], bool]) -> None:
        """Waits for a condition; fails when the program ends meanwhile, or hangs."""
        deadline = time.monotonic() + HANG_SECONDS
        while not condition():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.01)

    def stop(self, signum: signal.Signals = signal.SIGTERM) -> None:
        self._process.send_signal(signum)

    def limit_descriptors(self, soft: int) -> None:
        """Sets the limit of the server's file descriptors, 4096 at most."""
        owner = Path(f"/proc/{self.pid}").stat().st_uid
        # Its own user always may change the limit; root may not in every container.
        as_owner: dict[str, Any] = (
            {} if owner == os.geteuid() else {"user": owner, "group": owner, "extra_groups": []}
        )
        command = ["prlimit", f"--pid={self.pid}", f"--nofile={soft}:4096"]
        subprocess.run(command, check=True, **as_owner)

    def exit_code(self) -> int:
        """Waits until the program ends; returns its exit code."""
        return self._process.wait(HANG_SECONDS)

    def connect(self) -> socket.socket:
        return socket.create_connection((HOST, self.port), timeout=HANG_SECONDS)

    def get(self, path: str, *, method: str = "GET") -> Reply:
        return self.send(method, path)

    def predict(self, body: Any, **headers: str) -> Reply:
        """Sends POST /invocations with a value as JSON, or with bytes unchanged."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send("POST", "/invocations", data, {"content-type": "application/json"} | headers)

    def send(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Reply:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=HANG_SECONDS)
        try:
            connection.request(method, path, body, headers or {})
            return read_reply(connection.getresponse())
        finally:
            connection.close()


class PoisonedProcess(ServingProcess):
    """The program with workers that a row of kind "poison" kills and one of kind "sleep" blocks."""

    module = "tests.contract.support.poisoned"


class PortableProcess(ServingProcess):
    """The program without what only Linux has, as on macOS."""

    module = "tests.contract.support.portable"


def read_reply(response: http.client.HTTPResponse) -> Reply:
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Reply(response.status, headers, response.read())


def read_many(connection: socket.socket, count: int) -> list[Reply]:
    """Reads `count` responses from a socket; not for HEAD."""
    with connection.makefile("rb") as file:
        return [_read_one(file) for _ in range(count)]


def _read_one(file: BinaryIO) -> Reply:
    status = int(file.readline().split()[1])
    headers = {name.lower(): value for name, value in http.client.parse_headers(file).items()}
    return Reply(status, headers, file.read(int(headers["content-length"])))


def read_raw(connection: socket.socket, method: str = "POST") -> Reply:
    """Reads one response from a socket."""
    response = http.client.HTTPResponse(connection, method=method)
    response.begin()
    return read_reply(response)


def assert_problem(reply: Reply, status: int) -> dict[str, Any]:
    """Returns the problem document of a reply, which must be one."""
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    document: dict[str, Any] = reply.json
    assert (document["status"], document["type"]) == (status, "about:blank")
    assert document["title"]
    assert document["detail"]
    return document
