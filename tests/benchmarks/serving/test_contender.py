"""Table of the measured servers."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.load.requests import CSV_BATCH, ROW
from benchmarks.serving.contender import CONTENDERS, OURS, RIVALS, Contender, find

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "benchmarks"
EVERY = pytest.mark.parametrize("contender", CONTENDERS, ids=lambda contender: contender.name)


@EVERY
def test_the_module_of_a_contender_has_a_serve_function(contender: Contender) -> None:
    tree = ast.parse((FOLDER / "contenders" / f"{contender.module or contender.name}.py").read_text())

    (serve,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "serve"]
    assert [argument.arg for argument in serve.args.args] == ["port", "folder"]


@EVERY
def test_another_server_has_a_lock_file_with_pinned_versions(contender: Contender) -> None:
    lock = FOLDER / f"requirements-{contender.name}.txt"

    assert lock.exists() is contender.rival
    assert all(
        re.match(r"\S+==\S+", line) for line in (lock.read_text().splitlines() if contender.rival else [])
    )


@EVERY
def test_another_server_has_the_same_versions_of_shared_packages(contender: Contender) -> None:
    if contender.rival:
        ours, others = (
            dict(re.findall(r"^([\w-]+)==(\S+)", path.read_text(), re.MULTILINE))
            for path in (ROOT / "requirements.in", FOLDER / f"requirements-{contender.name}.in")
        )
        shared = ours.keys() & others.keys()

        assert {"numpy", "msgspec"} <= shared
        assert {name: others[name] for name in shared} == {name: ours[name] for name in shared}


def test_every_server_with_a_goal_is_a_contender() -> None:
    assert all(find(name).rival for name in RIVALS)


def test_a_server_without_its_packages_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert "make bench" in (find(RIVALS[0]).unavailable_reason() or "")
    assert find(OURS).unavailable_reason() is None


def test_a_contender_without_its_program_is_skipped() -> None:
    contender = Contender(
        name="x", title="x", paths={}, rival=False, packages={"no-such-program": "its-package"}
    )

    assert contender.unavailable_reason() == "it needs the package its-package."


def test_a_request_has_path_content_type_and_body() -> None:
    ours = find(OURS)

    row, table = (ours.request(kind, [{"a": 1}], ["a"]) for kind in (ROW, CSV_BATCH))

    assert (row.path, row.content_type, row.body) == ("/invocations", "application/json", '{"a": 1}')
    assert (table.content_type, table.body) == ("text/csv", "a\n1\n")


# Imports what the pickle of the fitted pipeline names; our own modules get the packages of a lock file alone.
LOADER = """
import importlib.metadata, re, sys

def plain(name):
    return re.sub("[-_.]+", "_", name.lower())

locked = {plain(line.split("==")[0]) for line in open(sys.argv[1], encoding="utf-8")}
packages = importlib.metadata.packages_distributions()

def importer():
    frame = sys._getframe(2)
    while "importlib" in frame.f_globals.get("__name__", ""):
        frame = frame.f_back
    return frame.f_globals["__name__"].partition(".")[0]

class Locked:
    def find_spec(self, name, path=None, target=None):
        owners = packages.get(name.partition(".")[0], [])
        if importer() in ("training", "bundle") and owners and locked.isdisjoint(map(plain, owners)):
            raise ModuleNotFoundError(f"{name} is in no package of {sys.argv[1]}")

sys.meta_path.insert(0, Locked())
import training.data.model_inputs, training.fitting.calibrated_pipeline
"""


@pytest.mark.slow
def test_flask_has_the_packages_that_the_fitted_pipeline_needs() -> None:
    lock = FOLDER / "requirements-flask.txt"

    done = subprocess.run(
        [sys.executable, "-c", LOADER, str(lock)], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
