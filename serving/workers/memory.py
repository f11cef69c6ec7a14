"""Memory: how much a process holds, and how much there may be."""

import ctypes
import gc
import os
from pathlib import Path

# Version 2 of cgroups, then version 1.
_LIMITS = ("sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes")
_SHARE = 0.8


def resident() -> int:
    """Memory that this process holds now, in bytes."""
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123  # asked every few seconds
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def trim() -> None:
    """Gives back to the machine what was freed."""
    gc.collect()
    trim_heap = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim_heap:
        trim_heap(0)


def budget(root: Path = Path("/")) -> int:
    """80 % of the container's memory, or of the machine's when the container has no limit, in bytes.

    Args:
        root: Where the kernel tells its limits.
    """
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return int(_SHARE * min([machine, *_limits(root)]))


def _limits(root: Path) -> list[int]:
    texts = [(root / name).read_text().strip() for name in _LIMITS if (root / name).is_file()]
    return [int(text) for text in texts if text.isdigit()]
