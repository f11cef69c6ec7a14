"""A serving process for tests: real sockets, and it does what its model and its requests tell it to."""

import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BEHAVIOUR = json.loads((Path(os.environ["SAGEMAKER_BASE_DIR"]) / "model" / "behaviour.json").read_text())


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    def do_GET(self) -> None:
        self.answer(BEHAVIOUR.get("ping", 200), {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        orders = json.loads(body) if body.startswith(b"{") else {}
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
        answer = {"version": BEHAVIOUR.get("version"), "pid": os.getpid(), "environment": dict(os.environ)}
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
