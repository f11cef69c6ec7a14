"""State change of an alarm: its record, history, actions, composite alarms and event."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import cloudwatch, eventbridge

from local.cloudwatch.alarms.metric_alarm import AlarmRecord
from local.cloudwatch.alarms.state_reason import alarm_timestamp

_STATE_UPDATE = "StateUpdate"


def change_state(record: AlarmRecord, state: str, *, reason: str, data: str, now: float) -> None:
    """Changes the state of a metric alarm, and does what follows from it.

    Args:
        record: MiniStack's record of the alarm.
        state: The new state.
        reason: StateReason.
        data: StateReasonData.
        now: Time of the change, in seconds since 1970.
    """
    old = record["StateValue"]
    record["StateValue"], record["StateReason"], record["StateReasonData"] = state, reason, data
    record["StateUpdatedTimestamp"] = record["StateTransitionedTimestamp"] = now
    cloudwatch._record_history(record["AlarmName"], old, state, reason, reason_data=json.loads(data))
    cloudwatch._dispatch_alarm_actions(record, old, state, reason)
    cloudwatch._evaluate_parent_alarms(record)


def with_event(dispatch: Callable[..., None]) -> Callable[..., None]:
    """Wraps MiniStack's function that runs an alarm's actions: it sends the event to EventBridge too.

    CloudWatch sends it whether actions are enabled or not, also for SetAlarmState and composite alarms.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
    """

    def dispatch_with_event(alarm: AlarmRecord, old_state: str, new_state: str, reason: str) -> None:
        dispatch(alarm, old_state, new_state, reason)
        entry = {
            "Source": "aws.cloudwatch",
            "DetailType": "CloudWatch Alarm State Change",
            "Resources": [alarm["AlarmArn"]],
            "Detail": json.dumps(_detail(alarm, old_state)),
        }
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)

    return dispatch_with_event


def _detail(alarm: AlarmRecord, old_state: str) -> dict[str, Any]:
    state = {
        "value": alarm["StateValue"],
        "reason": alarm["StateReason"],
        "timestamp": alarm_timestamp(alarm["StateUpdatedTimestamp"]),
    }
    if "StateReasonData" in alarm:
        state["reasonData"] = alarm["StateReasonData"]
    return {
        "alarmName": alarm["AlarmName"],
        "state": state,
        "previousState": _previous_state(alarm["AlarmName"], old_state),
        "configuration": _configuration(alarm),
    }


def _previous_state(name: str, old_state: str) -> dict[str, Any]:
    """Returns the state before the last one, which the history has recorded."""
    entries = [
        entry
        for entry in cloudwatch._history_entries()
        if entry["AlarmName"] == name and entry["HistoryItemType"] == _STATE_UPDATE
    ]
    if len(entries) < len(("previous", "new")):
        return {"value": old_state}
    previous = entries[-2]
    new = json.loads(previous["HistoryData"])["newState"]
    found = {
        "value": old_state,
        "reason": new["stateReason"],
        "timestamp": alarm_timestamp(cloudwatch._parse_ts(previous["Timestamp"])),
    }
    if "stateReasonData" in new:
        found["reasonData"] = json.dumps(new["stateReasonData"], separators=(",", ":"))
    return found


def _configuration(alarm: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (
        {"description": alarm["AlarmDescription"]} if alarm.get("AlarmDescription") else {}
    )
    if "AlarmRule" in alarm:
        return found | {"alarmRule": alarm["AlarmRule"]}
    metric = {
        "namespace": alarm.get("Namespace"),
        "name": alarm.get("MetricName"),
        "dimensions": cloudwatch._dims_from_list(alarm.get("Dimensions") or []),
    }
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic")
    stated = {"metric": metric, "period": alarm.get("Period"), "stat": statistic}
    return found | {"metrics": [{"id": "m1", "metricStat": stated, "returnData": True}]}
