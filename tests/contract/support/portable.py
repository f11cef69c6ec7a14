"""`python -m tests.contract.support.portable serve`: the server without anything that only Linux has.

So it runs as on macOS, where the README promises it: the system calls, the file of its memory, and sockets of
packets are away. Names of macOS's own kernel, such as kqueue's, are not there either.
"""

import ctypes
import os
import sys

import serving.settings
import serving.workers.process_memory
import serving.workers.worker
import serving.workers.worker_process
from serving.__main__ import main


class _Library:
    """The C library without the functions of Linux."""


def remove_linux() -> None:
    del os.sched_getaffinity
    del os.memfd_create
    ctypes.CDLL = lambda _: _Library()  # type: ignore[assignment, misc]
    serving.workers.process_memory._STATM = "/absent"
    serving.settings._HAS_PACKET_SOCKETS = False


if __name__ == "__main__":
    remove_linux()
    if sys.argv[1].isdigit():
        serving.workers.worker.main()
    else:
        serving.workers.worker_process.COMMAND = (sys.executable, "-m", "tests.contract.support.portable")
        sys.exit(main())
