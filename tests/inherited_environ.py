"""Environment for processes of tests, without the caller's settings of make, the commands and AWS."""

import os

_SETTINGS = {"ARGS", "HOSTING", "LOCAL_PORT", "LOCAL_STATE", "MODEL", "ROW", "STAGE"}
_PREFIXES = ("AWS_", "MAKE", "MFLAGS", "PYTEST_")


def inherited_environ() -> dict[str, str]:
    """Returns a copy of the environment without variables that change the behaviour of a command."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in _SETTINGS and not name.startswith(_PREFIXES)
    }
