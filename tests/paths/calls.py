"""Source files of the product whose functions run while something is done."""

import inspect
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).parents[2]
PROFILE = Path(__file__).with_name("profile")


@contextmanager
def called_files(*rooms: str, root: Path = ROOT) -> Iterator[set[str]]:
    """Collects the files of these rooms whose functions this thread calls in the block.

    Args:
        rooms: Top-level folders.
        root: Folder with these rooms, to whose path the files are relative.
    """
    found: set[str] = set()
    roots = tuple(f"{root / room}/" for room in rooms)

    def profile(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        # Functions only: not the bodies of modules and classes that are imported meanwhile.
        if event == "call" and code.co_flags & inspect.CO_OPTIMIZED and code.co_filename.startswith(roots):
            found.add(code.co_filename.removeprefix(f"{root}/"))

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield found
    finally:
        sys.setprofile(before)


def files_called_each_time(folder: Path, action: Callable[[], object], *, times: int = 5) -> set[str]:
    """The files with functions that the profiled processes of `folder` call each time `action` is done.

    What only some repetitions call, such as a periodic health check, is left out.
    """
    spans = []
    for _ in range(times):
        begin = time.monotonic()
        action()
        spans.append((begin, time.monotonic()))
    lines = [line.split(" ", 1) for path in folder.iterdir() for line in path.read_text().splitlines()]
    calls = [(float(moment), path) for moment, path in lines]
    return set.intersection(
        *({path for moment, path in calls if begin <= moment <= end} for begin, end in spans)
    )
