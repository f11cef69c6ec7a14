"""Contents of the zips: our code, entries of the lock file, and what is removed from the packages."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from function_zip.lambda_platform import ZipTarget

HANDLER = "serving.lambda_handler.handler"
# Of the function that scores whole files.
SCORING_HANDLER = "serving.scoring_handler.handler"
# Of the function that compares captured requests with what training saw.
MONITOR_HANDLER = "monitoring.scheduled.handler.handler"
_LOCK = Path("serving", "requirements.txt")
# Programs, and the style sheet of a page.
_CODE_SUFFIXES = (".py", ".css")


class ZipContents(NamedTuple):
    """Contents of one zip.

    Attributes:
        name: Name of the zip, as on the command line.
        code: Files and folders of our code: the modules that the handlers import, and no more.
        packages: Packages of the lock file.
    """

    name: str
    code: Sequence[str]
    packages: Sequence[str]


# A function does not need the HTTP server of serving/.
MODEL = ZipContents(
    name="model",
    code=(
        *("bundle", "serving/__init__.py", "serving/lambda_handler.py", "serving/problem.py"),
        *("serving/capture", "serving/scoring_handler.py", "serving/files", "serving/lambda_function"),
        *("serving/predict", "serving/rows"),
    ),
    # ONNX Runtime's own dependencies belong to its tools, which are removed.
    packages=("msgspec", "numpy", "onnxruntime"),
)
# boto3 is that of Lambda's runtime.
MONITOR = ZipContents(
    name="monitor",
    code=(
        *("bundle", "monitoring", "serving/__init__.py", "serving/problem.py"),
        *("serving/lambda_function", "serving/predict", "serving/rows"),
    ),
    packages=("msgspec", "numpy"),
)
ZIPS = (MODEL, MONITOR)
# Patterns below the folder of packages: what serving/Dockerfile removes, and what two installs differ in.
REMOVED = (
    *("numpy/distutils", "numpy/f2py", "onnxruntime/datasets", "onnxruntime/quantization"),
    *("onnxruntime/tools", "onnxruntime/transformers", "onnxruntime/capi/libonnxruntime.so*", "**/tests"),
    *(
        "bin",
        ".lock",
        "**/__pycache__",
        "*.dist-info/RECORD",
        "*.dist-info/INSTALLER",
        "*.dist-info/REQUESTED",
    ),
    "*.dist-info/uv_cache.json",
)


def code_files(root: Path, contents: ZipContents) -> list[Path]:
    """Returns the paths of our files in a zip, relative to the root of the project, sorted."""
    found: set[Path] = set()
    for name in contents.code:
        path = root / name
        found.update(_code_in(path) if path.is_dir() else [path])
    return sorted(path.relative_to(root) for path in found)


def _code_in(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.suffix in _CODE_SUFFIXES)


def locked_packages(root: Path, contents: ZipContents) -> str:
    """Returns the entries of a zip's packages in serving/requirements.txt, with their hashes."""
    return "".join(
        entry
        for entry in _entries((root / _LOCK).read_text(encoding="utf-8"))
        if entry.partition("==")[0] in contents.packages
    )


def contents_digest(root: Path, target: ZipTarget, contents: ZipContents = MODEL) -> str:
    """Returns the SHA-256 of everything that a zip is made from, as hexadecimal digits.

    It needs no network: the lock file has the hashes of the packages.
    """
    digest = hashlib.sha256()
    parts = [(path, (root / path).read_bytes()) for path in code_files(root, contents)]
    # A changed program may make another zip.
    programs = [path.relative_to(root) for path in sorted((root / "function_zip").glob("*.py"))]
    parts += [(path, (root / path).read_bytes()) for path in programs]
    parts += [(_LOCK, locked_packages(root, contents).encode()), (Path("target"), repr(target).encode())]
    for path, content in parts:
        digest.update(f"{path.as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _entries(lock: str) -> Iterator[str]:
    """Yields the entries of a lock file; the lines after an entry's first are indented."""
    lines: list[str] = []
    for line in lock.splitlines(keepends=True):
        if lines and not line.startswith(" "):
            yield "".join(lines)
            lines = []
        lines.append(line)
    yield "".join(lines)
