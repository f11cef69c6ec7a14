"""Lambda function that scores ranges of files in S3."""

from collections.abc import Sequence

from aws_cdk import Aws, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from function_zip.contents import SCORING_HANDLER
from stacks.functions.log_group import make_log_group
from stacks.hosting.functions.bundle_reload import make_reload, model_environment
from stacks.hosting.functions.packaged_function import make_packaged_function
from stacks.hosting.model_host import ModelArtifacts
from stacks.hosting.model_image import ModelImage
from stacks.scoring.scoring_folder import ScoringFolder
from stacks.settings.settings import Settings

# The longest that Lambda allows: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
TIMEOUT = Duration.minutes(15)
# More than one virtual processor, 1,769 MB, and room for a range and its result.
_LEAST_MEMORY_MB = 2048


class ScoringFunction(Construct):
    """Function with the code and the bundle of the model's function, and with permissions of its own.

    The model's function answers requests from the internet, and may write nothing; this one has no caller
    but the state machine, more time, and the permission to read files and to write results.

    Attributes:
        function: The function.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        image: ModelImage,
        artifacts: ModelArtifacts,
        folder: ScoringFolder,
        readable: Sequence[str],
        settings: Settings,
    ) -> None:
        """Makes the function.

        Args:
            scope: Parent construct.
            id: Id of the construct.
            image: Image of the model.
            artifacts: Store with the bundle.
            folder: Folder of files and results.
            readable: ARNs of further files that it may read.
            settings: Settings of the stack.
        """
        super().__init__(scope, id)
        log_group = make_log_group(self, "Log", keeps_data=settings.keeps_data)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "lambda.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            ),
        )
        log_group.grant_write(role)
        artifacts.grant_read(role)
        reload = make_reload(settings, artifacts)
        if reload:
            reload.grant(role)
        role.add_to_policy(iam.PolicyStatement(actions=["s3:PutObject"], resources=[folder.objects_arn]))
        role.add_to_policy(
            iam.PolicyStatement(actions=["s3:GetObject"], resources=[folder.objects_arn, *readable])
        )
        folder.grant_key(role)
        self.function: lambda_.Function = make_packaged_function(
            self,
            "Function",
            handler=SCORING_HANDLER,
            packaging=settings.packaging,
            image=image,
            properties={
                "description": "Scores files in S3",
                "timeout": TIMEOUT,
                "memory_size": max(settings.memory_mb or 0, _LEAST_MEMORY_MB),
                "environment": {
                    **model_environment(artifacts, reload),
                    "OUTPUT_BUCKET": folder.bucket.bucket_name,
                },
                "log_group": log_group,
                "role": role,
            },
        )
