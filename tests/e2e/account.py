"""An AWS on this machine, driven by the commands a person types and asked over HTTP."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an HTTP request got."""

    status: int
    type: str
    body: Any


@dataclass(frozen=True, kw_only=True)
class Account:
    """The embedded AWS of a state folder, on a port of its own."""

    state: Path
    root: Path = ROOT
    port: int = field(default_factory=lambda: free_port())

    @property
    def environment(self) -> dict[str, str]:
        """What tells the commands which one is meant."""
        return os.environ | {"LOCAL_PORT": str(self.port), "LOCAL_STATE": str(self.state)}

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a command in the checkout; with `check` it must exit 0."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert not check or done.returncode == 0, (
            f"{command} exited {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        return done

    def local(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs `python -m local ...`."""
        return self.run(sys.executable, "-m", "local", *command, check=check)

    def deploy(self, bundle: Path, **settings: str) -> dict[str, str]:
        """Deploys the tiny bundle at `bundle` with the CDK CLI and more settings; the stack's outputs."""
        self.local("deploy", *_context(bundle, settings))
        return self.outputs()

    def destroy(self, bundle: Path) -> None:
        """Deletes the tiny stack with the CDK CLI."""
        self.local("destroy", *_context(bundle, {}))

    def outputs(self) -> dict[str, str]:
        """The outputs of the last deployment."""
        stacks: dict[str, dict[str, str]] = json.loads((self.state / "outputs.json").read_text())
        return next(iter(stacks.values()))


def _context(bundle: Path, settings: dict[str, str]) -> list[str]:
    named = {"model": "tiny", "bundle": str(bundle)} | settings
    return [word for name, value in named.items() for word in ("--context", f"{name}={value}")]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def call(method: str, url: str, *, body: Any = None, key: str | None = None) -> Answer:
    """Sends a JSON request; the answer's body read as JSON."""
    headers = {"content-type": "application/json"} | ({"x-api-key": key} if key else {})
    data = None if body is None else json.dumps(body).encode()
    response = urllib3.request(method, url, body=data, headers=headers, timeout=30, retries=False)
    return Answer(
        status=response.status,
        type=response.headers.get("content-type", ""),
        body=json.loads(response.data),
    )
