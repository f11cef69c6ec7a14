"""Which data a job asks for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from training.data.dataset import Dataset
from training.engines import ENGINES
from training.errors import TrainingError
from training.progress import SILENT, Progress

SAMPLE = "sample"


@dataclass(frozen=True, kw_only=True)
class DataRequest:
    """What `--data` and its companions say.

    Attributes:
        source: As it was given: `sample`, a path, a pattern of paths, a URI.
        engine: What cleans large data: duckdb, spark or athena.
        master: Where Spark runs, as a URL; "" for this machine.
        bucket: Where Athena's tables and results go.
        site: Where the monthly files of all flights are, as a URL.
        cache: Folder of what was fetched from elsewhere, so that it is fetched once.
        progress: Whom to tell.
    """

    source: str = SAMPLE
    engine: str = ENGINES[0]
    master: str = ""
    bucket: str = ""
    site: str = "https://transtats.bts.gov/PREZIP"
    cache: Path = field(default=Path("build") / "data")
    progress: Progress = SILENT


def only_sample(read: Callable[[], Dataset]) -> Callable[[DataRequest], Dataset]:
    """A reader for models that have no other data than their sample."""

    def read_request(request: DataRequest) -> Dataset:
        if request.source != SAMPLE:
            raise TrainingError(f"This model has no data {request.source!r}: it has its {SAMPLE} only.")
        return read()

    return read_request
