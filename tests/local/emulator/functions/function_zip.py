"""Zips of functions under test."""

import io
import stat
import zipfile
from typing import Any

from local.local_aws import LocalAws

ROLE = "arn:aws:iam::000000000000:role/any"


def function_zip(source: str, *, mode: int = 0o644, name: str = "index.py") -> bytes:
    """A zip of one module with the mode of a checkout."""
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFREG | mode) << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, source)
    return buffer.getvalue()


def create_function(aws: LocalAws, name: str, source: str, *, mode: int = 0o644, **parameters: Any) -> str:
    """Creates a function of the emulator and returns its name."""
    settings = {
        "Runtime": "python3.14",
        "Handler": "index.handler",
        "Role": ROLE,
        "Code": {"ZipFile": function_zip(source, mode=mode)},
        # The default of 3 seconds is too short for the start of a process on a busy machine.
        "Timeout": 60,
    }
    aws.client("lambda").create_function(FunctionName=name, **(settings | parameters))
    return name
