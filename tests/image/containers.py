"""Programs started from an image: by the engine that has it, or without one from its unpacked files."""

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

# Where SageMaker puts a model, and so where the base folder is inside.
BASE = "/opt/ml"
ENTER = Path(__file__).parent / "enter.sh"
ROOT = Path(__file__).parents[2]
PROGRAM = "serving"


class Unpacked(msgspec.Struct, frozen=True, tag=True):
    """An image as files, for a builder that has no engine to run it.

    Attributes:
        root: Folder with its files.
        entrypoint: Its program.
        environment: NAME=value, each.
        folder: Where its program starts.
        user: User and group to run as.
        first: Whether its program is process 1 of a process id namespace; otherwise it has the ids that this
            machine sees, too.
        temporary: Whether it has a /tmp to write to, as in a Lambda function; otherwise it has nothing.
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
        """Runs a command in it."""
        alone = ["--pid", "--fork", "--kill-child"] if self.first else []
        entering = ["/bin/sh", str(ENTER), self.root, str(base), str(self.user), self.folder]
        entering.append("yes" if self.temporary else "no")
        environment = dict(line.split("=", 1) for line in self.environment)
        return (_FirstProgram if self.first else Program)(
            [str(shutil.which("unshare")), "--mount", *alone, "--", *entering, *command],
            env={**environment, **settings},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )


class _FirstProgram(Program):
    """Forwards signals to process 1, which the process that was started waits for."""

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
        command: How the engine is called.
        image: The image's id.
        entrypoint: Its program.
        user: User and group to run as.
        first: As above.
        temporary: As above.
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
        """Runs a command in it."""
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
    """Signals the container, which outlives the command that started it."""

    engine: list[str]
    name: str

    @property
    def server_pid(self) -> int:
        return int(self._ask("inspect", "--format", "{{.State.Pid}}", self.name).stdout)

    def send_signal(self, sig: int) -> None:
        # There is no container to be signalled until the engine has made it.
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
    """Starts the image's program as a contract case starts the source tree's.

    A module of tests/contract that wraps the program is not in the image: it comes along in the base folder.
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
