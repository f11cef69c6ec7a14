"""Numbers that JSON has not, such as NaN, which json.dumps of Python and others write."""

import re

_STRING_OR_NO_NUMBER = re.compile(rb'("(?:[^"\\]|\\.)*")|-?(?:NaN|Infinity)\b')


def with_nulls(content: bytes) -> bytes:
    """Replaces NaN, Infinity and -Infinity outside of strings by null."""
    if b"NaN" not in content and b"Infinity" not in content:
        return content
    return _STRING_OR_NO_NUMBER.sub(lambda found: found[1] or b"null", content)
