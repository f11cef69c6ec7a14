"""End of a process together with its parent."""

import ctypes
import os
import signal

# Of Linux; elsewhere a process ends when its parent's end of a pipe or socket is closed, unless it hangs.
# Its value is in linux/prctl.h.
_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Makes the kernel kill this process when its parent ends, even while it hangs.

    Args:
        parent: Process id of the parent; this process ends at once if it has another parent already.
    """
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
