"""A function's handler that answers with what it was asked and what it was told at its start."""

import os
from typing import Any


def handler(event: Any, _context: object) -> list[Any]:
    return [event, os.environ["WORD"]]
