"""Metrics of InvokeEndpoint, by endpoint and variant, and by endpoint configuration too.

https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html; an alarm on the new fleet of a
deployment names its EndpointConfigName:
https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Protocol

from local.sagemaker.hosting.errors import ContainerDownError

_NAMESPACE = "AWS/SageMaker"
_MICROSECONDS = 1_000_000
_NO_UNIT, _COUNT, _TIME = "None", "Count", "Microseconds"
# Status of a request that the container did not answer.
_NO_RESPONSE = 0


class RecordInvocation(Protocol):
    """Records a value of a metric."""

    def __call__(
        self, namespace: str, name: str, value: float, /, *, unit: str, dimensions: Mapping[str, str]
    ) -> None:
        """Records a value."""


class ContainerRequest:
    """A request to a container, and its time and status.

    Attributes:
        seconds: Time until the response, its transfer included; None while none was sent.
        status: Status of the response; 0 when there was none, or none that is HTTP.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.seconds: float | None = None
        self.status = _NO_RESPONSE

    def send(self, post: Callable[[], Any]) -> Any:
        """Sends the request and measures it; the last one counts.

        Args:
            post: Sends it and returns the response, which has a status.
        """
        started = self._clock()
        self.status = _NO_RESPONSE
        try:
            response = post()
            self.status = response.status
        finally:
            self.seconds = self._clock() - started
        return response


class InvocationMetrics:
    """Records the metrics of invocations.

    Args:
        record: Records a value.
        clock: Returns seconds that never decrease.
    """

    def __init__(self, record: RecordInvocation, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._record = record
        self._clock = clock
        self._lock = threading.Lock()
        # By endpoint and configuration: during an update, two fleets serve.
        self._concurrent: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def measure(
        self, endpoint: str, config: str, variant: Mapping[str, Any], *, instances: int
    ) -> Iterator[ContainerRequest]:
        """Yields the request to the container, and records the invocation at its end.

        An invocation that SageMaker refuses before it sends a request to the container is not counted.

        Args:
            endpoint: Name of the endpoint.
            config: Name of the endpoint configuration that serves the invocation.
            variant: Its production variant.
            instances: The number of instances that serve this configuration.
        """
        started = self._clock()
        with self._lock:
            self._concurrent[endpoint, config] += 1
            concurrent = self._concurrent[endpoint, config]
        request = ContainerRequest(self._clock)
        try:
            yield request
        except ContainerDownError:
            # SageMaker answers it with 503: see record_unavailable.
            request.seconds = None
            raise
        finally:
            with self._lock:
                self._concurrent[endpoint, config] -= 1
            if request.seconds is not None:
                latencies = {
                    "ModelLatency": request.seconds,
                    "OverheadLatency": self._clock() - started - request.seconds,
                }
                times = {name: (seconds * _MICROSECONDS, _TIME) for name, seconds in latencies.items()}
                values = _counts(request.status) | times | _load(variant, concurrent, instances)
                self._record_all(endpoint, config, variant, values)

    def record_unavailable(self, endpoint: str, config: str, variant: Mapping[str, Any]) -> None:
        """Records an invocation that SageMaker answered with 503, because no container listens."""
        self._record_all(endpoint, config, variant, _counts(HTTPStatus.SERVICE_UNAVAILABLE))

    def _record_all(
        self, endpoint: str, config: str, variant: Mapping[str, Any], values: Mapping[str, tuple[float, str]]
    ) -> None:
        by_variant = {"EndpointName": endpoint, "VariantName": variant["VariantName"]}
        for dimensions in (by_variant, by_variant | {"EndpointConfigName": config}):
            for name, (value, unit) in values.items():
                self._record(_NAMESPACE, name, value, unit=unit, dimensions=dimensions)


def _counts(status: int) -> dict[str, tuple[float, str]]:
    """Returns the counts of an invocation: 1 or 0, so that their average is a share.

    A model error is a status that is not 2xx, an error of the connection, or a timeout; of these, only a
    status counts as 4XX or 5XX.
    """
    is_success = HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
    is_client_error = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return {
        "Invocations": (1, _NO_UNIT),
        "Invocation4XXErrors": (int(is_client_error), _NO_UNIT),
        "Invocation5XXErrors": (int(status >= HTTPStatus.INTERNAL_SERVER_ERROR), _NO_UNIT),
        "InvocationModelErrors": (int(not is_success), _NO_UNIT),
    }


def _load(variant: Mapping[str, Any], concurrent: int, instances: int) -> dict[str, tuple[float, str]]:
    """Returns the metrics of load: for each instance, or of a serverless endpoint's concurrency."""
    if serverless := variant.get("ServerlessConfig"):
        # https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-monitoring.html
        share = concurrent / serverless["MaxConcurrency"]
        return {"ServerlessConcurrentExecutionsUtilization": (share, _NO_UNIT)}
    # An instance that has been stopped may still answer its last invocations.
    divisor = max(instances, 1)
    return {
        "InvocationsPerInstance": (1 / divisor, _NO_UNIT),
        "ConcurrentRequestsPerModel": (concurrent / divisor, _COUNT),
    }
