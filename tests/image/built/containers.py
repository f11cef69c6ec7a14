"""Starts programs of an image: in its engine, or from its unpacked files without an engine."""

import os
import resource
import shutil
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import msgspec

from tests.contract.support.program import Program

# The path of the base folder inside; SageMaker puts models there.
BASE = "/opt/ml"
ENTER = Path(__file__).parent / "enter.sh"
ROOT = Path(__file__).parents[3]
PROGRAM = "serving"


class Unpacked(msgspec.Struct, frozen=True, tag=True):
    """An unpacked image, for a builder without an engine.

    Attributes:
        root: The folder with its files.
        entrypoint: Its entry point.
        environment: Its environment variables, as NAME=value.
        folder: Its working directory.
        user: The id of user and group.
        first: Whether the program is process 1 of its own process id namespace.
        temporary: Whether /tmp is writable, as in a Lambda function; otherwise no folder is writable.
    """

    root: str
    entrypoint: list[str]
    environment: list[str]
    folder: str
    user: int = 0
    first: bool = False
    temporary: bool = False

    def run(
        self, command: Sequence[str], *, base: Path, settings: Mapping[str, str], output: IO[bytes]
    ) -> Program:
        """Runs a command in the image."""
        namespace = ["--pid", "--fork", "--kill-child"] if self.first else []
        entering = ["/bin/sh", str(ENTER), self.root, str(base), str(self.user), self.folder]
        entering.append("yes" if self.temporary else "no")
        environment = dict(line.split("=", 1) for line in self.environment)
        return (_FirstProgram if self.first else Program)(
            [str(shutil.which("unshare")), "--mount", *namespace, "--", *entering, *command],
            env={**environment, **settings},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )


class _FirstProgram(Program):
    """Forwards signals to process 1, the child of the started process."""

    @property
    def server_pid(self) -> int:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return int(children[0]) if children else self.pid

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.server_pid, sig)


class Engine(msgspec.Struct, frozen=True, tag=True):
    """An image in docker or podman.

    Attributes:
        command: The engine's command and its global options.
        image: The image's id.
        entrypoint: Its program.
        user: As in Unpacked.
        first: As in Unpacked.
        temporary: As in Unpacked.
    """

    command: list[str]
    image: str
    entrypoint: list[str]
    user: int = 0
    first: bool = False
    temporary: bool = False

    def run(
        self, command: Sequence[str], *, base: Path, settings: Mapping[str, str], output: IO[bytes]
    ) -> Program:
        """Runs a command in the image."""
        name = f"serving-{uuid.uuid4()}"
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        words = ["--rm", "--name", name, "--read-only", "--network=host", f"--user={self.user}:{self.user}"]
        words += [f"--volume={base}:{place}:ro" for place in (BASE, base)]
        words += [f"--ulimit=nofile={soft}:{hard}"]
        words += [] if self.first else ["--pid=host"]
        words += ["--tmpfs=/tmp"] if self.temporary else []
        words += [f"--env={name}={value}" for name, value in settings.items()]
        started = _EngineProgram(
            [*self.command, "run", *words, f"--entrypoint={command[0]}", self.image, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        started.engine, started.name = self.command, name
        return started


class _EngineProgram(Program):
    """Sends signals to the container, not to the engine's command."""

    engine: list[str]
    name: str

    @property
    def server_pid(self) -> int:
        return int(self._ask("inspect", "--format", "{{.State.Pid}}", self.name).stdout)

    def send_signal(self, sig: int) -> None:
        # The signal fails until the engine has created the container.
        while self.poll() is None and self._ask("kill", "--signal", str(int(sig)), self.name).returncode:
            time.sleep(0.05)

    def _ask(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([*self.engine, *words], check=False, capture_output=True)


Container = Unpacked | Engine


def start_in(
    container: Container,
    module: str,
    arguments: Sequence[str],
    *,
    base: Path,
    settings: Mapping[str, str],
    log: IO[bytes],
) -> Program:
    """Starts the image's program instead of the source tree's.

    A module of tests/contract that wraps the program is not in the image: it is copied into the base folder.
    """
    base.chmod(0o755)
    settings = {"HOME": f"{BASE}/home", **settings}
    command = container.entrypoint
    if module != PROGRAM:
        file = Path(*module.split(".")).with_suffix(".py")
        (base / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, base / file)
        settings["PYTHONPATH"] = BASE
        command = [module if word == PROGRAM else word for word in command]
    return container.run([*command, *arguments], base=base, settings=settings, output=log)
