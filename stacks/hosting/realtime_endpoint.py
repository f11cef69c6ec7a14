"""A model, or several, on instances of their own."""

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.hosting.artifacts import Artifacts
from stacks.hosting.endpoint_metrics import VARIANT, EndpointMetrics
from stacks.hosting.hosted_model import HostedModel
from stacks.hosting.instance_scaling import REQUESTS_AT_ONCE, InstanceScaling
from stacks.hosting.safe_update import SafeUpdate
from stacks.settings.settings import Settings

_SECONDS_TO_FIRST_HEALTHY_PING = 120
_JSON = "application/json"


class RealtimeEndpoint(Construct):
    """Model, endpoint configuration and endpoint on instances: isolated, safely updated, scaled, captured.

    Model and configuration have no names, so a change makes new ones before the old ones go; the endpoint is
    named after the stack, so it is updated in place.

    Attributes:
        name: Name of the endpoint, known once it is in service.
        environment: What the invoker has to know to reach it.
        alarms: What somebody should be told of.
        widgets: What a dashboard should show of it.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        image: ecr_assets.DockerImageAsset,
        artifacts: Artifacts,
        settings: Settings,
    ) -> None:
        super().__init__(scope, id)
        stack_name = Stack.of(self).stack_name
        metrics = EndpointMetrics(endpoint_name=stack_name)
        model = HostedModel(
            self,
            "Hosted",
            image=image,
            artifacts=artifacts,
            endpoint_name=stack_name,
            isolated=True,
            keeps_data=settings.keeps_data,
        )
        capture = _capture(model.role, artifacts, settings)
        update = SafeUpdate(self, "Update", metrics=metrics, instance_count=settings.instance_count)
        self._endpoint = self._make_endpoint(self._make_config(model, capture, settings), update, settings)
        if settings.is_scaled:
            InstanceScaling(
                self,
                "Scaling",
                endpoint=self._endpoint,
                least=settings.instance_count,
                most=settings.max_instance_count,
                holds_several=artifacts.holds_several,
            )
        self.name = self._endpoint.attr_endpoint_name
        self.environment = {"ENDPOINT_NAME": self.name}
        self.alarms = [*update.alarms, self._make_saturation_alarm(metrics)]
        self.widgets = [*_widgets(metrics), *([_loading(metrics)] if artifacts.holds_several else [])]

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` ask this endpoint for predictions."""
        # Not formatted from the name: SageMaker writes endpoint ARNs in lower case.
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["sagemaker:InvokeEndpoint"], resource_arns=[self._endpoint.ref]
        )

    def grant_describe(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` ask which state this endpoint is in."""
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["sagemaker:DescribeEndpoint"], resource_arns=[self._endpoint.ref]
        )

    def _make_config(
        self,
        model: HostedModel,
        capture: sagemaker.CfnEndpointConfig.DataCaptureConfigProperty | None,
        settings: Settings,
    ) -> sagemaker.CfnEndpointConfig:
        variant = sagemaker.CfnEndpointConfig.ProductionVariantProperty(
            variant_name=VARIANT,
            model_name=model.name,
            instance_type=settings.instance_type,
            initial_instance_count=settings.instance_count,
            initial_variant_weight=1,
            container_startup_health_check_timeout_in_seconds=_SECONDS_TO_FIRST_HEALTHY_PING,
        )
        return sagemaker.CfnEndpointConfig(
            self, "Config", production_variants=[variant], data_capture_config=capture
        )

    def _make_endpoint(
        self, config: sagemaker.CfnEndpointConfig, update: SafeUpdate, settings: Settings
    ) -> sagemaker.CfnEndpoint:
        return sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=Stack.of(self).stack_name,
            endpoint_config_name=config.attr_endpoint_config_name,
            deployment_config=update.deployment_config,
            retain_all_variant_properties=True,
            # Where nothing else changes the number of instances, a deployment must.
            exclude_retained_variant_properties=None
            if settings.is_scaled
            else [
                sagemaker.CfnEndpoint.VariantPropertyProperty(variant_property_type="DesiredInstanceCount")
            ],
        )

    def _make_saturation_alarm(self, metrics: EndpointMetrics) -> cloudwatch.Alarm:
        return metrics.concurrency().create_alarm(
            self,
            "Saturation",
            threshold=3 * REQUESTS_AT_ONCE,
            alarm_description="An instance works on three times as many requests at once as it should.",
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=5,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )


def _capture(
    role: iam.Role, artifacts: Artifacts, settings: Settings
) -> sagemaker.CfnEndpointConfig.DataCaptureConfigProperty | None:
    if settings.data_capture_percent == 0:
        return None
    artifacts.grant_capture(role)
    config = sagemaker.CfnEndpointConfig
    return config.DataCaptureConfigProperty(
        enable_capture=True,
        initial_sampling_percentage=settings.data_capture_percent,
        destination_s3_uri=artifacts.captures_url,
        capture_options=[config.CaptureOptionProperty(capture_mode=mode) for mode in ("Input", "Output")],
        capture_content_type_header=config.CaptureContentTypeHeaderProperty(json_content_types=[_JSON]),
    )


def _widgets(metrics: EndpointMetrics) -> list[cloudwatch.ConcreteWidget]:
    return [
        cloudwatch.GraphWidget(
            title="3 Endpoint: requests a minute",
            left=[metrics.invocations()],
            right=[metrics.server_errors(), metrics.model_errors()],
        ),
        cloudwatch.GraphWidget(
            title="3 Endpoint: microseconds",
            left=[metrics.latency("p50"), metrics.latency("p99"), metrics.overhead("p99")],
            right=[metrics.concurrency()],
        ),
    ]


def _loading(metrics: EndpointMetrics) -> cloudwatch.ConcreteWidget:
    return cloudwatch.GraphWidget(
        title="3 Endpoint: models loaded, microseconds waited",
        left=[metrics.cache_hits(), metrics.unloadings()],
        right=[metrics.loading_wait("p50"), metrics.loading_wait("p99")],
    )
