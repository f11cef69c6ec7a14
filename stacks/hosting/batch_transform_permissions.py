"""Permissions of batch transform jobs: input and output in one folder of S3, and their log.

https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms
"""

from aws_cdk import Acknowledgment, ArnFormat, Stack, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.hosting.encrypted_objects import key_use_in_folder
from stacks.hosting.model_host import ModelArtifacts
from stacks.settings.data_folders import OWN_FOLDER
from stacks.settings.parsers import S3_SCHEME
from stacks.settings.settings import SCORES

# One group for all jobs of an account, so that it is no resource of a stack.
_LOG_GROUP = "/aws/sagemaker/TransformJobs"
_ONE_FOLDER = "The objects are in one folder of one bucket, which the setting scoring_data names."
_ITS_KEY = "A condition limits the key to S3 and to the objects of one folder, and no setting names the key."
_LOG_ACTIONS = ("CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents")


class ScoringAccess(Construct):
    """Policy that lets the role of a model read and write one folder, as its batch transform jobs do.

    Args:
        role: Execution role of the model, which SageMaker uses in these jobs too.
        artifacts: Artifact store.
        folder: The setting scoring_data.
    """

    def __init__(
        self, scope: Construct, id: str, *, role: iam.Role, artifacts: ModelArtifacts, folder: str
    ) -> None:
        super().__init__(scope, id)
        stack = Stack.of(self)
        bucket, prefix, name = artifacts.bucket_arn, SCORES, ""
        if folder != OWN_FOLDER:
            name, _, prefix = folder.removeprefix(S3_SCHEME).partition("/")
            bucket = stack.format_arn(
                service="s3", region="", account="", resource=name, arn_format=ArnFormat.NO_RESOURCE_NAME
            )
        log = stack.format_arn(
            service="logs",
            resource="log-group",
            resource_name=_LOG_GROUP,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        policy = iam.Policy(
            self,
            "Policy",
            roles=[role],
            statements=[
                _allow(["s3:GetObject", "s3:PutObject"], f"{bucket}/{prefix}/*"),
                # SageMaker lists the objects of a prefix.
                _allow(["s3:ListBucket"], bucket),
                _allow([f"logs:{action}" for action in _LOG_ACTIONS], log, f"{log}:log-stream:*"),
            ],
        )
        if folder != OWN_FOLDER:
            policy.add_statements(key_use_in_folder(self, bucket_arn=bucket, prefix=prefix))
            for resource, reason in (
                (f"arn:<AWS::Partition>:s3:::{name}/{prefix}/*", _ONE_FOLDER),
                ("arn:<AWS::Partition>:kms:<AWS::Region>:<AWS::AccountId>:key/*", _ITS_KEY),
            ):
                rule = f"AwsSolutions-IAM5[Resource::{resource}]"
                Validations.of(policy).acknowledge(Acknowledgment(id=rule, reason=reason))


def _allow(actions: list[str], *resources: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=actions, resources=[*resources])
