"""Output of a Spark job: a folder of the answered rows, and one of the refused rows beside it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from typing import Any

import msgspec

from scoring.cluster.hadoop_files import HadoopFiles, url_of
from scoring.errors import ScoringError
from scoring.outputs.refused_rows import REFUSED_ENDING
from scoring.summary import ScoringSummary
from training.engines.spark_session import SPARK_ERRORS

# Spark and other readers of folders leave out files whose names begin with "_".
SUMMARY_FILE = "_scoring.json"
# Of most file systems, and of HDFS: dfs.namenode.fs-limits.max-component-length in
# https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/hdfs-default.xml
_MOST_NAME_BYTES = 255
_CSV: tuple[str, dict[str, Any]] = (
    "csv",
    {
        "header": True,
        "escape": '"',
        "emptyValue": "",
        "ignoreLeadingWhiteSpace": False,
        "ignoreTrailingWhiteSpace": False,
    },
)
_FORMATS = {".parquet": ("parquet", {}), ".csv": _CSV, ".jsonl": ("json", {"ignoreNullFields": False})}


class ClusterOutput:
    """Writes the folders.

    Args:
        files: File systems of Spark.
        out: Path or URL of the folder of answered rows; its suffix is its format.

    Attributes:
        refused: Path or URL of the folder of refused rows.

    Raises:
        ScoringError: When one of them exists, or has too long a name.
    """

    def __init__(self, files: HadoopFiles, out: str) -> None:
        self._files = files
        suffix = PurePath(out).suffix
        self.refused = f"{out.rstrip('/')}{REFUSED_ENDING}"
        name = PurePath(self.refused).name
        if (excess := len(name.encode()) - _MOST_NAME_BYTES) > 0:
            raise ScoringError(
                f"The folder of refused rows, {name}, would have a name that is too long by {excess} bytes: "
                "name a shorter one with --out."
            )
        self._urls = tuple(name if "://" in name else url_of(Path(name)) for name in (out, self.refused))
        self._format = _FORMATS[suffix.lower()]
        for url in self._urls:
            if files.exists(url):
                raise ScoringError(f"{url} exists: remove it, or name another folder with --out.")

    def write_rows(self, frame: Any) -> None:
        """Writes the answered rows."""
        _write(frame, self._format, self._urls[0])

    def write_refused(self, frame: Any) -> None:
        """Writes the errors of the refused rows."""
        _write(frame, _CSV, self._urls[1])

    def write_summary(self, summary: ScoringSummary) -> None:
        """Writes the summary beside the answered rows."""
        self._files.write(f"{self._urls[0]}/{SUMMARY_FILE}", msgspec.json.encode(summary))

    @contextmanager
    def removed_unless_complete(self) -> Iterator[None]:
        """Removes the folders, which did not exist before, after an error or an interruption."""
        try:
            yield
        except BaseException:
            for url in self._urls:
                # After Ctrl-C, Spark may have ended.
                with suppress(ScoringError, OSError, *SPARK_ERRORS):
                    self._files.remove(url)
            raise


def _write(frame: Any, form: tuple[str, dict[str, Any]], url: str) -> None:
    name, options = form
    frame.write.format(name).options(**options).save(url)
