"""Schedules of rules, of the API and of stacks."""

import json

import pytest
from botocore.exceptions import ClientError, WaiterError

from local.local_aws import LocalAws
from tests.local.polling import PATIENT_WAITER

INVALID = "cron(0 24 * * ? *)"


@pytest.mark.parametrize("schedule", [INVALID, "cron(60 6 ? * MON *)", "cron(0 6 ? 13 MON *)", "daily"])
def test_a_schedule_outside_of_the_values_of_its_fields_is_refused(
    aws: LocalAws, bucket: str, schedule: str
) -> None:
    with pytest.raises(ClientError, match=r"Parameter ScheduleExpression is not valid\."):
        aws.client("events").put_rule(Name=bucket, ScheduleExpression=schedule)


@pytest.mark.parametrize("schedule", ["cron(59 23 ? * MON-FRI *)", "cron(0/15 6-8 1 JAN,MAR ? 2099)"])
def test_a_valid_schedule_is_accepted(aws: LocalAws, bucket: str, schedule: str) -> None:
    events = aws.client("events")

    events.put_rule(Name=bucket, ScheduleExpression=schedule, State="DISABLED")

    assert events.describe_rule(Name=bucket)["ScheduleExpression"] == schedule
    events.delete_rule(Name=bucket)


def test_a_stack_with_an_invalid_schedule_fails_with_the_words_of_eventbridge(
    aws: LocalAws, bucket: str
) -> None:
    client = aws.client("cloudformation")
    rule = {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": INVALID}}

    client.create_stack(StackName=bucket, TemplateBody=json.dumps({"Resources": {"Clock": rule}}))
    with pytest.raises(WaiterError, match="ROLLBACK_COMPLETE"):
        client.get_waiter("stack_create_complete").wait(StackName=bucket, WaiterConfig=PATIENT_WAITER)

    events = client.describe_stack_events(StackName=bucket)["StackEvents"]
    reasons = {event.get("ResourceStatusReason") for event in events}
    client.delete_stack(StackName=bucket)
    assert "Parameter ScheduleExpression is not valid." in reasons
