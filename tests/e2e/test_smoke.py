"""`python -m local smoke`: passes for a stack that serves its bundle, and names every difference."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bundle import Golden, write_archive
from tests.e2e.support.account import Account
from tests.e2e.support.cloud_assembly import FailedUpdateError
from tests.e2e.support.tiny_stack import TinyStack
from tests.local.polling import PATIENT_WAITER
from tests.tiny_bundle import EXAMPLE, tiny_graph, tiny_manifest, write_tiny_bundle

OTHER_GOLDEN = Golden(instance=EXAMPLE, prediction={"label": "yes", "probability": 0.9})


@pytest.fixture(scope="module")
def account(tiny_stack: TinyStack) -> Account:
    return tiny_stack.account


@pytest.fixture(scope="module")
def served(tiny_stack: TinyStack) -> Path:
    """The bundle that the stack Tiny serves."""
    return tiny_stack.bundle


@pytest.fixture
def other_config(account: Account, served: Path) -> Iterator[str]:
    """Another configuration, set on the endpoint outside CloudFormation."""
    assert served.exists()
    sagemaker = account.aws.client("sagemaker")
    own = sagemaker.describe_endpoint(EndpointName="Tiny")["EndpointConfigName"]
    variants = sagemaker.describe_endpoint_config(EndpointConfigName=own)["ProductionVariants"]
    sagemaker.create_endpoint_config(EndpointConfigName="Foreign", ProductionVariants=variants)
    switch(sagemaker, "Foreign")
    yield "Foreign"
    switch(sagemaker, own)
    sagemaker.delete_endpoint_config(EndpointConfigName="Foreign")


def switch(sagemaker: Any, config: str) -> None:
    sagemaker.update_endpoint(EndpointName="Tiny", EndpointConfigName=config)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="Tiny", WaiterConfig=PATIENT_WAITER)


def smoke(account: Account, bundle: Path, *, model: str = "tiny") -> subprocess.CompletedProcess[str]:
    return account.local("smoke", "--model", model, "--bundle", str(bundle), check=False)


def failing(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """The failed checks: message by name."""
    lines = [line.removeprefix("✗ ") for line in done.stdout.splitlines() if line.startswith("✗ ")]
    return {line[:13].rstrip(): line[14:] for line in lines}


def test_every_check_passes_for_a_stack_that_serves_its_bundle(account: Account, served: Path) -> None:
    done = smoke(account, served)

    assert (done.returncode, failing(done), done.stderr) == (0, {}, "")
    assert [line[2:15].rstrip() for line in done.stdout.splitlines() if line.startswith("✓ ")] == [
        "deployment",
        "configuration",
        "health",
        "version",
        "golden rows",
        "refusal",
    ]


@pytest.mark.usefixtures("served")
def test_a_bundle_with_other_golden_rows_fails(account: Account, tmp_path: Path) -> None:
    other = write_tiny_bundle(tmp_path / "other.tar.gz", golden=(OTHER_GOLDEN,))

    done = smoke(account, tmp_path / "other.tar.gz")

    assert done.returncode == 1
    assert failing(done).keys() == {"health", "version", "golden rows"}
    assert "'probability': 0.5" in failing(done)["golden rows"]
    assert "'probability': 0.9" in failing(done)["golden rows"]
    assert other.manifest.version in failing(done)["version"]


@pytest.mark.usefixtures("served")
def test_a_bundle_of_another_version_fails(account: Account, tmp_path: Path) -> None:
    write_tiny_bundle(tmp_path / "other.tar.gz", weight=2.0)

    done = smoke(account, tmp_path / "other.tar.gz")

    assert done.returncode == 1
    assert failing(done).keys() == {"health", "version"}


def test_an_endpoint_with_another_configuration_than_the_stacks_fails(
    account: Account, served: Path, other_config: str
) -> None:
    done = smoke(account, served)

    assert done.returncode == 1
    assert failing(done).keys() == {"configuration"}
    assert f"serves configuration {other_config} and the stack has " in failing(done)["configuration"]


def test_a_rolled_back_deployment_fails_and_names_the_configuration_that_serves(
    account: Account, tmp_path: Path
) -> None:
    old, new = tmp_path / "old.tar.gz", tmp_path / "new.tar.gz"
    write_tiny_bundle(old, name="fragile")
    # The stack can be deployed, but ONNX Runtime in the container refuses the graph.
    graph = tiny_graph()
    graph.graph.node[-1].op_type = "NoSuchOperator"
    write_archive(new, manifest=tiny_manifest(name="fragile"), model=graph.SerializeToString())
    account.deploy(old, model="fragile")

    with pytest.raises(FailedUpdateError):
        account.deploy(new, model="fragile")
    against_new, against_old = (smoke(account, bundle, model="fragile") for bundle in (new, old))

    assert (against_new.returncode, against_old.returncode) == (1, 1)
    assert failing(against_new).keys() == {"deployment", "configuration", "health", "version"}
    assert failing(against_old).keys() == {"deployment", "configuration"}
    for found in failing(against_old).values():
        assert "rolled back" in found
        assert "serves the OLD configuration" in found
