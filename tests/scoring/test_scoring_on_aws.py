import sys

import pytest

from scoring.__main__ import main
from scoring.scoring_on_aws import aws_command

COMMAND = [sys.executable, "-m", "stacks.commands.score"]


def test_files_are_scored_on_this_machine_by_default() -> None:
    assert aws_command(["flights.csv", "--out", "scored.csv"]) is None
    assert aws_command(["--on", "here", "flights.csv"]) is None


@pytest.mark.parametrize(
    ("arguments", "others"),
    [
        (["--on", "aws", "s3://rows/in/"], ["s3://rows/in/"]),
        (["s3://rows/in/", "--yes", "--on=aws", "--json"], ["s3://rows/in/", "--yes", "--json"]),
        (
            ["--model=iris", "--on=aws", "-c", "hosting=lambda", "--", "s3://rows/in/"],
            ["--context=model=iris", "-c", "hosting=lambda", "--", "s3://rows/in/"],
        ),
    ],
)
def test_with_on_aws_the_other_arguments_are_those_of_the_deployed_model(
    arguments: list[str], others: list[str]
) -> None:
    assert aws_command(arguments) == [*COMMAND, *others]


def test_an_unknown_place_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["flights.csv", "--out", "scored.csv", "--on", "gcp"])

    assert raised.value.code == 2
    assert "invalid choice: 'gcp' (choose from 'here', 'aws')" in capsys.readouterr().err
