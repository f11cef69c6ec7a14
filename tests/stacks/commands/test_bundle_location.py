import subprocess

import pytest

from stacks.commands.bundle_location import main
from stacks.settings.settings import ROOT


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (["-c", "model=first"], "build"),
        (["-c", "bundle=elsewhere/model.tar.gz"], "build"),
        (["-c", "model=first", "-c", "bundle=s3://bucket/model.tar.gz"], "s3"),
    ],
)
def test_the_place_of_the_bundle_is_one_word(
    arguments: list[str], place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0
    assert capsys.readouterr().out == f"{place}\n"


def test_invalid_settings_are_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-c", "instance_count=0"]) == 1
    assert capsys.readouterr().err.startswith("The setting instance_count is '0'")


def test_make_prints_nothing_else() -> None:
    """As the workflow calls it."""
    command = ["make", "--silent", ".bundle-place", "ARGS=-c model=first -c bundle=s3://bucket/model.tar.gz"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "s3\n"), done.stderr
