"""One run of a program, with its time and memory."""

import itertools
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

import msgspec

from benchmarks.errors import BenchmarkError

_STEP = re.compile(r"^\[ *([\d.]+) s\] (.*)$", re.MULTILINE)
_KB = 1_024


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """Time, memory and output of a program.

    Attributes:
        seconds: From start to end.
        cpu_seconds: Processor time, in all threads.
        megabytes: Peak resident memory.
        steps: Seconds by step, from the progress messages.
        printed: Output on stdout.
    """

    seconds: float
    cpu_seconds: float
    megabytes: float
    steps: dict[str, float]
    printed: str


def run(command: Sequence[str]) -> Trial:
    """Runs a program until it ends.

    Raises:
        BenchmarkError: The program fails.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        # Popen does not know the result of wait4, and would wait for the process again.
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        output = err.read()
        if process.returncode:
            raise BenchmarkError(f"{' '.join(command)} failed: {output[-500:]}")
        return Trial(
            seconds=seconds,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            megabytes=usage.ru_maxrss / _KB / (1 if sys.platform != "darwin" else _KB),
            steps=_steps(output),
            printed=out.read(),
        )


def _steps(output: str) -> dict[str, float]:
    begun = [(float(seconds), text) for seconds, text in _STEP.findall(output)]
    return {
        text: round(end - start, 1) for (start, text), (end, _) in itertools.pairwise(begun) if end > start
    }
