"""The functions of a retraining on AWS on this machine: S3, CloudFormation, Step Functions, registry."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from local.local_aws import ACCESS_KEY_ID, SECRET_ACCESS_KEY, LocalAws
from local.processes import lifecycle
from tests.inherited_environ import inherited_environ
from tests.lambda_src.conftest import Import
from tests.local.iam.roles import make_role, trust
from tests.local.polling import PATIENT_WAITER

START_SECONDS = 120.0
CHAMPION, CHALLENGER = "aaaaaaaaaaaa", "bbbbbbbbbbbb"
# A stack with a parameter and an output as those of a deployed one.
TEMPLATE = {
    "Parameters": {
        "ReleasedVersion": {"Type": "String", "Default": ""},
        "Paused": {"Type": "String", "Default": "false"},
    },
    "Conditions": {"IsReleased": {"Fn::Not": [{"Fn::Equals": [{"Ref": "ReleasedVersion"}, ""]}]}},
    "Resources": {
        "Version": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {
                "Type": "String",
                "Value": {"Fn::If": ["IsReleased", {"Ref": "ReleasedVersion"}, CHAMPION]},
            },
        }
    },
    "Outputs": {"ModelVersion": {"Value": {"Fn::If": ["IsReleased", {"Ref": "ReleasedVersion"}, CHAMPION]}}},
}


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """AWS on this machine, on a port of its own."""
    wanted = LocalAws(port=0, state=tmp_path_factory.mktemp("local"))
    yield lifecycle.up(wanted, environ=inherited_environ(), timeout=START_SECONDS)
    lifecycle.down(wanted)


@dataclass(frozen=True, kw_only=True)
class Place:
    """What one stack has.

    Attributes:
        aws: AWS on this machine.
        stack: ARN of the stack.
        name: Its name, which is that of bucket and model package group too.
        environment: Environment variables of the functions.
    """

    aws: LocalAws
    stack: str
    name: str
    environment: dict[str, str]

    def put(self, key: str, body: bytes | str) -> None:
        self.aws.client("s3").put_object(
            Bucket=self.name, Key=key, Body=body.encode() if isinstance(body, str) else body
        )

    def get(self, key: str) -> bytes:
        found: bytes = self.aws.client("s3").get_object(Bucket=self.name, Key=key)["Body"].read()
        return found

    def package(self, version: str, status: str, **properties: str) -> str:
        """Registers a version; returns the ARN of its package."""
        created = self.aws.client("sagemaker").create_model_package(
            ModelPackageGroupName=self.name,
            ModelApprovalStatus=status,
            SourceUri=f"s3://{self.name}/models/tiny/{version}/model.tar.gz",
            CustomerMetadataProperties={"version": version, **properties},
        )
        arn: str = created["ModelPackageArn"]
        return arn

    def release(self, version: str) -> None:
        """Updates the stack to a version, as `make promote` does."""
        self.update(ReleasedVersion=version, Paused="false")

    def pause(self) -> None:
        """Deletes the endpoint of the stack, as `make pause` does."""
        self.update(ReleasedVersion=CHAMPION, Paused="true")

    def update(self, **parameters: str) -> None:
        """Updates the stack to values of its parameters."""
        cloudformation = self.aws.client("cloudformation")
        given = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
        cloudformation.update_stack(StackName=self.name, UsePreviousTemplate=True, Parameters=given)
        waiter = cloudformation.get_waiter("stack_update_complete")
        waiter.wait(StackName=self.name, WaiterConfig=PATIENT_WAITER)

    def packages(self) -> list[dict[str, Any]]:
        """Describes the packages, oldest first."""
        sagemaker = self.aws.client("sagemaker")
        listed = sagemaker.list_model_packages(
            ModelPackageGroupName=self.name, SortBy="CreationTime", SortOrder="Ascending"
        )["ModelPackageSummaryList"]
        return [sagemaker.describe_model_package(ModelPackageName=one["ModelPackageArn"]) for one in listed]

    def execution(self, *, running: bool) -> str:
        """Starts an execution of a new state machine, which ends or waits; returns its ARN."""
        states = self.aws.client("stepfunctions")
        state = {"Type": "Wait", "Seconds": 360_000} if running else {"Type": "Pass"}
        machine = states.create_state_machine(
            name=f"machine-{uuid.uuid4().hex[:8]}",
            definition=json.dumps({"StartAt": "Only", "States": {"Only": {**state, "End": True}}}),
            roleArn=make_role(self.aws, trust("states")),
        )
        started = states.start_execution(stateMachineArn=machine["stateMachineArn"], input="{}")
        return str(started["executionArn"])


@pytest.fixture
def place(aws: LocalAws) -> Place:
    """A stack in which CHAMPION serves, with an empty bucket and registry."""
    name = f"tiny-{uuid.uuid4().hex[:8]}"
    cloudformation = aws.client("cloudformation")
    stack = cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(TEMPLATE))["StackId"]
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=PATIENT_WAITER)
    aws.client("s3").create_bucket(Bucket=name)
    aws.client("sagemaker").create_model_package_group(ModelPackageGroupName=name)
    return Place(
        aws=aws,
        stack=stack,
        name=name,
        environment={
            "AWS_ENDPOINT_URL": aws.url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "STACK": stack,
            "STACK_NAME": name,
            "JOB_PREFIX": name,
            "BUCKET": name,
            "MODELS": "models/tiny",
            "GROUP": name,
            "LOCK": "retraining/lock.json",
            "DATA": f"s3://{name}/rows/",
            "INTERFACE": "cccccccccccc",
            "TRAINING_IMAGE": "000000000000.dkr.ecr.us-east-1.amazonaws.com/assets:train",
        },
    )


Start = Callable[[str], ModuleType]


@pytest.fixture
def start(cold_start: Import, place: Place) -> Start:
    """Imports the handler of a state as in a cold start."""

    def start(name: str) -> ModuleType:
        return cold_start(f"lambda_src.retraining.{name}", **place.environment)

    return start
