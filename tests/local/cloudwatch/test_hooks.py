"""The attributes of MiniStack that local/cloudwatch replaces or reads; a new version may move them."""

import inspect
from typing import Any

import pytest
from ministack.services import apigateway_v1, cloudwatch, cloudwatch_logs, eventbridge, lambda_svc
from ministack.services.cloudformation import provisioners


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (apigateway_v1.authentication_error_response, ["api_id", "stage_name", "error"]),
        (apigateway_v1.find_api_scope, ["api_id"]),
        (apigateway_v1.handle_execute, ["api_id", "stage_name", "method"]),
        (cloudwatch._calc_stats, ["points"]),
        (cloudwatch._dims_from_list, ["dimensions"]),
        (cloudwatch._dims_key, ["dims"]),
        (cloudwatch._dispatch_alarm_actions, ["alarm", "old_state", "new_state", "reason"]),
        (cloudwatch._evaluate_alarm, ["alarm"]),
        (cloudwatch._evaluate_parent_alarms, ["child"]),
        (cloudwatch._evict_old_metrics, []),
        (cloudwatch._metric_bucket, ["key"]),
        (cloudwatch._put_metric_alarm, ["params", "cbor_data", "is_cbor", "is_json"]),
        (cloudwatch._record_history, ["alarm_name", "old_state", "new_state", "reason"]),
        (cloudwatch._stat_value, ["stats", "stat_name", "points"]),
        (cloudwatch.cloudformation_put_metric_alarm, ["alarm"]),
        (cloudwatch_logs._append_log_events, ["stream", "events"]),
        (eventbridge._put_events, ["data", "allow_aws_source"]),
        (lambda_svc._acquire_execution_slot, ["func", "config"]),
        (lambda_svc._emit_lambda_metrics, ["function_name", "duration_ms", "error", "throttle"]),
        (lambda_svc._execute_function_dispatch, ["func", "config", "event", "request_id", "started"]),
        (lambda_svc._inflight_key, ["config"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_ministack_has_the_function(function: Any, parameters: list[str]) -> None:
    assert list(inspect.signature(function).parameters)[: len(parameters)] == parameters


@pytest.mark.parametrize(
    ("module", "call"),
    [
        (cloudwatch, "    _evaluate_alarm(alarm)"),
        (cloudwatch, '"PutMetricAlarm": _put_metric_alarm'),
        (provisioners, "_cw.cloudformation_put_metric_alarm(alarm)"),
        (lambda_svc, "return _execute_function_dispatch("),
        (lambda_svc, "_cwl._append_log_events("),
    ],
    ids=["evaluation", "PutMetricAlarm", "CloudFormation", "invocation", "log"],
)
def test_ministack_calls_what_is_replaced(module: Any, call: str) -> None:
    assert call in inspect.getsource(module)
