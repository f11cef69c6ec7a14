"""State machine that scores the files below a prefix in S3."""

from collections.abc import Mapping, Sequence

from aws_cdk import ArnFormat, Aws, CfnResource, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.functions.log_group import make_log_group
from stacks.hosting.model_host import ModelArtifacts
from stacks.hosting.model_image import ModelImage
from stacks.scoring.scoring_folder import ScoringFolder
from stacks.scoring.scoring_function import ScoringFunction
from stacks.scoring.workflow import Workflow
from stacks.settings.parsers import OWN_FOLDER
from stacks.settings.settings import INBOX, Settings

_TIMEOUT = Duration.hours(24)
# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
_LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)


class FileScoring(Construct):
    """State machine, its role, and the function that it calls.

    Attributes:
        state_machine: The state machine.
        folder: Folder of files and results.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        image: ModelImage,
        artifacts: ModelArtifacts,
        bucket: s3.Bucket,
        settings: Settings,
    ) -> None:
        """Makes the state machine.

        Args:
            scope: Parent construct.
            id: Id of the construct.
            image: Image of the model.
            artifacts: Store with the bundle.
            bucket: Artifact bucket.
            settings: Settings of the stack.
        """
        super().__init__(scope, id)
        self.folder = ScoringFolder.of(self, settings.scoring_data or OWN_FOLDER, own=bucket)
        is_watched = settings.inbox == "on"
        scorer = ScoringFunction(
            self,
            "Scorer",
            image=image,
            artifacts=artifacts,
            folder=self.folder,
            readable=[bucket.arn_for_objects(f"{INBOX}/*")] if is_watched else [],
            settings=settings,
        )
        listed = [self.folder.bucket.bucket_arn, *([bucket.bucket_arn] if is_watched else [])]
        role = self._make_role(
            {
                ("lambda:InvokeFunction",): [scorer.function.function_arn],
                ("s3:ListBucket",): [*dict.fromkeys(listed)],
                # https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
                (
                    "s3:AbortMultipartUpload",
                    "s3:GetObject",
                    "s3:ListMultipartUploadParts",
                    "s3:PutObject",
                ): [self.folder.objects_arn],
                _LOG_DELIVERY: ["*"],
            }
        )
        workflow = Workflow(self, function=scorer.function, results=self.folder.bucket)
        self.state_machine = sfn.StateMachine(
            self,
            "StateMachine",
            definition_body=sfn.DefinitionBody.from_chainable(workflow.start),
            # The CDK would grant actions on all objects, and on all versions of the function.
            role=role.without_policy_updates(),
            timeout=_TIMEOUT,
            tracing_enabled=False,
            logs=sfn.LogOptions(
                destination=make_log_group(self, "Log", keeps_data=settings.keeps_data),
                level=sfn.LogLevel.ALL,
                include_execution_data=False,
            ),
        )
        # Step Functions checks the access to the log when it creates the state machine. The CDK adds the
        # role too, to which the reference implies the order.
        policy = role.node.find_child("DefaultPolicy").node.default_child
        machine = self.state_machine.node.default_child
        if isinstance(policy, CfnResource) and isinstance(machine, CfnResource):
            machine.add_override("DependsOn", [policy.logical_id])
        # It belongs to the role that is not updated, and is replaced by the one here.
        self.state_machine.node.try_remove_child("DistributedMapPolicy")
        self._allow_children(role)

    def _make_role(self, grants: Mapping[tuple[str, ...], Sequence[str]]) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            # https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html#prevent-cross-service-confused-deputy
            assumed_by=iam.ServicePrincipal(
                "states.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            ),
        )
        for actions, resources in grants.items():
            role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=list(resources)))
        return role

    def _allow_children(self, role: iam.Role) -> None:
        """Lets the Distributed Map start and watch its child executions.

        https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
        """
        executions = Stack.of(self).format_arn(
            service="states",
            resource="execution",
            resource_name=f"{self.state_machine.state_machine_name}:*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        iam.Policy(
            self,
            "Children",
            roles=[role],
            statements=[
                iam.PolicyStatement(
                    actions=["states:StartExecution"], resources=[self.state_machine.state_machine_arn]
                ),
                iam.PolicyStatement(
                    actions=["states:DescribeExecution", "states:StopExecution"], resources=[executions]
                ),
            ],
        )
