"""The path of a request in ARCHITECTURE.md: the files whose functions run for one prediction."""

import http.client
import importlib
import json
import sys
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from tests.contract.support.process import HOST, ServingProcess, unpack
from tests.lambda_src.conftest import INVOKER, ONE
from tests.lambda_src.events import GOOD, ROW, Context, post
from tests.lambda_src.packages import write_checkout
from tests.lambda_src.sagemaker_runtime import Answer, serve
from tests.paths.calls import PROFILE, called_files, files_called_each_time
from tests.paths.pages import listed_files, stated_counts
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle

MOST_FILES = 22
NUMBERS = count()


def files_of_the_container(folder: Path) -> set[str]:
    """The files that run for POST /invocations with one row on an open connection, in front and worker."""
    write_tiny_bundle(folder / "model.tar.gz")
    unpack(folder / "model.tar.gz", folder)
    calls = folder / "calls"
    calls.mkdir()
    settings = {"PYTHONPATH": str(PROFILE), "CALLS_FOLDER": str(calls), "SAGEMAKER_MODEL_SERVER_WORKERS": "1"}
    with ServingProcess(folder, **settings) as server:
        server.until_ready()
        with closing(http.client.HTTPConnection(HOST, server.port, timeout=60)) as connection:
            predict(connection)
            return files_called_each_time(calls, lambda: predict(connection))


def predict(connection: http.client.HTTPConnection) -> None:
    # A new head each time: the connection of a client who repeats its head is handed over to a worker.
    headers = {"content-type": "application/json", "x-number": f"{next(NUMBERS)}"}
    connection.request("POST", "/invocations", json.dumps(EXAMPLE), headers)
    response = connection.getresponse()
    assert (response.status, bool(response.read())) == (200, True)


def files_of_the_invoker(monkeypatch: pytest.MonkeyPatch, deployed: Path) -> set[str]:
    """The files that run for one call of the invoker, after its cold start."""
    settings = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "NO_PROXY": "127.0.0.1",
        "ENDPOINT_NAME": "Tiny",
        **INVOKER,
        **ONE,
    }
    write_checkout(deployed)
    with serve() as sagemaker:
        for name, value in {**settings, "AWS_ENDPOINT_URL": sagemaker.url}.items():
            monkeypatch.setenv(name, value)
        sagemaker.answer = Answer(
            body=json.dumps(GOOD).encode(), headers={"content-type": "application/json"}
        )
        # A cold start, whatever another test has imported.
        for name in [name for name in sys.modules if name.partition(".")[0] == "lambda_src"]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.syspath_prepend(deployed)
        handler = importlib.import_module("lambda_src.invoker.handler").handler
        with called_files("lambda_src", root=deployed) as files:
            response = handler(post(json.dumps(ROW)), Context())
    assert response["statusCode"] == 200
    return files


def test_the_path_of_a_request_is_as_documented_and_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed, container = tmp_path / "deployed", tmp_path / "container"
    deployed.mkdir()
    container.mkdir()

    files = files_of_the_invoker(monkeypatch, deployed) | files_of_the_container(container)

    assert sorted(files) == sorted(listed_files("request"))
    assert len(files) == stated_counts()[0] <= MOST_FILES
