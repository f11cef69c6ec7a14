"""The program as one zip, which Spark sends to its workers."""

import hashlib
import io
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Rooms and modules that scoring imports.
_ROOMS = ("bundle", "scoring", "serving", "training")
_MODULES = ("terminal_output.py",)


def write_program(folder: Path) -> Path:
    """Writes the zip into a folder, unless it is there, and returns its path; its name has its digest."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        modules = [ROOT / module for module in _MODULES]
        for path in [path for room in _ROOMS for path in sorted((ROOT / room).rglob("*.py"))] + modules:
            # A fixed time, so that the same program is the same zip.
            archive.writestr(zipfile.ZipInfo(path.relative_to(ROOT).as_posix()), path.read_bytes())
    digest = hashlib.sha256(data.getvalue()).hexdigest()[:12]
    path = folder / f"scoring-{digest}.zip"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_bytes(data.getvalue())
        partial.replace(path)
    return path
