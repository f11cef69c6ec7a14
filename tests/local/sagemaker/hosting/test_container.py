"""A serving process: start, health check, restart, stop."""

import http.client
import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from local.errors import PortTakenError
from local.processes.listener import free_port
from local.sagemaker.hosting import container as container_module
from local.sagemaker.hosting.container import Container
from local.sagemaker.hosting.errors import ContainerDownError, ContainerError
from tests.local.model_archives import STUB, unpacked
from tests.local.polling import until


def make_container(folder: Path, **behaviour: object) -> Container:
    return Container(
        command=STUB,
        folder=unpacked(folder, **behaviour),
        environment={"PATH": os.environ["PATH"], "GREETING": "hi"},
    )


@contextmanager
def running(folder: Path, **behaviour: object) -> Iterator[Container]:
    container = make_container(folder, **behaviour)
    container.start(timeout=120)
    with ExitStack() as stack:
        stack.callback(container.stop, drain=0.0)
        yield container


def invoke(container: Container, **instructions: object) -> dict[str, Any]:
    with container.lease() as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        try:
            connection.request("POST", "/invocations", json.dumps(instructions))
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
    return answer


def serving_pid(container: Container) -> int | None:
    try:
        pid: int = invoke(container)["pid"]
    except (ContainerDownError, OSError, http.client.HTTPException):
        return None
    return pid


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def is_leasable(container: Container) -> bool:
    try:
        with container.lease():
            return True
    except ContainerDownError:
        return False


def test_a_started_container_answers_and_gets_the_folder_of_its_model(tmp_path: Path) -> None:
    with running(tmp_path / "1", version="a") as container:
        answer = invoke(container)

    assert answer["version"] == "a"
    assert answer["environment"]["SAGEMAKER_BASE_DIR"] == str(tmp_path / "1")
    assert answer["environment"]["SERVING_HOST"] == "127.0.0.1"
    assert answer["environment"]["GREETING"] == "hi"


def test_a_process_that_exits_during_its_start_fails_at_once_with_its_last_log_lines(tmp_path: Path) -> None:
    container = make_container(tmp_path / "1", fails_while=str(tmp_path))

    with pytest.raises(ContainerError, match=r"exit code 3(.|\n)*the stub cannot load its model"):
        container.start(timeout=300)


@pytest.mark.parametrize(
    "behaviour", [{"never_listens": True}, {"ping": 503}], ids=["not listening", "unhealthy"]
)
def test_a_process_without_a_healthy_ping_fails_at_the_deadline(
    tmp_path: Path, behaviour: dict[str, object]
) -> None:
    container = make_container(tmp_path / "1", **behaviour)

    with pytest.raises(ContainerError, match=r"did not pass /ping in 0.5 s"):
        container.start(timeout=0.5)

    assert not is_leasable(container)


def test_a_killed_process_is_restarted(tmp_path: Path) -> None:
    with running(tmp_path / "1") as container:
        first = invoke(container)["pid"]

        os.kill(first, signal.SIGKILL)

        until(lambda: serving_pid(container) not in (None, first))


def test_a_failed_restart_is_retried_until_it_succeeds(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    with running(tmp_path / "1", fails_while=str(broken)) as container:
        broken.touch()
        os.kill(invoke(container)["pid"], signal.SIGKILL)
        log = tmp_path / "1.log"
        until(lambda: log.read_text().count("cannot load") >= 2)
        assert not is_leasable(container)

        broken.unlink()

        until(lambda: is_leasable(container))


def test_a_restart_is_retried_after_an_error_that_nobody_has_foreseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [PortTakenError("Too few of the ports are free.")]

    def fail_once() -> int:
        if failures:
            raise failures.pop()
        return free_port()

    with running(tmp_path / "1") as container:
        first = invoke(container)["pid"]
        monkeypatch.setattr(container_module, "free_port", fail_once)

        os.kill(first, signal.SIGKILL)

        until(lambda: serving_pid(container) not in (None, first))
    assert not failures


def test_a_stop_ends_the_process_and_removes_its_model(tmp_path: Path) -> None:
    with running(tmp_path / "1") as container:
        pid = invoke(container)["pid"]

        container.stop()

        assert not is_alive(pid)
        assert not is_leasable(container)
        assert not (tmp_path / "1").exists()


def test_a_stop_waits_for_the_running_invocation(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    with running(tmp_path / "1", version="a") as container:
        answers: list[dict[str, Any]] = []
        invoking = threading.Thread(target=lambda: answers.append(invoke(container, gate=str(gate))))
        invoking.start()
        until(gate.with_suffix(".reached").exists)
        stopping = threading.Thread(target=container.stop)
        stopping.start()

        gate.unlink()

        invoking.join()
        stopping.join()
        assert [answer["version"] for answer in answers] == ["a"]


def test_a_process_that_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container_module, "CONTAINER_STOP_SECONDS", 0.2)
    with running(tmp_path / "1", ignores_sigterm=True) as container:
        pid = invoke(container)["pid"]

        container.stop()

        assert not is_alive(pid)


def test_a_missing_program_is_an_error_with_its_path(tmp_path: Path) -> None:
    container = Container(command=["/no/such/program"], folder=unpacked(tmp_path / "1"), environment={})

    with pytest.raises(FileNotFoundError, match="/no/such/program"):
        container.start(timeout=5)
