"""Command line of `python -m scoring`: its options and their validation."""

import argparse
import stat
from collections.abc import Sequence
from pathlib import Path, PurePath

from bundle import MOST_REASONS
from scoring.scoring_on_aws import HERE, SCORING_PLACES

ARROW, SPARK = "arrow", "spark"
OUTPUT_SUFFIXES = (".parquet", ".csv", ".jsonl")
_CODES = (
    "exit codes: 0 done, rows that could not be answered are in the file OUT.refused.csv; 1 failed; 2 wrong "
    "arguments; 130 interrupted, the same command goes on"
)


def make_scoring_parser() -> argparse.ArgumentParser:
    """Makes the parser."""
    parser = argparse.ArgumentParser(
        prog="python -m scoring",
        description="Answers every row of a file with a model: adds label and probability, or value, to it.",
        epilog=_CODES,
    )
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="CSV, JSON or Parquet, also .gz, .bz2, .xz, .zst and .zip: paths, 'PATTERNS', URLs or "
        "s3://BUCKET/KEY-OR-PREFIX",
    )
    parser.add_argument(
        "--out",
        required=True,
        metavar="OUT",
        help=f"file of the answered rows, in the format of its suffix: {', '.join(OUTPUT_SUFFIXES)}",
    )
    model = parser.add_mutually_exclusive_group()
    model.add_argument("--model", metavar="NAME", help="model in build/NAME (default: that of cdk.json)")
    model.add_argument("--bundle", type=Path, metavar="PATH", help="path of a bundle, model.tar.gz")
    parser.add_argument(
        "--reasons",
        type=int,
        default=0,
        metavar="N",
        help="adds a column of the N largest contributions of fields; takes a millisecond a row",
    )
    parser.add_argument(
        "--quantiles",
        action="store_true",
        help="adds columns of the median and the range of the model's second target",
    )
    parser.add_argument(
        "--warnings", action="store_true", help="adds a column of reasons to trust a row less"
    )
    parser.add_argument(
        "--prefix", default="", metavar="TEXT", help="beginning of the names of the answers' columns"
    )
    parser.add_argument(
        "--on",
        choices=SCORING_PLACES,
        default=HERE,
        help="where to score: on this machine, or with the model of the deployed stack, files in S3 "
        "(its options: python -m stacks.commands.score --help)",
    )
    parser.add_argument(
        "--engine",
        choices=(ARROW, SPARK),
        default=ARROW,
        help=f"what reads and writes the rows: {ARROW} in this process (default), or {SPARK} on a cluster, "
        "where OUT is a folder",
    )
    parser.add_argument("--master", metavar="URL", help="cluster of Spark (default: this machine)")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    return parser


def parse_scoring(arguments: Sequence[str] | None, parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Parses and validates the options; exits with code 2 when they are wrong."""
    options = parser.parse_args(arguments)
    if not all(options.files):
        parser.error("the name of a FILE is empty")
    if options.engine == ARROW:
        if options.master is not None:
            parser.error(f"--master {options.master} needs --engine {SPARK}")
        if reason := _refused_out(options.out):
            parser.error(f"--out {options.out} {reason}")
        options.out = Path(options.out)
    if PurePath(options.out).suffix.lower() not in OUTPUT_SUFFIXES:
        parser.error(f"--out {options.out} has none of the suffixes {', '.join(OUTPUT_SUFFIXES)}")
    if not 0 <= options.reasons <= MOST_REASONS:
        parser.error(f"--reasons {options.reasons} is not a whole number from 0 to {MOST_REASONS}")
    return options


def _refused_out(out: str) -> str:
    """Returns why no file can be written at a path, as part of a sentence; "" when it may be possible."""
    if "://" in out:
        return "is no file of this machine: name one, and copy it there"
    try:
        mode = Path(out).stat().st_mode
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"cannot be written ({error.strerror}): name another file"
    if stat.S_ISDIR(mode):
        return "is a folder: name a file in it"
    return "" if stat.S_ISREG(mode) else "is a pipe or a device, which a file would replace: name a file"
