"""Code of a function on disk: zips unpacked with the file modes that they record."""

import io
import logging
import zipfile
from pathlib import Path
from typing import Any

from ministack.services import lambda_svc

from local.emulator.functions.execution.incompatible_packages import incompatible_packages

_UNIX = 3
_FILE_MODE, _FOLDER_MODE = 0o644, 0o755
_MODE_BITS = 0o777
_FOREIGN = (
    "Packages of a function's zip are for another Python or platform, and the emulator's own run instead: %s."
)

logger = logging.getLogger(__name__)


def unpack(archive: bytes, folder: Path) -> None:
    """Unpacks a zip; files and folders get the modes that the zip records.

    https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-deployment.html

    Packages that are compiled for another platform are left out: the function imports the emulator's own.

    Args:
        archive: The zip.
        folder: The folder to create.
    """
    folder.mkdir(parents=True, exist_ok=True)
    modes: dict[Path, int] = {}
    with zipfile.ZipFile(io.BytesIO(archive)) as content:
        foreign = incompatible_packages(content.namelist())
        if foreign:
            logger.info(_FOREIGN, ", ".join(sorted(name for name in foreign if not name.endswith(".libs"))))
        for member in content.infolist():
            if member.filename.partition("/")[0] in foreign:
                continue
            path = Path(content.extract(member, folder))
            modes[path] = _mode(member)
            path.chmod(modes[path])
    # Folders that the zip does not name have the mode of the user's umask.
    parents = {parent for path in modes for parent in path.parents if parent.is_relative_to(folder)}
    for parent in parents - modes.keys():
        parent.chmod(_FOLDER_MODE)


def unpack_layers(config: dict[str, Any], folder: Path) -> None:
    """Unpacks the layers of a function into one folder, /opt on AWS.

    https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html
    """
    for layer in config.get("Layers") or ():
        if archive := lambda_svc._resolve_layer_zip(layer):
            unpack(archive, folder)


def zip_inline(source: str | None, handler: str, runtime: str = "") -> bytes | None:
    """Returns the zip that Lambda makes of a template's inline code: one file that everyone can read.

    Args:
        source: The code; None when there is none.
        handler: The function's handler, whose module names the file.
        runtime: The function's runtime.
    """
    if not source:
        return None
    suffix = ".js" if runtime.startswith("nodejs") else ".py"
    info = zipfile.ZipInfo(handler.split(".", 1)[0] + suffix)
    info.external_attr = _FILE_MODE << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, source)
    return buffer.getvalue()


def _mode(member: zipfile.ZipInfo) -> int:
    default = _FOLDER_MODE if member.is_dir() else _FILE_MODE
    # Zips of other systems record no modes.
    return (member.external_attr >> 16) & _MODE_BITS or default if member.create_system == _UNIX else default
