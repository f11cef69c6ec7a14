"""Git tracks sources, models and pictures: no package, archive or other output of a command."""

import subprocess
from pathlib import Path

import pytest

from docs.tables import ROOT

# Git takes a file with a zero byte in its first 8,000 bytes for binary, and so does this test.
HEAD_BYTES = 8_000
# Pictures of the pages, the model of the self-check, and models that other tools made.
BINARY = ("docs/page.png", "docs/roc.png", "serving/selfcheck/model/", "tests/training/importing/models/")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True)
    if listed.returncode:
        pytest.skip("this folder is no checkout of git")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def is_binary(path: Path) -> bool:
    with path.open("rb") as file:
        return b"\0" in file.read(HEAD_BYTES)


def test_git_tracks_no_other_binary_file() -> None:
    found = [path.relative_to(ROOT).as_posix() for path in tracked() if is_binary(path)]

    assert [name for name in found if not name.startswith(BINARY)] == []
