"""Endpoints: creation, update of the configuration, deletion."""

import http.client
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from local.sagemaker.errors import SageMakerError
from local.sagemaker.fleets.launcher import ContainerLauncher
from local.sagemaker.hosting.hosting import SageMakerHosting
from local.sagemaker.resource_collection import SageMakerResource
from tests.local.iam.roles import MODEL_ROLE
from tests.local.model_archives import STUB, unpacked
from tests.local.polling import until
from tests.local.sagemaker.hosting.conftest import Configure
from tests.local.sagemaker.quick_hosting import make_hosting


def invoke(hosting: SageMakerHosting, name: str = "endpoint", **instructions: object) -> dict[str, Any]:
    with hosting.lease(name) as lease:
        connection = http.client.HTTPConnection("127.0.0.1", lease.port, timeout=120)
        try:
            connection.request("POST", "/invocations", json.dumps(instructions))
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


def test_a_created_endpoint_serves_the_model_of_its_configuration(
    hosting: SageMakerHosting, configure: Configure
) -> None:
    endpoint = hosting.create("endpoint", configure("one", environment={"GREETING": "hi"}))

    endpoint.settled.wait(120)
    assert endpoint.status == "InService"
    answer = invoke(hosting)
    assert (answer["version"], answer["environment"]["GREETING"]) == ("one", "hi")


def test_an_invocation_does_not_find_an_endpoint_before_it_is_in_service(
    hosting: SageMakerHosting, configure: Configure
) -> None:
    endpoint = hosting.create("endpoint", configure("one", ping=503))

    with pytest.raises(LookupError), hosting.lease("endpoint"):
        pass

    assert (endpoint.status, endpoint.settled.is_set()) == ("Creating", False)


def test_an_endpoint_whose_process_cannot_start_fails_with_its_log(
    hosting: SageMakerHosting, configure: Configure, tmp_path: Path
) -> None:
    endpoint = hosting.create("endpoint", configure("one", fails_while=str(tmp_path)))

    endpoint.settled.wait(120)
    assert endpoint.status == "Failed"
    assert "the stub cannot load its model" in endpoint.failure


def test_an_endpoint_without_model_data_fails(
    hosting: SageMakerHosting, configure: Configure, archives: dict[str, bytes]
) -> None:
    name = configure("one")
    archives.clear()

    endpoint = hosting.create("endpoint", name)

    endpoint.settled.wait(120)
    assert (endpoint.status, endpoint.failure) == ("Failed", "Could not find model data at s3://models/one")


def test_an_endpoint_with_a_missing_program_fails(tmp_path: Path) -> None:
    launcher = ContainerLauncher(folder=tmp_path, command=["/no/such/program"], environment={})
    hosting = make_hosting(launcher)
    hosting.models.add(
        SageMakerResource(name="one", request={"ExecutionRoleArn": MODEL_ROLE, "PrimaryContainer": {}})
    )
    hosting.configs.add(SageMakerResource(name="one", request={"ProductionVariants": [{"ModelName": "one"}]}))

    endpoint = hosting.create("endpoint", "one")

    endpoint.settled.wait(120)
    assert endpoint.status == "Failed"
    assert "/no/such/program" in endpoint.failure


def test_no_invocation_fails_during_an_update(hosting: SageMakerHosting, configure: Configure) -> None:
    endpoint = hosting.create("endpoint", configure("one"))
    endpoint.settled.wait(120)
    first = invoke(hosting)["pid"]
    versions: list[str] = []
    stopped = threading.Event()

    def keep_invoking() -> None:
        while not stopped.is_set():
            versions.append(invoke(hosting)["version"])

    invoking = threading.Thread(target=keep_invoking)
    invoking.start()
    hosting.update("endpoint", configure("two"))
    endpoint.settled.wait(120)
    until(lambda: "two" in versions[-1:])
    stopped.set()
    invoking.join()

    assert endpoint.config.name == "two"
    assert versions == sorted(versions)
    assert set(versions) == {"one", "two"}
    assert has_ended(first)


def test_an_update_waits_for_the_running_invocation(
    hosting: SageMakerHosting, configure: Configure, tmp_path: Path
) -> None:
    endpoint = hosting.create("endpoint", configure("one"))
    endpoint.settled.wait(120)
    gate = tmp_path / "gate"
    gate.touch()
    answers: list[str] = []
    invoking = threading.Thread(target=lambda: answers.append(invoke(hosting, gate=str(gate))["version"]))
    invoking.start()
    until(gate.with_suffix(".reached").exists)

    hosting.update("endpoint", configure("two"))
    until(lambda: invoke(hosting)["version"] == "two")
    gate.unlink()

    invoking.join()
    assert answers == ["one"]


def test_a_failed_update_leaves_the_old_configuration_serving(
    hosting: SageMakerHosting, configure: Configure, tmp_path: Path
) -> None:
    endpoint = hosting.create("endpoint", configure("one"))
    endpoint.settled.wait(120)

    hosting.update("endpoint", configure("two", fails_while=str(tmp_path)))

    endpoint.settled.wait(120)
    assert (endpoint.status, endpoint.config.name) == ("InService", "one")
    assert "the stub cannot load its model" in endpoint.failure
    assert invoke(hosting)["version"] == "one"


@pytest.mark.parametrize("change", ["update", "delete"])
def test_an_endpoint_in_transition_cannot_be_updated_or_deleted(
    hosting: SageMakerHosting, configure: Configure, change: str
) -> None:
    hosting.create("endpoint", configure("one", ping=503))

    with pytest.raises(SageMakerError, match="Cannot update in-progress endpoint"):
        hosting.update("endpoint", "one") if change == "update" else hosting.delete("endpoint")


def test_a_deleted_endpoint_has_no_process(hosting: SageMakerHosting, configure: Configure) -> None:
    hosting.create("endpoint", configure("one")).settled.wait(120)
    pid = invoke(hosting)["pid"]

    hosting.delete("endpoint").settled.wait(120)

    assert has_ended(pid)
    with pytest.raises(LookupError), hosting.lease("endpoint"):
        pass


def test_close_ends_every_process(hosting: SageMakerHosting, configure: Configure) -> None:
    names = [configure("a"), configure("b")]
    for name in names:
        hosting.create(name, name).settled.wait(120)
    pids = [invoke(hosting, name)["pid"] for name in names]

    hosting.close()

    assert all(has_ended(pid) for pid in pids)


@pytest.mark.parametrize("when", ["before", "while"])
def test_no_process_starts_after_close(tmp_path: Path, when: str) -> None:
    closed, fetching = threading.Event(), threading.Event()

    def fetch(_s3: object, _url: str, target: Path) -> None:
        fetching.set()
        closed.wait(120)
        unpacked(target.parent)

    launcher = ContainerLauncher(folder=tmp_path, command=STUB, environment={}, download=fetch)
    hosting = make_hosting(launcher)
    container = {"ModelDataUrl": "s3://models/one"}
    hosting.models.add(
        SageMakerResource(name="one", request={"ExecutionRoleArn": MODEL_ROLE, "PrimaryContainer": container})
    )
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
