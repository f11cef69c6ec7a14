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
def function_invoker(cold_start: Import, runtime: Runtime) -> ModuleType:
    return cold_start(
        "lambda_src.invoker.handler",
        AWS_ENDPOINT_URL_LAMBDA=runtime.url,
        FUNCTION_NAME="TinyModel",
        HEALTH_INSTANCE=json.dumps(ROW),
        MODEL_VERSION="abc",
    )


@pytest.fixture(scope="module")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with emulate_s3(tmp_path_factory.mktemp("s3")) as url:
        yield url
