"""`python -m benchmarks.tables --flaml ENVIRONMENT [NAME...]`: models of public tables beside FLAML's.

Make the environment with `python -m venv ENVIRONMENT`; install benchmarks/tables/requirements.txt into it.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from terminal_output import escape_unencodable_output

HERE = Path(__file__).parent
BUDGET = 60.0
CLOSE = 0.01


def main() -> None:
    """Prints a table of scores and processor seconds, one line a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tables", description=__doc__)
    parser.add_argument("names", nargs="*", help="names of tables (default: all)")
    parser.add_argument("--flaml", type=Path, required=True, help="folder of the environment with FLAML")
    parser.add_argument(
        "--budget", type=float, default=BUDGET, help="seconds of FLAML's search (default: 60)"
    )
    options = parser.parse_args()
    other = str(options.flaml / "bin" / "python")
    print("| table | this project | seconds | FLAML | seconds | difference |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([other, str(HERE / "public_tables.py"), folder, *options.names], check=True)
        close = []
        for path in sorted(Path(folder).glob("*.target")):
            ours = _run([sys.executable, "-m", "benchmarks.tables.ours", folder, path.stem])
            theirs = _run([other, str(HERE / "flaml_contender.py"), folder, path.stem, f"{options.budget:g}"])
            difference = ours["score"] - theirs["score"]
            close.append(difference >= -CLOSE)
            print(
                f"| {path.stem} | {ours['score']:.4f} ({ours['chosen']}) | {ours['seconds']:.1f} | "
                f"{theirs['score']:.4f} ({theirs['chosen']}) | {theirs['seconds']:.0f} | {difference:+.4f} |",
                flush=True,
            )
    print(f"\nWithin {CLOSE:g} of FLAML, or better: {sum(close)} of {len(close)} tables.")


def _run(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        return {"score": float("nan"), "seconds": float("nan"), "chosen": done.stderr.strip()[-300:]}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


if __name__ == "__main__":
    escape_unencodable_output()
    main()
