"""Validation of a request's head: its size, Host, absolute-form targets and transfer codings (RFC 9112)."""

import re

from serving.problem import Problem

MAX_HEAD_BYTES = 32_768

# uri-host [ ":" port ] of RFC 9110, section 7.2; RFC 3986, section 3.2.2.
_HOST = re.compile(
    rb"(?:\[[0-9A-Fa-f:.]+\]|\[v[0-9A-Fa-f]+\.[\w.~!$&'()*+,;=:-]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)"
    rb"(?::[0-9]*)?"
)
_ABSOLUTE_FORM = re.compile(rb"https?://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)


def check_head_size(size: int) -> None:
    """Raises Problem 431 when a target and its headers of `size` bytes are over the limit."""
    if size > MAX_HEAD_BYTES:
        raise Problem(431, f"The request's headers are over {MAX_HEAD_BYTES} bytes, the most there may be.")


def check_host(host: bytes | None, version: str) -> None:
    """Checks the Host header of a request (RFC 9112, section 3.2).

    Args:
        host: Its value, repeated headers joined by a comma and a space; None without the header.
        version: The HTTP version of the request, such as "1.1".

    Raises:
        Problem: 400 when it is missing in HTTP/1.1, repeated, or not a host with an optional port.
    """
    if host is None:
        if version == "1.1":
            raise Problem(400, "The request has no Host header, which HTTP/1.1 requires.")
    elif not _HOST.fullmatch(host):
        raise Problem(400, "The Host header must be sent once, and be a host with an optional port.")


def split_absolute_form(target: bytes) -> tuple[bytes, bytes] | None:
    """Splits a target in absolute-form (RFC 9112, section 3.2.2).

    Returns:
        Its authority, and its path and query in origin-form; None for a target in any other form.

    Raises:
        Problem: 400 when the authority is not a host with an optional port (RFC 9110, sections 4.2.1, 4.2.4).
    """
    absolute = _ABSOLUTE_FORM.fullmatch(target)
    if not absolute:
        return None
    authority, rest = absolute.groups()
    if not authority or authority.startswith(b":") or not _HOST.fullmatch(authority):
        raise Problem(400, "The URL of the request must have a host, and no user name.")
    return authority, rest if rest.startswith(b"/") else b"/" + rest


def ends_with_chunked(transfer_encoding: bytes) -> bool:
    """Whether chunked is the last transfer coding; if not, the body's length is unknown (section 6.3)."""
    return _codings(transfer_encoding)[-1] == b"chunked"


def check_transfer_encoding(transfer_encoding: bytes) -> None:
    """Raises Problem 501 for any transfer coding but chunked (RFC 9112, section 6.1)."""
    if _codings(transfer_encoding) != [b"chunked"]:
        raise Problem(501, "The only transfer coding is chunked: send the body without any other.")


def _codings(transfer_encoding: bytes) -> list[bytes]:
    return [coding.strip() for coding in transfer_encoding.lower().split(b",")]
