"""Queries on Amazon Athena: start, wait, find the result."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from training.errors import TrainingError

_RUNNING = ("QUEUED", "RUNNING")
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 3.0
_RESULT_SECONDS = 60.0

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class AthenaQueries:
    """Runs queries on one database.

    Attributes:
        athena: Athena client.
        s3: S3 client.
        bucket: Bucket of the results.
        folder: Key prefix of the results; it ends in a slash.
        database: Database of the tables.
    """

    athena: Any
    s3: Any
    bucket: str
    folder: str
    database: str

    def run(self, query: str) -> str:
        """Runs a query and returns the key of its result, a CSV file; Ctrl-C also stops the query on Athena.

        Raises:
            TrainingError: When the query fails.
            ClientError: When Athena rejects it.
        """
        query_id = self.athena.start_query_execution(
            QueryString=query,
            QueryExecutionContext={"Database": self.database},
            ResultConfiguration={"OutputLocation": f"s3://{self.bucket}/{self.folder}"},
        )["QueryExecutionId"]
        try:
            status = _awaited(lambda: self._end(query_id))
        except KeyboardInterrupt:
            self.athena.stop_query_execution(QueryExecutionId=query_id)
            raise
        if status["State"] != "SUCCEEDED":
            reason = status.get("StateChangeReason", "no reason given")
            raise TrainingError(f"Athena's query {query_id} has {status['State'].lower()}: {reason}")
        return _awaited(lambda: self._key(query_id), seconds=_RESULT_SECONDS)

    def _end(self, query_id: str) -> dict[str, Any] | None:
        execution = self.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        status: dict[str, Any] = execution["Status"]
        return None if status["State"] in _RUNNING else status

    def _key(self, query_id: str) -> str | None:
        # MiniStack writes the result shortly after the query has succeeded, one folder deeper than Athena.
        page = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=f"{self.folder}{query_id}")
        keys = [item["Key"] for item in page.get("Contents", ())]
        return next((key for key in keys if key.endswith(".csv")), None)


def _awaited(ask: Callable[[], _T | None], seconds: float = float("inf")) -> _T:
    """Polls with a growing wait until `ask` returns a value, at most for so many seconds."""
    wait, end = _FIRST_WAIT, time.monotonic() + seconds
    while (answer := ask()) is None:
        if time.monotonic() > end:
            raise TrainingError(
                f"Athena's result was not in the bucket after {seconds:g} seconds: try again."
            )
        time.sleep(wait)
        wait = min(2 * wait, _LONGEST_WAIT)
    return answer
