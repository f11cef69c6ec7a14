"""Verdict on a goal of a benchmark, in memory and as JSON for the overview."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import msgspec


class Verdict(msgspec.Struct, frozen=True):
    """A goal, the measured value, and whether the value meets the goal."""

    goal: str
    measured: str
    met: bool


def at_most(what: str, measured: float, most: float, unit: str) -> Verdict:
    """Returns the verdict on a figure with an upper limit."""
    return Verdict(f"{what}: {most:,g} {unit} at most", f"{_rounded(measured)} {unit}", measured <= most)


def at_least(what: str, measured: float, least: float, unit: str = "times") -> Verdict:
    """Returns the verdict on a figure with a lower limit."""
    return Verdict(f"{what}: {least:,g} {unit}", f"{_rounded(measured)} {unit}", measured >= least)


def add_verdicts_argument(parser: argparse.ArgumentParser) -> None:
    """Adds the option `--verdicts` to the parser of a benchmark."""
    parser.add_argument("--verdicts", type=Path, metavar="FILE", help="write the verdicts on goals as JSON")


def write_verdicts(path: Path | None, verdicts: Sequence[Verdict]) -> None:
    """Writes verdicts to a file; nothing without a path."""
    if path is not None:
        path.write_bytes(msgspec.json.encode(verdicts))


def read_verdicts(path: Path) -> list[Verdict]:
    """Reads the verdicts of a file; none where there is no file."""
    return msgspec.json.decode(path.read_bytes(), type=list[Verdict]) if path.exists() else []


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
