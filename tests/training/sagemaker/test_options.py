import argparse

import pytest

from training.arguments import make_parser, parse

BUCKET = ("--on", "sagemaker", "--bucket", "artifacts")
IMAGE = (*BUCKET, "--image", "image")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--on", "sagemaker"), "--on sagemaker needs a bucket's name as --bucket, and None is none"),
        (
            ("--on", "sagemaker", "--bucket", "s3://a"),
            "needs a bucket's name as --bucket, and 's3://a' is none",
        ),
        (BUCKET, "--on sagemaker needs --image: `make image TARGET=train` builds it"),
        ((*IMAGE, "--instance-count", "0"), "a job cannot have 0 instances"),
        ((*IMAGE, "--max-hours", "0"), "a job cannot end after 0 hours"),
        ((*IMAGE, "--engine", "spark"), "a training job cleans with duckdb, and has no spark"),
        ((*IMAGE, "--instance-count", "2", "--tune", "1"), "tuning is the work of one instance"),
    ],
)
def test_options_that_cannot_be_are_refused_before_anything_is_done(
    words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["iris", *words], make_parser())

    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def test_a_job_that_was_started_before_needs_no_image() -> None:
    options = parse(["iris", *BUCKET, "--job", "iris-1"], make_parser())

    assert isinstance(options, argparse.Namespace)
    assert (options.job, options.image) == ("iris-1", None)


def test_training_is_done_here_unless_it_is_asked_for_elsewhere() -> None:
    assert parse(["iris", "--instance-count", "0"], make_parser()).on == "here"
