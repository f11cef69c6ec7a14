"""Memory of a training run."""

import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are those of the GNU C library")
def test_threads_share_two_arenas_of_memory() -> None:
    # When eight threads allocate memory, without and with the limit
    free, limited = (
        subprocess.run(
            [sys.executable, "-c", ALLOCATING.format(limit=limit)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for limit in ("", "limit_arenas()")
    )

    # Then they have more than two arenas without it, and at most two with it
    assert len(re.findall("<heap nr=", limited)) <= 2 < len(re.findall("<heap nr=", free))
