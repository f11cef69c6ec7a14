"""State machine that scores the files below a prefix in S3."""

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.functions.logged_state_machine import (
    arn_of_executions,
    make_state_machine,
    make_state_machine_role,
)
from stacks.hosting.model_host import ModelArtifacts
from stacks.hosting.model_image import ModelImage
from stacks.scoring.scoring_folder import ScoringFolder
from stacks.scoring.scoring_function import ScoringFunction
from stacks.scoring.workflow import Workflow
from stacks.settings.data_folders import OWN_FOLDER
from stacks.settings.settings import INBOX, Settings

_TIMEOUT = Duration.hours(24)


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
        role = make_state_machine_role(
            self,
            "Role",
            grants={
                ("lambda:InvokeFunction",): [scorer.function.function_arn],
                ("s3:ListBucket",): [*dict.fromkeys(listed)],
                # https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
                (
                    "s3:AbortMultipartUpload",
                    "s3:GetObject",
                    "s3:ListMultipartUploadParts",
                    "s3:PutObject",
                ): [self.folder.objects_arn],
            },
        )
        # The Distributed Map writes its results, in several parts when they are large.
        self.folder.grant_key(role)
        workflow = Workflow(
            self,
            function=scorer.function,
            results=self.folder.bucket,
            model=None if settings.reload else artifacts.model_data_url,
        )
        self.state_machine = make_state_machine(
            self,
            "StateMachine",
            definition=sfn.DefinitionBody.from_chainable(workflow.start),
            role=role,
            keeps_data=settings.keeps_data,
            timeout=_TIMEOUT,
        )
        # It belongs to the role that is not updated, and is replaced by the one here.
        self.state_machine.node.try_remove_child("DistributedMapPolicy")
        self._allow_children(role)

    def _allow_children(self, role: iam.Role) -> None:
        """Lets the Distributed Map start and watch its child executions.

        https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
        """
        iam.Policy(
            self,
            "Children",
            roles=[role],
            statements=[
                iam.PolicyStatement(
                    actions=["states:StartExecution"], resources=[self.state_machine.state_machine_arn]
                ),
                iam.PolicyStatement(
                    actions=["states:DescribeExecution", "states:StopExecution"],
                    resources=[arn_of_executions(self.state_machine)],
                ),
            ],
        )
