"""Alarms of a deployed stack: raised by the metric that they name, mailed by its topic, and ended."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from botocore.exceptions import ClientError

from tests.e2e.support.account import Account, call
from tests.e2e.support.mailbox import subscribe
from tests.local.polling import PATIENT_WAITER, until
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle

INVALID = {"size": "not a number"}


def test_an_alarm_of_the_stack_follows_the_errors_of_its_endpoint(account: Account, tmp_path: Path) -> None:
    # Given a stack with a topic, a queue behind the topic, and a second endpoint of the same configuration
    write_tiny_bundle(tmp_path / "model.tar.gz")
    outputs = account.deploy(tmp_path / "model.tar.gz", alarm_email="team@example.com")
    cloudwatch, sagemaker = account.aws.client("cloudwatch"), account.aws.client("sagemaker")
    [alarm] = [
        one
        for one in cloudwatch.describe_alarms()["MetricAlarms"]
        if one["MetricName"] == "InvocationModelErrors"
    ]
    messages = subscribe(account, alarm["AlarmActions"][0])
    config = sagemaker.describe_endpoint(EndpointName=outputs["EndpointName"])["EndpointConfigName"]
    sagemaker.create_endpoint(EndpointName="Other", EndpointConfigName=config)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="Other", WaiterConfig=PATIENT_WAITER)
    # With an alarm of its own, which differs in nothing else
    kept = ("Namespace", "MetricName", "Statistic", "Period", "EvaluationPeriods", "DatapointsToAlarm")
    settings = {name: alarm[name] for name in (*kept, "Threshold", "ComparisonOperator", "TreatMissingData")}
    dimensions = [
        {"Name": one["Name"], "Value": "Other" if one["Name"] == "EndpointName" else one["Value"]}
        for one in alarm["Dimensions"]
    ]
    cloudwatch.put_metric_alarm(AlarmName="other", Dimensions=dimensions, **settings)

    def state(name: str) -> str:
        [found] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return str(found["StateValue"])

    until(lambda: {state(alarm["AlarmName"]), state("other")} == {"OK"})

    # When only the second endpoint fails, then only its alarm is raised
    def fail_other() -> bool:
        with suppress(ClientError):
            account.aws.client("sagemaker-runtime").invoke_endpoint(
                EndpointName="Other", Body=json.dumps(INVALID), ContentType="application/json"
            )
        return state("other") == "ALARM"

    until(fail_other)
    assert state(alarm["AlarmName"]) == "OK"

    # When the API's requests fail in the stack's endpoint, then its alarm is raised
    service = account.find()

    def fail() -> bool:
        assert call("POST", service.url, body=INVALID, key=service.api_key).status == 422
        return state(alarm["AlarmName"]) == "ALARM"

    until(fail)
    shown: list[str] = []

    def is_shown() -> bool:
        watched = account.local("watch", "--once").stdout
        shown[:] = [line for line in watched.splitlines() if alarm["AlarmName"] in line]
        # On a busy machine a period without a request can end the alarm for a while
        return "ALARM" in shown[0]

    with repeated(fail):
        until(is_shown)
    [line] = shown
    assert "2 out of the last 3 datapoints [1.0 (" in line
    assert "were greater than the threshold (0.5)" in line

    # When they succeed again, then it ends
    def succeed() -> bool:
        assert call("POST", service.url, body=EXAMPLE, key=service.api_key).status == 200
        return state(alarm["AlarmName"]) == "OK"

    until(succeed)
    mailed: list[tuple[str, str]] = []

    def is_mailed() -> bool:
        mailed.extend(changes(messages(), alarm["AlarmName"]))
        return mailed[-1:] == [("ALARM", "OK")]

    # The state changes before its mail is sent
    until(is_mailed)
    assert mailed[0] == ("OK", "ALARM")
    sagemaker.delete_endpoint(EndpointName="Other")
    account.delete_stack("Tiny")


@contextmanager
def repeated(step: Callable[[], object]) -> Iterator[None]:
    """Repeats a step in a thread until the end of the context."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(0.2):
            step()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run)
        try:
            yield
        finally:
            ended.set()
        running.result()


def changes(messages: list[str], alarm: str) -> list[tuple[str, str]]:
    """Returns the changes of an alarm among messages, without its first evaluation."""
    found = [json.loads(message) for message in messages]
    return [
        (message["OldStateValue"], message["NewStateValue"])
        for message in found
        if message["AlarmName"] == alarm and message["OldStateValue"] != "INSUFFICIENT_DATA"
    ]
