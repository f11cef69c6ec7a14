"""Reader and writer of `model.tar.gz`, the archive of a bundle."""

import gzip
import hashlib
import io
import os
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bundle.columns import NUMBERS, STRINGS, Columns
from bundle.errors import BundleError
from bundle.manifest import Manifest
from bundle.onnx_graph import STANDARD_DOMAINS, read_graph
from bundle.predictions.graph_output import output_name

# Folder of all versions in an artifact bucket, and the files in the folder of a version there.
VERSIONS = "models"
ARCHIVE = "model.tar.gz"
MANIFEST = "manifest.json"
REPORT = "report.html"
MODEL = "model.onnx"
MAX_UNPACKED_BYTES = 1 << 30


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A manifest and a graph that were checked against each other.

    Attributes:
        manifest: Content of `manifest.json`.
        model: The ONNX file.
        digest: SHA-256 of the archive in hexadecimal; empty when read from an unpacked folder.
    """

    manifest: Manifest
    model: bytes
    digest: str


def version_folder(model: str, version: str) -> str:
    """Returns the folder of one version of a model in an artifact bucket; other keys have other content."""
    return f"{VERSIONS}/{model}/{version}"


def write_archive(path: Path, *, manifest: Manifest, model: bytes) -> Bundle:
    """Writes `model.tar.gz`, the same bytes for the same manifest and model.

    The file is replaced atomically. This function fills in the manifest's version and digest.

    Raises:
        BundleError: When manifest and model are not a valid bundle.
    """
    sealed = manifest.sealed(model)
    sealed.check()
    _check(sealed, model)
    data = _pack({MANIFEST: sealed.encode(), MODEL: model})
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(data)
    partial.replace(path)
    return Bundle(manifest=sealed, model=model, digest=hashlib.sha256(data).hexdigest())


def read_archive(path: Path) -> Bundle:
    """Reads and checks `model.tar.gz`.

    Raises:
        BundleError: When the file is missing, truncated, altered, of another format, or not safe to load.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BundleError(
            f"The bundle {path} cannot be read ({error.strerror}): train the model first."
        ) from error
    members = _unpack(data)
    return _open(members, hashlib.sha256(data).hexdigest())


def read_directory(path: Path) -> Bundle:
    """Reads and checks an unpacked bundle, as SageMaker extracts it to /opt/ml/model.

    Raises:
        BundleError: As `read_archive`.
    """
    members = {}
    for name in (MANIFEST, MODEL):
        try:
            members[name] = (path / name).read_bytes()
        except OSError as error:
            raise BundleError(f"The folder {path} has no readable {name} ({error.strerror}).") from error
    return _open(members, "")


def _open(members: dict[str, bytes], digest: str) -> Bundle:
    missing = [name for name in (MANIFEST, MODEL) if name not in members]
    if missing:
        raise BundleError(f"The bundle has no {missing[0]}: it was not written by this project's training.")
    manifest, model = Manifest.decode(members[MANIFEST]), members[MODEL]
    if hashlib.sha256(model).hexdigest() != manifest.model_sha256:
        raise BundleError(
            "The bundle's model.onnx does not have the sha256 its manifest gives: it was altered."
        )
    if manifest.sealed(model).version != manifest.version:
        raise BundleError(
            f"The bundle's manifest does not have the content of version {manifest.version}: it was altered."
        )
    _check(manifest, model)
    return Bundle(manifest=manifest, model=model, digest=digest)


def _check(manifest: Manifest, model: bytes) -> None:
    graph = read_graph(model)
    custom = sorted(graph.domains - STANDARD_DOMAINS)
    if graph.external:
        raise BundleError("The bundle's model.onnx keeps data in an external file: export it as one file.")
    if custom:
        raise BundleError(
            f"The bundle's model.onnx uses operators of the custom domain {custom[0]!r}: remove them."
        )
    columns = Columns(manifest.fields)
    inputs = [name for name, names in ((NUMBERS, columns.numbers), (STRINGS, columns.strings)) if names]
    output = output_name(manifest.task)
    if sorted(graph.inputs) != inputs or graph.outputs != [output]:
        raise BundleError(
            f"The bundle's model.onnx has inputs {graph.inputs} and outputs {graph.outputs}, "
            f"but its fields and task need {inputs} and {[output]}."
        )


def _pack(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as zipped,
        tarfile.open(mode="w", fileobj=zipped, format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name in sorted(members):
            entry = tarfile.TarInfo(name)
            entry.size = len(members[name])
            archive.addfile(entry, io.BytesIO(members[name]))
    return packed.getvalue()


def _unpack(data: bytes) -> dict[str, bytes]:
    try:
        with tarfile.open(fileobj=io.BytesIO(_inflate(data)), mode="r:") as archive:
            return {entry.name: _content(archive, entry) for entry in archive}
    except (tarfile.TarError, zlib.error) as error:
        raise BundleError(
            "The bundle is truncated or not a gzip-compressed tar archive: copy or train it again."
        ) from error


def _inflate(data: bytes) -> bytes:
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    unpacked = stream.decompress(data, MAX_UNPACKED_BYTES)
    if stream.unconsumed_tail:
        raise BundleError(
            f"The bundle unpacks to more than {MAX_UNPACKED_BYTES} bytes, the largest size that is served."
        )
    if not stream.eof:
        raise zlib.error("the stream has no end")
    return unpacked


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    path = PurePosixPath(entry.name)
    if path.is_absolute() or ".." in path.parts:
        raise BundleError(f"The bundle's entry {entry.name!r} points outside the archive: do not use it.")
    content = archive.extractfile(entry) if entry.isfile() else None
    if content is None or entry.name not in (MANIFEST, MODEL):
        raise BundleError(
            f"The bundle's entry {entry.name!r} is neither {MANIFEST} nor {MODEL} as a plain file."
        )
    return content.read()
