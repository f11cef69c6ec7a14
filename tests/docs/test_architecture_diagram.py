"""Diagram of rooms and table of inner rooms, generated from imports."""

import pytest

from docs.architecture_diagram import ROOMS, diagram, inner_rows
from docs.tables import ROOT


@pytest.mark.slow
def test_an_import_between_rooms_is_an_arrow() -> None:
    lines = [line.strip() for line in diagram().splitlines()]

    assert "serving --> bundle" in lines
    assert "bundle --> serving" not in lines


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_in_the_diagram(room: str) -> None:
    assert room in diagram().split()


def test_an_inner_room_is_listed_with_the_inner_rooms_that_it_imports() -> None:
    rows = dict(inner_rows())

    folders = {path.parent for path in (ROOT / "serving").glob("*/__init__.py")}
    assert {folder.relative_to(ROOT).as_posix() for folder in folders} == {
        name.strip("`").rstrip("/") for name in rows if name.startswith("`serving/")
    }
    assert "`serving/rows/`" in rows["`serving/predict/`"]
    assert "`serving/predict/`" not in rows["`serving/rows/`"]
