"""Golden rows through the API while an endpoint is updated, so that the alarms of its bake see requests."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import NamedTuple

from bundle import Golden, Manifest
from smoke.api import ApiClient, ApiResponse
from smoke.response_checks import is_golden, version_of


class GoldenRequest(NamedTuple):
    """A golden row of a model, and the client of the model's API."""

    client: ApiClient
    manifest: Manifest
    golden: Golden


class GoldenTraffic:
    """Sends golden rows in turn; errors are counted and never raised.

    Args:
        is_updating: Whether the endpoint is being updated now.
        load_rows: Returns the rows; called when the first one is to be sent.
    """

    def __init__(
        self, *, is_updating: Callable[[], bool], load_rows: Callable[[], Sequence[GoldenRequest]]
    ) -> None:
        self._is_updating = is_updating
        self._load_rows = load_rows
        self._rows: Iterator[GoldenRequest] | None = None
        self._sent = 0
        self._failures: list[str] = []
        self._refusal = ""

    def step(self) -> None:
        """Sends the next row if the endpoint is being updated.

        A refusal ends the sending: rows of the new version may not fit the version that serves, and refused
        requests raise an alarm that rolls the update back.
        """
        try:
            if not self._refusal and self._is_updating():
                self._send(self._next_row())
        except Exception as error:
            # The deployment goes on, whatever happens to its traffic.
            self._failures.append(_line(error))

    def report(self) -> str:
        """Returns the numbers of sent and failed requests in a sentence; "" if there was nothing to send."""
        first = next(iter(self._failures), "")
        if not self._sent:
            reason = self._refusal or first
            return f"No golden rows were sent during the update: {reason}." if reason else ""
        failed = f"{len(self._failures)} failed" + (f" (the first: {first})" if first else "")
        ended = f"; no more after a refusal: {self._refusal}" if self._refusal else ""
        return f"Golden rows during the update: {self._sent} sent, {failed}{ended}."

    def _next_row(self) -> GoldenRequest:
        if self._rows is None:
            try:
                self._rows = itertools.cycle(self._load_rows())
            except Exception as error:
                # AWS does not grant a second later what it denies now.
                self._refusal = _line(error)
                raise
        return next(self._rows)

    def _send(self, row: GoldenRequest) -> None:
        self._sent += 1
        response = row.client.predict(row.golden.instance)
        name, version = row.manifest.name, row.manifest.version
        if _is_refused(response):
            self._refusal = f"{name} answers {response}"
        elif response.status != HTTPStatus.OK:
            self._failures.append(f"{name} answers {response}")
        elif version_of(response) == version and not is_golden(response, row.golden):
            # The version that served before may predict otherwise.
            self._failures.append(f"version {version} of {name} misses a golden prediction")


def golden_rows(clients: Mapping[str, ApiClient], manifests: Sequence[Manifest]) -> list[GoldenRequest]:
    """Returns the golden rows of all models, those of different models in turn.

    Args:
        clients: The client of each model's API, by the model's name.
        manifests: The manifests of the bundles that are deployed.
    """
    of_models = [
        [GoldenRequest(clients[manifest.name], manifest, golden) for golden in manifest.golden]
        for manifest in manifests
    ]
    return [row for rank in itertools.zip_longest(*of_models) for row in rank if row]


def _is_refused(response: ApiResponse) -> bool:
    return response.status // 100 == 4 and response.status != HTTPStatus.TOO_MANY_REQUESTS


def _line(error: Exception) -> str:
    """Returns a message as part of a sentence in one line."""
    return " ".join(str(error).split()).rstrip(".")
