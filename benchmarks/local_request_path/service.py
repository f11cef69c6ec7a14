"""A stack on an AWS of its own on this machine."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.errors import BenchmarkError
from benchmarks.load.open_loop import Client
from local.deployments import deployed_stacks
from local.local_aws import LocalAws
from local.processes import lifecycle

_ANY_PORT = 0


class Service:
    """The stack of a model.

    Args:
        state: The folder of all files of its AWS.
        model: The name of its model.
    """

    def __init__(self, state: Path, model: str) -> None:
        self._aws = LocalAws(port=_ANY_PORT, state=state)
        self._model = model

    def deploy(self, bundle: Path, *, stage: str, rate: int) -> None:
        """Deploys as `make run` does, with an endpoint that has instances.

        Raises:
            BenchmarkError: The deployment failed.
        """
        # Golden rows of an update are requests too.
        settings = {"model": self._model, "bundle": bundle.resolve(), "stage": stage, "rate_limit": 4 * rate}
        words = [f"--context={name}={value}" for name, value in settings.items()]
        self.run("deploy", "--context=hosting=realtime", *words)

    def promote(self, bundle: Path) -> None:
        """Releases another version, which updates the endpoint.

        Raises:
            BenchmarkError: The release failed.
        """
        self.run("promote", "--model", self._model, "--bundle", str(bundle.resolve()))

    def client(self, rows: list[str]) -> Client:
        """Returns a client of its API that sends these rows, as JSON."""
        found = deployed_stacks.find(lifecycle.find(self._aws), model=self._model)
        return Client(found.url, {"x-api-key": found.api_key}, rows)

    def run(self, *words: str) -> None:
        """Runs a command of `python -m local` with this AWS; its output goes to standard error.

        Raises:
            BenchmarkError: It exited with an error.
        """
        place = {"LOCAL_PORT": str(self._aws.port), "LOCAL_STATE": str(self._aws.state)}
        command = [sys.executable, "-m", "local", *words]
        done = subprocess.run(command, env=os.environ | place, stdout=sys.stderr, check=False)
        if done.returncode:
            raise BenchmarkError(f"`python -m local {words[0]}` failed: see the messages above.")


@contextmanager
def started(model: str) -> Iterator[Service]:
    """Starts an AWS on a free port with a folder of its own; stops it at the end, also after an error.

    Raises:
        BenchmarkError: It does not start.
    """
    with TemporaryDirectory(prefix="local-request-path-") as folder:
        service = Service(Path(folder), model)
        try:
            service.run("up")
            yield service
        finally:
            service.run("down")
