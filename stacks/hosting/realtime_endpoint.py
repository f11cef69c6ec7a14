"""SageMaker real-time endpoint, for one model or several."""

import functools

from aws_cdk import Aws, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.hosting.batch_transform_permissions import ScoringAccess
from stacks.hosting.endpoint_metrics import VARIANT, EndpointMetrics
from stacks.hosting.guardrails.deployment_guardrails import DeploymentGuardrails, allow_describing_alarms
from stacks.hosting.instance_scaling import InstanceCapacity, InstanceScaling
from stacks.hosting.model_host import ModelArtifacts
from stacks.hosting.model_image import ModelImage
from stacks.hosting.sagemaker_endpoint import SageMakerEndpoint, ServedConfiguration
from stacks.hosting.sagemaker_model import SageMakerModel
from stacks.operations.endpoint_pause import Pause
from stacks.operations.idle_alarm import IdleAlarm
from stacks.settings.settings import Settings

_STARTUP_TIMEOUT_SECONDS = 120
_JSON = "application/json"


class RealtimeEndpoint(SageMakerEndpoint):
    """Model, endpoint configuration and endpoint, with guardrails, autoscaling and data capture.

    Model and configuration have no physical names, so a change replaces them; the endpoint has the stack's
    name, so it is updated in place.

    Attributes:
        name: Name of the endpoint, resolved once it is in service.
        environment: Environment variables with which the invoker finds it.
        alarms: Its alarms.
        widgets: Its dashboard widgets.
        served: Id of the check of what serves; the name of a paused endpoint.
        pause: The parameter that deletes the endpoint and its autoscaling.
        guarded_arn: ARN of the endpoint, whose updates SageMaker rolls back.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        image: ModelImage,
        artifacts: ModelArtifacts,
        settings: Settings,
    ) -> None:
        super().__init__(scope, id)
        stack_name = Stack.of(self).stack_name
        metrics = EndpointMetrics(endpoint_name=stack_name)
        model = SageMakerModel(
            self,
            "Hosted",
            image=image.asset,
            artifacts=artifacts,
            endpoint_name=stack_name,
            isolated=True,
            keeps_data=settings.keeps_data,
        )
        if settings.scoring_data:
            ScoringAccess(self, "Scoring", role=model.role, artifacts=artifacts, folder=settings.scoring_data)
        capture = _configure_capture(model.role, artifacts, settings)
        allow_describing_alarms(model.role, self)
        config = self._make_config(model, capture, settings)
        guardrails = DeploymentGuardrails(
            self, "Update", metrics=metrics, config=config, instance_count=settings.instance_count
        )
        self._endpoint = self._make_endpoint(config, guardrails, settings)
        served = ServedConfiguration(
            self, "Served", endpoint=self._endpoint, config=config, checker=artifacts.publisher
        )
        self.pause = Pause(self, "Pause")
        for deleted in (self._endpoint, served):
            self.pause.delete_while_paused(deleted)
        capacity = InstanceCapacity(instance_type=settings.instance_type)
        if settings.is_scaled:
            scaling = InstanceScaling(
                self,
                "Scaling",
                endpoint=self._endpoint,
                min_capacity=settings.instance_count,
                max_capacity=settings.max_instance_count,
                instance=capacity,
                holds_several=artifacts.holds_several,
            )
            self.pause.delete_while_paused(scaling)
        self.name = self._endpoint.attr_endpoint_name
        self.served = self.pause.choose(serving=served.ref, paused=stack_name)
        self.guarded_arn = self._arn
        self.environment = {
            "ENDPOINT_NAME": self.pause.choose(serving=self.name, paused=stack_name),
            "PAUSED": self.pause.choose(serving=Aws.NO_VALUE, paused="true"),
        }
        self.alarms = [*guardrails.alarms, self._make_saturation_alarm(metrics, capacity)]
        if settings.idle_hours:
            idle = IdleAlarm(
                self, "Idle", requests=metrics.invocations(), pause=self.pause, settings=settings
            )
            self.alarms.append(idle.alarm)
        self.widgets = [
            *_make_widgets(metrics),
            *([_make_loading_widget(metrics)] if artifacts.holds_several else []),
        ]

    @functools.cached_property
    def _arn(self) -> str:
        # A policy needs a resource, and a paused service has no endpoint to refer to.
        stack = Stack.of(self)
        absent = stack.format_arn(
            service="sagemaker", resource="endpoint", resource_name=stack.stack_name.lower()
        )
        return self.pause.choose(serving=super()._arn, paused=absent)

    def _make_config(
        self,
        model: SageMakerModel,
        capture: sagemaker.CfnEndpointConfig.DataCaptureConfigProperty | None,
        settings: Settings,
    ) -> sagemaker.CfnEndpointConfig:
        variant = sagemaker.CfnEndpointConfig.ProductionVariantProperty(
            variant_name=VARIANT,
            model_name=model.name,
            instance_type=settings.instance_type,
            initial_instance_count=settings.instance_count,
            initial_variant_weight=1,
            container_startup_health_check_timeout_in_seconds=_STARTUP_TIMEOUT_SECONDS,
        )
        return sagemaker.CfnEndpointConfig(
            self,
            "Config",
            production_variants=[variant],
            data_capture_config=capture,
            # Detailed observability is on unless it is switched off:
            # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MetricsConfig.html
            metrics_config=sagemaker.CfnEndpointConfig.MetricsConfigProperty(
                enable_detailed_observability=settings.detailed_observability
            ),
        )

    def _make_endpoint(
        self, config: sagemaker.CfnEndpointConfig, guardrails: DeploymentGuardrails, settings: Settings
    ) -> sagemaker.CfnEndpoint:
        return sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=Stack.of(self).stack_name,
            endpoint_config_name=config.attr_endpoint_config_name,
            deployment_config=guardrails.deployment_config,
            retain_all_variant_properties=True,
            # Without autoscaling, only a deployment changes the number of instances.
            exclude_retained_variant_properties=None
            if settings.is_scaled
            else [
                sagemaker.CfnEndpoint.VariantPropertyProperty(variant_property_type="DesiredInstanceCount")
            ],
        )

    def _make_saturation_alarm(
        self, metrics: EndpointMetrics, capacity: InstanceCapacity
    ) -> cloudwatch.Alarm:
        return metrics.concurrency().create_alarm(
            self,
            "Saturation",
            threshold=3 * capacity.concurrency,
            alarm_description="An instance works on three times as many requests at once as it should.",
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=5,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )


def _configure_capture(
    role: iam.Role, artifacts: ModelArtifacts, settings: Settings
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


def _make_widgets(metrics: EndpointMetrics) -> list[cloudwatch.ConcreteWidget]:
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


def _make_loading_widget(metrics: EndpointMetrics) -> cloudwatch.ConcreteWidget:
    return cloudwatch.GraphWidget(
        title="3 Endpoint: models loaded, microseconds waited",
        left=[metrics.cache_hits(), metrics.unloadings()],
        right=[metrics.loading_wait("p50"), metrics.loading_wait("p99")],
    )
