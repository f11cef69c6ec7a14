"""The tables of the pages agree with the code."""

import re
import subprocess
from pathlib import Path

import pytest

from api.openapi.parameters import parameters
from docs.generate import main, pages, regenerated
from docs.tables import ROOT, TABLES
from tests.docs.markdown import tables
from tests.reference import REFERENCE
from tests.tiny_bundle import tiny_quantiles, write_tiny_bundle

README = ROOT / "README.md"
MAKEFILE = (ROOT / "Makefile").read_text()
# Limit of the README: a few screens.
README_LINES = 150


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_generated_tables_are_up_to_date(page: Path) -> None:
    text = page.read_text()

    assert regenerated(text) == text, f"The tables of {page.relative_to(ROOT)} are stale: run `make docs`."


def test_every_generated_table_is_in_a_page() -> None:
    used = {name for page in pages() for name in re.findall(r"<!-- generated:([\w-]+) -->", page.read_text())}

    assert used == set(TABLES)


def test_a_marker_without_a_table_is_refused() -> None:
    with pytest.raises(KeyError, match="fiedls"):
        regenerated("<!-- generated:fiedls -->\n<!-- /generated -->")


def test_an_argument_is_refused_before_a_page_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["--check"])

    assert refused.value.code == 2
    assert "unrecognized arguments: --check" in capsys.readouterr().err


def test_text_around_a_table_is_kept() -> None:
    text = "before\n<!-- generated:errors -->\nold\n<!-- /generated -->\nafter\n"

    new = regenerated(text)

    assert new.startswith("before\n<!-- generated:errors -->\n\n| status |")
    assert new.endswith("|\n\n<!-- /generated -->\nafter\n")
    assert regenerated(new) == new


def test_the_readme_has_at_most_150_lines() -> None:
    assert len(README.read_text().splitlines()) <= README_LINES


def test_make_help_lists_every_verb() -> None:
    verbs = set(re.findall(r"^([a-z-]+):(?!=)", MAKEFILE, re.MULTILINE))

    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert set(re.findall(r"^\s*make ([a-z-]+) ", listed, re.MULTILINE)) == verbs


def test_every_room_is_in_the_architecture() -> None:
    rooms = tables(ROOT / "ARCHITECTURE.md")["room"]
    listed = {cell for row in rooms for cell in re.findall(r"`([^`]+)`", row[0]) if "/" in cell}

    generated = {"node_modules/", "build/", "cdk.out/", "__pycache__/"}
    folders = {f"{path.name}/" for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert listed == {name for name in folders - generated if any(ROOT.glob(f"{name}**/*.*"))}


def test_the_table_has_the_query_parameters_of_a_binary_model(tmp_path: Path) -> None:
    bundle = write_tiny_bundle(tmp_path / "model.tar.gz", reference=REFERENCE, quantiles=tiny_quantiles())

    listed = {row[0].strip("`") for row in tables(ROOT / "docs" / "api.md")["parameter"]}

    assert listed == parameters(bundle.manifest).keys()


def test_the_table_has_the_outputs_of_the_stack() -> None:
    listed = {row[0].strip("`") for row in tables(ROOT / "docs" / "deploying.md")["output"]}

    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "stacks").rglob("*.py"))
    assert listed == set(re.findall(r'CfnOutput\(\s*[\w.()]+, "(\w+)"', sources))


def test_every_room_has_a_design_note() -> None:
    notes = {path.stem for path in (ROOT / "docs" / "design").glob("*.md")} - {"README"}

    assert notes == {
        row[0].split("](")[0].strip("[") for row in tables(ROOT / "docs/design/README.md")["note"]
    }
    # What several rooms do together.
    spanning = {"model_life"}
    assert [note for note in notes - spanning if not (ROOT / note).is_dir()] == []
