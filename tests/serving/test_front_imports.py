"""What the front may not need: it is to start at once, and no model may bring it down."""

import subprocess
import sys


def test_the_front_loads_neither_numpy_nor_the_runtime() -> None:
    program = "import sys, serving.__main__; print(*sys.modules)"

    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)

    assert "serving.server" in run.stdout.split()
    assert {"numpy", "onnxruntime"}.isdisjoint(run.stdout.split())
