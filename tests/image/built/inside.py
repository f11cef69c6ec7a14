"""Prints the content of the image as JSON; runs inside the image, with the standard library only."""

import importlib.metadata
import json
import os
import shutil
import sys
from pathlib import Path

OURS = ("/opt/venv", "/opt/program")
# pip is in the base image of a registry; the packages of the lock are without it.
TOOLS = ("cc", "gcc", "g++", "clang", "ld", "make", "debootstrap")
PLACES = ("/", *OURS, "/tmp", "/var/tmp")  # noqa: S108  # checked for write permission
TRACES = (
    "/etc/pip.conf",
    "/run/secrets/certificates",
    "/root/.cache",
    "/root/.config",
    "/opt/program/tests",
    "/opt/ml/model",
)


def size(folder: str) -> int:
    return sum(path.lstat().st_size for path in Path(folder).rglob("*") if not path.is_dir())


print(
    json.dumps(
        {
            "python": sys.version_info[:2],
            "packages": {found.name: found.version for found in importlib.metadata.distributions()},
            "tools": [tool for tool in TOOLS if shutil.which(tool)],
            "traces": [path for path in TRACES if os.access(path, os.F_OK)],
            "size": {folder: size(folder) for folder in OURS},
            "writable": [path for path in PLACES if os.access(path, os.W_OK)],
            "unreadable": [
                str(path)
                for folder in OURS
                for path in Path(folder).rglob("*")
                if not os.access(path, os.R_OK)
            ],
        }
    )
)
