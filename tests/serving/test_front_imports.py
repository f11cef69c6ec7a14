"""Imports of the front process, which must start fast and run without the model's libraries."""

import subprocess
import sys


def test_the_front_imports_neither_numpy_nor_onnx_runtime() -> None:
    program = "import sys, serving.__main__; print(*sys.modules)"

    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)

    assert "serving.server" in run.stdout.split()
    assert {"numpy", "onnxruntime"}.isdisjoint(run.stdout.split())
