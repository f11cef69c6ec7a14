import argparse

import pytest

from training.arguments import make_parser, parse

BUCKET = ("--on", "sagemaker", "--bucket", "artifacts")
IMAGE = (*BUCKET, "--image", "image")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--on", "sagemaker"), "--on sagemaker needs the name of a bucket as --bucket, not None"),
        (
            ("--on", "sagemaker", "--bucket", "s3://a"),
            "needs the name of a bucket as --bucket, not 's3://a'",
        ),
        (BUCKET, "--on sagemaker needs --image: build it by `make image TARGET=train`"),
        ((*IMAGE, "--instance-count", "0"), "--instance-count must be at least 1, not 0"),
        ((*IMAGE, "--max-hours", "0"), "--max-hours must be greater than 0, not 0"),
        ((*IMAGE, "--engine", "spark"), "--on sagemaker supports --engine duckdb only, not spark"),
        ((*IMAGE, "--instance-count", "2", "--tune", "1"), "tuning runs on one instance"),
    ],
)
def test_invalid_options_are_refused_with_exit_code_2(
    arguments: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as raised:
        parse(["iris", *arguments], make_parser())

    assert raised.value.code == 2
    assert sentence in capsys.readouterr().err


def test_following_a_started_job_needs_no_image() -> None:
    options = parse(["iris", *BUCKET, "--job", "iris-1"], make_parser())

    assert isinstance(options, argparse.Namespace)
    assert (options.job, options.image) == ("iris-1", None)


def test_training_runs_on_this_machine_by_default() -> None:
    assert parse(["iris", "--instance-count", "0"], make_parser()).on == "here"
