"""The AWS API calls of a stack's invoker, recorded by a local server."""

import functools
import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import botocore.session

from tests.stacks.support.synthesis import Synthesis, while_serving

_SERVICES = ("sagemaker-runtime", "sagemaker", "lambda")
# Actions of IAM that have another name than the API's operation.
_ACTIONS = {"lambda:Invoke": "lambda:InvokeFunction"}
_PROGRAM = """
import gc, json, sys
from invoker.handler import handler
from invoker.model_call import _MAX_PENDING, Caller
for event in json.load(sys.stdin):
    handler(event, None)
# A health check on a busy machine answers before all of its calls have left.
for caller in [found for found in gc.get_objects() if isinstance(found, Caller)]:
    for _ in range(_MAX_PENDING):
        assert caller._slots.acquire(timeout=60)
"""


def called_actions(stack: Synthesis, *, path: str = "/predict") -> set[str]:
    """Returns the IAM actions of a prediction and a health check by the stack's invoker."""
    function = while_serving(stack.by_path("Api/Invoker/Function/Resource"))
    variables = function["Properties"]["Environment"]["Variables"]
    given = {name: value if isinstance(value, str) else "Tiny" for name, value in variables.items()}
    asset = stack.outdir / f"asset.{function['Properties']['Code']['S3Key'].removesuffix('.zip')}"
    return _called_actions(json.dumps(given), path, asset)


@functools.cache
def _called_actions(variables: str, path: str, asset: Path) -> set[str]:
    actions = set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def _answer(self) -> bytes:
            is_manifest = self.path.endswith("/manifest.json")
            return b'{"golden": [{"instance": {}}]}' if is_manifest else b"{}"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            actions.add(_action(self.command, self.path, self.headers))
            self.send_response(200)
            self.send_header("content-length", str(len(self._answer())))
            self.end_headers()
            self.wfile.write(self._answer())

        def log_message(self, format: str, *args: Any) -> None:
            """Logs nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            _run(json.loads(variables), f"http://127.0.0.1:{server.server_port}", path, asset)
        finally:
            server.shutdown()
            thread.join()
    return actions


def _run(variables: dict[str, str], url: str, path: str, asset: Path) -> None:
    account = {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    subprocess.run(
        # Tests share the asset: no bytecode joins its files.
        [sys.executable, "-B", "-c", _PROGRAM],
        input=json.dumps([_event("POST", path), _event("GET", "/health")]),
        cwd=asset,
        env={"PATH": os.environ["PATH"]} | account | variables,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )


def _event(method: str, resource: str) -> dict[str, Any]:
    return {
        "httpMethod": method,
        "resource": resource,
        "path": resource,
        "headers": {"content-type": "application/json"},
        "multiValueHeaders": {"content-type": ["application/json"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"requestId": "1"},
        "body": "{}",
        "isBase64Encoded": False,
    }


def _action(method: str, path: str, headers: Any) -> str:
    # Credential=<key>/<day>/<region>/<service>/aws4_request
    service = headers["authorization"].split("/")[3]
    if service == "s3":
        return f"s3:{method.title()}Object"
    operation = headers.get("x-amz-target", "").partition(".")[2] or _operation(method, path)
    return _ACTIONS.get(f"{service}:{operation}", f"{service}:{operation}")


def _operation(method: str, path: str) -> str:
    session = botocore.session.get_session()
    [found] = {
        operation.name
        for service in _SERVICES
        for operation in _operations(session.get_service_model(service))
        if operation.http["method"] == method
        and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", operation.http["requestUri"].partition("?")[0]), path)
    }
    return str(found)


def _operations(model: Any) -> list[Any]:
    return [model.operation_model(name) for name in model.operation_names]
