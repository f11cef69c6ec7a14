"""A model behind a SageMaker endpoint."""

from aws_cdk import ArnFormat, Aws, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.settings import Settings

_VARIANT = "primary"
_SECONDS_TO_FIRST_HEALTHY_PING = 120
# The namespaces SageMaker's agent on the instance writes host metrics to.
_METRIC_NAMESPACES = ["/aws/sagemaker/*", "AWS/SageMaker", "AWS/SageMaker/*"]


class ModelEndpoint(Construct):
    """Model, endpoint configuration and endpoint.

    Model and configuration have no names, so a change makes new ones before the old ones go; the endpoint is
    named after the stack, so it is updated in place.

    Attributes:
        role: What the model's container runs as.
        endpoint_name: Name of the endpoint, known once it is in service.
        endpoint_arn: Its ARN.
    """

    def __init__(
        self, scope: Construct, id: str, *, image_uri: str, model_data_url: str, settings: Settings
    ) -> None:
        super().__init__(scope, id)
        name = Stack.of(self).stack_name
        self.role = self._make_role(name)
        model = self._make_model(image_uri, model_data_url)
        config = self._make_config(model, settings)
        endpoint = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=name,
            endpoint_config_name=config.attr_endpoint_config_name,
            retain_all_variant_properties=True,
        )
        self.endpoint_name = endpoint.attr_endpoint_name
        # Not formatted from the name: SageMaker writes endpoint ARNs in lower case.
        self.endpoint_arn = endpoint.ref

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` ask this endpoint for predictions."""
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["sagemaker:InvokeEndpoint"], resource_arns=[self.endpoint_arn]
        )

    def _make_role(self, endpoint_name: str) -> iam.Role:
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
        self._make_log(endpoint_name).grant(
            role,
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
        )
        return role

    def _make_log(self, endpoint_name: str) -> logs.LogGroup:
        # SageMaker would make the group by itself, to keep it for ever.
        return logs.LogGroup(
            self,
            "Log",
            log_group_name=f"/aws/sagemaker/Endpoints/{endpoint_name}",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _make_model(self, image_uri: str, model_data_url: str) -> sagemaker.CfnModel:
        model = sagemaker.CfnModel(
            self,
            "Model",
            execution_role_arn=self.role.role_arn,
            enable_network_isolation=True,
            primary_container=sagemaker.CfnModel.ContainerDefinitionProperty(
                image=image_uri, model_data_url=model_data_url
            ),
        )
        # SageMaker reads image and data with the role when it makes the model, so the policy must be there.
        model.node.add_dependency(self.role)
        return model

    def _make_config(self, model: sagemaker.CfnModel, settings: Settings) -> sagemaker.CfnEndpointConfig:
        variant = sagemaker.CfnEndpointConfig.ProductionVariantProperty(
            variant_name=_VARIANT,
            model_name=model.attr_model_name,
            instance_type=settings.instance_type,
            initial_instance_count=settings.instance_count,
            initial_variant_weight=1,
            container_startup_health_check_timeout_in_seconds=_SECONDS_TO_FIRST_HEALTHY_PING,
        )
        return sagemaker.CfnEndpointConfig(self, "Config", production_variants=[variant])
