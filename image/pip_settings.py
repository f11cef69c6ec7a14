"""Settings of this machine's pip for the pip inside the build: index, proxy and certificates."""

import ast
import configparser
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

# Other settings concern this machine's file system, which the build cannot read.
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
# The path of the Dockerfile's secret `certificates` during the build.
_CERTIFICATES = "/run/secrets/certificates"


def write_secrets(folder: Path, *, certificates: str = "") -> dict[str, Path]:
    """Writes the files of the build secrets; no layer of the image contains them.

    Args:
        folder: The folder for the files.
        certificates: A file with trusted certificates, for a pip without the setting cert.

    Returns:
        The files by their secret ids in the Dockerfile.
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
        with secrets["pip"].open("w", encoding="utf-8") as file:
            _as_file(settings).write(file)
    return secrets


def read_settings(listed: Iterable[str]) -> dict[str, str]:
    """Selects the settings that apply inside a build from the lines of `pip config list`.

    URLs of this machine's file system do not apply and are removed.
    """
    found: dict[str, str] = {}
    # pip's environment variables override its files.
    for line in sorted(listed, key=lambda line: line.startswith(":env:")):
        name, _, value = line.partition("=")
        setting = name.rpartition(".")[2]
        if setting in _SETTINGS:
            found[setting] = _without_file_urls(ast.literal_eval(value))
    return {setting: value for setting, value in found.items() if value}


def _without_file_urls(value: str) -> str:
    return "\n".join(url for url in value.split() if not url.startswith("file:"))


def _pip_config_list() -> list[str]:
    command = [sys.executable, "-X", "utf8", "-m", "pip", "config", "list"]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout.splitlines()


def _as_file(settings: dict[str, str]) -> configparser.RawConfigParser:
    file = configparser.RawConfigParser()
    file["global"] = settings
    return file
