"""What each route answers, but those of the multi-model API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.http.metrics import CONTENT_TYPE, INFERENCE
from serving.http.response import JSON
from serving.predict.request import request_metadata
from serving.problem import RETRY, Problem
from serving.routes import Route
from serving.workers.protocol import Answer, Question

if TYPE_CHECKING:
    from serving.http.exchange import Exchange
    from serving.http.metrics import Metrics
    from serving.workers.health import Health
    from serving.workers.models import Models
    from serving.workers.pool import Pool


class Handlers:
    """GET /ping, POST /invocations and GET /metrics."""

    def __init__(self, *, pool: Pool, health: Health, models: Models, metrics: Metrics) -> None:
        self._pool = pool
        self._health = health
        self._models = models
        self._metrics = metrics

    def routes(self) -> list[Route]:
        """The routes for a load balancer, and for clients when there is one model."""
        routes = [
            Route("ping", "/ping", ("GET", "HEAD", "POST"), self._ping),
            Route("metrics", "/metrics", ("GET", "HEAD"), self._tell_metrics),
        ]
        if not self._models.are_many:
            routes.insert(1, Route(INFERENCE, "/invocations", ("POST",), self._invoke))
        return routes

    def _ping(self, exchange: Exchange) -> None:
        trouble = self._health.trouble()
        if trouble:
            exchange.refuse(Problem(503, trouble, headers=RETRY))
            return
        entry = self._models.entries.get("")
        model = b',"model":%b' % entry.loaded.identity if entry and entry.loaded else b""
        exchange.answer(Answer(200, JSON, b'{"status":"healthy"%b}' % model))

    def _invoke(self, exchange: Exchange) -> None:
        exchange.question = Question("", exchange.body, request_metadata(exchange.headers, exchange.query))
        self._pool.submit(exchange)

    def _tell_metrics(self, exchange: Exchange) -> None:
        exchange.answer(Answer(200, b"content-type: %b\r\n" % CONTENT_TYPE, self._metrics.text()))
