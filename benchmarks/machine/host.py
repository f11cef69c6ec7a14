"""Processor cores for server and load, required programs, and a description of the machine."""

import os
import platform
import shutil
from pathlib import Path

from benchmarks.errors import BenchmarkError

# One core for all processes of the server, and another for the load.
SERVER_CORE, LOAD_CORE = sorted(os.sched_getaffinity(0))[:2] if len(os.sched_getaffinity(0)) > 1 else (0, 0)


def pinned(core: int, command: list[str]) -> list[str]:
    """Returns the command that runs `command` and all its children on one core."""
    return ["taskset", "--cpu-list", str(core), *command]


def check() -> None:
    """Raises BenchmarkError unless there are two cores, wrk and taskset."""
    if len(os.sched_getaffinity(0)) < len(("server", "load")):
        raise BenchmarkError(
            "Two cores are needed, one for the server and one for the load: this machine has one."
        )
    packages = {"wrk": "wrk", "taskset": "util-linux"}
    missing = [package for program, package in packages.items() if not shutil.which(program)]
    if missing:
        raise BenchmarkError(
            f"Programs for the load are missing: install {' and '.join(missing)} (apt-get install)."
        )


def describe() -> str:
    """Returns a description: number of cores, processor and version of Python."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = {line.partition(":")[2].strip() for line in lines if line.startswith("model name")}
    processor = ", ".join(sorted(names)) or platform.machine()
    return f"{len(os.sched_getaffinity(0))} cores of {processor}, Python {platform.python_version()}"
