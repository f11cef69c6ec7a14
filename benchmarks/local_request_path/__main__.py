"""`python -m benchmarks.local_request_path`: requests to the emulator while the endpoint is updated."""

import argparse
import datetime
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.errors import BenchmarkError
from benchmarks.figures.verdict import add_verdicts_argument, write_verdicts
from benchmarks.load.open_loop import Answered, send
from benchmarks.local_request_path.service import Service, started
from benchmarks.local_request_path.update_phases import Update, markdown, phases, verdict
from benchmarks.machine import host
from bundle import BundleError, Manifest, read_archive
from local.errors import LocalError
from local.process_environment import isolated
from terminal_output import escape_unencodable_output

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "local_request_path.md"
MODULE = "benchmarks.local_request_path"
# The invoker's environments start in the first seconds.
WARM_UP_SECONDS = 5
AFTER_SECONDS = 5
FAILED, INTERRUPTED = 1, 130
# Options that change what is measured.
_MEASURED = ("bundles", "rate", "seconds", "stage")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark and prints the table; writes the results of a run with the defaults.

    Returns:
        0 when it was measured, also with lost requests; 1 when something failed, 130 when interrupted.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        with TemporaryDirectory() as folder:
            bundles = options.bundles or _train(Path(folder))
            text = _measure(bundles, options)
    except (BenchmarkError, BundleError, LocalError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    print(text)
    if all(getattr(options, name) == parser.get_default(name) for name in _MEASURED):
        RESULTS.write_text(f"{text}\n", encoding="utf-8")
    return 0


def _train(folder: Path) -> list[Path]:
    """Trains two versions of the default model, which differ by the seed."""
    model = str(json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]["model"])
    for seed in ("0", "1"):
        command = [sys.executable, "-m", "training", model, "--no-report", "--seed", seed]
        command += ["--out", str(folder / seed)]
        if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
            raise BenchmarkError(f"The training of {model} failed: see the messages above.")
    return [folder / seed / "model.tar.gz" for seed in ("0", "1")]


def _measure(bundles: Sequence[Path], options: argparse.Namespace) -> str:
    old, new = (read_archive(path).manifest for path in bundles)
    with started(old.name) as service:
        service.deploy(bundles[0], stage=options.stage, rate=options.rate)
        requests, update = _load(service, bundles[1], _rows(old), options)
    found = phases(requests, update)
    write_verdicts(options.verdicts, [verdict(found, options.rate)])
    table = markdown(found, [old.version, new.version])
    return f"{_introduction(old, options, update)}\n\n{table}"


def _load(
    service: Service, bundle: Path, rows: list[str], options: argparse.Namespace
) -> tuple[list[Answered], Update]:
    with service.client(rows) as client, ThreadPoolExecutor(1) as thread:
        send(client, rate=options.rate, is_over=lambda seconds: seconds >= WARM_UP_SECONDS)
        start = time.monotonic()

        def release() -> Update:
            time.sleep(options.seconds / 4)
            begun = time.monotonic()
            service.promote(bundle)
            return Update(begun - start, time.monotonic() - start)

        update = thread.submit(release)

        def is_over(seconds: float) -> bool:
            has_time = seconds < options.seconds or not update.done()
            return not has_time and (
                bool(update.exception()) or seconds >= update.result().end + AFTER_SECONDS
            )

        requests = send(client, rate=options.rate, is_over=is_over)
        return requests, update.result()


def _rows(manifest: Manifest) -> list[str]:
    return [json.dumps(golden.instance) for golden in manifest.golden]


def _introduction(manifest: Manifest, options: argparse.Namespace, update: Update) -> str:
    return (
        "# The whole path on this machine, during an update\n\n"
        f"{datetime.datetime.now(datetime.UTC).date()}, {host.describe()}. The {manifest.name} stack, stage "
        f"{options.stage}, on the emulator: client, API Gateway, invoker and endpoint share these cores. "
        f"{options.rate} requests of one row a second for {options.seconds} s at least, each sent when it is "
        "due; latency counts from then. `python -m local promote` releases another version meanwhile, which "
        f"takes {update.end - update.start:.1f} s. A request belongs to the phase in which it was due."
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {MODULE}", description=__doc__)
    parser.add_argument("--rate", type=int, default=50, help="requests a second (default: 50)")
    parser.add_argument("--seconds", type=int, default=60, help="seconds of the load (default: 60)")
    parser.add_argument("--stage", default="dev", help="stage of the stack (default: dev)")
    parser.add_argument(
        "--bundles",
        nargs=2,
        type=Path,
        metavar=("OLD", "NEW"),
        help="two versions of a model (default: cdk.json's model, trained with two seeds)",
    )
    add_verdicts_argument(parser)
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    own = isolated(os.environ)
    # boto3 in this process must not read the user's profiles.
    os.environ.clear()
    os.environ.update(own)
    sys.exit(main())
