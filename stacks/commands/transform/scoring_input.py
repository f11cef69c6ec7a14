"""Input of a scoring job: files of one format, in S3 or on this machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from stacks.commands.aws_account import UnreadableAccountError
from stacks.commands.transform.s3_folder import FolderObject, S3Folder
from stacks.settings.parsers import S3_SCHEME

_GZIP = ".gz"


class InputFormat(NamedTuple):
    """Media type of the files, and SageMaker's name of their compression."""

    media_type: str
    compression: str


_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".jsonl": "application/jsonlines",
    ".ndjson": "application/jsonlines",
}


@dataclass(frozen=True, kw_only=True)
class ScoringInput:
    """Objects to score.

    Attributes:
        url: S3 URI of the one object or of the prefix of all.
        objects: The objects.
        format: Their format.
    """

    url: str
    objects: Sequence[FolderObject]
    format: InputFormat

    @property
    def size(self) -> int:
        """Size of all objects in bytes."""
        return sum(found.size for found in self.objects)


def find_input(folder: S3Folder, source: str, *, job: str) -> ScoringInput:
    """Finds the objects of a source; uploads a file of this machine, and nothing that is in S3 already.

    Args:
        folder: The folder that the job may read.
        source: S3 URI of an object or of a prefix, or path of a file.
        job: Name of the job, below which a file is uploaded.

    Raises:
        UnreadableAccountError: There is nothing, or files of several formats, or S3 refuses.
    """
    if source.startswith(S3_SCHEME):
        prefix = folder.key_of(source)
        objects = [*folder.objects(prefix)]
    else:
        path = Path(source)
        if not path.is_file():
            raise UnreadableAccountError(f"There is no file {source}: name a file, or an S3 URI.")
        # Checked before the upload.
        _format_of([path.name])
        prefix = folder.key(job, "in", path.name)
        folder.upload(path, prefix)
        objects = [FolderObject(key=prefix, size=path.stat().st_size)]
    url = folder.url_of(prefix)
    if not objects:
        raise UnreadableAccountError(f"There is nothing in {url}: name an object, or a prefix of objects.")
    return ScoringInput(url=url, objects=objects, format=_format_of([found.key for found in objects]))


def _format_of(names: Sequence[str]) -> InputFormat:
    found = {name: _format(name) for name in names}
    first, *others = found.items()
    for name, other in others:
        if other != first[1]:
            raise UnreadableAccountError(
                f"{first[0]} and {name} have different formats, and a job reads files of one format: name a "
                "prefix for each."
            )
    return first[1]


def _format(name: str) -> InputFormat:
    plain = name.lower().removesuffix(_GZIP)
    suffix = Path(plain).suffix
    if suffix not in _MEDIA_TYPES:
        raise UnreadableAccountError(
            f"{name} has none of the suffixes {', '.join(_MEDIA_TYPES)}, with or without {_GZIP}."
        )
    return InputFormat(_MEDIA_TYPES[suffix], "Gzip" if name.lower().endswith(_GZIP) else "None")
