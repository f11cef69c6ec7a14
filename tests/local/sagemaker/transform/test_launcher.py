"""Serving processes of transform jobs: the end of one job does not hold up the others."""

from pathlib import Path
from typing import Any

import pytest

from local.sagemaker.hosting.container import Container
from local.sagemaker.transform.job import TransformJob
from local.sagemaker.transform.launcher import TransformLauncher
from tests.local.sagemaker.permitted_role import PermittedRole


@pytest.mark.parametrize("end", ["stop", "close"])
def test_a_process_that_takes_long_to_end_does_not_hold_up_the_start_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    # Given a running process
    launcher = TransformLauncher(command=[], environment={})
    monkeypatch.setattr(Container, "start", lambda _, **_limits: None)
    job = TransformJob(name="job", request={})
    is_held: list[bool] = []

    def end_slowly(_: Container, **_options: Any) -> None:
        is_held.append(launcher._changing.locked())

    monkeypatch.setattr(Container, "stop", end_slowly)
    running = launcher.running(job, {}, PermittedRole(), folder=tmp_path / "container", stream="job")
    with running:
        # When it is ended, then the launcher can register others meanwhile
        launcher.stop(job) if end == "stop" else launcher.close()
        assert is_held == [False]
