"""Compressed objects of S3."""

import zlib

from bundle.scored_file_formats import MOST_UNPACKED_BYTES, FileError

# wbits of a gzip header: https://docs.python.org/3/library/zlib.html#zlib.decompress
_GZIP = 31


def unpack(key: str, content: bytes) -> bytes:
    """Unpacks the content of a compressed object.

    Raises:
        FileError: When it is damaged, or too large.
    """
    found, size = [], 0
    while content:
        stream = zlib.decompressobj(_GZIP)
        try:
            found.append(stream.decompress(content, MOST_UNPACKED_BYTES - size + 1))
        except zlib.error as error:
            raise FileError(f"{key} is no gzip file ({error}): compress it again.") from error
        size += len(found[-1])
        if size > MOST_UNPACKED_BYTES:
            raise FileError(
                f"{key} unpacks to more than {MOST_UNPACKED_BYTES >> 20} MB: store it uncompressed, which "
                "several calls can read in ranges."
            )
        if not stream.eof:
            raise FileError(f"{key} is truncated: upload it again.")
        content = stream.unused_data
    return b"".join(found)
