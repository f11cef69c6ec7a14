"""Fixtures for the Lambda functions: cold starts, and fakes of the AWS APIs that they call."""

import importlib
import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.httpsession import URLLib3Session
from botocore.retries.standard import ExponentialBackoff

from stacks.settings.settings import ROOT
from tests.emulated_s3 import emulate_s3
from tests.lambda_src.events import ROW
from tests.lambda_src.packages import Models, write_checkout
from tests.lambda_src.sagemaker_runtime import ARTIFACTS, Answer, Runtime, serve
from tests.stacks.support.service_models import shared_service_models

Import = Callable[..., ModuleType]

# Environment that the stack gives the invoker, of any model and of a single one.
INVOKER = {"MAX_ROWS": "1000", "MAX_BODY_BYTES": "1048576"}
ONE = {"ARTIFACT_BUCKET": "artifacts", "MODEL_FOLDER": "models/tiny/abc", "MODEL_VERSION": "abc"}
# The part of its manifest that the invoker reads; the row is the shortest.
MANIFEST = {"golden": [{"instance": {**ROW, "kind": "ant"}}, {"instance": ROW}]}


@pytest.fixture(scope="module", autouse=True)
def _service_models() -> Iterator[None]:
    """Reads the description of each AWS service once: each cold start opens a session."""
    with shared_service_models():
        yield


@pytest.fixture(scope="module")
def cold_start() -> Iterator[Import]:
    """Imports a handler as in a cold start: anew, with its environment set before."""
    with pytest.MonkeyPatch.context() as patch:
        given = [name for name in os.environ if name.startswith("AWS_")]

        def start(module: str, *, root: Path = ROOT, **environment: str) -> ModuleType:
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
            # boto3 keeps the credentials of a process's first client.
            patch.setattr(boto3, "DEFAULT_SESSION", None)
            for name in [name for name in sys.modules if name.partition(".")[0] == "lambda_src"]:
                del sys.modules[name]
            patch.syspath_prepend(root)
            return importlib.import_module(module)

        yield start


@pytest.fixture(autouse=True)
def _no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets botocore and the invoker retry at once."""
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0)
    monkeypatch.setattr(random, "uniform", lambda *_: 0)


@pytest.fixture
def _unlimited_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections that wait ten minutes for a response: only the invoker's own deadline can end a call."""
    set_timeouts(monkeypatch, seconds=600)


def set_timeouts(monkeypatch: pytest.MonkeyPatch, *, seconds: float) -> None:
    """Replaces the timeouts of connections that are opened from now on."""
    start = URLLib3Session.__init__

    def replaced(session: URLLib3Session, **options: Any) -> None:
        start(session, **options | {"timeout": (seconds, seconds)})

    monkeypatch.setattr(URLLib3Session, "__init__", replaced)


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with serve() as runtime:
        runtime.objects[f"{ARTIFACTS}/manifest.json"] = Answer(body=json.dumps(MANIFEST).encode())
        yield runtime


@pytest.fixture(scope="module")
def start_invoker(cold_start: Import, tmp_path_factory: pytest.TempPathFactory) -> Import:
    """Cold start of the invoker, by default for an endpoint with one model."""

    def start(url: str, *, models: Models | None = None, **environment: str) -> ModuleType:
        root = tmp_path_factory.mktemp("deployed")
        write_checkout(root, models=models)
        host = {} if "FUNCTION_NAME" in environment else {"ENDPOINT_NAME": "Tiny"}
        settings = {"AWS_ENDPOINT_URL": url, **INVOKER, **({} if models else ONE), **host, **environment}
        handler = cold_start("lambda_src.invoker.handler", root=root, **settings)
        # On a busy machine a check may need more than its 0.8 seconds.
        handler._HEALTH._seconds = 60.0
        return handler

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
