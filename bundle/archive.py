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
from bundle.predictions.quantiles import QUANTILES_OUTPUT

# Folder of all versions in an artifact bucket, and the files in the folder of a version there.
VERSIONS = "models"
ARCHIVE = "model.tar.gz"
MANIFEST = "manifest.json"
REPORT = "report.html"
MODEL = "model.onnx"
QUANTILES = "quantiles.onnx"
MAX_UNPACKED_BYTES = 1 << 30


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A manifest and its graphs that were checked against each other.

    Attributes:
        manifest: Content of `manifest.json`.
        model: The ONNX file.
        digest: SHA-256 of the archive in hexadecimal; empty when read from an unpacked folder.
        quantiles: The ONNX file of the quantiles; empty without them.
    """

    manifest: Manifest
    model: bytes
    digest: str
    quantiles: bytes = b""


def version_folder(model: str, version: str) -> str:
    """Returns the folder of one version of a model in an artifact bucket; other keys have other content."""
    return f"{VERSIONS}/{model}/{version}"


def write_archive(path: Path, *, manifest: Manifest, model: bytes, quantiles: bytes = b"") -> Bundle:
    """Writes `model.tar.gz`, the same bytes for the same manifest and graphs.

    The file is replaced atomically. This function fills in the manifest's version and digest.

    Raises:
        BundleError: When manifest and model are not a valid bundle.
    """
    sealed = manifest.sealed(model, quantiles)
    sealed.check()
    _check_presence(sealed, quantiles)
    members = {MANIFEST: sealed.encode(), MODEL: model, **({QUANTILES: quantiles} if quantiles else {})}
    _check(sealed, members)
    data = _pack(members)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(data)
    partial.replace(path)
    digest = hashlib.sha256(data).hexdigest()
    return Bundle(manifest=sealed, model=model, digest=digest, quantiles=quantiles)


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
    if (path / QUANTILES).exists():
        members[QUANTILES] = (path / QUANTILES).read_bytes()
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
    quantiles = members.get(QUANTILES, b"")
    _check_presence(manifest, quantiles)
    if manifest.sealed(model, quantiles).version != manifest.version:
        raise BundleError(
            f"The bundle's manifest does not have the content of version {manifest.version}: it was altered."
        )
    _check(manifest, members)
    return Bundle(manifest=manifest, model=model, digest=digest, quantiles=quantiles)


def _check_presence(manifest: Manifest, quantiles: bytes) -> None:
    if bool(manifest.quantiles) != bool(quantiles):
        stated, found = ("states", "has no") if manifest.quantiles else ("states no", "has")
        raise BundleError(
            f"The bundle's manifest {stated} quantiles, and the bundle {found} {QUANTILES}: copy or train it "
            "again."
        )


def _check(manifest: Manifest, members: dict[str, bytes]) -> None:
    _check_graph(manifest, members[MODEL], MODEL, output_name(manifest.task))
    if QUANTILES in members:
        _check_graph(manifest, members[QUANTILES], QUANTILES, QUANTILES_OUTPUT)


def _check_graph(manifest: Manifest, content: bytes, name: str, output: str) -> None:
    graph = read_graph(content, name)
    custom = sorted(graph.domains - STANDARD_DOMAINS)
    if graph.external:
        raise BundleError(f"The bundle's {name} keeps data in an external file: export it as one file.")
    if custom:
        raise BundleError(
            f"The bundle's {name} uses operators of the custom domain {custom[0]!r}: remove them."
        )
    columns = Columns(manifest.fields)
    inputs = [name for name, names in ((NUMBERS, columns.numbers), (STRINGS, columns.strings)) if names]
    if sorted(graph.inputs) != inputs or graph.outputs != [output]:
        raise BundleError(
            f"The bundle's {name} has inputs {graph.inputs} and outputs {graph.outputs}, "
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
    if content is None or entry.name not in (MANIFEST, MODEL, QUANTILES):
        raise BundleError(
            f"The bundle's entry {entry.name!r} is none of {MANIFEST}, {MODEL} and {QUANTILES} "
            "as a plain file."
        )
    return content.read()
