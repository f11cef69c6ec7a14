"""Options of `python -m training` for training on SageMaker."""

import argparse
import re

HERE, SAGEMAKER = "here", "sagemaker"
PLACES = (HERE, SAGEMAKER)

TUNING_ON_ONE_INSTANCE = "tuning runs on one instance: use either --tune or --instance-count, not both"

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def add_options(group: "argparse._ArgumentGroup") -> None:
    """Adds the options of SageMaker training jobs."""
    group.add_argument(
        "--on", choices=PLACES, default=HERE, help="where to train: on this machine or as a training job"
    )
    group.add_argument("--image", metavar="URI", help="training image in ECR (make image TARGET=train)")
    group.add_argument(
        "--role", metavar="ARN", help="execution role of the job (default: the caller's own role)"
    )
    group.add_argument(
        "--instance-type", metavar="TYPE", default="ml.m5.xlarge", help="(default: ml.m5.xlarge)"
    )
    group.add_argument(
        "--instance-count",
        metavar="N",
        type=int,
        default=1,
        help="number of instances that train one model together (default: 1)",
    )
    group.add_argument(
        "--spot", action="store_true", help="use spot instances: cheaper, but can be interrupted"
    )
    group.add_argument(
        "--max-hours", metavar="N", type=float, default=1.0, help="stop the job after N hours (default: 1)"
    )
    group.add_argument(
        "--wait",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="print the job's log and download the bundle",
    )
    group.add_argument("--job", metavar="NAME", help="follow a job that is already started")
    group.add_argument("--stop-on-interrupt", action="store_true", help="stop the job on Ctrl-C")


def check(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Ends the process with exit code 2 when the options are invalid together."""
    if options.on != SAGEMAKER:
        return
    if not options.bucket or not _BUCKET.fullmatch(options.bucket):
        parser.error(f"--on sagemaker needs the name of a bucket as --bucket, not {options.bucket!r}")
    if not (options.image or options.job):
        parser.error(
            "--on sagemaker needs --image: build it by `make image TARGET=train`, and push it as "
            "docs/training-on-sagemaker.md says"
        )
    if options.engine != "duckdb":
        parser.error(f"--on sagemaker supports --engine duckdb only, not {options.engine}")
    if options.instance_count < 1:
        parser.error(f"--instance-count must be at least 1, not {options.instance_count}")
    if options.max_hours <= 0:
        parser.error(f"--max-hours must be greater than 0, not {options.max_hours:g}")
    if options.instance_count > 1 and options.tune:
        parser.error(TUNING_ON_ONE_INSTANCE)
