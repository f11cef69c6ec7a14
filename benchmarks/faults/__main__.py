"""`python -m benchmarks.faults [WORD...]`: measures the effects of faults on requests."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from benchmarks.errors import BenchmarkError
from benchmarks.faults import connections, lifecycle, workers
from benchmarks.faults.outcome import Outcome, markdown
from terminal_output import escape_unencodable_output

FAULTS: dict[str, Callable[[Path], Outcome]] = {
    "a worker is killed (SIGKILL)": workers.killed,
    "all workers are killed (SIGKILL)": workers.all_killed,
    "a worker hangs (SIGSTOP)": workers.hangs,
    "a worker has no memory left (RLIMIT_AS)": workers.out_of_memory,
    "SIGTERM at 500 requests a second": lifecycle.terminated,
    "the model is missing": lifecycle.missing,
    "the model is another (sha256)": lifecycle.altered,
    "the model answers a golden row wrong": lifecycle.wrong,
    "the model does not fit the memory (RLIMIT_AS)": lifecycle.no_memory,
    "more clients than file descriptors (RLIMIT_NOFILE)": connections.few_descriptors,
    "no file descriptor is left at all": connections.no_descriptors,
    "20 clients send their headers slowly": connections.slow_header,
    "20 clients send their bodies slowly": connections.slow_body,
    "20 clients do not read their answers": connections.slow_reader,
}
FAILED, INTERRUPTED = 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures the faults and prints the table.

    Returns:
        0 when no request was lost, 1 when one was or a fault could not be measured, 130 when interrupted.
    """
    options = _parser().parse_args(arguments)
    chosen = [name for name in FAULTS if all(word in name for word in options.words)]
    try:
        outcomes = {name: _measured(name) for name in chosen}
    except BenchmarkError as error:
        print(f"python -m benchmarks.faults: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    print(msgspec.json.encode(outcomes).decode() if options.json else markdown(outcomes))
    return FAILED if any(found.lost for found in outcomes.values()) else 0


def _measured(name: str) -> Outcome:
    print(f"{name} ...", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        return FAULTS[name](Path(folder))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument(
        "words", nargs="*", metavar="WORD", help="measure only the faults whose name has all these words"
    )
    parser.add_argument("--json", action="store_true", help="print the outcomes as JSON")
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main())
