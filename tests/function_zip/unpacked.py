"""The unpacked zip as a running function: its own files and packages, and nothing of the checkout."""

import base64
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from function_zip.build import build_zip
from function_zip.lambda_platform import LAMBDA
from stacks.settings.settings import ROOT
from tests.contract.support.process import Reply
from tests.function_zip.packages import copying
from tests.serving.lambda_function.object_store import URL, object_store
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle

# Answers an event in each line; -I and -S leave only the standard library beside the zip.
PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
from serving.lambda_handler import handler
answers = sys.stdout
sys.stdout = sys.stderr
for line in sys.stdin:
    print(json.dumps(handler(json.loads(line), None)), file=answers, flush=True)
"""


def unpack_zip(checkout: Path, folder: Path) -> Path:
    """Builds the zip of a checkout with the packages of this Python, and returns its unpacked files."""
    [site_packages] = (ROOT / ".venv-serving" / "lib").glob("python3.*/site-packages")
    target = LAMBDA._replace(python=f"{sys.version_info.major}.{sys.version_info.minor}")
    path = build_zip(root=checkout, target=target, install=copying(site_packages))
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder


class ZipFunction:
    """A function that answers the requests of the contract as the API's invoker asks it.

    Args:
        task: The unpacked zip.
        environment: Environment variables of the function.
    """

    def __init__(self, task: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", PROGRAM, str(task)],
            cwd=task,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def get(self, path: str) -> Reply:
        """A function has no /ping: it is well when it predicts."""
        assert path == "/ping"
        return self.predict(EXAMPLE)

    def predict(self, body: Any) -> Reply:
        """Sends a value as JSON, or bytes unchanged."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send("POST", "/invocations", data, {"content-type": "application/json"})

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str] | None = None) -> Reply:
        """Sends POST /invocations; the event has what the invoker passes on of a request."""
        route, _, query = path.partition("?")
        assert (method, route) == ("POST", "/invocations")
        given = {name.lower(): value for name, value in (headers or {}).items()}
        answer = self._ask(
            {
                "body": base64.b64encode(body).decode(),
                "content_type": given.pop("content-type", ""),
                "accept": given.pop("accept", ""),
                "query": query,
            }
        )
        assert not given, "the invoker passes no other header on"
        found = {"content-type": answer["content_type"], "x-model-version": answer["model_version"]}
        return Reply(answer["status"], found, base64.b64decode(answer["body"]))

    def _ask(self, event: dict[str, str]) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(event) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def running_zip(checkout: Path, folder: Path) -> Iterator[ZipFunction]:
    """Runs the function of a checkout's zip with the tiny bundle.

    Args:
        checkout: The checkout that the zip is made of.
        folder: Folder for the unpacked zip and the bundle.
    """
    task = unpack_zip(checkout, folder / "task")
    write_tiny_bundle(folder / "tiny.tar.gz")
    with object_store() as store:
        store.body = (folder / "tiny.tar.gz").read_bytes()
        with ZipFunction(task, store.environment | {"MODEL_DATA_URL": URL}) as function:
            yield function
