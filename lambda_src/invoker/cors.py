"""Which other sites' pages may read the answers: https://fetch.spec.whatwg.org/#http-cors-protocol."""

from collections.abc import Sequence

_EXPOSED = "x-model-version, x-request-id, retry-after"
_ACCEPTED = "accept, authorization, content-type, x-amz-date, x-amz-security-token, x-api-key"
_SECONDS = "600"


class Cors:
    """The allowed origins; none at all turns it off.

    Args:
        origins: Separated by commas, or *.
    """

    def __init__(self, origins: str) -> None:
        self._origins = {origin.strip() for origin in origins.split(",")} - {""}

    @property
    def is_on(self) -> bool:
        """Whether pages of any other site may read anything."""
        return bool(self._origins)

    def headers(self, origin: str) -> dict[str, str]:
        """What every answer to a page of `origin` says."""
        if not self.is_on:
            return {}
        told = {"vary": "Origin", "access-control-expose-headers": _EXPOSED}
        allowed = "*" if "*" in self._origins else origin
        return told | ({"access-control-allow-origin": allowed} if allowed in self._origins else {})

    def preflight(self, methods: Sequence[str]) -> dict[str, str]:
        """What a browser learns that asks before it sends."""
        return {
            "access-control-allow-methods": ", ".join(methods),
            "access-control-allow-headers": _ACCEPTED,
            "access-control-max-age": _SECONDS,
        }
