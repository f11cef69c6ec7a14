"""Runs every contender and prints the table."""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures.verdict import add_verdicts_argument, at_most, write_verdicts
from benchmarks.invoker import our_invoker
from terminal_output import escape_unencodable_output

CONTENDERS = ("unsigned_request", "our_invoker", "boto3_client")
MODULE = "benchmarks.invoker"
COLD_MS, OVERHEAD_MS = 100, 0.4


def main() -> None:
    """Measures in interleaved rounds and prints medians."""
    parser = argparse.ArgumentParser(prog=f"python -m {MODULE}")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=2000)
    add_verdicts_argument(parser)
    arguments = parser.parse_args()
    cold: dict[str, list[float]] = defaultdict(list)
    latencies: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with _runtime() as url, TemporaryDirectory() as deployed:
        our_invoker.deploy(Path(deployed))
        for _ in range(arguments.rounds):
            for name in CONTENDERS:
                cold[name].append(float(_run(deployed, "contender", name)))
                done = _run(deployed, "contender", name, url, str(arguments.requests))
                latencies[name].append(_quantiles(json.loads(done)))
        own_code = [float(_run(deployed, "import_time")) for _ in range(arguments.rounds)]
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {arguments.rounds} rounds\n")
    print("Medians of the rounds, and in parentheses the minimum.\n")
    print("| contender | cold start ms | p50 µs | p99 µs | p50 over unsigned |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name in CONTENDERS:
        p50s, p99s = zip(*latencies[name], strict=True)
        difference = statistics.median(p50s) - statistics.median(
            p50 for p50, _ in latencies["unsigned_request"]
        )
        print(f"| {name} | {_format(cold[name])} | {_format(p50s)} | {_format(p99s)} | {difference:,.0f} |")
    verdicts = [
        at_most("cold start", statistics.median(cold["our_invoker"]), COLD_MS, "ms"),
        at_most("added to a request, p50", _overhead(latencies) / 1e3, OVERHEAD_MS, "ms"),
    ]
    write_verdicts(arguments.verdicts, verdicts)
    shown = f"{statistics.median(own_code):.1f} ms ({min(own_code):.1f})"
    print(f"\nThe invoker's own code takes {shown} of its import.")


def _overhead(latencies: Mapping[str, Sequence[tuple[float, float]]]) -> float:
    """Returns the microseconds that the invoker's median request takes beyond an unsigned one."""
    ours, unsigned = (
        statistics.median(p50 for p50, _ in latencies[name]) for name in ("our_invoker", "unsigned_request")
    )
    return ours - unsigned


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


def _format(rounds: Sequence[float]) -> str:
    return f"{statistics.median(rounds):,.0f} ({min(rounds):,.0f})"


if __name__ == "__main__":
    escape_unencodable_output()
    main()
