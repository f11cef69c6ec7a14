"""Price table and settings with round numbers, for manual calculations."""

from dataclasses import dataclass
from typing import Any

import msgspec

from stacks.costs.price_table import PriceTable

# With these, one request a second is 2,628,000 requests a month.
REQUESTS = 730 * 3600


@dataclass(frozen=True, kw_only=True)
class ExampleSettings:
    """Settings that costs are computed from."""

    stage: str = "dev"
    hosting: str = "realtime"
    packaging: str | None = None
    snapstart: bool = False
    instance_type: str = "ml.m5.large"
    instance_count: int = 1
    max_instance_count: int = 1
    memory_mb: int | None = None
    max_concurrency: int | None = None
    data_capture_percent: int = 0
    monitor: str = "off"
    retrain: str = "off"
    training_instance_type: str = "ml.m5.large"
    detailed_observability: bool = False
    rate_limit: int = 100
    monthly_quota: int | None = None
    waf: bool = False
    alarm_email: str | None = None


def document() -> dict[str, Any]:
    """Content of a table file: prices of 1 to 23, and one MiB for each request and response."""
    return {
        "date": "2026-01-31",
        "region": "moon-1",
        "currency": "USD",
        "sources": {"here": {"url": "https://example.org/prices", "about": "Made up."}},
        "prices": {
            "endpoint_data": _price(1, "GB"),
            "serverless_inference": _price(2, "GB-second"),
            "lambda_arm": _price(3, "GB-second"),
            "lambda_x86": _price(4, "GB-second"),
            "lambda_requests": _price(5, "million requests"),
            "api_requests": _price(6, "million requests"),
            "data_transfer_out": _price(7, "GB"),
            "log_ingestion": _price(8, "GB"),
            "log_storage": _price(9, "GB-month"),
            "alarm": _price(10, "month"),
            "dashboard": _price(11, "month"),
            "metric": _price(12, "month"),
            "s3_storage": _price(13, "GB-month"),
            "image_storage": _price(14, "GB-month"),
            "waf_web_acl": _price(15, "month"),
            "waf_rule": _price(16, "month"),
            "waf_requests": _price(17, "million requests"),
            "kms_key": _price(18, "month"),
            "metric_ingestion": _price(19, "GB"),
            "snapshot_cache": _price(20, "GB-second"),
            "s3_writes": _price(21, "million requests"),
            "s3_reads": _price(22, "million requests"),
            "state_transitions": _price(23, "million transitions"),
        },
        "instances": {"ml.m5.large": _price(100, "hour") | {"vcpus": 2}},
        "assumptions": {
            "request_bytes": 2**20,
            "response_bytes": 2**20,
            "requests_per_second_per_vcpu": 5,
            "invoker_milliseconds": {"realtime": 100, "serverless": 200, "lambda": 300},
            "invoker_memory_mb": 512,
            "model_milliseconds": {"serverless": 50, "lambda": 40},
            "memory_mb": 1024,
            "log_bytes_api": 2**20,
            "log_bytes_function": 2**19,
            "log_retention_months": {"dev": 1, "prod": 12},
            "alarms": 2,
            "dashboards": 1,
            "metrics": 3,
            "metric_gigabytes_per_instance": 4,
            "bundle_gigabytes": 0.5,
            "image_gigabytes": 0.25,
            "zip_gigabytes": 0.125,
            "capture_record_bytes": 2**20,
            "capture_retention_months": 2,
            "monitor_seconds": 10,
            "monitor_memory_mb": 1024,
            "monitor_metrics": 8,
            "monitor_alarms": 3,
            "training_minutes": 6,
            "judging_minutes": 3,
            "training_image_gigabytes": 0.5,
            "retrainings": 2,
            "waf_rules": 2,
            "scoring_megabytes_per_second": 2,
            "scoring_memory_mb": 2048,
        },
    }


def table(**assumptions: Any) -> PriceTable:
    """The table, with other assumptions."""
    content = document()
    content["assumptions"] |= assumptions
    return msgspec.convert(content, PriceTable, strict=False)


def realistic_table(hour: float, **assumptions: Any) -> PriceTable:
    """A table with realistic prices, and the given price for an hour of an instance."""
    content = document()
    for price in content["prices"].values():
        price["price"] /= 100_000
    content["instances"]["ml.m5.large"]["price"] = hour
    content["assumptions"] |= assumptions
    return msgspec.convert(content, PriceTable, strict=False)


def _price(price: float, unit: str) -> dict[str, Any]:
    return {"price": price, "unit": unit, "source": "here"}
