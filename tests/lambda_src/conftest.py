"""What the tests of the functions share."""

import importlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from tests.lambda_src.events import ROW
from tests.lambda_src.sagemaker_runtime import Runtime, serve

Import = Callable[..., ModuleType]


@pytest.fixture(scope="module")
def cold_start() -> Iterator[Import]:
    """Imports a handler as Lambda does at a cold start: once, with its environment set before."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)

        def start(module: str, **environment: str) -> ModuleType:
            defaults = {
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_REGION": "eu-west-1",
                "AWS_DEFAULT_REGION": "eu-west-1",
                "NO_PROXY": "127.0.0.1",
            }
            for name, value in (defaults | environment).items():
                patch.setenv(name, value)
            sys.modules.pop(module, None)
            return importlib.import_module(module)

        yield start


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with serve() as runtime:
        yield runtime


@pytest.fixture(scope="module")
def invoker(cold_start: Import, runtime: Runtime) -> ModuleType:
    return cold_start(
        "lambda_src.invoker.handler",
        AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME=runtime.url,
        ENDPOINT_NAME="Tiny",
        HEALTH_INSTANCE=json.dumps(ROW),
        MODEL_VERSION="abc",
    )


@pytest.fixture(scope="module")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real S3 API on a port of its own; who connects before it is up waits in the socket's queue."""
    state = tmp_path_factory.mktemp("s3")
    with socket.create_server(("127.0.0.1", 0)) as listener, (state / "log").open("wb") as log:
        port = listener.getsockname()[1]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        settings = {
            "GATEWAY_PORT": str(port),
            "STATE_DIR": str(state / "state"),
            "S3_DATA_DIR": str(state / "data"),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # MiniStack removes the containers it takes for its own from any Docker engine it finds.
            "DOCKER_HOST": f"unix://{state}/no-docker",
        }
        command = ["-m", "hypercorn", "ministack.app:app", "--bind", f"fd://{listener.fileno()}"]
        server = subprocess.Popen(
            [sys.executable, *command],
            env=kept | settings,
            pass_fds=[listener.fileno()],
            stdout=log,
            stderr=log,
        )
        yield f"http://127.0.0.1:{port}"
        server.kill()
        server.wait()
