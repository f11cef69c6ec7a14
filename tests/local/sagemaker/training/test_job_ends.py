"""Ends of training jobs in the process of the test: stops, errors that nobody has foreseen, open outputs."""

import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from local.sagemaker.errors import SageMakerError
from local.sagemaker.training.instance_log import InstanceLog
from local.sagemaker.training.job import TrainingJob
from local.sagemaker.training.training import SageMakerTraining
from tests.local.polling import until
from tests.local.sagemaker.permitted_role import PermittedRole, SilentLogs
from tests.local.sagemaker.training.conftest import request_for

_SETTLE_SECONDS = 60.0
_WAITS = (sys.executable, "-c", "import signal; signal.pause()")


def make_training(
    folder: Path, command: Sequence[str], role: PermittedRole | None = None
) -> SageMakerTraining:
    """Makes training in the process of the test, whose jobs read and write no data."""
    return SageMakerTraining(
        assume=lambda _role, *, source_arn: role or PermittedRole(),  # noqa: ARG005 - the signature
        folder=folder,
        command=command,
        environment={"PATH": os.environ["PATH"]},
        publish=lambda *_event: None,
    )


def make_job(*, instances: int = 1) -> TrainingJob:
    request = request_for("any", {}, instances)
    return TrainingJob(name=request["TrainingJobName"], request=request)


def statuses(job: TrainingJob) -> list[str]:
    return [entered.status for entered in job.transitions]


def test_a_second_stop_does_nothing(tmp_path: Path) -> None:
    training, job = make_training(tmp_path, _WAITS), make_job()
    training.create(job)
    until(lambda: "Training" in statuses(job))

    training.stop(job.name)
    training.stop(job.name)

    assert job.settled.wait(_SETTLE_SECONDS)
    assert statuses(job).count("Stopping") == 1
    assert job.status == "Stopped"


def test_a_stop_after_the_end_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    training, job = make_training(tmp_path, ["true"]), make_job()
    training.create(job)
    assert job.settled.wait(_SETTLE_SECONDS)

    with pytest.raises(SageMakerError, match="in status Completed"):
        training.stop(job.name)

    assert (job.status, job.stopping.is_set()) == ("Completed", False)


def test_a_job_that_completes_after_its_stop_was_requested_is_stopped() -> None:
    job = make_job()

    # The end of the job is decided, and then the request arrives.
    assert job.stop() == "InProgress"
    job.settle("Completed")

    assert statuses(job) == ["Starting", "Stopping", "Stopped"]


def test_a_job_ends_with_an_error_that_nobody_has_foreseen(tmp_path: Path) -> None:
    class BrokenRole(PermittedRole):
        def client(self, service: str, /) -> Any:
            raise KeyError(service)

    training, job = make_training(tmp_path, ["true"], BrokenRole()), make_job()

    training.create(job)

    assert job.settled.wait(_SETTLE_SECONDS)
    assert (job.status, job.failure) == (
        "Failed",
        "InternalServerError: We encountered an internal error. Please try again.",
    )


def test_an_instance_that_does_not_start_ends_the_others(tmp_path: Path) -> None:
    class RoleWithOneLog(PermittedRole):
        has_log = False

        def client(self, service: str, /) -> Any:
            if service == "logs" and self.has_log:
                raise OSError("no second log")
            self.has_log |= service == "logs"
            return super().client(service)

    training, job = make_training(tmp_path, _WAITS, RoleWithOneLog()), make_job(instances=2)

    training.create(job)

    assert job.settled.wait(_SETTLE_SECONDS)
    assert job.failure == "ClientError: no second log"
    [first] = training._instances
    until(lambda: first.code is not None)


def test_a_metric_whose_value_is_no_number_is_left_out(tmp_path: Path) -> None:
    job = make_job()
    training = make_training(tmp_path, [sys.executable, "-c", "print('score=0.5;'); print('score=1.2.3;')"])

    training.create(job)

    assert job.settled.wait(_SETTLE_SECONDS)
    assert (job.status, job.metrics) == ("Completed", {"score": 0.5})


def test_a_log_ends_although_a_process_that_the_instance_left_behind_holds_the_output() -> None:
    sent = threading.Event()

    class Logs(SilentLogs):
        def put_log_events(self, **_events: Any) -> None:
            sent.set()

    reading, writing = os.pipe()
    log = InstanceLog(os.fdopen(reading, encoding="utf-8"), logs=Logs(), stream="job/algo-1")
    log.start()
    os.write(writing, b"the last line\n")
    assert sent.wait(_SETTLE_SECONDS)

    # The other end of the output stays open.
    log.join(seconds=0.0)

    assert log.text == ["the last line"]
    os.close(writing)
