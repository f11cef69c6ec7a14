"""The HTTP server: uvicorn on uvloop and httptools, one process with one thread for requests."""

import asyncio
import logging
import socket
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bundle import BundleError
from serving.application import Application
from serving.health import Health
from serving.model import ModelError
from serving.predictor import Predictor
from serving.problem import MEDIA_TYPE, Problem

EXIT_STOPPED = 0
EXIT_NO_MODEL = 3

BACKLOG = 2048
KEEP_ALIVE_SECONDS = 75
LINGER_SECONDS = 1.0
FINISH_SECONDS = 8

logger = logging.getLogger("serving")


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one.

    Raises:
        OSError: When the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 connection, refusing what is not HTTP in the shape of every other refusal."""

    def send_400_response(self, msg: str) -> None:
        """Answers a request that cannot be parsed, and closes the connection."""
        body = Problem(400, msg).encode()
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n"
            b"content-type: %b\r\ncontent-length: %d\r\n\r\n%b" % (MEDIA_TYPE, len(body), body)
        )
        self.transport.close()


class Server(uvicorn.Server):
    """Listens first and loads the model then, so that /ping can say meanwhile that it is not ready.

    Told to stop by SIGTERM or SIGINT it says so on /ping at once, goes on answering for a second while load
    balancers look elsewhere, finishes what is in flight and ends.

    Attributes:
        exit_code: 0, or 3 when the model could not be loaded.
    """

    def __init__(self, load: Callable[[], Predictor]) -> None:
        self._load = load
        self._health = Health()
        self.exit_code = EXIT_STOPPED
        super().__init__(
            uvicorn.Config(
                Application(self._health),
                http=Protocol,
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=FINISH_SECONDS,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to answer, then to load."""
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._start_model, name="load", daemon=True).start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  # uvicorn's signature
        """Begins to stop. Not uvicorn's own: that would end the process by the signal, not with exit 0."""
        if self._health.predictor is None:
            self.should_exit = True
        else:
            self._loop.call_soon_threadsafe(self._loop.call_later, LINGER_SECONDS, self._finish)
        self._health.stop()

    def _finish(self) -> None:
        self.should_exit = True

    def _start_model(self) -> None:
        try:
            self._health.start(self._load())
        except Exception as error:
            known = isinstance(error, BundleError | ModelError)
            logger.critical("The model cannot be served: %s", error, exc_info=not known)
            self.exit_code = EXIT_NO_MODEL
            self.should_exit = True
            return
        trouble = self._health.trouble()
        logger.log(logging.ERROR if trouble else logging.INFO, "%s", trouble or "The model is ready.")
