"""Standard output of the commands of all rooms. Standard library only."""

import io
import sys


def escape_unencodable_output() -> None:
    """Escapes characters on standard output that the locale lacks, as Python does on standard error."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
