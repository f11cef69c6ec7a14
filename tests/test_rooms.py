"""The rooms of the design and the arrows between them, held by reading the imports."""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = (
    *("app.py", "stacks", "api", "bundle", "training", "serving", "image", "lambda_src", "smoke", "local"),
    "environments",
)

# What a room may import of ours.
ARROWS = {
    "app.py": {"stacks"},
    "stacks": {"api", "bundle"},
    "api": {"bundle"},
    "bundle": set[str](),
    "training": {"bundle"},
    "serving": {"bundle"},
    "image": set[str](),
    "lambda_src": set[str](),
    "smoke": {"api", "bundle"},
    "local": set[str](),
    "environments": set[str](),
}

# What a room that travels may import of others: it must be in what it travels with.
PACKAGES = {
    "app.py": {"aws_cdk"},
    "stacks": {"aws_cdk", "boto3", "botocore", "cdk_nag", "constructs", "jsii", "msgspec"},
    "api": set[str](),
    "bundle": {"msgspec", "numpy"},
    "serving": {
        "httptools",
        "msgspec",
        "numpy",
        "onnxruntime",
        "prometheus_client",
        "uvloop",
    },
    "environments": set[str](),
    "image": set[str](),
    "lambda_src": {"boto3", "botocore"},
    "smoke": {"boto3", "botocore"},
}

# Models named with a word that is also used for other things, so that only as a name it counts.
WORDS = {"line"}

# Files that may name a model: the default and what tells people about it.
NAMES_ALLOWED = ("training/", "tests/", "docs/", "cdk.json", "README.md")


def sources(room: str) -> list[Path]:
    return [ROOT / room] if room.endswith(".py") else sorted((ROOT / room).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""


def own_modules(path: Path) -> set[str]:
    """What a zip's handler imports from beside itself."""
    return {sibling.stem for sibling in path.parent.glob("*.py")}


def tracked() -> list[str]:
    """The files of the project: everything but what .gitignore names by folder."""
    ignored = {".git", "build", "node_modules", "cdk.out", "__pycache__"}
    return [
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*")
        if path.is_file() and not any(part in ignored or part.startswith(".venv") for part in path.parts)
    ]


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
def test_a_room_imports_only_the_packages_it_travels_with(room: str) -> None:
    ours = {name.removesuffix(".py") for name in ROOMS}

    wrong = {
        (path.name, name)
        for path in sources(room)
        for name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names | PACKAGES[room] | ours | own_modules(path)
    }

    assert wrong == set()


def named(models: list[str]) -> re.Pattern[str]:
    """Finds the names of models: anywhere, or if they are words where they are used as a name."""
    spellings = [
        spelling
        for name in set(models) - WORDS
        for spelling in (name, name.replace("_", "-"), name.replace("_", ""))
    ]
    anywhere = [rf"\b{re.escape(spelling)}\b" for spelling in spellings]
    as_a_name = [rf"(?<=['\"/=]){word}(?=['\"/])|(?<=models\.){word}\b|(?<=MODEL=){word}\b" for word in WORDS]
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


def test_every_package_of_a_room_with_code_says_what_it_is() -> None:
    undocumented = [
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in sources(room)
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert undocumented == []
