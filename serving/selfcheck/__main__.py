"""`python -m serving.selfcheck`: starts the server on a tiny bundle and predicts its golden row.

It also checks that the base image has the certificate authorities that a Lambda function needs.
"""

import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
HOST = "127.0.0.1"
DEADLINE_SECONDS = 60


class SelfCheckError(Exception):
    """The image cannot serve; the message is the reason, in one sentence."""


def main() -> int:
    """Runs the checks.

    Returns:
        Exit code: 0 when all checks pass, otherwise 1.
    """
    try:
        print(f"The self-check got the prediction {_serve_once()}.", flush=True)
        _check_trust()
    except SelfCheckError as error:
        print(f"The self-check failed: {error}", file=sys.stderr)
        return 1
    except (OSError, http.client.HTTPException, subprocess.TimeoutExpired) as error:
        print(f"The self-check failed: the server does not answer or end: {error!r}.", file=sys.stderr)
        return 1
    return 0


def _serve_once() -> Any:
    port = _free_port()
    settings = {"SAGEMAKER_BASE_DIR": str(HERE), "SAGEMAKER_BIND_TO_PORT": str(port), "SERVING_HOST": HOST}
    server = subprocess.Popen([sys.executable, "-m", "serving", "serve"], env=os.environ | settings)
    try:
        _until_healthy(server, port)
        prediction = _predict_golden_row(port)
        server.terminate()
        if code := server.wait(DEADLINE_SECONDS):
            raise SelfCheckError(f"after SIGTERM the server ended with exit code {code}.")
        return prediction
    finally:
        server.kill()
        server.wait()


def _check_trust() -> None:
    """Raises SelfCheckError unless the base image has certificate authorities, to read bundles over TLS."""
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or (paths.capath and any(Path(paths.capath).iterdir()))):
        raise SelfCheckError(
            "the base image has no certificate authorities: install its package ca-certificates."
        )


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _until_healthy(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while _status_of_ping(port) != HTTPStatus.OK:
        if server.poll() is not None:
            raise SelfCheckError(f"the server ended with exit code {server.returncode}: its log says why.")
        if time.monotonic() > deadline:
            raise SelfCheckError(f"the server is not healthy after {DEADLINE_SECONDS} seconds.")
        time.sleep(0.05)


def _status_of_ping(port: int) -> int | None:
    try:
        return _request(port, "GET", "/ping")[0]
    except OSError:
        return None


def _predict_golden_row(port: int) -> Any:
    golden = json.loads((HERE / "model" / "manifest.json").read_bytes())["golden"][0]
    status, body = _request(port, "POST", "/invocations", json.dumps(golden["instance"]))
    if status != HTTPStatus.OK:
        raise SelfCheckError(f"its golden row got status {status}: {body.decode(errors='replace')}")
    (prediction,) = json.loads(body)["predictions"]
    if prediction != golden["prediction"]:
        raise SelfCheckError(f"its golden row got the prediction {prediction}, not {golden['prediction']}.")
    return prediction


def _request(port: int, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(HOST, port, timeout=DEADLINE_SECONDS)
    try:
        connection.request(method, path, body, {"content-type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
