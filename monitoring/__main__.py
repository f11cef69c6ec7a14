"""`python -m monitoring CAPTURES --bundle BUNDLE`: compares captured requests with what a training saw.

CAPTURES is a folder, or an S3 URI such as s3://bucket/captures/. `make drift` finds both for a stack.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError

from bundle import BundleError, read_archive
from monitoring.captures.capture_store import CaptureStore, FolderCaptureStore, S3CaptureStore
from monitoring.drift_command import DRIFT_EXIT_CODES, UNREADABLE, add_window_arguments, look_for_drift
from terminal_output import escape_unencodable_output

_S3 = "s3://"


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m monitoring", description=__doc__, epilog=DRIFT_EXIT_CODES
    )
    parser.add_argument("captures", help="folder or S3 URI of the captured data")
    parser.add_argument("--bundle", type=Path, required=True, help="the model.tar.gz that answered")
    add_window_arguments(parser)
    arguments = parser.parse_args(argv)
    try:
        manifest = read_archive(arguments.bundle).manifest
        store = _store(arguments.captures)
    except (BundleError, BotoCoreError) as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    return look_for_drift(store, manifest, arguments)


def _store(place: str) -> CaptureStore:
    if not place.startswith(_S3):
        return FolderCaptureStore(Path(place))
    bucket, _, prefix = place.removeprefix(_S3).partition("/")
    prefix = prefix.rstrip("/")
    return S3CaptureStore(boto3.client("s3"), bucket=bucket, prefix=f"{prefix}/" if prefix else "")


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:]))
