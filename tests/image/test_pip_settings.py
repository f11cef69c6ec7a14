"""Settings of pip inside the build."""

import configparser
import os
from pathlib import Path

import pytest

from image.pip_settings import read_settings, write_secrets


def test_only_settings_that_apply_inside_a_build_are_selected() -> None:
    listed = [
        "global.index-url='https://packages.example/simple'",
        "global.trusted-host='packages.example'",
        "install.user='true'",
        "global.find-links='/srv/wheels'",
    ]

    assert read_settings(listed) == {
        "index-url": "https://packages.example/simple",
        "trusted-host": "packages.example",
    }


def test_pips_environment_overrides_its_files() -> None:
    listed = [
        ":env:.index-url='https://environment.example/simple'",
        "global.index-url='https://file.example'",
    ]

    assert read_settings(listed) == {"index-url": "https://environment.example/simple"}


def test_file_urls_are_removed() -> None:
    listed = ["global.extra-index-url='file:///srv/simple https://one.example\\nhttps://two.example'"]

    assert read_settings(listed) == {"extra-index-url": "https://one.example\nhttps://two.example"}
    assert read_settings(["global.extra-index-url='file:///srv/simple'"]) == {}


@pytest.fixture
def pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only configuration file of pip."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.ini"))
    (tmp_path / "pip.ini").touch()
    return tmp_path / "pip.ini"


@pytest.mark.usefixtures("pip")
def test_without_settings_there_are_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # os.devnull makes pip read no other file.
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)

    assert write_secrets(tmp_path) == {}


def test_index_and_certificates_become_files_with_mode_600(pip: Path, tmp_path: Path) -> None:
    pip.write_text(
        "[install]\nindex-url = https://user:word@packages.example/simple\ncert = /srv/company.crt\n"
    )

    secrets = write_secrets(tmp_path, certificates="/srv/other.crt")

    written = configparser.ConfigParser(interpolation=None)
    written.read(secrets["pip"])
    assert written["global"]["index-url"] == "https://user:word@packages.example/simple"
    assert written["global"]["cert"] == "/run/secrets/certificates"
    assert secrets["certificates"] == Path("/srv/company.crt")
    assert secrets["pip"].stat().st_mode & 0o077 == 0


def test_certificates_without_a_pip_setting_are_used(tmp_path: Path, pip: Path) -> None:
    pip.write_text("[install]\ncert =\n")

    assert write_secrets(tmp_path, certificates="/srv/other.crt")["certificates"] == Path("/srv/other.crt")
