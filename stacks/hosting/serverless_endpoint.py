"""SageMaker serverless endpoint."""

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.hosting.batch_transform_permissions import ScoringAccess
from stacks.hosting.endpoint_metrics import VARIANT, EndpointMetrics
from stacks.hosting.model_host import ModelArtifacts
from stacks.hosting.model_image import ModelImage
from stacks.hosting.sagemaker_endpoint import SageMakerEndpoint, ServedConfiguration
from stacks.hosting.sagemaker_model import SageMakerModel
from stacks.settings.settings import Settings


class ServerlessEndpoint(SageMakerEndpoint):
    """Model, endpoint configuration and serverless endpoint.

    SageMaker offers no network isolation, data capture or deployment guardrails for it:
    https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html

    Attributes:
        name: Name of the endpoint, resolved once it is in service.
        environment: Environment variables with which the invoker finds it.
        alarms: Its alarms.
        widgets: Its dashboard widgets.
        served: Id of the check of what serves.
        pause: None, because it costs nothing while nobody asks.
        guarded_arn: None, because its updates have no guardrails.
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
            isolated=False,
            keeps_data=settings.keeps_data,
        )
        if settings.scoring_data:
            ScoringAccess(self, "Scoring", role=model.role, artifacts=artifacts, folder=settings.scoring_data)
        config = self._make_config(model, settings)
        self._endpoint = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=stack_name,
            endpoint_config_name=config.attr_endpoint_config_name,
        )
        served = ServedConfiguration(
            self, "Served", endpoint=self._endpoint, config=config, checker=artifacts.publisher
        )
        self.name = self._endpoint.attr_endpoint_name
        self.environment = {"ENDPOINT_NAME": self.name, "COLD_STARTS": "true"}
        self.served = served.ref
        self.pause = None
        self.guarded_arn = None
        self.alarms = self._make_alarms(metrics)
        self.widgets = _make_widgets(metrics)

    def _make_config(self, model: SageMakerModel, settings: Settings) -> sagemaker.CfnEndpointConfig:
        if settings.memory_mb is None or settings.max_concurrency is None:
            raise ValueError("A serverless endpoint needs memory_mb and max_concurrency.")
        variant = sagemaker.CfnEndpointConfig.ProductionVariantProperty(
            variant_name=VARIANT,
            model_name=model.name,
            initial_variant_weight=1,
            serverless_config=sagemaker.CfnEndpointConfig.ServerlessConfigProperty(
                memory_size_in_mb=settings.memory_mb, max_concurrency=settings.max_concurrency
            ),
        )
        return sagemaker.CfnEndpointConfig(self, "Config", production_variants=[variant])

    def _make_alarms(self, metrics: EndpointMetrics) -> list[cloudwatch.Alarm]:
        watched = {
            "Errors": (
                metrics.server_errors(),
                0.01,
                "The model fails on more than one request in a hundred.",
            ),
            "Saturation": (
                metrics.serverless_utilization(),
                0.9,
                "More than nine tenths of max_concurrency are in use.",
            ),
        }
        return [
            metric.create_alarm(
                self,
                name,
                threshold=threshold,
                alarm_description=description,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                evaluation_periods=3,
                datapoints_to_alarm=2,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            for name, (metric, threshold, description) in watched.items()
        ]


def _make_widgets(metrics: EndpointMetrics) -> list[cloudwatch.ConcreteWidget]:
    return [
        cloudwatch.GraphWidget(
            title="3 Endpoint: requests a minute",
            left=[metrics.invocations()],
            right=[metrics.server_errors()],
        ),
        cloudwatch.GraphWidget(
            title="3 Endpoint: microseconds",
            left=[metrics.latency("p50"), metrics.latency("p99"), metrics.overhead("p99")],
            right=[metrics.serverless_utilization()],
        ),
    ]
