"""Which core does what: the server has one for all its processes, the load the other."""

import os

SERVER_CORE, LOAD_CORE = sorted(os.sched_getaffinity(0))[:2] if len(os.sched_getaffinity(0)) > 1 else (0, 0)


def pinned(core: int, command: list[str]) -> list[str]:
    """The command, with everything it starts, on one core."""
    return ["taskset", "--cpu-list", str(core), *command]
