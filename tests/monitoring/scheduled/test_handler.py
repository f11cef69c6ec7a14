"""One run of the monitor's function, on an emulated S3."""

import datetime
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from bundle import Bundle, Metrics
from bundle.cloudwatch_metrics import DIMENSION, DRIFTED_FIELDS, NAMESPACE, OUTCOMES_JOINED, PROMISE_BROKEN
from local.cloudwatch.metrics.embedded_metrics import EmbeddedValue, embedded_values
from local.local_aws import ACCESS_KEY_ID, SECRET_ACCESS_KEY, LocalAws
from local.processes import lifecycle
from local.sagemaker.capture.record import CapturedCall, record_of
from monitoring.outcomes.outcome_report import OutcomeReport
from monitoring.scheduled.handler import end_of, handler, outcome_values
from monitoring.scheduled.monitor_bucket import MonitorBucket
from serving.predict.predictor import Predictor
from tests.inherited_environ import inherited_environ
from tests.local.conftest import START_SECONDS
from tests.monitoring.captured_calls import CONFIG, MORNING, captured_call
from tests.reference import REFERENCE
from tests.tiny_bundle import write_tiny_bundle

END = MORNING + timedelta(hours=1)
EVENT = {"end": END.isoformat()}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """Local AWS, for its S3."""
    wanted = LocalAws(port=0, state=tmp_path_factory.mktemp("aws"))
    yield lifecycle.up(wanted, environ=inherited_environ(), timeout=START_SECONDS)
    lifecycle.down(wanted)


class Bucket:
    """The artifact bucket of one test."""

    def __init__(self, aws: LocalAws, name: str) -> None:
        self.name = name
        self.s3 = aws.client("s3")
        self.s3.create_bucket(Bucket=name)

    def put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket=self.name, Key=key, Body=body)

    def capture(self, calls: list[CapturedCall]) -> None:
        for number, call in enumerate(calls):
            record = record_of(call, CONFIG, event_id=f"event-{number}")
            self.put(f"captures/model/primary/{call.time:%Y/%m/%d/%H}/{number}.jsonl", record.encode())

    def text(self, key: str) -> str:
        return str(self.s3.get_object(Bucket=self.name, Key=key)["Body"].read().decode())


@pytest.fixture
def bucket(aws: LocalAws, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Bucket:
    bucket = Bucket(aws, f"artifacts-{abs(hash(request.node.name))}")
    environment = {
        "AWS_ENDPOINT_URL": aws.url,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": "monitor",
        "MODEL_DATA_URL": f"s3://{bucket.name}/models/tiny/1/model.tar.gz",
        "BUCKET": bucket.name,
        "CAPTURES": "captures/",
        "OUTCOMES": "outcomes/",
        "PAGES": "monitor/",
        "WINDOW_HOURS": "24",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    # boto3 keeps the credentials of a process's first client.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    return bucket


@pytest.fixture
def bundle(bucket: Bucket, tmp_path: Path) -> Bundle:
    metrics = Metrics(split="The last 20% by time.", values={"roc_auc": 0.9})
    found = write_tiny_bundle(tmp_path / "tiny.tar.gz", reference=REFERENCE, metrics=metrics)
    bucket.put("models/tiny/1/model.tar.gz", (tmp_path / "tiny.tar.gz").read_bytes())
    return found


def calls(bundle: Bundle, size: float, *, days: int = 1, rows: int = 300) -> list[CapturedCall]:
    """Calls of several rows, one a day, with rows of one size."""
    predictor = Predictor(bundle)
    body = {"instances": [{"size": size, "kind": "ant"}] * rows}
    return [
        captured_call(predictor, body, id=f"day-{day}", time=MORNING - timedelta(days=day))
        for day in range(days)
    ]


def run(capsys: pytest.CaptureFixture[str], event: Any = EVENT) -> tuple[dict[str, Any], dict[str, float]]:
    """Runs the function; returns its answer and the metrics by name."""
    answer = handler(event, None)
    found: list[EmbeddedValue] = [
        value for line in capsys.readouterr().out.splitlines() for value in embedded_values(line)
    ]
    assert {(one.namespace, *one.dimensions.items()) for one in found} == {
        (NAMESPACE, (DIMENSION, "monitor"))
    }
    return answer, {one.name: one.value for one in found}


def test_requests_unlike_the_training_rows_raise_the_alarm(
    bucket: Bucket, bundle: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket.capture(calls(bundle, 99.0))

    answer, metrics = run(capsys)

    assert answer["drift"] == "drift"
    assert metrics[DRIFTED_FIELDS] >= 1
    assert answer["drift_sentence"] in bucket.text(answer["page"])
    assert bucket.text("monitor/index.html") == bucket.text(answer["page"])
    assert json.loads(bucket.text("monitor/2026-02-14T10-30/drift.json"))["status"] == "drift"


def test_without_captures_there_is_no_value_for_the_alarm(
    bucket: Bucket, bundle: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bundle.digest

    answer, metrics = run(capsys)

    assert (answer["drift"], answer["outcomes"]) == ("too_few_rows", "no_outcomes")
    assert not {DRIFTED_FIELDS, PROMISE_BROKEN} & metrics.keys()
    assert bucket.text(answer["page"])


def test_outcomes_worse_than_promised_raise_the_alarm_and_bad_rows_are_named(
    bucket: Bucket, bundle: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket.capture(calls(bundle, 1.0, days=10, rows=40))
    lines = [f"day-{day},{row},{row % 2}" for day in range(10) for row in range(40)]
    bucket.put("outcomes/week.csv", "\n".join(["request_id,row,outcome", *lines, "day-1,0,maybe"]).encode())

    answer, metrics = run(capsys)

    assert answer["outcomes"] == "broken", answer
    assert (metrics[OUTCOMES_JOINED], metrics[PROMISE_BROKEN]) == (400, 1)
    assert metrics["LiveRocAuc"] == pytest.approx(0.5)
    page = bucket.text(answer["page"])
    assert "outcomes/week.csv, line 402: outcome is &#x27;maybe&#x27;" in page
    assert "roc_auc is 0.500 and was 0.900" in page


def test_a_file_of_outcomes_that_is_deleted_after_it_was_listed_is_left_out(
    bucket: Bucket, bundle: Bundle, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bundle.digest
    for name in "ab":
        bucket.put(f"outcomes/{name}.csv", b"request_id,outcome\n1,maybe\n")
    read = MonitorBucket.read

    def read_others(found: MonitorBucket, key: str) -> bytes | None:
        if key.endswith("a.csv"):
            bucket.s3.delete_object(Bucket=bucket.name, Key=key)
        return read(found, key)

    monkeypatch.setattr(MonitorBucket, "read", read_others)

    answer, _ = run(capsys)

    assert "b.csv" in bucket.text(answer["page"])
    assert "a.csv" not in bucket.text(answer["page"])


@pytest.mark.parametrize(
    ("event", "end"),
    [
        ({"detail-type": "Scheduled Event", "time": "2026-02-14T10:30:00Z"}, END - timedelta(minutes=15)),
        ({"end": "2026-02-14T11:30:00+01:00"}, END),
        ({}, MORNING),
        (None, MORNING),
    ],
)
def test_a_scheduled_window_ends_when_its_captures_are_written(event: Any, end: datetime.datetime) -> None:
    assert end_of(event, now=MORNING) == end


def test_few_outcomes_give_no_value_for_the_alarm() -> None:
    report = OutcomeReport(model="m", version="v", status="too_few", sentence="", rows=3, days=1)

    assert outcome_values(report) == {OUTCOMES_JOINED: 3.0}
