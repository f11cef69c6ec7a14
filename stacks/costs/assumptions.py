"""Assumptions about traffic and stack that the costs are computed from."""

from typing import Annotated, get_args

import msgspec

from stacks.settings.parsers import Hosting, Stage

HOSTINGS: tuple[Hosting, ...] = get_args(Hosting)
BILLED_BY_DURATION: tuple[Hosting, ...] = ("serverless", "lambda")
STAGES: tuple[Stage, ...] = get_args(Stage)

Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=0)]


class Assumptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Traffic and size of the stack; cold starts are not included.

    Attributes:
        request_bytes: Size of one request, headers included.
        response_bytes: Size of one response, headers included.
        requests_per_second_per_vcpu: Capacity of one vCPU before another instance is needed.
        invoker_milliseconds: Billed duration of the invoker for one request, by hosting.
        invoker_memory_mb: Memory of the invoker.
        model_milliseconds: Billed duration of the model for one request, by hosting billed by duration.
        memory_mb: Memory of serverless and lambda when the settings have none.
        log_bytes_api: Log volume of API Gateway for one request.
        log_bytes_function: Log volume of Lambda for one invocation.
        log_retention_months: Retention of logs, by stage.
        alarms: Number of CloudWatch alarms.
        dashboards: Number of CloudWatch dashboards.
        metrics: Number of metrics of API methods, which are billed once there are requests.
        metric_gigabytes_per_instance: Volume a month of the detailed metrics of one instance.
        bundle_gigabytes: Size of all versions of the bundle in the artifact bucket.
        image_gigabytes: Size of the image in ECR.
        zip_gigabytes: Size of the zip of the model's function in S3.
        capture_record_bytes: Size of one captured request and response.
        capture_retention_months: Retention of captured data.
        monitor_seconds: Duration of one run of the monitor.
        monitor_memory_mb: Memory of its function.
        monitor_metrics: Number of its metrics, which are paid for in the hours of its runs.
        monitor_alarms: Number of its alarms.
        training_minutes: Time of an instance that trains, from the download of the rows on.
        judging_minutes: Time of an instance that judges.
        training_image_gigabytes: Size of the training image in ECR.
        retrainings: Retrainings a month that no schedule starts.
        waf_rules: Number of rules and managed rule groups.
        scoring_megabytes_per_second: Bytes of a file that one call scores in a second.
        scoring_memory_mb: Memory of the function that scores files.
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
    metric_gigabytes_per_instance: NotNegative
    bundle_gigabytes: NotNegative
    image_gigabytes: NotNegative
    zip_gigabytes: NotNegative
    capture_record_bytes: NotNegative
    capture_retention_months: NotNegative
    monitor_seconds: NotNegative
    monitor_memory_mb: Positive
    monitor_metrics: Count
    monitor_alarms: Count
    training_minutes: NotNegative
    judging_minutes: NotNegative
    training_image_gigabytes: NotNegative
    retrainings: NotNegative
    waf_rules: Count
    scoring_megabytes_per_second: Positive
    scoring_memory_mb: Positive

    def __post_init__(self) -> None:
        for name, found, wanted in (
            ("invoker_milliseconds", self.invoker_milliseconds, HOSTINGS),
            ("model_milliseconds", self.model_milliseconds, BILLED_BY_DURATION),
            ("log_retention_months", self.log_retention_months, STAGES),
        ):
            if set(found) != set(wanted):
                raise ValueError(f"{name} must have {', '.join(wanted)} and nothing else")
