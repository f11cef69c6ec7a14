"""Contents of the zip: files of our code, entries of the lock file, and what is removed from the packages."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from function_zip.lambda_platform import ZipTarget

HANDLER = "serving.lambda_handler.handler"
# Of the function that scores whole files.
SCORING_HANDLER = "serving.scoring_handler.handler"
# Modules that the handlers import; a function does not need the HTTP server of serving/.
_CODE = (
    *("bundle", "serving/__init__.py", "serving/lambda_handler.py", "serving/problem.py"),
    *(
        "serving/capture",
        "serving/scoring_handler.py",
        "serving/files",
        "serving/lambda_function",
        "serving/predict",
    ),
    "serving/rows",
)
_LOCK = Path("serving", "requirements.txt")
# ONNX Runtime's own dependencies belong to its tools, which are removed.
_PACKAGES = ("msgspec", "numpy", "onnxruntime")
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


def code_files(root: Path) -> list[Path]:
    """Returns the paths of our files in the zip, relative to the root of the project, sorted."""
    found: set[Path] = set()
    for name in _CODE:
        path = root / name
        found.update(path.rglob("*.py") if path.is_dir() else [path])
    return sorted(path.relative_to(root) for path in found)


def locked_packages(root: Path) -> str:
    """Returns the entries of the packages in serving/requirements.txt, with their hashes."""
    return "".join(
        entry
        for entry in _entries((root / _LOCK).read_text(encoding="utf-8"))
        if entry.partition("==")[0] in _PACKAGES
    )


def contents_digest(root: Path, target: ZipTarget) -> str:
    """Returns the SHA-256 of everything that the zip is made from, as hexadecimal digits.

    It needs no network: the lock file has the hashes of the packages.
    """
    digest = hashlib.sha256()
    parts = [(path, (root / path).read_bytes()) for path in code_files(root)]
    # A changed program may make another zip.
    programs = [path.relative_to(root) for path in sorted((root / "function_zip").glob("*.py"))]
    parts += [(path, (root / path).read_bytes()) for path in programs]
    parts += [(_LOCK, locked_packages(root).encode()), (Path("target"), repr(target).encode())]
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
