"""The lock of the runs in S3, which botocore may write twice, and Step Functions' view of its holder."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session

from lambda_src.retraining.resources.run_lock import RunLock
from tests.lambda_src.retraining.conftest import Place, Start


def lose_the_answer(s3: Any, *operations: str) -> list[str]:
    """Lets S3 do each of the operations once without an answer, so that botocore repeats the request."""
    lost: list[str] = []

    def send_and_lose(request: Any, event_name: str, **_: Any) -> None:
        if event_name not in lost:
            lost.append(event_name)
            assert URLLib3Session().send(request).status_code == 200
            raise ConnectionClosedError(endpoint_url=request.url)

    for operation in operations:
        s3.meta.events.register(f"before-send.s3.{operation}", send_and_lose)
    return lost


@pytest.mark.parametrize("before", [None, '{"execution": "arn:ended"}'])
def test_a_lock_whose_first_answer_is_lost_is_taken(place: Place, before: str | None) -> None:
    s3 = place.aws.client("s3")
    if before:
        place.put("lock", before)
    lost = lose_the_answer(s3, "PutObject")
    lock = RunLock(s3, bucket=place.name, key="lock", is_running=lambda *_: False)

    assert lock.take("arn:one") == ""

    assert lost == ["before-send.s3.PutObject"]
    assert place.get("lock") == b'{"execution": "arn:one"}'


def test_a_lock_that_another_run_takes_meanwhile_is_its_own(place: Place) -> None:
    s3 = place.aws.client("s3")

    def take_meanwhile(**_: Any) -> None:
        place.put("lock", '{"execution": "arn:other"}')

    s3.meta.events.register("before-send.s3.PutObject", take_meanwhile)
    lock = RunLock(s3, bucket=place.name, key="lock", is_running=lambda *_: False)

    assert lock.take("arn:one") == "arn:other"


def test_a_holder_that_step_functions_does_not_know_yet_keeps_its_lock(
    place: Place, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = start("prepare")
    place.put("rows/a.csv", "one")
    new = place.execution(running=False).replace("execution:", "execution:x")
    place.put("retraining/lock.json", f'{{"execution": "{new}"}}')
    event = {"input": {}, "execution": "arn:one", "start": "2026"}

    assert prepare.handler(event, None)["reason"] == f"Another run is in progress: {new}."

    # Minutes later, it is one that has been forgotten.
    monkeypatch.setattr(prepare, "_KNOWN_AFTER", timedelta(0))
    assert prepare.handler(event, None)["next"] == "Train"
