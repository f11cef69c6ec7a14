"""Updates of a production stack under load: bad models are rolled back, a good one costs no request.

`-s` prints the figures of each update.
"""

import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.support.account import Account
from tests.e2e.support.broken_bundles import (
    write_failing_bundle,
    write_mistaken_bundle,
    write_slow_bundle,
    write_unloadable_bundle,
)
from tests.e2e.support.cloud_assembly import FailedUpdateError
from tests.e2e.support.guarded_update import (
    RATE,
    GuardedUpdate,
    Row,
    assert_share,
    golden_rows_sent,
    patient,
    raise_alarm,
    update_under_load,
)
from tests.e2e.support.load import OK
from tests.e2e.support.make_deploy import make_deploy, push_image
from tests.local.polling import until
from tests.stacks.support.aws_server import serve_aws
from tests.stacks.support.deploy_account import quota
from tests.tiny_bundle import write_tiny_bundle

STACK = "TinyProd"
# One new instance of two gets traffic first.
CANARY = 0.5
FAST: Row = {"size": 1.0}
# The slow model takes about 1.5 s for it, and no time for size 0.
SLOW: Row = {"size": 15.0}
NEVER_HEALTHY = "did not pass the ping health check"

Update = Callable[..., GuardedUpdate]


@pytest.fixture(scope="module")
def service(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Account:
    """AWS with a stack in stage prod."""
    bundle = tmp_path_factory.mktemp("good") / "model.tar.gz"
    write_tiny_bundle(bundle)
    account.deploy(bundle, stage="prod")
    push_image(account, STACK)
    return account


@pytest.fixture
def update(service: Account) -> Iterator[Update]:
    """Updates the stack under load, by `make deploy` if wanted, which asks a stub of Service Quotas."""
    with serve_aws() as quotas:
        quotas.reset()
        quotas.respond("ListServiceQuotas", {"Quotas": [quota("ml.m5.large", 100)]})

        def run(name: str, bundle: Path, rows: list[Row], *, by_make: bool = False) -> GuardedUpdate:
            command = partial(make_deploy, service, bundle, quotas=quotas.url, stage="prod")
            deploy = command if by_make else partial(update_stack, service, bundle)
            found = update_under_load(service, STACK, rows, deploy)
            print(found.row(name))
            return found

        yield run


def update_stack(account: Account, bundle: Path) -> subprocess.CompletedProcess[str]:
    """Updates the stack without `make deploy`; returns the status of CloudFormation."""
    try:
        account.deploy(bundle, stage="prod")
    except FailedUpdateError as error:
        return subprocess.CompletedProcess("update", 1, "", f"{error}")
    return subprocess.CompletedProcess("update", 0, "", "")


def smoke(account: Account, bundle: Path) -> subprocess.CompletedProcess[str]:
    return account.local("smoke", "--model", "tiny", "--bundle", str(bundle), check=False)


def rollback_of(config: str) -> str:
    """The sentence about a rollback to a configuration, without the reason that follows."""
    return (
        f"the last update of endpoint {STACK} was rolled back and it serves the OLD configuration {config}: "
    )


def assert_rolled_back(account: Account, found: GuardedUpdate, bundle: Path, config: str) -> str:
    """Asserts that the former configuration serves; returns the sentence with which `make smoke` says so."""
    described = account.aws.client("sagemaker").describe_endpoint(EndpointName=STACK)
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", config)
    assert found.deployed.returncode == 1
    assert found.load.lost == 0
    smoked = smoke(account, bundle)
    assert smoked.returncode == 1
    sentence, *_ = [line for line in smoked.stdout.splitlines() if rollback_of(config) in line]
    return sentence


def serving_config(account: Account) -> str:
    described = account.aws.client("sagemaker").describe_endpoint(EndpointName=STACK)
    return str(described["EndpointConfigName"])


def test_a_model_that_fails_is_rolled_back_and_only_the_canarys_share_of_requests_fails(
    service: Account, update: Update, tmp_path: Path
) -> None:
    bundle, config = tmp_path / "failing.tar.gz", serving_config(service)
    write_failing_bundle(bundle)

    with patient(service, STACK):
        found = update("fails", bundle, [FAST], by_make=True)

    assert_rolled_back(service, found, bundle, config)
    assert found.reason.startswith(f"The deployment of {STACK} failed: {rollback_of(config)}")
    assert "in ALARM state: " in found.reason
    assert "UpdateErrors" in found.reason
    assert_share(found.load, CANARY)


def test_a_slow_model_is_rolled_back_by_the_alarm_on_latency(
    service: Account, update: Update, tmp_path: Path
) -> None:
    bundle, config = tmp_path / "slow.tar.gz", serving_config(service)
    write_slow_bundle(bundle)

    found = update("is slow", bundle, [*[{"size": 0.0}] * 14, SLOW])

    assert "UpdateLatency" in assert_rolled_back(service, found, bundle, config)
    # At most the requests that went to it have failed, those that its time limit has ended.
    failed, _ = found.load.failures()
    assert failed <= CANARY * len(found.load.answered)


@pytest.mark.parametrize(
    ("name", "write"),
    [("misses its golden row", write_mistaken_bundle), ("cannot be loaded", write_unloadable_bundle)],
)
def test_a_model_that_never_becomes_healthy_gets_no_request(
    service: Account, update: Update, tmp_path: Path, name: str, write: Callable[[Path], None]
) -> None:
    bundle, config = tmp_path / "broken.tar.gz", serving_config(service)
    write(bundle)

    found = update(name, bundle, [FAST])

    assert NEVER_HEALTHY in assert_rolled_back(service, found, bundle, config)
    assert set(found.load.statuses) == {OK}


def test_a_good_model_costs_no_request_and_keeps_the_instances_that_scaling_has_added(
    service: Account, update: Update, tmp_path: Path
) -> None:
    # Given an endpoint that scaling has changed from two instances to three, and keeps at three
    bundle, sagemaker = tmp_path / "better.tar.gz", service.aws.client("sagemaker")
    better = write_tiny_bundle(bundle, weight=2.0)
    cloudwatch = service.aws.client("cloudwatch")
    low = [
        one["AlarmName"]
        for one in cloudwatch.describe_alarms(AlarmNamePrefix="TargetTracking")["MetricAlarms"]
        if "-AlarmLow-" in one["AlarmName"]
    ]
    cloudwatch.delete_alarms(AlarmNames=low)
    wanted = {"VariantName": "primary", "DesiredInstanceCount": 3}
    sagemaker.update_endpoint_weights_and_capacities(EndpointName=STACK, DesiredWeightsAndCapacities=[wanted])

    def instances() -> list[int]:
        described = sagemaker.describe_endpoint(EndpointName=STACK)
        [variant] = described["ProductionVariants"]
        return [variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]]

    until(lambda: instances() == [3, 3])
    # And the alarms of the version that serves ring, which must not keep it in service
    raise_alarm(service, STACK)

    # When a good model is deployed
    with patient(service, STACK):
        found = update("is good", bundle, [FAST], by_make=True)

    # Then it serves, no request has failed, and there are three instances
    assert found.deployed.returncode == 0, found.deployed.stderr
    assert f"endpoint {STACK} is InService with the stack's configuration" in found.deployed.stdout
    assert set(found.load.statuses) == {OK}
    assert len(found.load.answered) > RATE
    assert instances() == [3, 3]
    assert better.manifest.version in service.find().predict('{"size": 0}')
    # And golden rows have gone through the API
    assert golden_rows_sent(found).endswith(" sent, 0 failed.")
