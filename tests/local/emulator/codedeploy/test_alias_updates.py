"""Updates of an alias by CodeDeploy in a stack: shift, rollback by an alarm, refusals."""

import json
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from local.emulator.codedeploy.resource_types import api_parameters
from local.local_aws import LocalAws
from local.watch_command import watched_changes
from tests.local.emulator.functions.function_zip import ROLE
from tests.local.iam.roles import allow, make_role, make_user, trust
from tests.local.polling import PATIENT_WAITER, until

ACTIONS = (
    "cloudwatch:DescribeAlarms",
    "lambda:GetAlias",
    "lambda:GetProvisionedConcurrencyConfig",
    "lambda:UpdateAlias",
)
EVENTS = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]


class Stack:
    """A function with an alias that CodeDeploy updates.

    Attributes:
        name: Name of the stack, the function and the alarm.
    """

    def __init__(self, aws: LocalAws, role: str) -> None:
        self.name = f"s{uuid.uuid4().hex[:12]}"
        self._aws = aws
        self._role = role
        self._client = aws.client("cloudformation")

    def template(self, number: int, *, minutes: int = 1) -> str:
        """Returns the template of the function's version with a number as its answer."""
        properties = {
            "FunctionName": self.name,
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": ROLE,
            "Timeout": 60,
            "Code": {"ZipFile": f"def handler(event, context): return {number}"},
        }
        version = f"Version{number}"
        alarm = {
            "AlarmName": self.name,
            "Namespace": "Test",
            "MetricName": "Errors",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "ignore",
        }
        routing = {
            "Type": "TimeBasedCanary",
            "TimeBasedCanary": {"CanaryPercentage": 10, "CanaryInterval": minutes},
        }
        group = {
            "ApplicationName": {"Ref": "Application"},
            "ServiceRoleArn": self._role,
            "DeploymentConfigName": {"Ref": "Config"},
            "DeploymentStyle": {
                "DeploymentType": "BLUE_GREEN",
                "DeploymentOption": "WITH_TRAFFIC_CONTROL",
            },
            "AlarmConfiguration": {"Enabled": True, "Alarms": [{"Name": {"Ref": "ZAlarm"}}]},
            "AutoRollbackConfiguration": {"Enabled": True, "Events": EVENTS},
        }
        policy = {"ApplicationName": {"Ref": "Application"}, "DeploymentGroupName": {"Ref": "Group"}}
        resources = {
            # Its name sorts first: only the reference in its update policy makes it wait for the group.
            "Alias": {
                "Type": "AWS::Lambda::Alias",
                "Properties": {
                    "FunctionName": {"Ref": "Function"},
                    "Name": "live",
                    "FunctionVersion": {"Fn::GetAtt": [version, "Version"]},
                },
                "UpdatePolicy": {"CodeDeployLambdaAliasUpdate": policy},
            },
            "Application": {
                "Type": "AWS::CodeDeploy::Application",
                "Properties": {"ComputePlatform": "Lambda"},
            },
            "Config": {
                "Type": "AWS::CodeDeploy::DeploymentConfig",
                "Properties": {"ComputePlatform": "Lambda", "TrafficRoutingConfig": routing},
            },
            "Function": {"Type": "AWS::Lambda::Function", "Properties": properties},
            "Group": {"Type": "AWS::CodeDeploy::DeploymentGroup", "Properties": group},
            version: {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Function"}}},
            "ZAlarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm},
        }
        outputs = {name: {"Value": {"Ref": name}} for name in ("Application", "Group")}
        return json.dumps({"Resources": resources, "Outputs": outputs})

    def create(self, **options: Any) -> None:
        self._client.create_stack(StackName=self.name, TemplateBody=self.template(1, **options))
        self._wait("stack_create_complete")

    def start_update(self, **options: Any) -> None:
        self._client.update_stack(StackName=self.name, TemplateBody=self.template(2, **options))

    def await_update(self) -> None:
        self._wait("stack_update_complete")

    def delete(self) -> None:
        self._client.delete_stack(StackName=self.name)

    @property
    def group(self) -> dict[str, str]:
        """Application and deployment group, as parameters of CodeDeploy's API."""
        [stack] = self._client.describe_stacks(StackName=self.name)["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        return {"applicationName": outputs["Application"], "deploymentGroupName": outputs["Group"]}

    def alias(self) -> tuple[str, dict[str, float]]:
        """Version and weights of the alias."""
        found = self._aws.client("lambda").get_alias(FunctionName=self.name, Name="live")
        return found["FunctionVersion"], found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})

    def failure(self) -> str:
        """The reason of the alias's failed update."""
        events = self._client.describe_stack_events(StackName=self.name)["StackEvents"]
        failed = [event for event in events if event["ResourceStatus"] == "UPDATE_FAILED"]
        assert [event["LogicalResourceId"] for event in failed] == ["Alias"]
        return str(failed[0]["ResourceStatusReason"])

    def _wait(self, waiter: str) -> None:
        self._client.get_waiter(waiter).wait(StackName=self.name, WaiterConfig=PATIENT_WAITER)


@pytest.fixture
def role(aws: LocalAws) -> str:
    return make_role(aws, trust("codedeploy"), allow(*ACTIONS))


@pytest.fixture
def stack(aws: LocalAws, role: str) -> Iterator[Stack]:
    made = Stack(aws, role)
    yield made
    with suppress(ClientError):
        made.delete()


def deployments(aws: LocalAws, stack: Stack) -> list[dict[str, Any]]:
    """The deployments of the stack's group, the newest first."""
    client = aws.client("codedeploy")
    found = client.list_deployments(**stack.group)["deployments"]
    return [client.get_deployment(deploymentId=one)["deploymentInfo"] for one in found]


@pytest.mark.slow
def test_a_new_version_gets_a_tenth_of_the_traffic_and_then_all(aws: LocalAws, stack: Stack) -> None:
    stack.create(minutes=10)
    assert deployments(aws, stack) == []

    stack.start_update(minutes=10)
    until(lambda: stack.alias() == ("1", {"2": 0.1}))
    [during] = deployments(aws, stack)
    [watched] = [row for row in watched_changes(aws, once=True) if row["name"] == f"{stack.name}:live"]
    [target] = aws.client("codedeploy").batch_get_deployment_targets(
        deploymentId=during["deploymentId"], targetIds=["any"]
    )["deploymentTargets"]
    stack.await_update()

    assert (watched["state"], watched["shift"]) == ("InProgress", "from version 1, 10 % to version 2")
    assert (during["status"], during["creator"]) == ("InProgress", "CloudFormation")
    assert target["lambdaTarget"]["lambdaFunctionInfo"] == {
        "functionName": stack.name,
        "functionAlias": "live",
        "currentVersion": "1",
        "targetVersion": "2",
        "targetVersionWeight": 10.0,
    }
    assert stack.alias() == ("2", {})
    assert [found["status"] for found in deployments(aws, stack)] == ["Succeeded"]


def test_an_alarm_rolls_back_and_fails_the_update_in_the_words_of_codedeploy(
    aws: LocalAws, stack: Stack
) -> None:
    stack.create(minutes=30)

    stack.start_update(minutes=30)
    until(lambda: stack.alias() == ("1", {"2": 0.1}))
    aws.client("cloudwatch").set_alarm_state(AlarmName=stack.name, StateValue="ALARM", StateReason="test")
    with pytest.raises(WaiterError, match="UPDATE_ROLLBACK"):
        stack.await_update()

    rollback, stopped = deployments(aws, stack)
    message = (
        "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and "
        f"the affected deployments have been stopped. Activated alarms: {stack.name}"
    )
    assert stack.alias() == ("1", {})
    assert stack.failure() == (
        f"CodeDeploy deployment {stopped['deploymentId']} Stopped: {message} (Error code: ALARM_ACTIVE)"
    )
    assert stopped["errorInformation"] == {"code": "ALARM_ACTIVE", "message": message}
    assert stopped["rollbackInfo"]["rollbackDeploymentId"] == rollback["deploymentId"]
    assert (rollback["creator"], rollback["status"]) == ("codeDeployRollback", "Succeeded")


def test_a_stopped_deployment_fails_the_update_and_is_rolled_back(aws: LocalAws, stack: Stack) -> None:
    stack.create(minutes=30)
    client = aws.client("codedeploy")

    stack.start_update(minutes=30)
    until(lambda: stack.alias() == ("1", {"2": 0.1}))
    [found] = deployments(aws, stack)
    answer = client.stop_deployment(deploymentId=found["deploymentId"])
    with pytest.raises(WaiterError, match="UPDATE_ROLLBACK"):
        stack.await_update()

    assert answer["status"] == "Pending"
    assert stack.alias() == ("1", {})
    assert "(Error code: MANUAL_STOP)" in stack.failure()
    with pytest.raises(client.exceptions.DeploymentAlreadyCompletedException):
        client.stop_deployment(deploymentId=found["deploymentId"])


@pytest.mark.parametrize(
    ("missing", "service"),
    [("lambda:UpdateAlias", "AWSLambda"), ("cloudwatch:DescribeAlarms", "AmazonCloudWatch")],
)
def test_a_service_role_without_a_permission_fails_the_update(
    aws: LocalAws, missing: str, service: str
) -> None:
    role = make_role(aws, trust("codedeploy"), allow(*(action for action in ACTIONS if action != missing)))
    stack = Stack(aws, role)
    stack.create()

    stack.start_update()
    with pytest.raises(WaiterError, match="UPDATE_ROLLBACK"):
        stack.await_update()

    assert f"The IAM role {role} does not give you permission" in stack.failure()
    assert f"AWS service: {service}. " in stack.failure()
    assert stack.alias() == ("1", {})
    stack.delete()


def test_a_role_that_codedeploy_may_not_assume_is_refused(aws: LocalAws) -> None:
    stack = Stack(aws, make_role(aws, trust("lambda"), allow(*ACTIONS)))

    with pytest.raises(WaiterError, match="ROLLBACK"):
        stack.create()

    events = aws.client("cloudformation").describe_stack_events(StackName=stack.name)["StackEvents"]
    [failed] = [event for event in events if event["ResourceStatus"] == "CREATE_FAILED"]
    assert failed["ResourceStatusReason"] == "Cannot assume role provided."
    stack.delete()


def test_a_caller_needs_permission_on_the_deployment_group(aws: LocalAws, stack: Stack) -> None:
    stack.create()
    arn = "arn:aws:codedeploy:us-east-1:000000000000:deploymentgroup"
    user = make_user(aws, allow("codedeploy:ListDeployments", resource=f"{arn}:other/group"))

    with pytest.raises(ClientError, match="not authorized to perform: codedeploy:ListDeployments") as refused:
        user.client("codedeploy").list_deployments(**stack.group)

    assert f"on resource: {arn}:{'/'.join(stack.group.values())} " in str(refused.value)


def test_an_absent_deployment_and_application_are_refused_in_the_words_of_codedeploy(aws: LocalAws) -> None:
    client = aws.client("codedeploy")

    with pytest.raises(client.exceptions.DeploymentDoesNotExistException, match="d-0 could not be found"):
        client.get_deployment(deploymentId="d-0")
    with pytest.raises(client.exceptions.ApplicationDoesNotExistException, match="No application found for"):
        client.list_deployments(applicationName="none", deploymentGroupName="none")


def test_properties_become_parameters_of_the_api() -> None:
    assert api_parameters({"Alarms": [{"Name": "a"}], "Enabled": True}) == {
        "alarms": [{"name": "a"}],
        "enabled": True,
    }
