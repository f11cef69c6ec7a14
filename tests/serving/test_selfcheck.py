"""Self-check of the image during its build."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.support.process import unpack
from tests.tiny_bundle import write_tiny_bundle

ROOT = Path(__file__).parents[2]
CHECKED = ROOT / "serving" / "selfcheck" / "model"

# A server that is healthy and predicts nothing.
SILENT = """
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def do_POST(self):
        self.close_connection = True

    def log_message(self, *_):
        pass

HTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A copy of the code that the image holds."""
    for room in ("bundle", "serving"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "serving.selfcheck"]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


def test_its_bundle_is_the_tiny_bundle_of_the_tests(tmp_path: Path) -> None:
    write_tiny_bundle(tmp_path / "model.tar.gz")
    unpack(tmp_path / "model.tar.gz", tmp_path)

    expected = {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()}
    found = {path.name: path.read_bytes() for path in CHECKED.iterdir()}
    assert found == expected, f"unpack what write_tiny_bundle writes into {CHECKED.relative_to(ROOT)}"


def test_a_program_that_predicts_its_golden_row_passes(image: Path) -> None:
    result = check(image)

    assert (result.returncode, "got the prediction {'label': 'yes'" in result.stdout) == (0, True), (
        result.stderr
    )


def test_a_program_that_cannot_load_its_model_fails_with_a_sentence(image: Path) -> None:
    with (image / "serving" / "selfcheck" / "model" / "model.onnx").open("ab") as graph:
        graph.write(b"\0")

    result = check(image)

    assert result.returncode == 1
    assert "The self-check failed: the server ended with exit code 3: its log says why." in result.stderr


def test_a_program_that_cannot_start_fails(image: Path) -> None:
    (image / "serving" / "__main__.py").write_text("import uninstalled\n")

    assert check(image).returncode == 1


def test_a_program_that_closes_the_connection_of_a_prediction_fails_with_a_sentence(image: Path) -> None:
    (image / "serving" / "__main__.py").write_text(SILENT, encoding="utf-8")

    result = check(image)

    assert result.returncode == 1
    assert result.stderr.startswith(
        "The self-check failed: the server does not answer or end: RemoteDisconnected"
    )
    assert "Traceback" not in result.stderr
