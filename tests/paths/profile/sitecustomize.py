"""Writes every call of the product's own functions to a file of the process: time, then source file.

Python imports this module at start when its folder is on PYTHONPATH. CALLS_FOLDER names the folder of the
files.
"""

import os
import sys
import threading
import time
from types import FrameType

# The processes run in the root of the checkout.
_ROOT = os.getcwd()  # noqa: PTH109  # pathlib would be imported into every process
# inspect.CO_OPTIMIZED: a function, not the body of a module or class. inspect itself takes long to import.
_OPTIMIZED = 1
_ROOMS = tuple(f"{_ROOT}/{room}/" for room in ("serving", "bundle", "training", "lambda_src"))


def _record(folder: str) -> None:
    calls = os.open(f"{folder}/{os.getpid()}", os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def profile(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(_ROOMS) and code.co_flags & _OPTIMIZED:
            path = code.co_filename.removeprefix(f"{_ROOT}/")
            os.write(calls, f"{time.monotonic()} {path}\n".encode())

    threading.setprofile(profile)
    sys.setprofile(profile)


if "CALLS_FOLDER" in os.environ:
    _record(os.environ["CALLS_FOLDER"])
