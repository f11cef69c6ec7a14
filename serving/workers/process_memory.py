"""Memory of processes: resident size, garbage, release of freed heap, and the container's budget."""

import ctypes
import gc
import os
import resource
from pathlib import Path

# Version 2 of cgroups, then version 1.
_LIMITS = ("sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes")
_SHARE = 0.8
_STATM = "/proc/self/statm"
# New objects until garbage is collected, more than a body of 1,000 rows makes. Python's 700 (3.11) collect
# three times for such a body, which takes a twentieth of its time and frees nothing.
_NEW_OBJECTS = 20_000


def resident_bytes() -> int:
    """Returns the resident memory of this process, in bytes."""
    try:
        with open(_STATM, "rb") as file:  # noqa: PTH123  # read every few seconds
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        # Only Linux has the file. The greatest size until now, which macOS states in bytes: getrusage(2).
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def release_freed_memory() -> None:
    """Collects garbage and returns freed heap memory to the kernel."""
    gc.collect()
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim:
        malloc_trim(0)


def collect_garbage_rarely() -> None:
    """Lets a request of 1,000 rows be answered without a collection of garbage: rows make no cycles."""
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])


def memory_budget(root: Path = Path("/")) -> int:
    """Returns 80 % of the container's memory limit, or of the machine's memory without a limit, in bytes.

    Args:
        root: Folder in which sys/fs/cgroup lies.
    """
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return int(_SHARE * min([machine, *_limits(root)]))


def _limits(root: Path) -> list[int]:
    texts = [(root / name).read_text(encoding="utf-8").strip() for name in _LIMITS if (root / name).is_file()]
    return [int(text) for text in texts if text.isdigit()]
