"""What pip is told on this machine, for the pip inside the build: index, proxy and certificates."""

import ast
import configparser
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

# Others are about this machine's disk, which the build does not see.
_SETTINGS = (
    "cert",
    "default-timeout",
    "extra-index-url",
    "index-url",
    "proxy",
    "retries",
    "timeout",
    "trusted-host",
)
# Where the Dockerfile's secret `certificates` is while it is built.
_CERTIFICATES = "/run/secrets/certificates"


def write_secrets(folder: Path, *, certificates: str = "") -> dict[str, Path]:
    """Writes what the build may read of this machine, and what no layer may keep.

    Args:
        folder: Where to write it.
        certificates: File with the certificates to trust, where pip itself is not told of one.

    Returns:
        Files by the ids that the Dockerfile knows them by.
    """
    settings = read_settings(_pip_config_list())
    certificates = settings.pop("cert", certificates)
    secrets: dict[str, Path] = {}
    if certificates:
        settings["cert"] = _CERTIFICATES
        secrets["certificates"] = Path(certificates)
    if settings:
        secrets["pip"] = folder / "pip.conf"
        secrets["pip"].touch(mode=0o600)
        with secrets["pip"].open("w") as file:
            _as_file(settings).write(file)
    return secrets


def read_settings(listed: Iterable[str]) -> dict[str, str]:
    """The settings among the lines of `pip config list` that mean something inside a build.

    An address on this machine's disk does not, and is left out.
    """
    found: dict[str, str] = {}
    # Where two say the same, pip obeys its environment.
    for line in sorted(listed, key=lambda line: line.startswith(":env:")):
        name, _, value = line.partition("=")
        setting = name.rpartition(".")[2]
        if setting in _SETTINGS:
            found[setting] = _without_local_addresses(ast.literal_eval(value))
    return {setting: value for setting, value in found.items() if value}


def _without_local_addresses(value: str) -> str:
    return "\n".join(word for word in value.split() if not word.startswith("file:"))


def _pip_config_list() -> list[str]:
    command = [sys.executable, "-m", "pip", "config", "list"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def _as_file(settings: dict[str, str]) -> configparser.RawConfigParser:
    file = configparser.RawConfigParser()
    file["global"] = settings
    return file
