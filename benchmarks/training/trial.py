"""One run of a program, with its time and memory."""

import itertools
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.errors import BenchmarkError

_STEP = re.compile(r"^\[ *([\d.]+) s\] (.*)$", re.MULTILINE)
_KB = 1_024
# Started as a file, in a process that imports little.
_USAGE = Path(__file__).with_name("process_usage.py")


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
    with (
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as err,
        tempfile.NamedTemporaryFile() as used,
    ):
        measured = [sys.executable, "-I", str(_USAGE), used.name, *command]
        subprocess.run(measured, stdout=out, stderr=err, check=True)
        code, seconds, cpu_seconds, peak = msgspec.json.decode(used.read())
        out.seek(0)
        err.seek(0)
        output = err.read()
        if code:
            raise BenchmarkError(f"{' '.join(command)} failed: {output[-500:]}")
        return Trial(
            seconds=seconds,
            cpu_seconds=cpu_seconds,
            megabytes=peak / _KB / (1 if sys.platform != "darwin" else _KB),
            steps=_steps(output),
            printed=out.read(),
        )


def _steps(output: str) -> dict[str, float]:
    # Without the path of a temporary file, which is another one in each run.
    begun = [(float(seconds), text.partition(": /")[0]) for seconds, text in _STEP.findall(output)]
    return {
        text: round(end - start, 1) for (start, text), (end, _) in itertools.pairwise(begun) if end > start
    }
