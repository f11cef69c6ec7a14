"""Emulated S3: MiniStack on a free port."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def emulate_s3(state: Path) -> Iterator[str]:
    """Runs MiniStack and yields its URL; connections during its start wait in the socket's backlog."""
    with socket.create_server(("127.0.0.1", 0)) as listener, (state / "log").open("wb") as log:
        port = listener.getsockname()[1]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        settings = {
            "GATEWAY_PORT": str(port),
            "STATE_DIR": str(state / "state"),
            "S3_DATA_DIR": str(state / "data"),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # With a Docker engine, MiniStack would remove containers from it.
            "DOCKER_HOST": f"unix://{state}/no-docker",
        }
        # No worker process, which would outlive this one.
        options = ("--workers", "0", "--bind", f"fd://{listener.fileno()}")
        command = ["-m", "hypercorn", "ministack.app:app", *options]
        server = subprocess.Popen(
            [sys.executable, *command],
            env=inherited | settings,
            pass_fds=[listener.fileno()],
            stdout=log,
            stderr=log,
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()
            server.wait()
