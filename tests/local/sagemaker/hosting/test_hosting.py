"""Endpoints: created, switched from one configuration to another, deleted."""

import http.client
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from local.sagemaker.catalog import SageMakerResource
from local.sagemaker.errors import SageMakerError
from local.sagemaker.hosting.hosting import SageMakerHosting
from tests.local.model_archives import STUB, unpacked
from tests.local.polling import until
from tests.local.sagemaker.hosting.conftest import Configure


def ask(hosting: SageMakerHosting, name: str = "endpoint", **orders: object) -> dict[str, Any]:
    with hosting.lease(name) as (_, port, _):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        try:
            connection.request("POST", "/invocations", json.dumps(orders))
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
    return answer


def has_ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_an_endpoint_comes_into_service_with_the_model_of_its_configuration(
    hosting: SageMakerHosting, configure: Configure
) -> None:
    endpoint = hosting.create("endpoint", configure("one", environment={"GREETING": "hi"}))

    assert endpoint.status == "Creating"
    endpoint.settled.wait(120)
    assert endpoint.status == "InService"
    answer = ask(hosting)
    assert (answer["version"], answer["environment"]["GREETING"]) == ("one", "hi")


def test_an_endpoint_that_is_not_in_service_yet_is_not_found_by_invocations(
    hosting: SageMakerHosting, configure: Configure
) -> None:
    endpoint = hosting.create("endpoint", configure("one", ping=503))

    with pytest.raises(LookupError), hosting.lease("endpoint"):
        pass

    assert not endpoint.settled.is_set()


def test_an_endpoint_whose_process_cannot_start_has_failed_and_says_why(
    hosting: SageMakerHosting, configure: Configure, tmp_path: Path
) -> None:
    endpoint = hosting.create("endpoint", configure("one", fails_while=str(tmp_path)))

    endpoint.settled.wait(120)
    assert endpoint.status == "Failed"
    assert "the stub cannot load its model" in endpoint.failure


def test_an_endpoint_without_its_model_data_has_failed(
    hosting: SageMakerHosting, configure: Configure, archives: dict[str, bytes]
) -> None:
    name = configure("one")
    archives.clear()

    endpoint = hosting.create("endpoint", name)

    endpoint.settled.wait(120)
    assert (endpoint.status, endpoint.failure) == ("Failed", "Could not find model data at s3://models/one")


def test_an_endpoint_whose_program_is_missing_has_failed(tmp_path: Path) -> None:
    hosting = SageMakerHosting(
        folder=tmp_path, command=["/no/such/program"], environment={}, download=lambda *_: None
    )
    hosting.models.add(SageMakerResource(name="one", request={"PrimaryContainer": {}}))
    hosting.configs.add(SageMakerResource(name="one", request={"ProductionVariants": [{"ModelName": "one"}]}))

    endpoint = hosting.create("endpoint", "one")

    endpoint.settled.wait(120)
    assert endpoint.status == "Failed"
    assert "/no/such/program" in endpoint.failure


def test_an_update_switches_without_a_failed_invocation(
    hosting: SageMakerHosting, configure: Configure
) -> None:
    endpoint = hosting.create("endpoint", configure("one"))
    endpoint.settled.wait(120)
    first = ask(hosting)["pid"]
    versions: list[str] = []
    over = threading.Event()

    def keep_asking() -> None:
        while not over.is_set():
            versions.append(ask(hosting)["version"])

    asking = threading.Thread(target=keep_asking)
    asking.start()
    hosting.update("endpoint", configure("two"))
    endpoint.settled.wait(120)
    until(lambda: "two" in versions[-1:])
    over.set()
    asking.join()

    assert endpoint.config.name == "two"
    assert versions == sorted(versions)
    assert set(versions) == {"one", "two"}
    assert has_ended(first)


def test_an_update_lets_the_invocation_that_is_running_finish(
    hosting: SageMakerHosting, configure: Configure, tmp_path: Path
) -> None:
    endpoint = hosting.create("endpoint", configure("one"))
    endpoint.settled.wait(120)
    gate = tmp_path / "gate"
    gate.touch()
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(ask(hosting, gate=str(gate))["version"]))
    asking.start()
    until(gate.with_suffix(".reached").exists)

    hosting.update("endpoint", configure("two"))
    until(lambda: ask(hosting)["version"] == "two")
    gate.unlink()

    asking.join()
    assert answers == ["one"]


def test_an_update_that_cannot_start_leaves_the_endpoint_as_it_was(
    hosting: SageMakerHosting, configure: Configure, tmp_path: Path
) -> None:
    endpoint = hosting.create("endpoint", configure("one"))
    endpoint.settled.wait(120)

    hosting.update("endpoint", configure("two", fails_while=str(tmp_path)))

    endpoint.settled.wait(120)
    assert (endpoint.status, endpoint.config.name) == ("InService", "one")
    assert "the stub cannot load its model" in endpoint.failure
    assert ask(hosting)["version"] == "one"


@pytest.mark.parametrize("change", ["update", "delete"])
def test_an_endpoint_that_is_being_changed_is_not_changed_again(
    hosting: SageMakerHosting, configure: Configure, change: str
) -> None:
    hosting.create("endpoint", configure("one", ping=503))

    with pytest.raises(SageMakerError, match="Cannot update in-progress endpoint"):
        hosting.update("endpoint", "one") if change == "update" else hosting.delete("endpoint")


def test_a_deleted_endpoint_is_gone_with_its_process(hosting: SageMakerHosting, configure: Configure) -> None:
    hosting.create("endpoint", configure("one")).settled.wait(120)
    pid = ask(hosting)["pid"]

    hosting.delete("endpoint").settled.wait(120)

    assert has_ended(pid)
    with pytest.raises(LookupError), hosting.lease("endpoint"):
        pass


def test_closing_ends_every_process(hosting: SageMakerHosting, configure: Configure) -> None:
    names = [configure("a"), configure("b")]
    for name in names:
        hosting.create(name, name).settled.wait(120)
    pids = [ask(hosting, name)["pid"] for name in names]

    hosting.close()

    assert all(has_ended(pid) for pid in pids)


@pytest.mark.parametrize("when", ["before", "while"])
def test_no_process_starts_after_closing(tmp_path: Path, when: str) -> None:
    closed, fetching = threading.Event(), threading.Event()

    def fetch(_: str, target: Path) -> None:
        fetching.set()
        closed.wait(120)
        unpacked(target.parent)

    hosting = SageMakerHosting(folder=tmp_path, command=STUB, environment={}, download=fetch)
    container = {"ModelDataUrl": "s3://models/one"}
    hosting.models.add(SageMakerResource(name="one", request={"PrimaryContainer": container}))
    hosting.configs.add(SageMakerResource(name="one", request={"ProductionVariants": [{"ModelName": "one"}]}))
    if when == "before":
        hosting.close()
        closed.set()
    endpoint = hosting.create("endpoint", "one")
    if when == "while":
        fetching.wait(120)
        hosting.close()
        closed.set()

    endpoint.settled.wait(120)
    assert endpoint.status == "Failed"
    hosting.close()
