"""Charges of each component of a deployment: fixed and by request."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bundle.cloudwatch_metrics import CAPTURE_WRITE_SECONDS
from stacks.costs.cost_settings import CostSettings
from stacks.costs.price_table import PriceTable
from stacks.costs.retraining_costs import RetrainingCosts
from stacks.settings.parsers import MONITOR_HOURS
from stacks.settings.retraining.parsers import OFF

HOURS_PER_MONTH = 730
SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600

_GB = 2**30
_MB_PER_GB = 1024
_MILLION = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Charge:
    """Charge of one component.

    Attributes:
        component: Name of the component.
        standing: Dollars a month, independent of use.
        once_used: Dollars a month as soon as there are requests.
        per_request: Dollars for each request.
    """

    component: str
    standing: float = 0
    once_used: float = 0
    per_request: float = 0

    def dollars(self, rate: float) -> float:
        """Returns dollars a month at `rate` requests a second."""
        used = self.once_used + self.per_request * rate * SECONDS_PER_MONTH if rate else 0
        return self.standing + used


class Charges:
    """Charges of every hosting for the same settings and prices."""

    def __init__(self, settings: CostSettings, table: PriceTable) -> None:
        self._settings = settings
        self._table = table
        self._prices = table.prices
        self._assumed = table.assumptions
        self._instance = table.instance(settings.instance_type)

    @property
    def retraining(self) -> RetrainingCosts:
        """Costs of retrainings."""
        return RetrainingCosts(self._settings, self._table)

    @property
    def instance_month(self) -> float:
        """Dollars a month of one instance."""
        return self._instance.price * HOURS_PER_MONTH

    @property
    def _instance_metrics(self) -> float:
        """Dollars a month of the detailed metrics of one instance, which are paid for by their volume."""
        return self._assumed.metric_gigabytes_per_instance * self._prices.metric_ingestion.price

    @property
    def instance_capacity(self) -> float:
        """Requests a second that one instance serves."""
        return self._assumed.requests_per_second_per_vcpu * self._instance.vcpus

    @property
    def memory_mb(self) -> float:
        """Memory of serverless and lambda: the setting, or the assumption."""
        return self._settings.memory_mb or self._assumed.memory_mb

    def busy_at_once(self, hosting: str, rate: float) -> int:
        """Returns the average concurrency of a hosting billed by duration, rounded up."""
        return math.ceil(rate * self._assumed.model_milliseconds[hosting] / 1000)

    def idle_endpoint(self, *, instances: int) -> float:
        """Returns dollars a month of the endpoint of realtime, independent of use."""
        return sum(charge.standing for charge in self._realtime(instances))

    def of(self, hosting: str, *, instances: int) -> Iterator[Charge]:
        """Yields all charges of a hosting.

        Args:
            hosting: One of HOSTINGS.
            instances: Number of instances; only realtime has any.
        """
        yield from {"realtime": self._realtime, "serverless": self._serverless, "lambda": self._lambda}[
            hosting
        ](instances)
        yield self._function(
            "Invoker Lambda", self._invoker_gb_seconds(hosting), self._prices.lambda_arm.price
        )
        yield Charge(component="API Gateway", per_request=self._prices.api_requests.price / _MILLION)
        yield Charge(
            component="Data transfer out",
            per_request=self._assumed.response_bytes / _GB * self._prices.data_transfer_out.price,
        )
        yield self._logs(functions=2 if hosting == "lambda" else 1)
        yield self._monitoring()
        if self._settings.monitor != "off":
            yield self._monitor()
        if self._settings.retrain != OFF:
            yield Charge(component="Retraining", standing=self.retraining.month)
        yield from self._storage(has_image=hosting != "lambda" or self._settings.packaging == "image")
        if self._settings.alarm_email:
            yield Charge(component="KMS", standing=self._prices.kms_key.price)
        if self._settings.waf:
            yield self._waf()

    def _realtime(self, instances: int) -> Iterator[Charge]:
        yield Charge(component="SageMaker instances", standing=instances * self.instance_month)
        yield self._endpoint_data()
        if self._settings.data_capture_percent:
            yield self._capture()
        if self._settings.detailed_observability:
            yield Charge(component="Detailed observability", standing=instances * self._instance_metrics)

    def _serverless(self, _instances: int) -> Iterator[Charge]:
        yield Charge(
            component="SageMaker serverless inference",
            per_request=self._model_gb_seconds("serverless") * self._prices.serverless_inference.price,
        )
        yield self._endpoint_data()

    def _lambda(self, _instances: int) -> Iterator[Charge]:
        yield self._function("Model Lambda", self._model_gb_seconds("lambda"), self._prices.lambda_x86.price)
        if self._settings.snapstart:
            gb_seconds = self.memory_mb / _MB_PER_GB * SECONDS_PER_MONTH
            yield Charge(component="SnapStart cache", standing=gb_seconds * self._prices.snapshot_cache.price)
        if self._settings.data_capture_percent:
            yield self._capture_of_functions()

    def _model_gb_seconds(self, hosting: str) -> float:
        return self._assumed.model_milliseconds[hosting] / 1000 * self.memory_mb / _MB_PER_GB

    def _invoker_gb_seconds(self, hosting: str) -> float:
        return (
            self._assumed.invoker_milliseconds[hosting] / 1000 * self._assumed.invoker_memory_mb / _MB_PER_GB
        )

    def _function(self, component: str, gb_seconds: float, price: float) -> Charge:
        per_request = gb_seconds * price + self._prices.lambda_requests.price / _MILLION
        return Charge(component=component, per_request=per_request)

    def _endpoint_data(self) -> Charge:
        gigabytes = (self._assumed.request_bytes + self._assumed.response_bytes) / _GB
        return Charge(component="SageMaker data", per_request=gigabytes * self._prices.endpoint_data.price)

    def _capture(self) -> Charge:
        share = self._settings.data_capture_percent / 100
        kept = self._assumed.capture_record_bytes / _GB * self._assumed.capture_retention_months
        return Charge(component="Data capture", per_request=share * kept * self._prices.s3_storage.price)

    def _capture_of_functions(self) -> Charge:
        """Returns the charge with the writes: one a minute for each environment that is in use."""
        stored = self._capture()
        write = self._prices.s3_writes.price / _MILLION
        environments_per_rate = self._assumed.model_milliseconds["lambda"] / 1000
        return replace(
            stored,
            once_used=write * SECONDS_PER_MONTH / CAPTURE_WRITE_SECONDS,
            per_request=stored.per_request + write * environments_per_rate / CAPTURE_WRITE_SECONDS,
        )

    def _logs(self, *, functions: int) -> Charge:
        gigabytes = (self._assumed.log_bytes_api + functions * self._assumed.log_bytes_function) / _GB
        kept = self._assumed.log_retention_months[self._settings.stage] * self._prices.log_storage.price
        return Charge(
            component="CloudWatch logs", per_request=gigabytes * (self._prices.log_ingestion.price + kept)
        )

    def _monitoring(self) -> Charge:
        return Charge(
            component="CloudWatch alarms, dashboard, metrics",
            standing=self._assumed.alarms * self._prices.alarm.price
            + self._assumed.dashboards * self._prices.dashboard.price,
            once_used=self._assumed.metrics * self._prices.metric.price,
        )

    def _monitor(self) -> Charge:
        """Returns the charge of the runs; custom metrics are billed by the hours that have a value."""
        runs = HOURS_PER_MONTH / MONITOR_HOURS[self._settings.monitor]
        gb_seconds = self._assumed.monitor_seconds * self._assumed.monitor_memory_mb / _MB_PER_GB
        return Charge(
            component="Monitor",
            standing=runs * gb_seconds * self._prices.lambda_x86.price
            + runs / HOURS_PER_MONTH * self._assumed.monitor_metrics * self._prices.metric.price
            + self._assumed.monitor_alarms * self._prices.alarm.price,
        )

    def _storage(self, *, has_image: bool) -> Iterator[Charge]:
        zipped = 0 if has_image else self._assumed.zip_gigabytes
        yield self._stored("S3", self._assumed.bundle_gigabytes + zipped, self._prices.s3_storage.price)
        if has_image:
            yield self._stored("ECR", self._assumed.image_gigabytes, self._prices.image_storage.price)

    def _stored(self, component: str, gigabytes: float, price: float) -> Charge:
        return Charge(component=component, standing=gigabytes * price)

    def _waf(self) -> Charge:
        return Charge(
            component="WAF",
            standing=self._prices.waf_web_acl.price + self._assumed.waf_rules * self._prices.waf_rule.price,
            per_request=self._prices.waf_requests.price / _MILLION,
        )
