"""Encoding of a whole text that began as UTF-8, by bytes that are far from its beginning."""

import codecs
from collections.abc import Iterable

from training.data.file_format import OTHER_PAGE, UTF8, text_encoding
from training.errors import TrainingError


def full_text_encoding(blocks: Iterable[bytes], file: str) -> str:
    """Decides the encoding of a text whose first bytes are UTF-8.

    The first block with a character beyond ASCII decides, as the beginning of a file does: bytes of ASCII say
    nothing of the encoding.

    Args:
        blocks: The bytes of the file, from its start.
        file: Its name in messages.

    Returns:
        UTF8, or OTHER_PAGE.

    Raises:
        TrainingError: When the text is in UTF-8 with other bytes; it names the line of the first ones.
    """
    decoder = codecs.getincrementaldecoder(UTF8)()
    line, is_decided = 1, False
    for block in blocks:
        if not is_decided and not block.isascii():
            if text_encoding(block, is_whole=False) == OTHER_PAGE:
                return OTHER_PAGE
            is_decided = True
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            line += block[: error.start].count(b"\n")
            raise TrainingError(
                f"{file} is a text in UTF-8, and its line {line:,} has bytes that are none: correct them, or "
                "save the file again in one encoding."
            ) from error
        line += block.count(b"\n")
    return UTF8
