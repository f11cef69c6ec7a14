"""Environment of the programs that local/ starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local import process_environment
from local.local_aws import ACCESS_KEY_ID, SECRET_ACCESS_KEY, LocalAws

USER = {
    "PATH": "/bin",
    "EDITOR": "vi",
    "AWS_PROFILE": "production",
    "AWS_ACCESS_KEY_ID": "AKIAREAL",
    "AWS_SESSION_TOKEN": "secret",
    "AWS_ENDPOINT_URL_S3": "https://real",
    "NO_PROXY": "intranet",
    "HTTPS_PROXY": "http://proxy",
    "MINISTACK_HOST": "elsewhere",
    "LAMBDA_EXECUTOR": "docker",
    "DOCKER_HOST": "unix:///var/run/docker.sock",
    "PERSIST_STATE": "1",
    "BIND_HOST": "everywhere",
    "AUTH": "false",
}


def test_settings_of_a_real_account_are_removed() -> None:
    isolated = process_environment.isolated(USER)

    aws = {name: value for name, value in isolated.items() if name.startswith("AWS_")}
    assert aws == {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    assert (isolated["PATH"], isolated["EDITOR"]) == ("/bin", "vi")


@pytest.mark.parametrize(
    ("name", "value"), [("NO_PROXY", "intranet,127.0.0.1,localhost"), ("no_proxy", "127.0.0.1,localhost")]
)
def test_requests_to_this_machine_use_no_proxy(name: str, value: str) -> None:
    assert process_environment.isolated(USER)[name] == value


def test_the_server_uses_its_own_folder_and_port_and_the_loopback_address(tmp_path: Path) -> None:
    server = process_environment.of_server(LocalAws(port=4570, state=tmp_path), USER)

    assert (server["GATEWAY_PORT"], server["BIND_HOST"]) == ("4570", "127.0.0.1")
    folders = [Path(server[name]) for name in ("TMPDIR", "STATE_DIR", "S3_DATA_DIR")]
    assert [folder for folder in folders if not folder.is_relative_to(tmp_path)] == []
    assert (server["PERSIST_STATE"], server["AUTH"]) == ("0", "true")


def test_the_server_gets_no_settings_of_another_emulator_and_no_docker_engine(tmp_path: Path) -> None:
    server = process_environment.of_server(LocalAws(port=4570, state=tmp_path), USER)

    assert not {"MINISTACK_HOST", "LAMBDA_EXECUTOR", "AWS_PROFILE"} & server.keys()
    assert not Path(server["DOCKER_HOST"].removeprefix("unix://")).exists()


def test_a_container_inherits_only_path_and_tmpdir() -> None:
    container = process_environment.of_container({**USER, "TMPDIR": "/tmp/x"})  # noqa: S108 - never written to

    assert container == {"PATH": "/bin", "TMPDIR": "/tmp/x", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}  # noqa: S108


@pytest.mark.parametrize(
    "encoding", [{}, {"PYTHONUTF8": "0"}, {"PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1"}]
)
def test_every_python_process_uses_utf_8_whatever_the_locale(
    encoding: dict[str, str], tmp_path: Path
) -> None:
    user = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"} | encoding
    aws = LocalAws(port=4570, state=tmp_path)
    program = "import locale, sys; print(locale.getpreferredencoding(False), sys.stdout.encoding)"

    for environ in (
        process_environment.isolated(user),
        process_environment.of_server(aws, user),
        process_environment.of_container(user),
    ):
        done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, check=True)
        assert done.stdout.lower().split() == [b"utf-8", b"utf-8"]
