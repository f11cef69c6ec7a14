"""Measures the invoker beside other functions in interleaved rounds, and writes the table to a file."""

import argparse
import datetime
import json
import os
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures.verdict import add_verdicts_argument, write_verdicts
from benchmarks.invoker import our_invoker
from benchmarks.invoker.report import CONTENDERS, InvokerFigures, markdown, verdicts
from benchmarks.machine import host
from terminal_output import escape_unencodable_output

MODULE = "benchmarks.invoker"
RESULTS = Path("benchmarks") / "results" / "invoker.md"


def main() -> None:
    """Runs the benchmark, prints the table and writes it to a file."""
    parser = argparse.ArgumentParser(prog=f"python -m {MODULE}", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=2000, help="number of requests per round")
    parser.add_argument("--out", type=Path, default=RESULTS, help=f"file for the table (default: {RESULTS})")
    add_verdicts_argument(parser)
    options = parser.parse_args()
    figures = _measure(options.rounds, options.requests)
    text = f"{_introduction(options)}\n\n{markdown(figures)}"
    print(text)
    write_verdicts(options.verdicts, verdicts(figures))
    options.out.write_text(f"{text}\n", encoding="utf-8")


def _introduction(options: argparse.Namespace) -> str:
    return (
        "# The invoker\n\n"
        f"{datetime.datetime.now(datetime.UTC).date()}, {host.describe()}. A request goes to a stub of "
        f"SageMaker on loopback. {options.rounds} interleaved rounds of a cold start and "
        f"{options.requests:,} requests; medians of the rounds, and in parentheses the minimum."
    )


def _measure(rounds: int, requests: int) -> InvokerFigures:
    cold: dict[str, list[float]] = defaultdict(list)
    latencies: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with _runtime() as url, TemporaryDirectory() as deployed:
        our_invoker.deploy(Path(deployed))
        for _ in range(rounds):
            for name in CONTENDERS:
                cold[name].append(float(_run(deployed, "contender", name)))
                done = _run(deployed, "contender", name, url, str(requests))
                latencies[name].append(_quantiles(json.loads(done)))
        own_code = [float(_run(deployed, "import_time")) for _ in range(rounds)]
    return InvokerFigures(cold=cold, latencies=latencies, own_code=own_code)


@contextmanager
def _runtime() -> Iterator[str]:
    command = [sys.executable, "-m", f"{MODULE}.sagemaker_runtime_stub"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def _run(deployed: str, module: str, *arguments: str) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": deployed,
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        **our_invoker.ENVIRONMENT,
    }
    command = [sys.executable, "-m", f"{MODULE}.{module}", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, check=True, encoding="utf-8")
    return done.stdout


def _quantiles(latencies: list[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(latencies, n=100)
    return cuts[49], cuts[98]


if __name__ == "__main__":
    escape_unencodable_output()
    main()
