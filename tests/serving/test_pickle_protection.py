"""Protection against pickles: no module of the image can read one, and every process refuses them."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READS_PICKLES = {
    *(
        "cPickle",
        "cloudpickle",
        "dill",
        "joblib",
        "marshal",
        "multiprocessing",
        "pickle",
        "_pickle",
        "shelve",
    ),
    *("pandas", "sklearn", "torch"),
}
HIDDEN = (
    "import collections, pickle, io, numpy; array = numpy.array([collections.OrderedDict()], dtype=object)"
)


def names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]
        elif isinstance(node, ast.Attribute):
            yield f"{ast.unparse(node.value)}.{node.attr}"


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)


@pytest.mark.parametrize("room", ["bundle", "serving"])
def test_no_code_of_the_image_names_a_reader_of_pickles(room: str) -> None:
    found = {(path.name, name) for path in (ROOT / room).rglob("*.py") for name in names(path)}

    assert found
    forbidden = READS_PICKLES | {"np.load", "numpy.load", "np.lib.npyio"}
    assert {(path, name) for path, name in found if name in forbidden} == set()


def test_the_front_imports_neither_pickle_nor_numpy_nor_the_runtime() -> None:
    names = {"pickle", "numpy", "onnxruntime", "serving.server"}
    script = f"import sys, serving.__main__; print(sorted({names} & sys.modules.keys()))"

    assert run(script).stdout == "['serving.server']\n"


@pytest.mark.parametrize(
    "attempt",
    [
        "pickle.loads(pickle.dumps(collections.OrderedDict()))",
        "pickle._Unpickler(io.BytesIO(pickle.dumps(collections.OrderedDict()))).load()",
        "file = io.BytesIO(); numpy.save(file, array); file.seek(0); numpy.load(file, allow_pickle=True)",
    ],
    ids=["in C", "in Python", "in numpy"],
)
def test_a_pickle_that_names_code_is_refused_by_every_reader(attempt: str) -> None:
    allowed = run(f"{HIDDEN}; {attempt}")
    refused = run(
        f"from serving.pickle_protection import refuse_unpickling; refuse_unpickling(); {HIDDEN}; {attempt}"
    )

    assert (allowed.returncode, refused.returncode) == (0, 1), allowed.stderr
    assert "UnpicklingError: This program refuses to unpickle classes and functions: found " in refused.stderr


@pytest.mark.parametrize(
    ("module", "after"), [("serving.__main__", "open_listener"), ("serving.workers.worker", "Worker")]
)
def test_every_process_of_the_server_refuses_pickles_from_its_start(module: str, after: str) -> None:
    script = f"""
import collections, pickle, sys, {module} as program
content = pickle.dumps(collections.OrderedDict())
program.{after} = lambda *_: pickle.loads(content)
program.main()
"""
    # The arguments of a worker: its descriptors and the process id of the front.
    found = run(script, *(["serve"] if module.endswith("__main__") else [*"0123", f"{os.getpid()}"]))

    assert "UnpicklingError: This program refuses to unpickle" in found.stderr
