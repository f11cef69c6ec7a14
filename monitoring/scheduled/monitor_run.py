"""One run of the monitor: drift of a window, and the outcomes of the last weeks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from bundle import Manifest
from monitoring.captures.capture_store import CapturesError
from monitoring.captures.window_reader import read_window
from monitoring.drift.drift_report import DriftReport
from monitoring.drift.window_comparison import compare
from monitoring.outcomes.joined_outcomes import join_outcomes
from monitoring.outcomes.outcome_files import Outcomes
from monitoring.outcomes.outcome_report import OutcomeReport, report_outcomes
from monitoring.scheduled.monitor_bucket import MonitorBucket

# Outcomes become known days after their predictions, and a verdict compares days.
OUTCOME_PERIOD = timedelta(days=28)
_MOST_OUTCOME_BYTES = 64 << 20


@dataclass(frozen=True, kw_only=True)
class MonitorRun:
    """Places in the bucket, and the range of time.

    Attributes:
        bucket: The bucket.
        captures: Prefix of the captured data.
        outcomes: Prefix of the files of outcomes.
        start: First moment of the window.
        end: Moment after it.
    """

    bucket: MonitorBucket
    captures: str
    outcomes: str
    start: datetime
    end: datetime

    def drift(self, manifest: Manifest) -> DriftReport:
        """Compares the window with what training saw.

        Raises:
            CapturesError: The captured data cannot be read.
        """
        store = self.bucket.captures(self.captures)
        return compare(manifest, read_window(store, manifest, start=self.start, end=self.end))

    def live_quality(self, manifest: Manifest) -> OutcomeReport:
        """Compares outcomes with the promise of the manifest.

        Raises:
            CapturesError: The captured data or the outcomes cannot be read.
        """
        since = self.end - OUTCOME_PERIOD
        try:
            outcomes = self._read_outcomes(manifest, since)
        except (BotoCoreError, ClientError) as error:
            raise CapturesError(
                f"The outcomes below {self.outcomes} cannot be read ({str(error).rstrip('. ')}): allow "
                "s3:ListBucket and s3:GetObject to the caller."
            ) from error
        store = self.bucket.captures(self.captures)
        joined = join_outcomes(outcomes, store, manifest, start=since, end=self.end)
        return report_outcomes(manifest, outcomes, joined)

    def _read_outcomes(self, manifest: Manifest, since: datetime) -> Outcomes:
        outcomes, files, read = Outcomes(), [], 0
        for key, size in self.bucket.newest_files(self.outcomes, since=since):
            if read + size > _MOST_OUTCOME_BYTES:
                outcomes.add_bad(
                    f"{key} and older files are not read: newer ones have {read:,} bytes, and a run reads "
                    f"{_MOST_OUTCOME_BYTES:,}."
                )
                break
            read += size
            files.append(key)
        # The oldest file first, because the last outcome of a row counts.
        for key in reversed(files):
            if (content := self.bucket.read(key)) is not None:
                outcomes.add_file(key, content, manifest)
        return outcomes
