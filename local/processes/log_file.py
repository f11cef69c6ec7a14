"""Last lines of a log file, for error messages."""

from pathlib import Path


def last_lines(path: Path, *, lines: int = 15, characters: int = 2000) -> str:
    """Returns the last lines of a log file, or a remark that it is empty.

    Args:
        path: The log file; it may be absent.
        lines: The maximum number of lines.
        characters: The maximum number of characters; the beginning is cut off.
    """
    text = path.read_text(errors="replace", encoding="utf-8") if path.exists() else ""
    return "\n".join(text.rstrip().splitlines()[-lines:])[-characters:] or "(the log is empty)"
