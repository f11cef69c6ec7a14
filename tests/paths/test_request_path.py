"""The path of a request in ARCHITECTURE.md: the files whose functions run for one prediction."""

import importlib
import json
from pathlib import Path

import pytest

from tests.contract.support.process import ServingProcess, unpack
from tests.lambda_src.conftest import INVOKER, ONE
from tests.lambda_src.events import GOOD, ROW, Context, post
from tests.lambda_src.sagemaker_runtime import Answer, serve
from tests.paths.calls import PROFILE, called_files, files_called_each_time
from tests.paths.pages import listed_files
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle

MOST_FILES = 22


def files_of_the_container(folder: Path) -> set[str]:
    """The files that run for POST /invocations with one row, in the front and in the worker."""
    write_tiny_bundle(folder / "model.tar.gz")
    unpack(folder / "model.tar.gz", folder)
    calls = folder / "calls"
    calls.mkdir()
    settings = {"PYTHONPATH": str(PROFILE), "CALLS_FOLDER": str(calls), "SAGEMAKER_MODEL_SERVER_WORKERS": "1"}
    body = json.dumps(EXAMPLE).encode()
    with ServingProcess(folder, **settings) as server:
        server.until_ready()
        return files_called_each_time(calls, lambda: server.post(body))


def files_of_the_invoker(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The files that run for one call of the invoker, after its cold start."""
    settings = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-west-1",
        "NO_PROXY": "127.0.0.1",
        "ENDPOINT_NAME": "Tiny",
        **INVOKER,
        **ONE,
    }
    with serve() as sagemaker:
        for name, value in {**settings, "AWS_ENDPOINT_URL": sagemaker.url}.items():
            monkeypatch.setenv(name, value)
        sagemaker.answer = Answer(
            body=json.dumps(GOOD).encode(), headers={"content-type": "application/json"}
        )
        handler = importlib.import_module("lambda_src.invoker.handler").handler
        with called_files("lambda_src") as files:
            response = handler(post(json.dumps(ROW)), Context())
    assert response["statusCode"] == 200
    return files


def test_the_path_of_a_request_is_as_documented_and_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = files_of_the_invoker(monkeypatch) | files_of_the_container(tmp_path)

    assert sorted(files) == sorted(listed_files("request"))
    assert len(files) <= MOST_FILES
