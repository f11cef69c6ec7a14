"""Rate and burst limits of the open methods of the API."""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from aws_cdk import aws_apigateway as apigateway

from api import PAGE_PATHS

# Open methods take no credentials, and each request runs the invoker.
_OPEN_RATE_LIMIT, _OPEN_BURST_LIMIT = 5, 10
# Method settings of a stage are per HTTP method; ANY is not one of them.
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_PREFLIGHT = "OPTIONS"


class ThrottleSettings(Protocol):
    """Settings of the stage."""

    @property
    def rate_limit(self) -> int:
        """Requests a second."""

    @property
    def burst_limit(self) -> int:
        """Requests at once."""


def method_throttling(
    routes: Mapping[str, str], *, protected: Collection[str], has_preflights: bool, limits: ThrottleSettings
) -> dict[str, apigateway.MethodDeploymentOptions]:
    """Returns the method settings of every open method; other methods have the limits of the stage.

    Args:
        routes: Path -> its own method; the ANY method serves all others.
        protected: Paths whose own method needs a key or a signature.
        has_preflights: Whether browsers send preflight requests, which then have the limits of the stage.
        limits: Limits of the stage, which those of an open method do not exceed.
    """
    return {
        f"{path}/{method}": apigateway.MethodDeploymentOptions(
            throttling_rate_limit=min(_OPEN_RATE_LIMIT, limits.rate_limit),
            throttling_burst_limit=min(_OPEN_BURST_LIMIT, limits.burst_limit),
            logging_level=apigateway.MethodLoggingLevel.ERROR,
            # Metrics cost money for each method, so methods that only answer 405, and pages, have none.
            metrics_enabled=method == own and path not in PAGE_PATHS,
        )
        for path, own in routes.items()
        for method in _open(own, is_protected=path in protected, has_preflights=has_preflights)
    }


def _open(own: str, *, is_protected: bool, has_preflights: bool) -> Iterator[str]:
    for method in _METHODS:
        if not (is_protected and method == own) and not (has_preflights and method == _PREFLIGHT):
            yield method
