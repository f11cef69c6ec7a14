"""One contender as a process: `python -m benchmarks.server_choice.contender <name> <port> <work>`.

The work is a bundle's path, or "no-op".
"""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from bundle import read_archive
from serving.predictor import Predictor

NO_OP = "no-op"


def work(bundle: str) -> Callable[[bytes], bytes]:
    """What is done with a body: a prediction by the bundle, or nothing for an answer of the same length."""
    if bundle == NO_OP:
        answer = b'{"predictions":[{"label":"a","probability":0.1234567}],"model":{"name":"b","version":"0"}}'
        return lambda _body: answer
    return Predictor(read_archive(Path(bundle))).answer


if __name__ == "__main__":
    _, name, port, bundle = sys.argv
    importlib.import_module(f"benchmarks.server_choice.{name}").serve(int(port), lambda: work(bundle))
