"""Execution role of training and judging jobs.

https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createtrainingjob-perms
"""

from collections.abc import Sequence

from aws_cdk import ArnFormat, Aws, Stack
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.retraining.data_folder import DataFolder
from stacks.settings.settings import RETRAINED

# One group for all jobs of an account, so that it is no resource of a stack.
_LOG_GROUP = "/aws/sagemaker/TrainingJobs"
_LOG_ACTIONS = ("CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents")
# Of the measurements of the instance.
_METRIC_NAMESPACE = "/aws/sagemaker/TrainingJobs"


class TrainingRole(Construct):
    """Role that reads rows and bundles, and writes the results of jobs.

    Attributes:
        role: The role.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        image: ecr_assets.DockerImageAsset,
        bucket: s3.Bucket,
        bundles: str,
        folders: Sequence[DataFolder],
    ) -> None:
        """Makes the role.

        Args:
            scope: Parent construct.
            id: Id of the construct.
            image: Training image.
            bucket: Artifact bucket.
            bundles: Key pattern of the bundles in it.
            folders: Folders of the rows and of their weather.
        """
        super().__init__(scope, id)
        stack = Stack.of(self)
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "sagemaker.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
            ),
        )
        image.repository.grant_pull(self.role)
        results = bucket.arn_for_objects(f"{RETRAINED}/*")
        log = stack.format_arn(
            service="logs",
            resource="log-group",
            resource_name=_LOG_GROUP,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        buckets = [bucket.bucket_arn, *(one.bucket_arn for one in folders)]
        self._allow(["s3:ListBucket"], *dict.fromkeys(buckets))
        objects = [one.objects_arn for one in folders]
        self._allow(["s3:GetObject"], bucket.arn_for_objects(bundles), results, *objects)
        self._allow(["s3:PutObject"], results)
        self._allow([f"logs:{action}" for action in _LOG_ACTIONS], log, f"{log}:log-stream:*")
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],
                conditions={"StringEquals": {"cloudwatch:namespace": _METRIC_NAMESPACE}},
            )
        )

    def _allow(self, actions: list[str], *resources: str) -> None:
        self.role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[*resources]))
