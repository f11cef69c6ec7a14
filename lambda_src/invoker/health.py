"""Health of the models: whether each answers its golden row, checked at most every ten seconds."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

from .model_call import Deadline, ModelRequest, ModelResponse
from .problem import CAUSES, ProblemError

_CHECK_SECONDS = 0.8
_CACHE_SECONDS = 10.0
_UNKNOWN = "Unknown"


class PredictionHost(Protocol):
    """Client of the service that hosts a model."""

    def invoke(self, request: ModelRequest, deadline: Deadline) -> ModelResponse:
        """Sends one inference request."""


class RowResult(NamedTuple):
    """Result of one golden row.

    Attributes:
        model: Name and version of the model in its response, None without a valid response.
        problem: Sentence on why the row has no prediction, "" if it has one.
        evidence: Facts for the log.
    """

    model: dict[str, Any] | None
    problem: str
    evidence: Mapping[str, object]

    @property
    def version(self) -> str | None:
        """The version of the model that answered, None if its response has none."""
        version = (self.model or {}).get("version")
        return version if isinstance(version, str) else None


class GoldenRow:
    """A row that one model must be able to answer.

    Args:
        host: Client of the model's host.
        read: Returns the row as JSON; raises ProblemError.
        expected_version: Version of the model that was released last.
    """

    def __init__(
        self, host: PredictionHost, *, read: Callable[[Deadline], str], expected_version: str
    ) -> None:
        self.host = host
        self._read = read
        self._request: ModelRequest | None = None
        self.expected_version = expected_version

    def load(self, deadline: Deadline) -> None:
        """Reads the row, once; without success `predict` tries again."""
        with suppress(ProblemError):
            self._loaded(deadline)

    def predict(self, deadline: Deadline) -> RowResult:
        """Requests a prediction of the row."""
        try:
            model = json.loads(self.host.invoke(self._loaded(deadline), deadline).body)["model"]
        except ProblemError as problem:
            return RowResult(None, str(problem), {"found": problem.cause, **problem.evidence})
        except (ValueError, KeyError, TypeError):
            model = None
        return RowResult(model, "", {}) if isinstance(model, dict) else _failed("model_garbled")

    def _loaded(self, deadline: Deadline) -> ModelRequest:
        if self._request is None:
            self._request = ModelRequest(self._read(deadline).encode())
        return self._request


def _failed(cause: str) -> RowResult:
    return RowResult(None, CAUSES[cause].detail, {"found": cause})


class HealthReport(NamedTuple):
    """Result of one health check.

    Attributes:
        members: Members of the response.
        problem: Sentence on why a prediction would fail, "" if it would not.
        evidence: Facts for the log.
        time: Time of the check, in seconds since the epoch.
    """

    members: Mapping[str, Any]
    problem: str
    evidence: Mapping[str, object]
    time: float


class HealthCheck:
    """Health check of one model or of several.

    Args:
        rows: A golden row by the name of its model; "" for the only model.
        host_state: Returns the state of the models' host in AWS's words.
        seconds: Time limit of one check.
    """

    def __init__(
        self,
        rows: Mapping[str, GoldenRow],
        *,
        host_state: Callable[[Deadline], str],
        seconds: float = _CHECK_SECONDS,
    ) -> None:
        self._rows = rows
        self._host_state = host_state
        self._seconds = seconds
        self._latest: HealthReport | None = None

    def check(self, deadline: Deadline) -> Mapping[str, Any]:
        """Returns the host's state and, for each model, the version that answers its golden row.

        During an update and after a rollback that version differs from the expected one.

        Raises:
            ProblemError: A prediction would fail now.
        """
        report = self._latest
        if report is None or not 0 <= time.time() - report.time < _CACHE_SECONDS:
            # Read from S3 at the first check only, so it has the time of the request.
            for row in self._rows.values():
                row.load(deadline)
            report = self._latest = self._run(deadline.within(self._seconds))
        if report.problem:
            members, evidence = report.members, report.evidence
            raise ProblemError("not_ready", report.problem, members=members, evidence=evidence)
        return {"status": "ok", **report.members}

    def _run(self, deadline: Deadline) -> HealthReport:
        """Makes all requests at the same time; results that are missing at the deadline count as failures."""
        now = time.time()
        states: list[str] = []
        results: dict[str, RowResult] = {}

        def read_state() -> None:
            states.append(self._read_state(deadline))

        def predict(name: str, row: GoldenRow) -> None:
            results[name] = row.predict(deadline)

        threads = [threading.Thread(target=predict, args=pair, daemon=True) for pair in self._rows.items()]
        threads += [threading.Thread(target=read_state, daemon=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(deadline.remaining())
        state = states[0] if states else _UNKNOWN
        complete = {name: results.get(name) or _failed("out_of_time") for name in self._rows}
        checked_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
        members = {"state": state, **self._versions(complete), "checked_at": checked_at}
        return HealthReport(members, _problem(complete, state), _evidence(complete), now)

    def _read_state(self, deadline: Deadline) -> str:
        try:
            return self._host_state(deadline)
        except Exception:
            # The state is for information only: the models' responses decide on the health.
            return _UNKNOWN

    def _versions(self, results: Mapping[str, RowResult]) -> dict[str, Any]:
        if "" in results:
            return {"model": results[""].model, "expected_version": self._rows[""].expected_version}
        versions = {
            name: {"version": results[name].version, "expected_version": row.expected_version}
            for name, row in self._rows.items()
        }
        return {"models": versions}


def _problem(results: Mapping[str, RowResult], state: str) -> str:
    problems = [
        f"{name}: {result.problem}" if name else result.problem
        for name, result in results.items()
        if result.problem
    ]
    owner = "Its" if "" in results else "The endpoint's"
    return " ".join([*problems, f"{owner} state is {state}."]) if problems else ""


def _evidence(results: Mapping[str, RowResult]) -> Mapping[str, object]:
    if "" in results:
        return results[""].evidence
    return {"models": {name: result.evidence for name, result in results.items() if result.problem}}
