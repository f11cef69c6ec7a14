"""The options of the command that are about SageMaker."""

import argparse
import re

HERE, SAGEMAKER = "here", "sagemaker"
PLACES = (HERE, SAGEMAKER)

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def add_options(group: "argparse._ArgumentGroup") -> None:
    """Adds what says where to train, and how there."""
    group.add_argument(
        "--on", choices=PLACES, default=HERE, help="where to train: on this machine or as a training job"
    )
    group.add_argument("--image", metavar="URI", help="training image in ECR (make image TARGET=train)")
    group.add_argument("--role", metavar="ARN", help="role of the job (default: the caller's, if it is one)")
    group.add_argument("--instance-type", metavar="TYPE", default="ml.m5.xlarge", help="(ml.m5.xlarge)")
    group.add_argument(
        "--instance-count", metavar="N", type=int, default=1, help="machines that share it (1)"
    )
    group.add_argument("--spot", action="store_true", help="on spare capacity: cheaper, may be interrupted")
    group.add_argument("--max-hours", metavar="N", type=float, default=1.0, help="end it after so long (1)")
    group.add_argument(
        "--wait",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="follow the job's log and bring the bundle",
    )
    group.add_argument("--job", metavar="NAME", help="follow a job that was started before")
    group.add_argument("--stop-on-interrupt", action="store_true", help="let Ctrl-C stop the job, too")


def check(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Ends the process with exit code 2 when the options cannot be."""
    if options.on != SAGEMAKER:
        return
    if not options.bucket or not _BUCKET.fullmatch(options.bucket):
        parser.error(f"--on sagemaker needs a bucket's name as --bucket, and {options.bucket!r} is none")
    if not (options.image or options.job):
        parser.error(
            "--on sagemaker needs --image: `make image TARGET=train` builds it, "
            "docs/training-on-sagemaker.md says how to push it"
        )
    if options.engine != "duckdb":
        parser.error(f"a training job cleans with duckdb, and has no {options.engine}")
    if options.instance_count < 1:
        parser.error(f"a job cannot have {options.instance_count} instances")
    if options.max_hours <= 0:
        parser.error(f"a job cannot end after {options.max_hours:g} hours")
    if options.instance_count > 1 and options.tune:
        parser.error("tuning is the work of one instance: give --tune or --instance-count, not both")
