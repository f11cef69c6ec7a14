"""Handler of an image function that does what its event says."""

import threading
from pathlib import Path
from typing import Any


def handler(event: dict[str, Any], _context: object) -> str:
    """Waits for ever, takes memory in megabytes, or writes a file."""
    if event.get("wait"):
        threading.Event().wait()
    if path := event.get("write"):
        Path(path).write_text("content")
    held = bytearray(b"x") * (event.get("megabytes", 0) * 1024 * 1024)
    return f"{len(held)}"
