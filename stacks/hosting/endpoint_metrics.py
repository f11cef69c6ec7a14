"""What CloudWatch measures of an endpoint."""

from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

VARIANT = "primary"


@dataclass(frozen=True, kw_only=True)
class EndpointMetrics:
    """The metrics of an endpoint with one variant, a value a minute.

    They go by the endpoint's name, so that alarms which guard its update do not wait for it:
    https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html

    Attributes:
        endpoint_name: Name of the endpoint.
    """

    endpoint_name: str

    def invocations(self) -> cloudwatch.Metric:
        """Requests a minute."""
        return self._metric("Invocations", cloudwatch.Stats.SUM)

    def server_errors(self) -> cloudwatch.Metric:
        """The share of requests that the model failed on, 0 to 1."""
        return self._metric("Invocation5XXErrors", cloudwatch.Stats.AVERAGE)

    def model_errors(self) -> cloudwatch.Metric:
        """The share of requests without a prediction, 0 to 1: also timeouts, crashes and refused rows."""
        return self._metric("InvocationModelErrors", cloudwatch.Stats.AVERAGE)

    def latency(self, statistic: str) -> cloudwatch.Metric:
        """How long the container took, in microseconds."""
        return self._metric("ModelLatency", statistic)

    def overhead(self, statistic: str) -> cloudwatch.Metric:
        """How long SageMaker took around the container, in microseconds."""
        return self._metric("OverheadLatency", statistic)

    def concurrency(self) -> cloudwatch.Metric:
        """The most requests at once on an instance."""
        return self._metric("ConcurrentRequestsPerModel", cloudwatch.Stats.MAXIMUM)

    def cache_hits(self) -> cloudwatch.Metric:
        """The share of requests whose model was loaded before, 0 to 1; of several models."""
        return self._metric("ModelCacheHit", cloudwatch.Stats.AVERAGE)

    def loading_wait(self, statistic: str) -> cloudwatch.Metric:
        """How long requests waited for their model to be fetched and loaded, in microseconds; of several."""
        return self._metric("ModelLoadingWaitTime", statistic)

    def unloadings(self) -> cloudwatch.Metric:
        """How often a model was unloaded, as a rule for want of memory; of several models."""
        return self._metric("ModelUnloadingTime", cloudwatch.Stats.SAMPLE_COUNT)

    def serverless_utilization(self) -> cloudwatch.Metric:
        """The share of a serverless endpoint's concurrency in use, 0 to 1."""
        return self._metric("ServerlessConcurrentExecutionsUtilization", cloudwatch.Stats.MAXIMUM)

    def _metric(self, name: str, statistic: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/SageMaker",
            metric_name=name,
            dimensions_map={"EndpointName": self.endpoint_name, "VariantName": VARIANT},
            statistic=statistic,
            period=Duration.minutes(1),
        )
