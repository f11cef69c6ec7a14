"""Process ids of an AWS on this machine: supervisor, server, serving processes and Lambda functions."""

import io
import json
import socket
import subprocess
import zipfile
from typing import Any

from local.local_aws import LocalAws
from local.processes import lifecycle
from tests.inherited_environ import inherited_environ
from tests.local.conftest import START_SECONDS, make_config
from tests.local.iam.roles import FUNCTION_ROLE, make_execution_roles
from tests.local.model_archives import STUB, archive
from tests.local.polling import PATIENT_WAITER

_FUNCTION = """
import os
import subprocess

def handler(event, context):
    child = subprocess.Popen(["sh", "-c", "trap '' TERM; exec sleep 600"])
    return {"pid": os.getpid(), "child": child.pid, "env": dict(os.environ)}
"""


def up(wanted: LocalAws, **environ: str) -> LocalAws:
    return lifecycle.up(
        wanted, environ={**inherited_environ(), **environ}, serving=STUB, timeout=START_SECONDS
    )


def serving(aws: LocalAws) -> int:
    """Creates an endpoint; returns the id of its serving process."""
    make_execution_roles(aws)
    s3, sagemaker = aws.client("s3"), aws.client("sagemaker")
    s3.create_bucket(Bucket="models")
    s3.put_object(Bucket="models", Key="model.tar.gz", Body=archive())
    make_config(sagemaker, "endpoint", "s3://models/model.tar.gz")
    sagemaker.create_endpoint(EndpointName="endpoint", EndpointConfigName="endpoint")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="endpoint", WaiterConfig=PATIENT_WAITER)
    answer = aws.client("sagemaker-runtime").invoke_endpoint(EndpointName="endpoint", Body=b"{}")
    return int(json.loads(answer["Body"].read())["pid"])


def function(aws: LocalAws) -> dict[str, Any]:
    """Creates and invokes a Lambda function; returns its process id, its child's, and its environment."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        entry = zipfile.ZipInfo("index.py")
        # Lambda reads code as another user than the owner of its files.
        entry.external_attr = 0o644 << 16
        package.writestr(entry, _FUNCTION)
    make_execution_roles(aws)
    client = aws.client("lambda")
    client.create_function(
        FunctionName="function",
        Runtime="python3.13",
        Handler="index.handler",
        Role=FUNCTION_ROLE,
        Timeout=60,
        Code={"ZipFile": code.getvalue()},
    )
    result: dict[str, Any] = json.loads(client.invoke(FunctionName="function")["Payload"].read())
    return result


def workers(aws: LocalAws) -> list[int]:
    """Creates and invokes a Lambda function; returns its process id and its child's."""
    result = function(aws)
    return [result["pid"], result["child"]]


def supervisor(aws: LocalAws) -> int:
    return int(json.loads(aws.pid_file.read_text())["pid"])


def server(aws: LocalAws) -> int:
    """Returns the id of the server, the only child of the supervisor."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [line.split() for line in listed.stdout.splitlines()]
    (child,) = [int(pid) for pid, parent in pairs if int(parent) == supervisor(aws)]
    return child


def has_ended(pid: int) -> bool:
    """Whether a process has ended; a zombie has."""
    command = ["ps", "-o", "stat=", "-p", str(pid)]
    state = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return state.strip()[:1] in ("", "Z")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
