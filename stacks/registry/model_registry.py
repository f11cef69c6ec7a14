"""Model package group of the stack, and the registration of the deployed version."""

import json

from aws_cdk import Acknowledgment, ArnFormat, CustomResource, Duration, Stack, Validations
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct, IConstruct

from bundle import Manifest
from stacks.functions.log_group import removal_policy
from stacks.functions.python_function import PythonFunction
from stacks.functions.unique_name_suffix import unique_name_suffix
from stacks.registry.package_properties import approval_text, package_properties

_MEDIA_TYPES = ["application/json", "application/jsonlines", "text/csv"]
# Longer than the publisher's own timeout, so CloudFormation gets the publisher's error.
_TIMEOUT = Duration.minutes(6)
# Of SageMaker's 63 characters, without the hyphen and the digits of the stack's id.
_LONGEST_PREFIX = 54
NEW_NUMBERS = "SageMaker numbers the versions of the one group, and a new one has no number before it exists."
_VERSION_ACTIONS = (
    "sagemaker:CreateModelPackage",
    "sagemaker:DeleteModelPackage",
    "sagemaker:DescribeModelPackage",
    "sagemaker:ListModelPackages",
    "sagemaker:UpdateModelPackage",
)


class ModelRegistry(Construct):
    """Model package group, in which the publisher registers each deployed version as approved.

    It does so when the host serves, and then marks the version that has begun to serve, whichever command or
    run has released it.

    The group's name is that of the stack with the first digits of the stack's id: where data is kept, the
    group stays when the stack is deleted, and the same name would block the next stack.

    Attributes:
        group_name: Name of the group.
        group_arn: Its ARN.
        versions_arn: Pattern of the ARNs of its versions.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        manifest: Manifest,
        model_data_url: str,
        served_version: str,
        host: str,
        image: ecr_assets.DockerImageAsset | None,
        publisher: PythonFunction,
        keeps_data: bool,
    ) -> None:
        """Adds the resources.

        Args:
            scope: Parent construct.
            id: Id of the construct.
            manifest: Manifest of the bundle that is deployed.
            model_data_url: S3 URI of this bundle.
            served_version: Version that serves, which may be another one.
            host: A name or id of the model's host that CloudFormation knows once it serves.
            image: Image that serves it; None for a function in a zip.
            publisher: Function behind the stack's custom resources.
            keeps_data: Whether the group is retained when the stack is deleted.
        """
        super().__init__(scope, id)
        stack = Stack.of(self)
        # In lower case: SageMaker writes some ARNs so, and IAM compares them with those of a policy.
        prefix = stack.stack_name.lower()[:_LONGEST_PREFIX].rstrip("-")
        self.group_name = f"{prefix}-{unique_name_suffix()}"
        group = sagemaker.CfnModelPackageGroup(
            self,
            "Group",
            model_package_group_name=self.group_name,
            model_package_group_description=f"Versions of the model {manifest.name}",
        )
        group.apply_removal_policy(removal_policy(keeps_data=keeps_data))
        self.group_arn = group.ref
        self.versions_arn = stack.format_arn(
            service="sagemaker",
            resource="model-package",
            resource_name=f"{self.group_name}/*",
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        policy = self._make_policy(publisher, image)
        registration = CustomResource(
            self,
            "Registration",
            resource_type="Custom::RegisteredVersion",
            service_token=publisher.function.function_arn,
            service_timeout=_TIMEOUT,
            properties={
                "ModelPackageGroupName": self.group_name,
                "ModelDataUrl": model_data_url,
                "ServedVersion": served_version,
                "Host": host,
                "MediaTypes": _MEDIA_TYPES,
                **({"Image": image.image_uri} if image else {}),
                "ApprovalDescription": approval_text("deployment", "the bundle of the template"),
                "CustomerMetadataProperties": {
                    **package_properties(manifest, source="deployment"),
                    **({"image": image.image_uri} if image else {}),
                },
                "EmptyOnDelete": "false" if keeps_data else "true",
            },
        )
        # The group must be empty when it is deleted.
        registration.node.add_dependency(group, policy)

    def _make_policy(
        self, publisher: PythonFunction, image: ecr_assets.DockerImageAsset | None
    ) -> iam.Policy:
        statements = [
            iam.PolicyStatement(actions=[*_VERSION_ACTIONS], resources=[self.versions_arn]),
            iam.PolicyStatement(actions=["sagemaker:CreateModelPackage"], resources=[self.group_arn]),
        ]
        if image:
            # AWS's own policy for users of the registry has these:
            # https://docs.aws.amazon.com/sagemaker/latest/dg/security-iam-awsmanpol-model-registry.html
            statements.append(
                iam.PolicyStatement(
                    actions=["ecr:BatchGetImage", "ecr:DescribeImages"],
                    resources=[image.repository.repository_arn],
                )
            )
        policy = iam.Policy(self, "Policy", roles=[publisher.role], statements=statements)
        self.accept_versions(policy)
        return policy

    def accept_versions(self, policy: IConstruct) -> None:
        """Accepts the finding that a policy names the versions by a pattern."""
        rule = f"AwsSolutions-IAM5[Resource::{_as_in_findings(Stack.of(self), self.versions_arn)}]"
        Validations.of(policy).acknowledge(Acknowledgment(id=rule, reason=NEW_NUMBERS))


def _as_in_findings(stack: Stack, arn: str) -> str:
    """Returns an ARN as cdk-nag writes it: names of parameters in angle brackets, other functions as JSON."""
    _, parts = stack.resolve(arn)["Fn::Join"]
    return "".join(
        part
        if isinstance(part, str)
        else f"<{part['Ref']}>"
        if "Ref" in part
        else json.dumps(part, separators=(",", ":"))
        for part in parts
    )
