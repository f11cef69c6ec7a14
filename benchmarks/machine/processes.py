"""Processor time and memory of a process tree, from /proc."""

import os
from collections.abc import Iterable
from pathlib import Path

_TICK = 1 / os.sysconf("SC_CLK_TCK")
_MB = 1_024.0


def tree(pid: int) -> list[int]:
    """Returns the ids of a process and its running descendants."""
    found = [pid]
    for parent in found:
        try:
            tasks = list(Path(f"/proc/{parent}/task").iterdir())
            found += [
                int(child)
                for task in tasks
                for child in (task / "children").read_text(encoding="utf-8").split()
            ]
        except OSError:
            continue  # the process has ended
    return found


def children(pid: int) -> list[int]:
    """Returns the ids of the running child processes that a process of one thread has started."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return [int(child) for child in found]


def cpu_seconds_of(processes: Iterable[int]) -> float:
    """Returns the processor time of some processes without their children, with a resolution of 10 ms."""
    return sum(_own_cpu_ticks(process) for process in processes) * _TICK


def cpu_seconds(pid: int) -> float:
    """Returns the processor time of a tree with a resolution of 10 ms."""
    return sum(_cpu_ticks(process) for process in tree(pid)) * _TICK


def _cpu_ticks(pid: int) -> int:
    # utime, stime, cutime and cstime; the last two are of children that have ended.
    return sum(_stat(pid)[11:15])


def _own_cpu_ticks(pid: int) -> int:
    return sum(_stat(pid)[11:13])


def _stat(pid: int) -> list[int]:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []
    return [0, *(int(field) for field in fields[1:])]


def resident_mb(pid: int) -> list[float]:
    """Returns the resident memory of each process, largest first; shared pages count in every process."""
    sizes = [_status_kb(process, "VmRSS:") / _MB for process in tree(pid)]
    return sorted((size for size in sizes if size), reverse=True)


def proportional_mb(pid: int) -> float:
    """Returns the proportional set size of a tree, which divides shared pages among their processes."""
    return sum(_rollup_kb(process) for process in tree(pid)) / _MB


def _status_kb(pid: int, key: str) -> int:
    return _kb(Path(f"/proc/{pid}/status"), key)


def _rollup_kb(pid: int) -> int:
    return _kb(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")


def _kb(path: Path, key: str) -> int:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(key)), 0)
