"""Memory that training has freed: threads share it, and a step returns it to the operating system."""

import platform
import re
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

# Allocates in eight threads that all live at the same time, and prints glibc's table of arenas.
ALLOCATING = """
import ctypes, threading
from training.progress import limit_arenas

{limit}
libc = ctypes.CDLL(None)
all_here = threading.Barrier(9)

def allocate():
    block = bytearray(100_000)
    all_here.wait()
    all_here.wait()

threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads:
    thread.start()
all_here.wait()
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
all_here.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc is that of Linux")
def test_blocks_below_one_that_is_used_are_returned() -> None:
    found = subprocess.run(
        [sys.executable, "-c", MEASURED], capture_output=True, encoding="utf-8", check=True
    )

    assert float(found.stdout) > 50


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are those of the GNU C library")
@pytest.mark.slow
def test_threads_share_two_arenas_of_memory() -> None:
    # When eight threads allocate memory, without and with the limit
    free, limited = (
        subprocess.run(
            [sys.executable, "-c", ALLOCATING.format(limit=limit)],
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for limit in ("", "limit_arenas()")
    )

    # Then they have more than two arenas without it, and at most two with it
    assert len(re.findall("<heap nr=", limited)) <= 2 < len(re.findall("<heap nr=", free))
