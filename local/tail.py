"""The end of a log file."""

from pathlib import Path


def tail(path: Path, *, lines: int = 15, characters: int = 2000) -> str:
    """The last lines of a log, or a word about its being empty.

    Args:
        path: The log file.
        lines: At most so many.
        characters: At most so many, of the end.
    """
    text = path.read_text(errors="replace") if path.exists() else ""
    return "\n".join(text.rstrip().splitlines()[-lines:])[-characters:] or "(it wrote nothing)"
