"""Routes of the server: finds the route of a request; handles /ping, /invocations and /metrics.

Sources: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
and, for /execution-parameters, https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from serving.http.metrics import CONTENT_TYPE
from serving.http.response import JSON_HEAD, Response
from serving.http.route import INFERENCE, Route
from serving.predict.request import InferenceRequest, request_metadata
from serving.problem import RETRY_AFTER, Problem
from serving.workers.batching_queue import TRANSFORM_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from serving.http.exchange import Exchange
    from serving.http.metrics import ServerMetrics
    from serving.settings import ServerSettings
    from serving.workers.loaded_models import LoadedModels
    from serving.workers.pool import Pool


class Routes:
    """Finds the route of a request."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = tuple(routes)
        self._by_method_and_path = {
            (method.encode(), route.pattern.encode()): route
            for route in self._routes
            for method in route.methods
        }

    def find(self, method: bytes, path: bytes) -> Route:
        """Returns the route of a method and a path.

        Raises:
            Problem: 404 when no route has the path, 405 when those that have it lack the method.
        """
        return self._by_method_and_path.get((method, path)) or self._match(method.decode("latin-1"), path)

    def _match(self, method: str, path: bytes) -> Route:
        found = [route for route in self._routes if route.matches(path)]
        if not found:
            known = ", ".join(dict.fromkeys(route.pattern for route in self._routes))
            raise Problem(404, f"There is nothing here: the paths are {known}.")
        for route in found:
            if method in route.methods:
                return route
        allowed = ", ".join(method for route in found for method in route.methods)
        raise Problem(
            405, f"The methods of {found[0].pattern} are {allowed}.", headers=((b"allow", allowed.encode()),)
        )


class ServerRoutes:
    """Handlers of the routes that every server has, and of /invocations on a server of one model."""

    def __init__(
        self,
        *,
        pool: Pool,
        unhealthy_reason: Callable[[], str | None],
        models: LoadedModels,
        metrics: ServerMetrics,
        settings: ServerSettings,
    ) -> None:
        self._pool = pool
        self._unhealthy_reason = unhealthy_reason
        self._models = models
        self._metrics = metrics
        self._settings = settings
        self._transform_query = (settings.transform or "").encode()

    def routes(self) -> list[Route]:
        """Returns the routes; a server whose models the multi-model API loads has no /invocations."""
        routes = [
            Route("ping", "/ping", ("GET", "HEAD", "POST"), self._ping),
            Route("metrics", "/metrics", ("GET", "HEAD"), self._send_metrics),
        ]
        if not self._models.are_many:
            routes.insert(1, Route(INFERENCE, "/invocations", ("POST",), self._invoke))
            routes.append(
                Route("parameters", "/execution-parameters", ("GET", "HEAD"), self._send_parameters)
            )
        return routes

    def _ping(self, exchange: Exchange) -> None:
        reason = self._unhealthy_reason()
        if reason:
            exchange.refuse(Problem(503, reason, headers=RETRY_AFTER))
            return
        entry = self._models.entries.get("")
        model = b',"model":%b' % entry.loaded.identity if entry and entry.loaded else b""
        exchange.respond(Response(200, JSON_HEAD, b'{"status":"healthy"%b}' % model))

    def _invoke(self, exchange: Exchange) -> None:
        # SageMaker sends neither a query nor custom attributes with a request of a batch transform job.
        metadata = request_metadata(exchange.headers, exchange.query or self._transform_query)
        exchange.inference = InferenceRequest("", exchange.body, metadata)
        self._pool.submit(exchange)

    def _send_parameters(self, exchange: Exchange) -> None:
        payload = self._settings.max_body
        parameters = {
            "MaxConcurrentTransforms": min(self._settings.workers, TRANSFORM_BYTES // payload),
            "BatchStrategy": "MULTI_RECORD",
            "MaxPayloadInMB": payload >> 20,
        }
        exchange.respond(Response(200, JSON_HEAD, msgspec.json.encode(parameters)))

    def _send_metrics(self, exchange: Exchange) -> None:
        self._pool.handovers.read_records()
        exchange.respond(Response(200, b"content-type: %b\r\n" % CONTENT_TYPE, self._metrics.text()))
