"""A serving process for tests: real sockets, and it does what its model and its requests tell it to.

With SAGEMAKER_MULTI_MODEL it has the multi-model API, with room for STUB_ROOM models and a list of them that
is answered with status STUB_LIST.
"""

import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOM = int(os.environ.get("STUB_ROOM", "9"))
LIST = int(os.environ.get("STUB_LIST", "200"))


def behaviour(folder: Path) -> dict[str, Any]:
    """How a model makes the stub behave."""
    told: dict[str, Any] = json.loads((folder / "behaviour.json").read_text())
    return told


HAS_SEVERAL = os.environ.get("SAGEMAKER_MULTI_MODEL") == "true"
BEHAVIOUR = {} if HAS_SEVERAL else behaviour(Path(os.environ["SAGEMAKER_BASE_DIR"]) / "model")
LOADED: dict[str, dict[str, Any]] = {}


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    def do_GET(self) -> None:
        if self.path == "/models":
            self.answer(LIST, {"models": [{"modelName": name} for name in LOADED]})
        else:
            self.answer(BEHAVIOUR.get("ping", 200), {})

    def do_DELETE(self) -> None:
        name = self.path.removeprefix("/models/")
        self.answer(404 if LOADED.pop(name, None) is None else 200, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        orders = json.loads(body) if body.startswith(b"{") else {}
        if self.path == "/models":
            self.answer(load(orders["model_name"], Path(orders["url"])), {"of": "loading"})
        elif not HAS_SEVERAL:
            self.invoke(BEHAVIOUR, body, orders)
        elif model := LOADED.get(self.path.removeprefix("/models/").removesuffix("/invoke")):
            self.invoke(model, body, orders)
        else:
            self.answer(404, {"of": self.path})

    def invoke(self, model: dict[str, Any], body: bytes, orders: dict[str, Any]) -> None:
        if orders.get("die"):
            os._exit(7)
        if orders.get("drop"):
            self.close_connection = True
            return
        if orders.get("deaf"):
            self.server.shutdown()
            self.server.server_close()
        if gate := orders.get("gate"):
            wait_for(Path(gate))
        seen = {name.lower(): value for name, value in self.headers.items()}
        answer = {
            "version": model.get("version"),
            "loaded": versions(),
            "pid": os.getpid(),
            "environment": dict(os.environ),
        }
        self.answer(orders.get("status", 200), {**answer, "headers": seen, "body": body.decode()})

    def answer(self, status: int, content: object) -> None:
        payload = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; stub=1")
        self.send_header("X-Amzn-SageMaker-Custom-Attributes", "from-the-container")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_: object) -> None:
        """Keep the log to what the tests look for."""


def load(name: str, folder: Path) -> int:
    """Load a model, or not; the status to answer with."""
    if name in LOADED:
        return 409
    if len(LOADED) >= ROOM:
        return 507
    model = behaviour(folder)
    if gate := model.get("loads_after"):
        wait_for(Path(gate))
    status: int = model.get("load", 200)
    if status == 200:
        LOADED[name] = model
    return status


def versions() -> list[str]:
    """The versions of several models that are loaded."""
    return sorted(model["version"] for model in LOADED.values())


def wait_for(gate: Path) -> None:
    """Say that the request is here, and wait until the test opens the gate by removing the file."""
    gate.with_suffix(".reached").touch()
    pause = threading.Event()
    while gate.exists():
        pause.wait(0.01)


def main() -> None:
    if Path(BEHAVIOUR.get("fails_while", "/nonexistent")).exists():
        print("the stub cannot load its model", file=sys.stderr)
        sys.exit(3)
    if BEHAVIOUR.get("stubborn"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if BEHAVIOUR.get("silent"):
        threading.Event().wait()
    address = (os.environ["SERVING_HOST"], int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
    ThreadingHTTPServer(address, Handler).serve_forever()
    threading.Event().wait()


if __name__ == "__main__":
    main()
