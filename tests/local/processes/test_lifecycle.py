"""Start and search of the emulator, and the environment of its processes."""

import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from local.errors import LocalError, PortTakenError, StartError
from local.local_aws import LocalAws
from local.processes import lifecycle, lock
from tests.local.process_ids import function, server, serving, supervisor, up


def test_up_returns_the_port_of_the_listener(wanted: LocalAws) -> None:
    aws = up(wanted)

    assert aws.client("sts").get_caller_identity()["Account"] == "000000000000"
    assert lifecycle.find(wanted) == aws


def test_up_twice_starts_once(wanted: LocalAws) -> None:
    aws = up(wanted)
    first = supervisor(aws)

    assert up(wanted) == aws
    assert supervisor(aws) == first


def test_concurrent_up_starts_once(wanted: LocalAws) -> None:
    found: list[LocalAws] = []
    threads = [threading.Thread(target=lambda: found.append(up(wanted))) for _ in range(2)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found[0] == found[1]


def test_up_on_another_port_is_an_error_with_the_actual_port(wanted: LocalAws) -> None:
    aws = up(wanted)

    with pytest.raises(LocalError, match=rf"up already, on port {aws.port}"):
        up(LocalAws(port=1, state=wanted.state))


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - the test needs such a listener
def test_a_taken_port_is_an_error_that_names_local_port(tmp_path: Path, address: str) -> None:
    with socket.socket() as other:
        other.bind((address, 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(PortTakenError, match=rf"Port {port} .*LOCAL_PORT"):
            up(LocalAws(port=port, state=tmp_path))

    assert not lock.is_held(tmp_path / "local.lock")


def test_a_server_that_exits_during_its_start_is_an_error_with_its_log(
    wanted: LocalAws, tmp_path: Path
) -> None:
    (tmp_path / "ministack.py").write_text("raise ImportError('ministack is broken today')")

    with pytest.raises(StartError, match=r"did not start(.|\n)*ministack is broken today"):
        up(wanted, PYTHONPATH=str(tmp_path))


def test_a_supervisor_that_does_not_start_is_an_error_with_its_log(
    wanted: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho 'there is no process left' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))

    with pytest.raises(StartError, match=r"did not start(.|\n)*there is no process left"):
        up(wanted)

    assert not lock.is_held(wanted.lock_file)


def test_a_start_on_a_full_disk_says_so(
    wanted: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ministack.py").write_text("raise SystemExit(1)")
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=0))

    with pytest.raises(StartError, match=rf"The disk of {wanted.state} is full: make room on it\."):
        up(wanted, PYTHONPATH=str(tmp_path))


def test_the_pid_file_of_a_killed_run_is_gone_before_its_folders_are_deleted(
    wanted: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given the pid file of a run that was killed, whose id another process may have now
    wanted.state.mkdir()
    wanted.pid_file.write_text('{"pid": 1, "port": 1}')
    (tmp_path / "ministack.py").write_text("raise SystemExit(1)")
    has_pid_file: list[bool] = []
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: has_pid_file.append(wanted.pid_file.exists()))

    # When the next run deletes the folders, which takes seconds for large ones
    with pytest.raises(StartError):
        up(wanted, PYTHONPATH=str(tmp_path))

    # Then `down` finds no id to send its signals to
    assert has_pid_file
    assert not any(has_pid_file)


@pytest.mark.slow
def test_a_new_start_has_no_deployments_of_the_last_run(wanted: LocalAws) -> None:
    aws = up(wanted)
    serving(aws)
    lifecycle.down(wanted)
    aws.outputs.write_text("{}")
    # Of a transform job whose server was killed: a job of the same name makes this folder.
    (aws.state / "transform" / "job").mkdir(parents=True)

    again = up(wanted)

    assert again.client("sagemaker").list_endpoints()["Endpoints"] == []
    assert not aws.outputs.exists()
    assert not (aws.state / "endpoints").exists()
    assert not (aws.state / "transform").exists()


@pytest.mark.slow
def test_a_function_does_not_inherit_the_users_account(wanted: LocalAws) -> None:
    aws = up(wanted, AWS_PROFILE="production", AWS_SESSION_TOKEN="secret", AWS_ENDPOINT_URL_S3="https://real")

    environment = function(aws)["env"]

    assert "AWS_PROFILE" not in environment
    assert "AWS_ENDPOINT_URL_S3" not in environment
    assert environment["AWS_SESSION_TOKEN"] != "secret"
    assert environment["AWS_CONFIG_FILE"] == os.devnull
    assert environment["AWS_ENDPOINT_URL"] == aws.url


@pytest.mark.slow
def test_the_code_of_a_function_is_in_the_state_folder(wanted: LocalAws) -> None:
    environment = function(up(wanted))["env"]

    assert Path(environment["LAMBDA_TASK_ROOT"]).is_relative_to(wanted.state)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_emulator_listens_only_on_the_loopback_address(wanted: LocalAws) -> None:
    aws = up(wanted)
    function(aws)

    listening = {address for pid in (supervisor(aws), server(aws)) for address in listeners(pid)}

    # Each running function has a port of Lambda's Extensions API besides.
    assert f"0100007F:{aws.port:04X}" in listening
    assert {address.partition(":")[0] for address in listening} == {"0100007F"}


def listeners(pid: int) -> Iterator[str]:
    """Yields the listening addresses of a process, in the format of /proc/net/tcp and tcp6."""
    inodes = {str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == "0A" and f"socket:[{columns[9]}]" in inodes:
                yield columns[1]
