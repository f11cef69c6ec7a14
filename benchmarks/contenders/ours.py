"""The serving process of this project, started as in its image."""

import os
import sys
from pathlib import Path


def serve(port: int, folder: Path) -> None:
    """Serves until SIGTERM; replaces this process with the server's."""
    settings = {
        "SAGEMAKER_BASE_DIR": str(folder),
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "SERVING_HOST": "127.0.0.1",
    }
    command = [sys.executable, "-m", "serving", "serve"]
    os.execve(sys.executable, command, os.environ | settings)  # noqa: S606  # no shell is wanted
