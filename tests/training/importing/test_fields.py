from collections.abc import Callable
from pathlib import Path

import pytest

from bundle import read_archive
from tests.training.conftest import Command, Finished
from tests.training.importing.foreign import network, rows_file, saved

Again = Callable[[str, str], Finished]


@pytest.fixture
def again(tmp_path: Path, command: Command) -> Again:
    """Imports a model, corrects its table.toml by a replacement, and imports it again."""
    arguments = ("import", str(saved(tmp_path, network())), "--rows", str(rows_file(tmp_path)))

    def run(old: str, new: str) -> Finished:
        assert command(*arguments, "--out", str(tmp_path)).returncode == 0
        path = tmp_path / "table.toml"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))
        return command(*arguments, "--out", str(tmp_path))

    return run


def test_corrected_fields_are_kept_by_the_next_import(again: Again, tmp_path: Path) -> None:
    result = again('name = "a"', 'name = "a"\nunit = "cm"\nminimum = -10')

    field = read_archive(tmp_path / "model.tar.gz").manifest.fields[0]
    assert result.returncode == 0, result.stderr
    assert (field.unit, field.minimum) == ("cm", -10)
    assert 'unit = "cm"' in (tmp_path / "table.toml").read_text()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('name = "a"', 'name = "a"\nrequired = false', "is not a number (NaN) without the optional fields a"),
        ('name = "b"', 'name = "bee"', "lacks the field 'b', which the model takes"),
        ('type = "number"', 'type = "date"', "is a date, and the model takes it as a number"),
        ('name = "a"', 'name = "a"\nminimum = 9\nmaximum = 1', "its minimum 9 is above its maximum 1"),
        ('name = "a"', 'name = "a"\npattern = "x"', "pattern is of strings, and its type is number"),
        ('name = "a"', 'name = "a"\nearliest = "2025-01-01"', "earliest is of dates, and its type is number"),
        ('name = "a"', 'name = "a"\nmaximum = inf', "its maximum is inf: remove that line"),
        ('name = "a"', 'name = "a"\nmissing = ["-1"]', "missing is of tables that a model learns from"),
        ('name = "a"', 'name = "a"\ncolumn = "b"', "column is of tables that a model learns from"),
        ("example = ", "minimum = -999\nexample = -1000 # ", "the API would refuse its example '-1000'"),
        ("example = ", "minimum = 1000\nexample = 2000 # ", "which is not at least the field's minimum"),
    ],
)
def test_a_correction_that_does_not_fit_the_model_or_the_sample_is_refused(
    again: Again, old: str, new: str, expected: str
) -> None:
    result = again(old, new)

    assert result.returncode == 1
    assert expected in result.stderr


@pytest.mark.parametrize("name", ['"a""1"', "a\\1", '"a\t1"'])
def test_a_name_that_no_field_may_have_is_to_be_renamed_in_the_sample(
    tmp_path: Path, command: Command, name: str
) -> None:
    rows = rows_file(tmp_path, f"{name},b,c,d")

    result = command("import", str(saved(tmp_path, network())), "--rows", str(rows), "--out", str(tmp_path))

    assert result.returncode == 1
    assert "rename it in the sample to 'a_1'" in result.stderr
