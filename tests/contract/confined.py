"""`python -m tests.contract.confined serve`: the program, started by the commands in CONFINED_BY."""

import os
import shlex
import sys

if __name__ == "__main__":
    words = [*shlex.split(os.environ.pop("CONFINED_BY")), sys.executable, "-m", "serving", *sys.argv[1:]]
    os.execvp(words[0], words)  # noqa: S606  # no shell is what is wanted
