"""Memory that a step of training has freed is returned to the operating system."""

import subprocess
import sys

import pytest

MEASURED = """
import os
from training.progress import return_freed_memory

def resident():
    with open("/proc/self/statm", encoding="utf-8") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6

# Blocks below the size from which glibc returns each one at once; the last one keeps the others.
blocks = [bytes([number % 255 + 1]) * 100_000 for number in range(1_000)]
del blocks[:-1]
before = resident()
return_freed_memory()
print(before - resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc is that of Linux")
def test_blocks_below_one_that_is_used_are_returned() -> None:
    found = subprocess.run(
        [sys.executable, "-c", MEASURED], capture_output=True, encoding="utf-8", check=True
    )

    assert float(found.stdout) > 50
