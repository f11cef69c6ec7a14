"""The rooms of the project and the arrows between them, computed from the imports."""

import ast
import functools
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# The rooms that a room may import.
ARROWS = {
    "app.py": {"stacks"},
    "stacks": {"api", "bundle", "function_zip", "image", "monitoring", "smoke", "terminal_output"},
    "api": {"bundle", "terminal_output"},
    "bundle": set[str](),
    "terminal_output.py": set[str](),
    "training": {"bundle", "terminal_output"},
    "serving": {"bundle"},
    "monitoring": {"bundle", "serving", "terminal_output"},
    "scoring": {"bundle", "serving", "terminal_output", "training"},
    "image": {"terminal_output"},
    "function_zip": {"terminal_output", "virtual_environments"},
    "lambda_src": set[str](),
    "smoke": {"api", "bundle", "terminal_output"},
    "local": {"terminal_output"},
    "virtual_environments": {"terminal_output"},
    "docs": {"api", "bundle", "serving", "stacks", "training"},
}
ROOMS = tuple(ARROWS)

# The packages of others that a room may import: those that are installed where it runs.
PACKAGES = {
    "terminal_output.py": set[str](),
    "app.py": {"aws_cdk"},
    "stacks": {"aws_cdk", "boto3", "botocore", "cdk_nag", "constructs", "jsii", "msgspec"},
    "api": set[str](),
    "bundle": {"msgspec", "numpy"},
    "serving": {"httptools", "msgspec", "numpy", "onnxruntime", "prometheus_client", "uvloop"},
    "monitoring": {"boto3", "botocore", "msgspec", "numpy"},
    "virtual_environments": set[str](),
    "image": set[str](),
    "function_zip": set[str](),
    "lambda_src": {"boto3", "botocore", "urllib3"},
    "smoke": {"boto3", "botocore"},
}

# The most Python files that one folder may have.
MOST_FILES = 12

# Names that each of these files may define for itself.
SHARED_NAMES = {"ROOT", "FIELDS", "MODEL", "T", "logger"}

# Models whose name is also a word of the language: only its use as a name counts.
WORDS = {"line"}

# Files that may name a model: the default and the documentation.
# A public table of the benchmark has the name of a model.
NAMES_ALLOWED = (
    "training/",
    "tests/",
    "docs/",
    "cdk.json",
    "README.md",
    "benchmarks/tables/public_tables.py",
)


def sources(room: str) -> list[Path]:
    return [ROOT / room] if room.endswith(".py") else sorted((ROOT / room).rglob("*.py"))


@functools.cache
def imports(path: Path) -> tuple[str, ...]:
    return (*imported_names(path.read_text(), package=path.relative_to(ROOT).parent.parts),)


def imported_names(source: str, *, package: tuple[str, ...]) -> Iterator[str]:
    """Absolute names that a module imports, those under TYPE_CHECKING and inside functions included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{name.name}" for name in node.names)


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def file_graph(*rooms: str) -> dict[str, set[str]]:
    """The imports among the modules of some rooms: imported modules by importing module."""
    paths = {module_of(path): path for room in rooms for path in sources(room)}
    return {
        module: {name for name in imports(path) if name in paths and name != module}
        for module, path in paths.items()
    }


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    """One circle of a graph; empty when it has none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def folder_graph(room: str) -> dict[str, set[str]]:
    """The arrows among the folders inside a room; a file at the room's root counts as a folder of its own."""

    def folder(module: str) -> str:
        parts = module.split(".")
        is_package = (ROOT / Path(*parts)).is_dir()
        return module if len(parts) < 3 and not is_package else ".".join(parts[: 2 if len(parts) > 1 else 1])

    graph: dict[str, set[str]] = {}
    for module, imported in file_graph(room).items():
        arrows = graph.setdefault(folder(module), set())
        arrows |= {folder(name) for name in imported} - {folder(module), room}
    return graph


def own_modules(path: Path) -> set[str]:
    """The modules beside a zip's handler, which it imports by their names alone."""
    return {sibling.stem for sibling in path.parent.glob("*.py")}


def tracked() -> list[str]:
    """The files of the project, without the folders that .gitignore names."""
    ignored = {".git", "build", "node_modules", "cdk.out", "__pycache__"}

    def is_ours(name: str) -> bool:
        return name not in ignored and not name.startswith(".venv")

    found = list[str]()
    for folder, folders, names in os.walk(ROOT):
        # The folders of packages have a hundred times as many files.
        folders[:] = filter(is_ours, folders)
        paths = [Path(folder, name) for name in filter(is_ours, names)]
        found += [path.relative_to(ROOT).as_posix() for path in paths if path.is_file()]
    return found


def models() -> list[str]:
    return [path.stem for path in (ROOT / "training" / "models").glob("[a-z]*.py")]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_the_rooms_its_arrows_lead_to(room: str) -> None:
    own = room.removesuffix(".py")
    rooms = {name.removesuffix(".py") for name in ROOMS}

    found = {(path.name, name) for path in sources(room) for name in imports(path)}

    assert found, f"{room} has no code"
    wrong = {(file, name) for file, name in found if name.split(".")[0] in rooms - ARROWS[room] - {own}}
    assert wrong == set()


@pytest.mark.parametrize("room", PACKAGES)
def test_a_room_imports_only_packages_that_are_installed_where_it_runs(room: str) -> None:
    ours = {name.removesuffix(".py") for name in ROOMS}

    wrong = {
        (path.name, name)
        for path in sources(room)
        for name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names | PACKAGES[room] | ours | own_modules(path)
    }

    assert wrong == set()


@pytest.mark.parametrize("room", [*ROOMS, "benchmarks", "tests"])
def test_no_files_import_each_other_in_a_circle(room: str) -> None:
    assert circle(file_graph(room)) == []


@pytest.mark.parametrize("room", [room for room in ROOMS if not room.endswith(".py")])
def test_no_folders_of_a_room_import_each_other_in_a_circle(room: str) -> None:
    assert circle(folder_graph(room)) == []


def test_a_circle_is_found() -> None:
    found = circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})

    assert {*found} == {"a", "b", "c"}
    assert all(pairwise(found))


def test_imports_for_types_alone_and_inside_functions_count() -> None:
    source = "if TYPE_CHECKING:\n    from serving.http.one import Two\ndef f():\n    from . import three\n"

    names = {*imported_names(source, package=("serving", "http"))}

    assert names == {"serving.http.one", "serving.http.one.Two", "serving.http", "serving.http.three"}


@pytest.mark.parametrize("room", [*ROOMS, "benchmarks", "tests"])
def test_no_folder_has_more_than_a_dozen_files(room: str) -> None:
    folders: dict[str, int] = {}
    for path in sources(room):
        folders[str(path.parent.relative_to(ROOT))] = folders.get(str(path.parent.relative_to(ROOT)), 0) + 1

    assert {folder: count for folder, count in folders.items() if count > MOST_FILES} == {}


def public_names(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text()).body:
        targets: list[ast.expr] = []
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def test_no_two_things_share_a_public_name() -> None:
    files: dict[str, list[str]] = {}
    for room in ROOMS:
        for path in sources(room):
            for name in public_names(path):
                if not name.startswith("_") and name not in SHARED_NAMES:
                    files.setdefault(name, []).append(path.relative_to(ROOT).as_posix())
    of_models = "training/models/"

    assert {
        name: where
        for name, where in files.items()
        if len(where) > 1 and not all(path.startswith(of_models) for path in where)
    } == {}


def named(models: list[str]) -> re.Pattern[str]:
    """Finds the names of models: anywhere, or if they are words where they are used as a name."""
    spellings = [
        spelling
        for name in set(models) - WORDS
        for spelling in (name, name.replace("_", "-"), name.replace("_", ""))
    ]
    anywhere = [rf"\b{re.escape(spelling)}\b" for spelling in spellings]
    # Names of models have no capitals: "Line" is a value of SageMaker's SplitType.
    as_a_name = [
        rf"(?-i:(?<=['\"/=]){word}(?=['\"/])|(?<=models\.){word}\b|(?<=MODEL=){word}\b)" for word in WORDS
    ]
    return re.compile("|".join(anywhere + as_a_name), re.IGNORECASE)


@pytest.mark.parametrize(
    "text",
    ["'line'", 'model == "line"', "models.line", "MODEL=line", "/line/predict", "IRIS", "flight-delay"],
)
def test_a_models_name_is_found_however_it_is_used(text: str) -> None:
    assert named(models()).search(text)
    assert not named(models()).search("the first line of a file, underlined")


def test_no_file_outside_training_names_a_model() -> None:
    names = models()
    assert json.loads((ROOT / "cdk.json").read_text())["context"]["model"] in names
    assert {*names} >= WORDS
    pattern = named(names)

    wrong = [
        (name, found.group())
        for name in tracked()
        if not name.startswith(NAMES_ALLOWED)
        and name.endswith((".py", ".json", ".toml", ".in", "file", ".yml"))
        if (found := pattern.search((ROOT / name).read_text()))
    ]

    assert wrong == []


def test_every_module_with_code_has_a_docstring() -> None:
    undocumented = [
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in sources(room)
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert undocumented == []
