"""What the tests of the functions share."""

import importlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from tests.emulated_s3 import emulate_s3
from tests.lambda_src.events import ROW
from tests.lambda_src.sagemaker_runtime import Runtime, serve

Import = Callable[..., ModuleType]

# What the stack tells the invoker, but for what its model is.
INVOKER = {"MAX_ROWS": "1000", "MAX_BODY_BYTES": "1048576"}
ONE = {"HEALTH_INSTANCE": json.dumps(ROW), "MODEL_VERSION": "abc"}


@pytest.fixture(scope="module")
def cold_start() -> Iterator[Import]:
    """Imports a handler as Lambda does at a cold start: once, with its environment set before."""
    with pytest.MonkeyPatch.context() as patch:
        given = [name for name in os.environ if name.startswith("AWS_")]

        def start(module: str, **environment: str) -> ModuleType:
            defaults = {
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_REGION": "eu-west-1",
                "AWS_DEFAULT_REGION": "eu-west-1",
                "NO_PROXY": "127.0.0.1",
            }
            while given:
                patch.delenv(given.pop())
            for name, value in (defaults | environment).items():
                patch.setenv(name, value)
                given.append(name)
            for name in [name for name in sys.modules if name.startswith("lambda_src.")]:
                del sys.modules[name]
            return importlib.import_module(module)

        yield start


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with serve() as runtime:
        yield runtime


@pytest.fixture(scope="module")
def start_invoker(cold_start: Import) -> Import:
    """A cold start of the invoker in front of an endpoint with one model, unless told otherwise."""

    def start(url: str, **environment: str) -> ModuleType:
        told = INVOKER | ({} if "MODELS" in environment else ONE)
        host = {} if "FUNCTION_NAME" in environment else {"ENDPOINT_NAME": "Tiny"}
        return cold_start("lambda_src.invoker.handler", AWS_ENDPOINT_URL=url, **told, **host, **environment)

    return start


@pytest.fixture
def invoker(start_invoker: Import, runtime: Runtime) -> ModuleType:
    return start_invoker(runtime.url)


@pytest.fixture
def function_invoker(start_invoker: Import, runtime: Runtime) -> ModuleType:
    return start_invoker(runtime.url, FUNCTION_NAME="TinyModel")


@pytest.fixture(scope="module")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with emulate_s3(tmp_path_factory.mktemp("s3")) as url:
        yield url
