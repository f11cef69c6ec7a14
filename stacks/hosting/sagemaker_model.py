"""SageMaker model of an endpoint, with its execution role and log group."""

from aws_cdk import ArnFormat, Aws, RemovalPolicy, Stack
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.functions.log_group import make_log_group
from stacks.hosting.model_host import ModelArtifacts

# Namespaces of the host metrics that SageMaker's agent on the instance publishes.
_METRIC_NAMESPACES = ["/aws/sagemaker/*", "AWS/SageMaker", "AWS/SageMaker/*"]

_MULTI_MODEL_ENVIRONMENT = {"SAGEMAKER_MULTI_MODEL": "true"}


class SageMakerModel(Construct):
    """Model, execution role of its container, and log group of its endpoint.

    The model has no physical name, so a change replaces it.

    Attributes:
        role: Execution role of the container.
        name: Generated name of the model.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        image: ecr_assets.DockerImageAsset,
        artifacts: ModelArtifacts,
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
        # CreateModel reads image and data with the role, so its policy must exist before.
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
        # Created here, because SageMaker would create the group without a retention.
        name = f"/aws/sagemaker/Endpoints/{endpoint_name}"
        log_group = make_log_group(self, "Log", name=name, keeps_data=keeps_data)
        # A retained group would block the next stack of this name.
        log_group.apply_removal_policy(RemovalPolicy.DESTROY)
        return log_group


def _container(
    image: ecr_assets.DockerImageAsset, artifacts: ModelArtifacts
) -> sagemaker.CfnModel.ContainerDefinitionProperty:
    """Returns the container of one model, or a multi-model container, which loads models on first use.

    https://docs.aws.amazon.com/sagemaker/latest/dg/create-multi-model-endpoint.html
    """
    is_multi = artifacts.holds_several
    return sagemaker.CfnModel.ContainerDefinitionProperty(
        image=image.image_uri,
        model_data_url=artifacts.model_data_url,
        mode="MultiModel" if is_multi else None,
        # SageMaker sets the variable itself for multi-model endpoints, but does not document it.
        environment=_MULTI_MODEL_ENVIRONMENT if is_multi else None,
    )
