"""Memory of a process, as Linux counts it."""

import re
from pathlib import Path

_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
_PROCESSES = Path("/proc")


def peak_megabytes(process_id: int) -> float:
    """Returns the largest resident memory that a process has had; 0 where the system does not tell.

    https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
    """
    try:
        status = (_PROCESSES / str(process_id) / "status").read_text()
    except OSError:
        return 0.0
    found = _PEAK.search(status)
    return int(found[1]) / 1024 if found else 0.0
