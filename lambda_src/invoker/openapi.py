"""The description of the API that the deployment puts beside the code."""

import functools
from pathlib import Path

from .problem import ProblemError

_FILE = Path(__file__).with_name("openapi.json")


@functools.cache
def read_openapi() -> str:
    """The document, read when it is first asked for.

    Raises:
        ProblemError: This deployment has none.
    """
    try:
        return _FILE.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ProblemError("no_route", "This deployment has no openapi.json.") from None
