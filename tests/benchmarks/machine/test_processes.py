"""Processor time and memory of process trees."""

import os
import subprocess
import sys

from benchmarks.machine.processes import cpu_seconds, resident_mb, tree

CHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
BUSY = "import time\nwhile time.process_time() < 0.2: pass\nprint(1, flush=True); input()"


def test_a_tree_has_the_descendants_of_a_process() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()

        assert len(tree(process.pid)) == 2
        assert len(resident_mb(process.pid)) == 2
        process.communicate(b"\n")

    assert resident_mb(process.pid) == []


def test_processor_time_includes_the_whole_tree() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()

        assert cpu_seconds(process.pid) >= 0.15
        process.communicate(b"\n")


def test_memory_is_in_megabytes() -> None:
    (resident, *_) = resident_mb(os.getpid())

    assert 5 < resident < 5_000
