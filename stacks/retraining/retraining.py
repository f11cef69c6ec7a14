"""State machine of retrainings, with its role, its log and its outputs."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from bundle import version_folder
from stacks.api.prediction_api import PredictionApi
from stacks.functions.logged_state_machine import (
    arn_of_executions,
    make_state_machine,
    make_state_machine_role,
)
from stacks.operations.alarm_topic import AlarmTopic
from stacks.registry.model_registry import ModelRegistry
from stacks.retraining.data_folder import DataFolder
from stacks.retraining.definition import FunctionArns, definition
from stacks.retraining.jobs import JobSettings
from stacks.retraining.state_functions import StateFunctions
from stacks.retraining.training_image import make_training_image
from stacks.retraining.training_role import TrainingRole
from stacks.settings.retraining.job_names import job_prefix
from stacks.settings.settings import RETRAINED, TRAINING_ROWS, TRAINING_WEATHER, Settings
from stacks.storage.artifact_store import ArtifactStore

_RESULT_DAYS = 90
# https://docs.aws.amazon.com/step-functions/latest/dg/sagemaker-iam.html
_MANAGED_RULE = "StepFunctionsGetEventsForSageMakerTrainingJobsRule"


class Retraining(Construct):
    """The state machine, the functions and jobs of its states.

    Attributes:
        state_machine: The state machine.
        rows: Folder of the rows.
        weather: Folder of their weather; None without the setting.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        artifacts: ArtifactStore,
        registry: ModelRegistry,
        api: PredictionApi,
        mail: AlarmTopic | None,
        settings: Settings,
        image_builder: str,
    ) -> None:
        """Makes the resources.

        Args:
            scope: Parent construct.
            id: Id of the construct.
            artifacts: Artifact store.
            registry: Registry of the stack.
            api: API of the stack.
            mail: Topic of the outcomes; None for none.
            settings: Settings of the stack.
            image_builder: Program that builds the training image.
        """
        super().__init__(scope, id)
        bucket, folder = artifacts.bucket, version_folder(settings.model, "").rstrip("/")
        self.rows = DataFolder.of(self, settings.data or "", own=bucket, own_folder=TRAINING_ROWS)
        self.weather = (
            DataFolder.of(self, settings.weather, own=bucket, own_folder=TRAINING_WEATHER)
            if settings.weather
            else None
        )
        image = make_training_image(self, "Image", builder=image_builder)
        trainer = TrainingRole(
            self,
            "Trainer",
            image=image,
            bucket=bucket,
            bundles=f"{folder}/*",
            folders=[self.rows, self.weather] if self.weather else [self.rows],
        )
        functions = StateFunctions(
            self,
            "States",
            bucket=bucket,
            folder=folder,
            interface=artifacts.interface,
            image=image,
            rows=self.rows,
            registry=registry,
            api=api,
            mail=mail,
            settings=settings,
        )
        jobs = JobSettings(
            model=settings.model,
            image=image.image_uri,
            role=trainer.role.role_arn,
            output=f"s3://{bucket.bucket_name}/{RETRAINED}",
            instance_type=settings.training_instance_type,
            spot=settings.training_spot,
            hours=settings.training_hours,
            judge_days=settings.judge_days,
            weather=self.weather.url if self.weather else "",
        )
        role = self._make_role(functions, trainer.role)
        self.state_machine = self._make_machine(functions, jobs, role, settings)
        functions.allow_executions(arn_of_executions(self.state_machine))
        # Bundles are copied to their versions; what the jobs have written expires.
        bucket.add_lifecycle_rule(
            id="Retraining",
            prefix=f"{RETRAINED}/",
            expiration=Duration.days(_RESULT_DAYS),
            noncurrent_version_expiration=Duration.days(1),
        )

    def _make_machine(
        self, functions: StateFunctions, jobs: JobSettings, role: iam.Role, settings: Settings
    ) -> sfn.StateMachine:
        arns = FunctionArns(
            prepare=functions.prepare.function.function_arn,
            registrar=functions.registrar.function.function_arn,
            releaser=functions.releaser.function.function_arn,
            verifier=functions.verifier.function.function_arn,
            notifier=functions.notifier.function.function_arn,
        )
        states = definition(arns, jobs, approves=settings.approve == "auto")
        return make_state_machine(
            self,
            "StateMachine",
            definition=sfn.DefinitionBody.from_string(Stack.of(self).to_json_string(states)),
            role=role,
            keeps_data=settings.keeps_data,
        )

    def _make_role(self, functions: StateFunctions, trainer: iam.Role) -> iam.Role:
        stack = Stack.of(self)
        jobs = stack.format_arn(
            service="sagemaker", resource="training-job", resource_name=f"{job_prefix(stack.stack_name)}-*"
        )
        rule = stack.format_arn(service="events", resource="rule", resource_name=_MANAGED_RULE)
        grants = {
            ("lambda:InvokeFunction",): [function.function_arn for function in functions.all],
            (
                "sagemaker:AddTags",
                "sagemaker:CreateTrainingJob",
                "sagemaker:DescribeTrainingJob",
                "sagemaker:StopTrainingJob",
            ): [jobs],
            ("events:DescribeRule", "events:PutRule", "events:PutTargets"): [rule],
        }
        role = make_state_machine_role(self, "Role", grants=grants)
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[trainer.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
            )
        )
        return role
