"""A model as SageMaker knows it, with all that an endpoint of either kind needs around it."""

from aws_cdk import ArnFormat, Aws, RemovalPolicy, Stack
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.functions.log_group import make_log_group
from stacks.hosting.artifacts import Artifacts

# The namespaces SageMaker's agent on the instance writes host metrics to.
_METRIC_NAMESPACES = ["/aws/sagemaker/*", "AWS/SageMaker", "AWS/SageMaker/*"]

_SEVERAL = {"SAGEMAKER_MULTI_MODEL": "true"}


class HostedModel(Construct):
    """Model, the role its container runs as, and the log of the endpoint it is behind.

    The model has no name, so a change makes a new one before the old one goes.

    Attributes:
        role: What the model's container runs as.
        name: The model's generated name.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        image: ecr_assets.DockerImageAsset,
        artifacts: Artifacts,
        endpoint_name: str,
        isolated: bool,
        keeps_data: bool,
    ) -> None:
        super().__init__(scope, id)
        self.role = self._make_role()
        image.repository.grant_pull(self.role)
        artifacts.grant_read(self.role)
        self._make_log(endpoint_name, keeps_data=keeps_data).grant(
            self.role,
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
        )
        model = sagemaker.CfnModel(
            self,
            "Model",
            execution_role_arn=self.role.role_arn,
            enable_network_isolation=isolated,
            primary_container=_container(image, artifacts),
        )
        # SageMaker reads image and data with the role when it makes the model, so the policy must be there.
        model.node.add_dependency(self.role.node.find_child("DefaultPolicy"))
        self.name = model.attr_model_name

    def _make_role(self) -> iam.Role:
        sagemaker_here = Stack.of(self).format_arn(
            service="sagemaker", resource="*", arn_format=ArnFormat.NO_RESOURCE_NAME
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "sagemaker.amazonaws.com",
                conditions={
                    "ArnLike": {"aws:SourceArn": sagemaker_here},
                    "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                },
            ),
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],
                conditions={"StringLike": {"cloudwatch:namespace": _METRIC_NAMESPACES}},
            )
        )
        return role

    def _make_log(self, endpoint_name: str, *, keeps_data: bool) -> logs.LogGroup:
        # SageMaker would make the group by itself, to keep it for ever.
        name = f"/aws/sagemaker/Endpoints/{endpoint_name}"
        log_group = make_log_group(self, "Log", name=name, keeps_data=keeps_data)
        # Left behind, it would be in the way of the next stack of this name.
        log_group.apply_removal_policy(RemovalPolicy.DESTROY)
        return log_group


def _container(
    image: ecr_assets.DockerImageAsset, artifacts: Artifacts
) -> sagemaker.CfnModel.ContainerDefinitionProperty:
    """Of one model, or of several that SageMaker loads when they are first asked.

    https://docs.aws.amazon.com/sagemaker/latest/dg/create-multi-model-endpoint.html
    """
    is_multi = artifacts.holds_several
    return sagemaker.CfnModel.ContainerDefinitionProperty(
        image=image.image_uri,
        model_data_url=artifacts.model_data_url,
        mode="MultiModel" if is_multi else None,
        # SageMaker sets it too, as its own containers rely on, but no page of it promises that.
        environment=_SEVERAL if is_multi else None,
    )
