"""`python process_usage.py FILE PROGRAM [ARGUMENT...]`: runs a program, and writes its memory and times.

On Linux a process inherits the peak memory of the one that starts it (`exec_mmap` in fs/exec.c), so that a
benchmark which holds a gigabyte would measure a gigabyte for every program. Standard library only.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    """Runs the program, and writes status, seconds, CPU seconds and peak memory as a JSON array."""
    begun = time.perf_counter()
    process = subprocess.Popen(sys.argv[2:])
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    # Popen does not know the result of wait4, and would wait for the process again.
    process.returncode = os.waitstatus_to_exitcode(status)
    used = [process.returncode, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss]
    Path(sys.argv[1]).write_text(json.dumps(used), encoding="ascii")


if __name__ == "__main__":
    main()
