"""newman, which runs Postman collections in a terminal.

Source: https://learning.postman.com/docs/collections/using-newman-cli/newman-options/
"""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from smoke.errors import NotFoundError

_NEWMAN = Path(__file__).resolve().parents[1] / "node_modules" / ".bin" / "newman"
_OPTIONS = ("--environment", "/dev/stdin", "--timeout-request", "30000", "--timeout", "300000")


def run_collection(collection: Path, environment: Mapping[str, Any], *, newman: Path | None = None) -> int:
    """Run a collection; newman reports on standard output.

    Args:
        collection: Path of the collection.
        environment: Its environment, secrets and all: it goes through a pipe, so that the secrets are
            neither in a file nor on a command line.
        newman: The program, where not the checkout's own.

    Returns:
        newman's exit code: 0 when all tests passed.

    Raises:
        NotFoundError: newman is not installed.
    """
    program = newman or _NEWMAN
    if not program.exists():
        raise NotFoundError(f"There is no {program}: `npm ci` installs what package.json pins.")
    # newman 6 uses what node has deprecated, which is no news for who runs it.
    command = ["node", "--no-deprecation", str(program), "run", str(collection), *_OPTIONS]
    return subprocess.run(command, input=json.dumps(environment).encode(), check=False).returncode
