"""Lambda handler that returns its event and the environment variable WORD."""

import os
from typing import Any


def handler(event: Any, _context: object) -> list[Any]:
    return [event, os.environ["WORD"]]
