"""Whether this machine can measure, and what it is."""

import os
import platform
import shutil
from pathlib import Path

from benchmarks.errors import BenchmarkError


def check() -> None:
    """Raises BenchmarkError unless there are two cores, wrk and taskset."""
    if len(os.sched_getaffinity(0)) < len(("server", "load")):
        raise BenchmarkError(
            "Two cores are needed, one for the server and one for the load: this machine has one."
        )
    packages = {"wrk": "wrk", "taskset": "util-linux"}
    missing = [package for program, package in packages.items() if not shutil.which(program)]
    if missing:
        raise BenchmarkError(f"The load comes from wrk: install {' and '.join(missing)} (apt-get install).")


def describe() -> str:
    """Processor, cores and Python, in words."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = {line.partition(":")[2].strip() for line in lines if line.startswith("model name")}
    processor = ", ".join(sorted(names)) or platform.machine()
    return f"{len(os.sched_getaffinity(0))} cores of {processor}, Python {platform.python_version()}"
