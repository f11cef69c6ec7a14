"""How often which method of the API may be called."""

from collections.abc import Collection, Iterator, Mapping

from aws_cdk import aws_apigateway as apigateway

RATE_LIMIT, BURST_LIMIT = 100, 200
# Nobody has to say who they are, and each call runs the invoker.
_OPEN_RATE_LIMIT, _OPEN_BURST_LIMIT = 5, 10
# A stage counts by the method that was sent, and knows no ANY.
_SENT = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_PREFLIGHT = "OPTIONS"


def method_limits(
    routes: Mapping[str, str], *, guarded: Collection[str], has_preflights: bool
) -> dict[str, apigateway.MethodDeploymentOptions]:
    """The settings of every method that is open to all; the others have the stage's limits.

    Args:
        routes: Path -> the method that it is for; whatever else is sent there, ANY answers.
        guarded: The paths whose own methods want to know who calls.
        has_preflights: Whether browsers ask before they send: as often, then, as they send.
    """
    return {
        f"{path}/{method}": apigateway.MethodDeploymentOptions(
            throttling_rate_limit=_OPEN_RATE_LIMIT,
            throttling_burst_limit=_OPEN_BURST_LIMIT,
            logging_level=apigateway.MethodLoggingLevel.ERROR,
            # Each is paid for, and of what only says 405 nobody asks how fast.
            metrics_enabled=method == own,
        )
        for path, own in routes.items()
        for method in _open(own, is_guarded=path in guarded, has_preflights=has_preflights)
    }


def _open(own: str, *, is_guarded: bool, has_preflights: bool) -> Iterator[str]:
    for method in _SENT:
        if not (is_guarded and method == own) and not (has_preflights and method == _PREFLIGHT):
            yield method
