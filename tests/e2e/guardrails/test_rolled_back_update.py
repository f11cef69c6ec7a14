"""An update that alarms roll back: it is mailed, what serves is kept, and the next update succeeds."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.support.account import Account, call
from tests.e2e.support.cloud_assembly import FailedUpdateError
from tests.e2e.support.mailbox import subscribe
from tests.local.polling import PATIENT_WAITER, until
from tests.tiny_bundle import write_tiny_bundle


def test_a_rolled_back_update_is_mailed_and_keeps_what_serves(account: Account, tmp_path: Path) -> None:
    # Given a deployed stack, and a queue behind its topic
    old = write_tiny_bundle(tmp_path / "old.tar.gz")
    account.deploy(tmp_path / "old.tar.gz", alarm_email="team@example.com")
    sagemaker, cloudwatch = account.aws.client("sagemaker"), account.aws.client("cloudwatch")
    before = sagemaker.describe_endpoint(EndpointName="Tiny")["EndpointConfigName"]
    kept = serving(account)
    former = model_error_alarms(account)
    [topic] = account.aws.client("sns").list_topics()["Topics"]
    messages = subscribe(account, topic["TopicArn"])

    # When an alarm of the new configuration is raised while another bundle is deployed
    write_tiny_bundle(tmp_path / "new.tar.gz", weight=2.0)

    def raise_alarm() -> None:
        # The clock of the alarms sets the state anew, as nothing is wrong. The stack's own rollback deletes
        # the new alarm; each of these calls may come after that.
        if "PendingDeploymentSummary" in sagemaker.describe_endpoint(EndpointName="Tiny"):
            for alarm in model_error_alarms(account) - former:
                with suppress(cloudwatch.exceptions.ResourceNotFound):
                    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="the test")

    with ThreadPoolExecutor(1) as threads:
        deployment = threads.submit(account.deploy, tmp_path / "new.tar.gz", alarm_email="team@example.com")

        def has_ended() -> bool:
            raise_alarm()
            return deployment.done()

        until(has_ended, seconds=600)

    # Then the deployment fails, and one mail says so in one sentence
    with pytest.raises(FailedUpdateError):
        deployment.result()
    mails: list[str] = []

    def is_mailed() -> bool:
        mails.extend(message for message in messages() if "rolls back" in message)
        return bool(mails)

    until(is_mailed)
    [sentence] = [json.loads(mail) for mail in mails]
    assert sentence.startswith(
        "SageMaker rolls back the update of the endpoint Tiny to the configuration Tiny-"
    )
    assert f": {before} continues to serve, " in sentence

    # And configuration, model and archive of what serves are there, and only they
    assert sagemaker.describe_endpoint(EndpointName="Tiny")["EndpointConfigName"] == before
    assert serving(account) == kept
    health = call("GET", account.find().health_url)
    assert health.body["model"]["version"] == old.manifest.version

    # And the endpoint can be scaled and updated, and destroy leaves nothing
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="Tiny",
        DesiredWeightsAndCapacities=[{"VariantName": "primary", "DesiredInstanceCount": 2}],
    )
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="Tiny", WaiterConfig=PATIENT_WAITER)
    again = write_tiny_bundle(tmp_path / "again.tar.gz", weight=3.0)
    account.deploy(tmp_path / "again.tar.gz", alarm_email="team@example.com")
    assert account.outputs()["ModelVersion"] == again.manifest.version
    assert len(serving(account)["models"]) == len(serving(account)["configurations"]) == 1
    account.delete_stack("Tiny")
    assert account.resources() == []


def model_error_alarms(account: Account) -> set[str]:
    """Names of the alarms on failures of the model; each endpoint configuration has one."""
    alarms = account.aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {alarm["AlarmName"] for alarm in alarms if alarm["MetricName"] == "InvocationModelErrors"}


def serving(account: Account) -> dict[str, list[str]]:
    """The configurations, the models and the archives of these models, which must exist."""
    sagemaker, s3 = account.aws.client("sagemaker"), account.aws.client("s3")
    configs = [one["EndpointConfigName"] for one in sagemaker.list_endpoint_configs()["EndpointConfigs"]]
    models = [one["ModelName"] for one in sagemaker.list_models()["Models"]]
    archives = [
        str(sagemaker.describe_model(ModelName=name)["PrimaryContainer"]["ModelDataUrl"]) for name in models
    ]
    for archive in archives:
        bucket, _, key = archive.removeprefix("s3://").partition("/")
        s3.head_object(Bucket=bucket, Key=key)
    return {"configurations": configs, "models": models, "archives": archives}
