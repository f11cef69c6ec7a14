"""Texts whose columns lie between runs of spaces and tabs: read with one tab for each run."""

import io
import re
from typing import Any

# A cell in quotation marks, or a run between cells.
_CELL_OR_RUN = re.compile(rb'(?<![^ \t\r\n])"(?:[^"\r\n]|"")*"(?![^ \t\r\n])|[ \t]+')
_RUN = re.compile(rb"[ \t]+")
_EDGES = re.compile(rb"(?:(?<=[\r\n])|\A)\t|\t(?=[\r\n]|\Z)")
# "# a b" may be a header, as NumPy writes it: its first name is "#a", as in "#a,b".
_COMMENT = re.compile(rb"((?<=[\r\n])|\A)#\t")
_BLOCK_BYTES = 1 << 20


def space_separated_text(file: Any) -> io.BufferedReader:
    """Opens a text in an encoding over ASCII, with one tab for each run of spaces and tabs between cells.

    Spaces at the edges of a line are left out, and those inside quotation marks are kept. A cell does not go
    on in the next line.

    Args:
        file: The text, open for reading bytes.
    """
    return io.BufferedReader(_SpaceSeparatedText(file), _BLOCK_BYTES)


def with_tabs(lines: bytes) -> bytes:
    """Returns whole lines with a tab for each run of spaces and tabs between cells."""
    if b'"' in lines:
        lines = _CELL_OR_RUN.sub(lambda found: found[0] if found[0].startswith(b'"') else b"\t", lines)
    else:
        lines = _RUN.sub(b"\t", lines)
    return _COMMENT.sub(b"#", _EDGES.sub(b"", lines))


class _SpaceSeparatedText(io.RawIOBase):
    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file, self._rest, self._ready = file, b"", memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            block = self._file.read(_BLOCK_BYTES)
            if not block and not self._rest:
                return 0
            lines = self._rest + block
            end = max(lines.rfind(b"\n"), lines.rfind(b"\r")) + 1 if block else len(lines)
            self._rest = lines[end:]
            self._ready = memoryview(with_tabs(lines[:end]))
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size
