"""SageMaker resource types in a stack: creation, update, rollback, deletion."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ministack.services.cloudformation import provisioners, stacks

from local.emulator.sagemaker_resource_types import EndpointType
from local.local_aws import LocalAws
from local.sagemaker.api.sagemaker_api import SageMakerApi
from local.sagemaker.errors import InProgressError, SageMakerError, invalid
from local.sagemaker.hosting.endpoint import HostedEndpoint
from local.sagemaker.resource_collection import Catalog
from tests.local.emulator.endpoint_stack import Stack, resources_of, template
from tests.local.sagemaker.updates.parts import config

Upload = Callable[..., str]


def test_a_created_stack_has_an_endpoint_in_service(stack: Stack, upload: Upload, sagemaker: Any) -> None:
    stack.create(template(upload("one", version="one")))

    assert stack.described()["StackStatus"] == "CREATE_COMPLETE"
    assert stack.invoke()["version"] == "one"
    outputs = stack.outputs()
    assert outputs["EndpointName"] == stack.name
    assert outputs["EndpointRef"] == f"arn:aws:sagemaker:us-east-1:000000000000:endpoint/{stack.name}"
    assert ":model/" in outputs["ModelRef"]
    assert outputs["ConfigRef"].endswith(f":endpoint-config/{outputs['ConfigName']}")
    described = sagemaker.describe_endpoint(EndpointName=stack.name)
    assert described["EndpointConfigName"] == outputs["ConfigName"]


def test_a_changed_model_updates_the_endpoint_and_replaces_model_and_configuration(
    stack: Stack, upload: Upload, sagemaker: Any
) -> None:
    stack.create(template(upload("one", version="one")))
    before = stack.outputs()

    stack.update(template(upload("two", version="two")))

    after = stack.outputs()
    assert stack.described()["StackStatus"] == "UPDATE_COMPLETE"
    assert stack.invoke()["version"] == "two"
    assert after["EndpointRef"] == before["EndpointRef"]
    assert sorted(resources_of(sagemaker, stack.name)) == sorted(
        [after["EndpointRef"], after["ModelRef"], after["ConfigRef"]]
    )
    assert after["ModelRef"] != before["ModelRef"]
    assert after["ConfigRef"] != before["ConfigRef"]


def test_changed_tags_do_not_restart_the_serving_process(stack: Stack, upload: Upload) -> None:
    body = template(upload("one", version="one"))
    stack.create(body)
    before, pid = stack.outputs(), stack.invoke()["pid"]

    for resource in body["Resources"].values():
        resource["Properties"]["Tags"] = [{"Key": "changed", "Value": "yes"}]
    stack.update(body)

    assert stack.described()["StackStatus"] == "UPDATE_COMPLETE"
    assert (stack.outputs(), stack.invoke()["pid"]) == (before, pid)


def test_an_endpoint_that_cannot_start_fails_the_stack_with_its_last_log_lines(
    stack: Stack, upload: Upload, sagemaker: Any, tmp_path: Path
) -> None:
    stack.create(template(upload("one", fails_while=str(tmp_path))))

    assert stack.described()["StackStatus"] == "ROLLBACK_COMPLETE"
    reason = stack.reasons("CREATE_FAILED")[-1]
    assert reason.startswith(
        f"Endpoint {stack.name} failed: The primary container for production variant primary did not pass "
        "the ping health check."
    )
    assert "the stub cannot load its model" in reason
    assert resources_of(sagemaker, stack.name) == []


def test_a_failed_update_is_rolled_back_without_a_restart(
    stack: Stack, upload: Upload, sagemaker: Any, tmp_path: Path
) -> None:
    stack.create(template(upload("one", version="one")))
    before, pid = stack.outputs(), stack.invoke()["pid"]

    stack.update(template(upload("two", fails_while=str(tmp_path))))

    assert stack.described()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "the stub cannot load its model" in stack.reasons("UPDATE_FAILED")[-1]
    assert (stack.outputs(), stack.invoke()["pid"]) == (before, pid)
    assert sorted(resources_of(sagemaker, stack.name)) == sorted(
        [before["EndpointRef"], before["ModelRef"], before["ConfigRef"]]
    )


def test_an_update_that_an_alarm_rolls_back_fails_the_stack(
    stack: Stack, upload: Upload, aws: LocalAws, sagemaker: Any
) -> None:
    stack.create(template(upload("one", version="one")))
    before, pid = stack.outputs(), stack.invoke()["pid"]
    body = template(upload("two", version="two"))
    alarm = {
        "AlarmName": stack.name,
        "Namespace": "Test",
        "MetricName": "Errors",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        # Keeps the state that the test sets.
        "TreatMissingData": "ignore",
    }
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(**alarm)
    cloudwatch.set_alarm_state(AlarmName=stack.name, StateValue="ALARM", StateReason="the test")
    body["Resources"]["Endpoint"]["Properties"]["DeploymentConfig"] = {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
            "TerminationWaitInSeconds": 600,
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": stack.name}]},
    }

    stack.update(body)

    cloudwatch.delete_alarms(AlarmNames=[stack.name])
    assert stack.described()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.reasons("UPDATE_FAILED")[-1].startswith(f"Endpoint {stack.name} was not updated: ")
    assert f"in ALARM state: {stack.name}." in stack.reasons("UPDATE_FAILED")[-1]
    assert (stack.outputs(), stack.invoke()["pid"]) == (before, pid)
    described = sagemaker.describe_endpoint(EndpointName=stack.name)
    assert described["EndpointConfigName"] == before["ConfigName"]
    assert before["ConfigRef"] in resources_of(sagemaker, stack.name)


def test_an_endpoint_is_rolled_back_when_a_later_resource_fails(
    stack: Stack, upload: Upload, sagemaker: Any
) -> None:
    stack.create(template(upload("one", version="one")))
    before = stack.outputs()
    failing = {
        "Type": "AWS::SageMaker::Endpoint",
        "DependsOn": ["Endpoint"],
        "Properties": {"EndpointConfigName": "nothing"},
    }

    stack.update(template(upload("two", version="two"), Failing=failing))

    assert stack.described()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.invoke()["version"] == "one"
    # CloudFormation deletes what an update has replaced only when every resource is updated.
    assert sorted(resources_of(sagemaker, stack.name)) == sorted(
        [before["EndpointRef"], before["ModelRef"], before["ConfigRef"]]
    )


def test_an_error_of_sagemaker_is_the_reason_of_the_stack_event(stack: Stack) -> None:
    body = template("s3://bucket/key")
    body["Resources"]["Config"]["Properties"]["ProductionVariants"][0]["InitialInstanceCount"] = 0

    stack.create(body)

    assert stack.described()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "InitialInstanceCount" in stack.reasons("CREATE_FAILED")[-1]


def test_a_deleted_stack_has_no_resources(stack: Stack, upload: Upload, sagemaker: Any) -> None:
    stack.create(template(upload("one")))

    stack.delete()

    assert resources_of(sagemaker, stack.name) == []
    with pytest.raises(ClientError, match="not found"):
        stack.invoke()


def test_ministack_has_the_internals_that_register_the_types() -> None:
    """They are internal; this test fails if a new version of MiniStack moves them."""
    assert {"create", "update", "delete"} <= provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"].keys()
    assert provisioners._REPLACING_PROPERTIES["AWS::SNS::Topic"] == ("TopicName", "FifoTopic")
    assert not stacks._runs_on_worker_thread("AWS::S3::Bucket")
    assert stacks._runs_on_worker_thread("Custom::Anything")
    assert provisioners._physical_name("stack", "Id", max_len=63).startswith("stack-Id-")


def test_the_deletion_of_an_endpoint_waits_for_a_scaling_step_that_begins_meanwhile() -> None:
    # Given an endpoint whose capacity is changed each time that CloudFormation asks for its deletion
    endpoint = HostedEndpoint(name="endpoint", config=config("one"), status="InService")
    endpoint.settled.set()
    endpoints = Catalog[HostedEndpoint](noun="endpoint", path="endpoint")
    endpoints.add(endpoint)
    steps = 2

    def delete(_parameters: Any) -> Any:
        nonlocal steps
        if steps:
            steps -= 1
            endpoint.begin("Updating")
            endpoint.settle("InService")
            raise InProgressError(endpoints.arn(endpoint.name))
        endpoints.remove(endpoint.name)
        return {}

    endpoint_type = EndpointType(api=SageMakerApi({"DeleteEndpoint": delete}), endpoints=endpoints)

    # When it is deleted, then it is deleted after these changes
    endpoint_type.delete(endpoints.arn("endpoint"), {})
    assert endpoints.all() == []


def test_another_refusal_to_delete_an_endpoint_fails_its_deletion() -> None:
    endpoint = HostedEndpoint(name="endpoint", config=config("one"), status="InService")
    endpoint.settled.set()
    endpoints = Catalog[HostedEndpoint](noun="endpoint", path="endpoint")
    endpoints.add(endpoint)

    def delete(_parameters: Any) -> Any:
        raise invalid("No.")

    endpoint_type = EndpointType(api=SageMakerApi({"DeleteEndpoint": delete}), endpoints=endpoints)

    with pytest.raises(SageMakerError, match=r"No\."):
        endpoint_type.delete(endpoints.arn("endpoint"), {})
