"""Stub serving process: an HTTP server that its model and its requests control.

With SAGEMAKER_MULTI_MODEL it has the multi-model API. It loads up to STUB_CAPACITY models; `GET /models`
responds with the status STUB_LIST_STATUS.
"""

import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CAPACITY = int(os.environ.get("STUB_CAPACITY", "9"))
LIST_STATUS = int(os.environ.get("STUB_LIST_STATUS", "200"))


def behaviour(folder: Path) -> dict[str, Any]:
    """Returns the behaviour of the stub that a model configures."""
    content: dict[str, Any] = json.loads((folder / "behaviour.json").read_text())
    return content


IS_MULTI_MODEL = os.environ.get("SAGEMAKER_MULTI_MODEL") == "true"
BEHAVIOUR = {} if IS_MULTI_MODEL else behaviour(Path(os.environ["SAGEMAKER_BASE_DIR"]) / "model")
LOADED: dict[str, dict[str, Any]] = {}


class Handler(BaseHTTPRequestHandler):
    """Handler of one connection."""

    def do_GET(self) -> None:
        if self.path == "/models":
            self.answer(LIST_STATUS, {"models": [{"modelName": name} for name in LOADED]})
        else:
            gate = BEHAVIOUR.get("unhealthy_while")
            self.answer(503 if gate and Path(gate).exists() else BEHAVIOUR.get("ping", 200), {})

    def do_DELETE(self) -> None:
        name = self.path.removeprefix("/models/")
        self.answer(404 if LOADED.pop(name, None) is None else 200, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        instructions = json.loads(body) if body.startswith(b"{") else {}
        if self.path == "/models":
            self.answer(load(instructions["model_name"], Path(instructions["url"])), {"of": "loading"})
        elif not IS_MULTI_MODEL:
            self.invoke(BEHAVIOUR, body, instructions)
        elif model := LOADED.get(self.path.removeprefix("/models/").removesuffix("/invoke")):
            self.invoke(model, body, instructions)
        else:
            self.answer(404, {"of": self.path})

    def invoke(self, model: dict[str, Any], body: bytes, instructions: dict[str, Any]) -> None:
        if instructions.get("die"):
            os._exit(7)
        if instructions.get("drop"):
            self.close_connection = True
            return
        if instructions.get("stop_listening"):
            self.server.shutdown()
            self.server.server_close()
        if gate := instructions.get("gate"):
            wait_for(Path(gate))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = {
            "version": model.get("version"),
            "loaded": versions(),
            "pid": os.getpid(),
            "environment": dict(os.environ),
        }
        self.answer(instructions.get("status", 200), {**answer, "headers": headers, "body": body.decode()})

    def answer(self, status: int, content: object) -> None:
        payload = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; stub=1")
        self.send_header("X-Amzn-SageMaker-Custom-Attributes", "from-the-container")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_: object) -> None:
        """Writes no access log."""


def load(name: str, folder: Path) -> int:
    """Loads a model; returns the status of the response."""
    if name in LOADED:
        return 409
    if len(LOADED) >= CAPACITY:
        return 507
    model = behaviour(folder)
    if gate := model.get("loads_after"):
        wait_for(Path(gate))
    status: int = model.get("load", 200)
    if status == 200:
        LOADED[name] = model
    return status


def versions() -> list[str]:
    """Returns the versions of the loaded models."""
    return sorted(model["version"] for model in LOADED.values())


def wait_for(gate: Path) -> None:
    """Reports the arrival of the request by a file; waits until the test removes the gate file."""
    gate.with_suffix(".reached").touch()
    pause = threading.Event()
    while gate.exists():
        pause.wait(0.01)


def main() -> None:
    if Path(BEHAVIOUR.get("fails_while", "/nonexistent")).exists():
        print("the stub cannot load its model", file=sys.stderr)
        sys.exit(3)
    if BEHAVIOUR.get("ignores_sigterm"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if BEHAVIOUR.get("never_listens"):
        threading.Event().wait()
    address = (os.environ["SERVING_HOST"], int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
    ThreadingHTTPServer(address, Handler).serve_forever()
    threading.Event().wait()


if __name__ == "__main__":
    main()
