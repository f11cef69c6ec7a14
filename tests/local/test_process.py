"""AWS on this machine: up, found, down, and nothing left behind however it ends."""

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local import lock, process
from local.aws import LocalAws
from local.errors import LocalError, NotUpError, PortTakenError, StartError
from tests.local.conftest import make_config
from tests.local.models import STUB, archive
from tests.local.polling import until

_FUNCTION = """
import os
import subprocess

def handler(event, context):
    child = subprocess.Popen(["sh", "-c", "trap '' TERM; exec sleep 600"])
    return {"pid": os.getpid(), "child": child.pid, "env": dict(os.environ)}
"""


@pytest.fixture
def wanted(tmp_path: Path) -> Iterator[LocalAws]:
    """One that is not up yet, and is not up any more after the test."""
    wanted = LocalAws(port=0, state=tmp_path / "state")
    yield wanted
    process.down(wanted)


def up(wanted: LocalAws, **environ: str) -> LocalAws:
    return process.up(wanted, environ={**os.environ, **environ}, serving=STUB)


def serving(aws: LocalAws) -> int:
    """The process id of the serving process of an endpoint made for this."""
    s3, sagemaker = aws.client("s3"), aws.client("sagemaker")
    s3.create_bucket(Bucket="models")
    s3.put_object(Bucket="models", Key="model.tar.gz", Body=archive())
    make_config(sagemaker, "endpoint", "s3://models/model.tar.gz")
    sagemaker.create_endpoint(EndpointName="endpoint", EndpointConfigName="endpoint")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="endpoint", WaiterConfig={"Delay": 0.05})
    answer = aws.client("sagemaker-runtime").invoke_endpoint(EndpointName="endpoint", Body=b"{}")
    return int(json.loads(answer["Body"].read())["pid"])


def function(aws: LocalAws) -> dict[str, Any]:
    """What a Lambda function made for this tells: process ids and its environment."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.writestr("index.py", _FUNCTION)
    client = aws.client("lambda")
    client.create_function(
        FunctionName="function",
        Runtime="python3.13",
        Handler="index.handler",
        Role="arn:aws:iam::000000000000:role/any",
        Code={"ZipFile": code.getvalue()},
    )
    told: dict[str, Any] = json.loads(client.invoke(FunctionName="function")["Payload"].read())
    return told


def workers(aws: LocalAws) -> list[int]:
    """The process ids of a Lambda function and of what it left running."""
    told = function(aws)
    return [told["pid"], told["child"]]


def record(aws: LocalAws) -> int:
    return int(json.loads(aws.pid_file.read_text())["pid"])


def server(aws: LocalAws) -> int:
    """The process id of the server, the keeper's one child."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [line.split() for line in listed.stdout.splitlines()]
    (child,) = [int(pid) for pid, parent in pairs if int(parent) == record(aws)]
    return child


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or is only waiting for a parent that does not care."""
    command = ["ps", "-o", "stat=", "-p", str(pid)]
    state = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return state.strip()[:1] in ("", "Z")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_up_answers_on_the_port_it_says(wanted: LocalAws) -> None:
    aws = up(wanted)

    assert aws.client("sts").get_caller_identity()["Account"] == "000000000000"
    assert process.find(wanted) == aws


def test_up_twice_is_up_once(wanted: LocalAws) -> None:
    aws = up(wanted)
    first = record(aws)

    assert up(wanted) == aws
    assert record(aws) == first


def test_up_by_two_at_once_is_up_once(wanted: LocalAws) -> None:
    found: list[LocalAws] = []
    threads = [threading.Thread(target=lambda: found.append(up(wanted))) for _ in range(2)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found[0] == found[1]


def test_up_on_another_port_than_it_is_up_on_says_which(wanted: LocalAws) -> None:
    aws = up(wanted)

    with pytest.raises(LocalError, match=rf"up already, on port {aws.port}"):
        up(LocalAws(port=1, state=wanted.state))


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - what is tested is somebody who does
def test_a_taken_port_is_named_with_the_way_to_another(tmp_path: Path, address: str) -> None:
    with socket.socket() as other:
        other.bind((address, 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(PortTakenError, match=rf"Port {port} .*LOCAL_PORT"):
            up(LocalAws(port=port, state=tmp_path))

    assert not lock.is_held(tmp_path / "local.lock")


def test_a_server_that_dies_at_start_is_reported_with_its_log(wanted: LocalAws, tmp_path: Path) -> None:
    (tmp_path / "ministack.py").write_text("raise ImportError('ministack is broken today')")

    with pytest.raises(StartError, match=r"did not start(.|\n)*ministack is broken today"):
        up(wanted, PYTHONPATH=str(tmp_path))


def test_down_leaves_no_process_and_no_port(wanted: LocalAws) -> None:
    aws = up(wanted)
    pids = [record(aws), server(aws), serving(aws), *workers(aws)]

    assert process.down(wanted)

    assert [pid for pid in pids if not has_ended(pid)] == []
    assert is_free(aws.port)
    with pytest.raises(NotUpError, match="make run"):
        process.find(wanted)


def test_down_when_it_is_not_up_does_nothing(wanted: LocalAws) -> None:
    assert not process.down(wanted)
    assert not wanted.state.exists()


def test_down_never_touches_a_process_that_a_stale_record_names(wanted: LocalAws) -> None:
    up(wanted)
    process.down(wanted)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        wanted.pid_file.write_text(json.dumps({"pid": stranger.pid, "port": 1}))

        assert not process.down(wanted)

        assert stranger.poll() is None
        stranger.communicate()


@pytest.mark.parametrize("victims", [("server",), ("keeper",), ("keeper", "server")])
def test_whoever_is_killed_down_leaves_nothing(wanted: LocalAws, victims: tuple[str, ...]) -> None:
    aws = up(wanted)
    killed = {"keeper": record(aws), "server": server(aws)}
    pids = [*killed.values(), serving(aws), *workers(aws)]

    for victim in victims:
        os.kill(killed[victim], signal.SIGKILL)
    process.down(wanted)

    until(lambda: all(has_ended(pid) for pid in pids))
    assert process.find(up(wanted)).state == wanted.state


@pytest.mark.parametrize("victim", [server, record], ids=["server", "keeper"])
def test_whoever_is_killed_takes_everything_along(
    wanted: LocalAws, victim: Callable[[LocalAws], int]
) -> None:
    aws = up(wanted)
    pids = [record(aws), server(aws), serving(aws), *workers(aws)]

    os.kill(victim(aws), signal.SIGKILL)

    until(lambda: all(has_ended(pid) for pid in pids))
    assert is_free(aws.port)


def test_a_deleted_state_folder_ends_what_was_up_in_it(wanted: LocalAws) -> None:
    aws = up(wanted)
    pids = [record(aws), server(aws), *workers(aws)]

    shutil.rmtree(wanted.state)

    until(lambda: all(has_ended(pid) for pid in pids))
    assert is_free(aws.port)


def test_a_new_start_forgets_what_was_deployed(wanted: LocalAws) -> None:
    aws = up(wanted)
    serving(aws)
    process.down(wanted)
    aws.outputs.write_text("{}")

    again = up(wanted)

    assert again.client("sagemaker").list_endpoints()["Endpoints"] == []
    assert not aws.outputs.exists()
    assert not (aws.state / "endpoints").exists()


def test_nothing_of_the_users_account_reaches_a_function(wanted: LocalAws) -> None:
    aws = up(wanted, AWS_PROFILE="production", AWS_SESSION_TOKEN="secret", AWS_ENDPOINT_URL_S3="https://real")

    environment = function(aws)["env"]

    assert "AWS_PROFILE" not in environment
    assert "AWS_ENDPOINT_URL_S3" not in environment
    assert environment["AWS_SESSION_TOKEN"] == ""
    assert environment["AWS_CONFIG_FILE"] == os.devnull
    assert environment["AWS_ENDPOINT_URL"] == aws.url


def test_what_a_function_runs_on_is_in_the_state_folder(wanted: LocalAws) -> None:
    environment = function(up(wanted))["env"]

    assert Path(environment["LAMBDA_TASK_ROOT"]).is_relative_to(wanted.state)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_one_port_of_the_loopback_address_is_all_it_listens_on(wanted: LocalAws) -> None:
    aws = up(wanted)
    function(aws)

    listening = {address for pid in (record(aws), server(aws)) for address in listeners(pid)}

    assert listening == {f"0100007F:{aws.port:04X}"}


def listeners(pid: int) -> Iterator[str]:
    """The addresses a process listens on, as /proc/net/tcp and tcp6 write them."""
    inodes = {str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == "0A" and f"socket:[{columns[9]}]" in inodes:
                yield columns[1]
