"""`python -m tests.contract.support.confined serve`: the program behind the commands in CONFINED_BY."""

import os
import shlex
import sys

if __name__ == "__main__":
    words = [*shlex.split(os.environ.pop("CONFINED_BY")), sys.executable, "-m", "serving", *sys.argv[1:]]
    os.execvp(words[0], words)  # noqa: S606  # without a shell, on purpose
