"""Environment for processes of tests, without the caller's settings of AWS.

tests/conftest.py has removed those of make and of the commands.
"""

import os

_PREFIXES = ("AWS_", "PYTEST_")


def inherited_environ() -> dict[str, str]:
    """Returns a copy of the environment without variables that change the behaviour of a command."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_PREFIXES)}
