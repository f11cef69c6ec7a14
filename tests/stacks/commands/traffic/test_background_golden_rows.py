"""Golden rows in the background of `make deploy`."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stacks.commands.traffic.background_golden_rows import in_background
from tests.smoke.web import ReceivedRequest, WebServer, serving
from tests.stacks.support.aws_server import AwsServer
from tests.stacks.support.deploy_account import Deploy, deployed
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle

INSTANCES: dict[str, Any] = {"ProductionVariants": [{"CurrentInstanceCount": 2}]}
UPDATING = INSTANCES | {"EndpointStatus": "Updating"}


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    """An API whose first request ends the deployment; rows are sent without pauses."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    monkeypatch.setenv("CDK_PIPE", str(pipe))
    monkeypatch.setattr("stacks.commands.traffic.background_golden_rows._SECONDS_BETWEEN", 0.001)
    first = threading.Event()

    def respond(_: ReceivedRequest) -> tuple[int, Any]:
        if not first.is_set():
            first.set()
            pipe.write_text("a row")
        return 500, {"detail": "no model"}

    with serving(respond) as web:
        yield web


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    write_tiny_bundle(tmp_path / "model.tar.gz", name="first_model")
    return f"bundle={tmp_path / 'model.tar.gz'}"


def test_an_endpoint_that_is_updated_gets_golden_rows_through_the_api_and_failures_do_not_fail_the_deployment(
    deploy: Deploy, aws: AwsServer, api: WebServer, bundle: str
) -> None:
    aws.deploy("FirstModel", deployed("realtime"))
    aws.serve(UPDATING)

    done = deploy("-c", bundle, "--api-url", f"{api.url}/v1")

    first = api.requests[0]
    assert (first.path, first.json, first.headers["x-api-key"]) == ("/v1/predict", EXAMPLE, "secret")
    [rows, outcome] = done.err.splitlines()
    assert rows.startswith("Golden rows during the update: ")
    assert "failed (the first: first_model answers 500 no model)" in rows
    # The endpoint is still Updating when the stub's deployment has ended.
    assert outcome.startswith("The deployment has ended, but endpoint X is Updating")


def test_a_key_that_may_not_be_read_is_named_and_does_not_fail_the_deployment(
    deploy: Deploy, aws: AwsServer, bundle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.deploy("FirstModel", deployed("realtime"))
    aws.serve(UPDATING)
    aws.refuse("GetApiKey", "AccessDeniedException", "not authorized to perform: apigateway:GET")
    has_ended = iter([False, True])
    monkeypatch.setattr(
        "stacks.commands.traffic.background_golden_rows.in_background",
        lambda step: in_background(step, wait=lambda _: next(has_ended)),
    )

    done = deploy("-c", bundle)

    assert "No golden rows were sent during the update: " in done.err
    assert "not authorized to perform: apigateway:GET" in done.err


@pytest.mark.parametrize(
    ("hosting", "instances", "options"),
    [
        ("realtime", True, ["--no-golden-rows"]),
        # A first deployment, an endpoint that is paused, and hostings without instances.
        ("realtime", False, []),
        ("serverless", False, []),
        ("lambda", True, []),
    ],
)
def test_without_an_update_of_instances_nothing_is_asked_for(
    deploy: Deploy,
    aws: AwsServer,
    monkeypatch: pytest.MonkeyPatch,
    hosting: str,
    instances: bool,
    options: list[str],
) -> None:
    aws.deploy("FirstModel", deployed(hosting))
    aws.serve(INSTANCES if instances else {})
    monkeypatch.delattr("stacks.commands.deploy.send_golden_rows")

    done = deploy("-c", f"hosting={hosting}", *options)

    assert (done.code, done.err) == (0, "")


def test_the_steps_end_with_the_context_even_when_it_fails() -> None:
    stepped = threading.Event()

    def wait(ended: threading.Event) -> bool:
        # The first step is free; then the thread waits for the end.
        return ended.wait() if stepped.is_set() else False

    def fail() -> None:
        with in_background(stepped.set, wait=wait):
            assert stepped.wait(60)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert not [thread for thread in threading.enumerate() if thread.name == "golden-rows"]
