"""CloudWatch metrics of a SageMaker endpoint."""

from dataclasses import dataclass, replace
from typing import Self

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

VARIANT = "primary"


@dataclass(frozen=True, kw_only=True)
class EndpointMetrics:
    """Metrics of an endpoint with one variant, with a period of one minute.

    They name the endpoint instead of referring to it, so rollback alarms do not depend on it:
    https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html

    Attributes:
        endpoint_name: Name of the endpoint.
        configuration: Name of the endpoint configuration whose instances are measured; "" for all instances.
    """

    endpoint_name: str
    configuration: str = ""

    def of_configuration(self, name: str) -> Self:
        """Returns the metrics of the instances of one endpoint configuration: of one fleet in an update."""
        return replace(self, configuration=name)

    def invocations(self) -> cloudwatch.Metric:
        """Requests per minute."""
        return self._metric("Invocations", cloudwatch.Stats.SUM)

    def server_errors(self) -> cloudwatch.Metric:
        """Fraction of requests with a 5xx status, 0 to 1."""
        return self._metric("Invocation5XXErrors", cloudwatch.Stats.AVERAGE)

    def model_errors(self) -> cloudwatch.Metric:
        """Fraction of requests without a 2xx response, 0 to 1, such as timeouts and invalid rows."""
        return self._metric("InvocationModelErrors", cloudwatch.Stats.AVERAGE)

    def latency(self, statistic: str) -> cloudwatch.Metric:
        """Response time of the container in microseconds."""
        return self._metric("ModelLatency", statistic)

    def overhead(self, statistic: str) -> cloudwatch.Metric:
        """Time that SageMaker adds to the container's response time, in microseconds."""
        return self._metric("OverheadLatency", statistic)

    def concurrency(self) -> cloudwatch.Metric:
        """Maximum of concurrent requests on an instance."""
        return self._metric("ConcurrentRequestsPerModel", cloudwatch.Stats.MAXIMUM)

    def cache_hits(self) -> cloudwatch.Metric:
        """Fraction of requests whose model was already loaded, 0 to 1; multi-model endpoints only."""
        return self._metric("ModelCacheHit", cloudwatch.Stats.AVERAGE)

    def loading_wait(self, statistic: str) -> cloudwatch.Metric:
        """Wait for download and load of the model, in microseconds; multi-model endpoints only."""
        return self._metric("ModelLoadingWaitTime", statistic)

    def unloadings(self) -> cloudwatch.Metric:
        """Number of unloaded models, usually for lack of memory; multi-model endpoints only."""
        return self._metric("ModelUnloadingTime", cloudwatch.Stats.SAMPLE_COUNT)

    def serverless_utilization(self) -> cloudwatch.Metric:
        """Fraction of a serverless endpoint's concurrency in use, 0 to 1."""
        return self._metric("ServerlessConcurrentExecutionsUtilization", cloudwatch.Stats.MAXIMUM)

    def _metric(self, name: str, statistic: str) -> cloudwatch.Metric:
        fleet = {"EndpointConfigName": self.configuration} if self.configuration else {}
        return cloudwatch.Metric(
            namespace="AWS/SageMaker",
            metric_name=name,
            dimensions_map={"EndpointName": self.endpoint_name, "VariantName": VARIANT, **fleet},
            statistic=statistic,
            period=Duration.minutes(1),
        )
