"""Files of a Spark job, on every file system that its Hadoop knows."""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from scoring.errors import ScoringError
from scoring.inputs.input_file import INPUT_SUFFIXES, find_inputs, matching_folders
from scoring.outputs.parquet_footer import MAGIC
from training.data.file_format import SAMPLE_BYTES
from training.engines.spark_session import SPARK_ERRORS, root_cause
from training.flights.sources.unpacking import COMPRESSIONS
from training.progress import SILENT

# A Parquet file ends with the length of its footer and MAGIC.
_FOOTER_END = 8
_GZIP_WINDOW = 31
# Arrays of JSON, and what is packed otherwise than with gzip.
_UNREAD = {".json", ".zip", *COMPRESSIONS}


@dataclass(frozen=True, kw_only=True)
class ClusterFile:
    """A file to score.

    Attributes:
        name: Its name in messages and in the list of refused rows: the path or URL that was given.
        url: Its URL, which all machines of the cluster can read.
    """

    name: str
    url: str

    @property
    def suffix(self) -> str:
        """The suffix of its format: ".csv" for flights.csv.gz."""
        return Path(self.url.lower().removesuffix(".gz")).suffix


class HadoopFiles:
    """Lists, reads and writes files.

    Args:
        session: Session of Spark.
        cache: Folder of downloaded files.
    """

    def __init__(self, session: Any, cache: Path) -> None:
        self._java = session._jvm
        self._configuration = session._jsc.hadoopConfiguration()
        self._cache = cache

    def find(self, source: str) -> list[ClusterFile]:
        """Lists the files of a path, a pattern or a URL, in the order of their names.

        Raises:
            ScoringError: When there are none, or Spark reads none of that format.
        """
        if "://" not in source and matching_folders(source):
            raise ScoringError(
                f"{source} is a folder: name its files for Spark, such as '{source}/*.parquet'."
            )
        if "://" in source:
            found = [ClusterFile(name=url, url=url) for url in self._matching(source)]
        else:
            found = [
                ClusterFile(name=str(file.path), url=url_of(file.path))
                for file in find_inputs(source, cache=self._cache, progress=SILENT)
            ]
        for file in found:
            if not file.url.lower().endswith(INPUT_SUFFIXES) or file.suffix in _UNREAD:
                raise ScoringError(
                    f"Spark cannot read {file.name}: unpack it, or convert it to .parquet, .csv or .jsonl."
                )
            # Spark takes such files for marks of other programs.
            if Path(file.url).name.startswith(("_", ".")):
                raise ScoringError(
                    f"Spark leaves out files whose names begin with {Path(file.url).name[0]!r}: rename "
                    f"{file.name}."
                )
        return found

    def head(self, file: ClusterFile) -> bytes:
        """Reads the first bytes of a text, unpacked."""
        data = self._read(file, SAMPLE_BYTES)
        if not file.url.lower().endswith(".gz"):
            return data
        try:
            return zlib.decompressobj(_GZIP_WINDOW).decompress(data, SAMPLE_BYTES)
        except zlib.error as error:
            raise ScoringError(f"{file.name} is truncated or damaged: copy or download it again.") from error

    def parquet_schema(self, file: ClusterFile) -> pa.Schema:
        """Reads the Arrow schema of a Parquet file.

        Raises:
            ScoringError: When it is none.
        """
        end = self._read(file, _FOOTER_END, from_end=_FOOTER_END)
        footer = int.from_bytes(end[:4], "little") if end.endswith(MAGIC) else 0
        size = footer + _FOOTER_END
        try:
            # The schema is in the footer; the pages before it are left out.
            return pq.read_schema(pa.BufferReader(MAGIC + self._read(file, size, from_end=size)))
        except (pa.ArrowException, OSError) as error:
            reason = str(error).strip().partition("\n")[0].rstrip(".")
            raise ScoringError(
                f"{file.name} cannot be read as Parquet ({reason}): copy or download it again."
            ) from error

    def exists(self, url: str) -> bool:
        """Returns whether there is a file or folder."""
        system, path = self._system(url)
        return bool(system.exists(path))

    def write(self, url: str, data: bytes) -> None:
        """Writes a file."""
        system, path = self._system(url)
        stream = system.create(path)
        stream.write(data)
        stream.close()

    def remove(self, url: str) -> None:
        """Removes a folder and all that is in it."""
        system, path = self._system(url)
        system.delete(path, True)

    def _matching(self, pattern: str) -> list[str]:
        system, path = self._system(pattern)
        found = sorted(str(one.getPath()) for one in system.globStatus(path) or () if one.isFile())
        if not found:
            raise ScoringError(
                f"There is no file {pattern}: name files, such as {pattern.rstrip('/')}/*.parquet."
            )
        return found

    def _read(self, file: ClusterFile, size: int, *, from_end: int = 0) -> bytes:
        system, path = self._system(file.url)
        stream = system.open(path)
        try:
            if from_end:
                stream.seek(max(0, system.getFileStatus(path).getLen() - from_end))
            return bytes(stream.readNBytes(size))
        finally:
            stream.close()

    def _system(self, url: str) -> tuple[Any, Any]:
        try:
            path = self._java.org.apache.hadoop.fs.Path(url)
            return path.getFileSystem(self._configuration), path
        except SPARK_ERRORS as error:
            raise ScoringError(
                f"Spark cannot reach {url} ({root_cause(error)}): check it, and that the cluster has the "
                "connector of its file system."
            ) from error


def url_of(path: Path) -> str:
    """Returns the URL of a path; Hadoop takes no escapes in URLs."""
    return f"file://{path.absolute()}"
