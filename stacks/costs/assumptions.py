"""What is assumed of the traffic and of the stack."""

from typing import Annotated

import msgspec

HOSTINGS = ("realtime", "serverless", "lambda")
PAID_BY_TIME = ("serverless", "lambda")
STAGES = ("dev", "prod")

Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=0)]


class Assumptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is taken for granted of the traffic and of the stack; cold starts are not in it.

    Attributes:
        request_bytes: Of one request, with its headers.
        response_bytes: Of one answer, with its headers.
        requests_per_second_per_vcpu: What one processor serves before another instance is needed.
        invoker_milliseconds: How long the invoker waits and works, by hosting.
        invoker_memory_mb: Its memory.
        model_milliseconds: How long one request keeps the model busy, by hosting that is paid by time.
        memory_mb: Memory of a hosting that is compared with, where the settings have none.
        log_bytes_api: What API Gateway writes for one request.
        log_bytes_function: What Lambda writes for one invocation.
        log_retention_months: How long logs are kept, by stage.
        alarms: Number of CloudWatch alarms.
        dashboards: Number of CloudWatch dashboards.
        metrics: Number of metrics of API methods, which are paid for once there are requests.
        bundle_gigabytes: Of all versions of the bundle in the artifact bucket.
        image_gigabytes: Of the image in ECR.
        capture_record_bytes: What data capture keeps of one request.
        capture_retention_months: How long it keeps it.
        waf_rules: Number of rules and managed rule groups.
    """

    request_bytes: NotNegative
    response_bytes: NotNegative
    requests_per_second_per_vcpu: Positive
    invoker_milliseconds: dict[str, NotNegative]
    invoker_memory_mb: Positive
    model_milliseconds: dict[str, NotNegative]
    memory_mb: Positive
    log_bytes_api: NotNegative
    log_bytes_function: NotNegative
    log_retention_months: dict[str, NotNegative]
    alarms: Count
    dashboards: Count
    metrics: Count
    bundle_gigabytes: NotNegative
    image_gigabytes: NotNegative
    capture_record_bytes: NotNegative
    capture_retention_months: NotNegative
    waf_rules: Count

    def __post_init__(self) -> None:
        for name, found, wanted in (
            ("invoker_milliseconds", self.invoker_milliseconds, HOSTINGS),
            ("model_milliseconds", self.model_milliseconds, PAID_BY_TIME),
            ("log_retention_months", self.log_retention_months, STAGES),
        ):
            if set(found) != set(wanted):
                raise ValueError(f"{name} must have {', '.join(wanted)} and nothing else")
