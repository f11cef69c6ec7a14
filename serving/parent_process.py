"""End of a process together with its parent."""

import ctypes
import os
import signal

# linux/prctl.h
_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Makes the kernel kill this process when its parent ends, even while it hangs.

    Args:
        parent: Process id of the parent; this process ends at once if it has another parent already.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
