"""README and decisions say what is true of the checkout."""

import dataclasses
import json
import re
import subprocess
from pathlib import Path

import pytest

from api.errors import ERRORS
from api.openapi.parameters import parameters
from stacks.settings.settings import Settings
from tests.tiny_bundle import write_tiny_bundle
from training.catalog import load_model

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
MAKEFILE = (ROOT / "Makefile").read_text()


def tables(text: str) -> dict[str, list[list[str]]]:
    """Each Markdown table's rows by its first column's heading."""
    found: dict[str, list[list[str]]] = {}
    for block in re.findall(r"((?:^\|.*\n)+)", text, re.MULTILINE):
        heading, _, *rows = (
            [cell.strip() for cell in line.strip("|\n").split("|")] for line in block.splitlines()
        )
        found[heading[0]] = rows
    return found


def cells(block: str) -> list[list[str]]:
    """The cells of a Markdown table's rows."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]


def leading(cell: str) -> str:
    """A median without the range in brackets."""
    return cell.partition(" ")[0]


def test_every_make_command_in_the_readme_is_a_target() -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))

    named = set(re.findall(r"\bmake ([a-z]+)", README))

    assert {"run", "test"} <= named <= targets


def test_every_make_target_says_what_it_does() -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))

    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert set(re.findall(r"make ([a-z]+)  ", listed)) == targets


def test_every_path_in_the_readme_exists() -> None:
    made = ("build/", "cdk.out", ".venv", "node_modules")
    paths = {
        path
        for path in re.findall(r"`([\w./-]+)`|\]\(([\w./-]+)\)", README)
        for path in path
        if ("/" in path or path.endswith((".py", ".json", ".txt", ".md")))
        and not path.startswith(("/", *made))
    }

    assert paths
    assert sorted(path for path in paths if not (ROOT / path).exists()) == []


def test_every_room_is_in_the_readme() -> None:
    rooms = {cells[0].strip("`") for cells in tables(README)["room"]}

    ignored = {"node_modules", "build", "cdk.out"}
    folders = {f"{path.name}/" for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert {room for room in rooms if room.endswith("/")} == {
        f for f in folders if f.strip("/") not in ignored
    }


def test_the_readme_lists_the_fields_of_the_default_model() -> None:
    model = json.loads((ROOT / "cdk.json").read_text())["context"]["model"]

    told = [[cell.strip("`") for cell in row] for row in tables(README)["field"]]

    fields = load_model(model).fields
    assert told == [
        [field.name, field.type, "yes" if field.required else "no", field.unit, field.description]
        for field in fields
    ]


@pytest.mark.parametrize(("stage", "column"), [("dev", 1), ("prod", 2)])
def test_the_readme_lists_the_settings_with_their_defaults(stage: str, column: int) -> None:
    told = {row[0].strip("`"): row[column] for row in tables(README)["setting"]}

    settings = Settings.from_context({"model": "flight_delay", "stage": stage})
    names = [field.name for field in dataclasses.fields(Settings)]
    assert list(told) == names
    shown = {name: str(getattr(settings, name)) for name in names}
    shown["bundle"] = "build/&lt;model&gt;/model.tar.gz"
    assert told == shown


def test_the_readme_lists_the_errors_that_clients_are_told_of() -> None:
    assert tables(README)["status"] == [[str(error.status), error.when] for error in ERRORS]


def test_the_readme_lists_the_query_parameters(tmp_path: Path) -> None:
    binary = write_tiny_bundle(tmp_path / "model.tar.gz").manifest

    told = {row[0].strip("`") for row in tables(README)["parameter"]}

    assert told == parameters(binary).keys()


def test_the_readme_says_of_speed_what_was_measured() -> None:
    text = (ROOT / "benchmarks" / "results" / "serving.md").read_text()
    rows, ratios = re.findall(r"^\| connections \|.*\n((?:^\|.*\n)+)", text, re.MULTILINE)
    measured = {row[0]: row for row in cells(rows)}
    of_us = {row[0]: row for row in cells(ratios)} | {"this project": ["", "1", "1", "1"]}

    told = tables(README)["server, on one core, 64 connections"]

    assert told == [
        [name, leading(measured[name][3]), leading(of_us[name][3]), measured[name][5].split(" / ")[2]]
        for name, *_ in told
    ]
    one, sixteen = (leading(ratio) for ratio in of_us["FastAPI, uvicorn, the same ONNX"][1:3])
    assert f"{sixteen} times FastAPI's throughput, with one {one} times" in README.replace("\n", " ")


def test_the_readme_lists_the_outputs_of_the_stack() -> None:
    told = {row[0].strip("`") for row in tables(README)["output"]}

    source = (ROOT / "stacks" / "prediction_stack.py").read_text()
    assert told == set(re.findall(r'CfnOutput\(self, "(\w+)"', source))


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_is_one_page_with_its_four_parts(page: Path) -> None:
    text = page.read_text()

    number = int(page.name[:4])
    assert re.match(rf"# {number}\. \S", text)
    assert [
        part for part in ("**Status:**", "## Context", "## Decision", "## Consequences") if part not in text
    ] == []
    assert len(text.splitlines()) <= 80


def test_every_decision_has_its_own_number() -> None:
    numbers = [page.name[:4] for page in DECISIONS]

    assert len(set(numbers)) == len(numbers)
