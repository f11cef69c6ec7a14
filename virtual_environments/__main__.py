"""`python -m virtual_environments FOLDER LOCK`: makes a virtual environment with the packages of a lock file.

Installs uv, at the version of requirements-uv.txt, from the package index into .venv-uv first. Without uv,
pip installs the same: `FOLDER/bin/python -m pip install -r LOCK`.

Exit codes: 0 installed, 1 not installed (the output says why), 2 wrong usage.
"""

import argparse
import sys
from pathlib import Path

from terminal_output import escape_unencodable_output
from virtual_environments.virtual_environment import ROOT, InstallError, install_uv, make_environment


def main() -> int:
    """Makes one virtual environment.

    Returns:
        The exit code: 0 installed, 1 not installed; 2, for wrong usage, is argparse's own.
    """
    parser = argparse.ArgumentParser(
        prog="python -m virtual_environments",
        description="Makes a virtual environment with uv from a lock file.",
    )
    parser.add_argument("folder", type=Path, help="folder of the virtual environment, such as .venv")
    parser.add_argument("lock", type=Path, help="lock file of its packages, such as requirements.txt")
    arguments = parser.parse_args()
    try:
        make_environment(arguments.folder, arguments.lock, uv=install_uv(ROOT / ".venv-uv"))
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main())
