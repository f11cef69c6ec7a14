"""What a model is: the one contract between training and everything that serves or deploys it."""

from bundle.archive import Bundle, read_archive, read_directory, write_archive
from bundle.columns import NUMBERS, STRINGS, Columns
from bundle.errors import BundleError
from bundle.field import Field
from bundle.interface import changed_parts, interface_of
from bundle.manifest import DataSource, Golden, Manifest, Metrics
from bundle.numerals import Numerals
from bundle.rows import row_type
from bundle.schema import (
    CSV_FORMAT,
    MAX_BODY_BYTES,
    MAX_ROWS,
    csv_example,
    instance_schema,
    request_schema,
    values_schema,
)
from bundle.tokens import tokens

__all__ = [
    "CSV_FORMAT",
    "MAX_BODY_BYTES",
    "MAX_ROWS",
    "NUMBERS",
    "STRINGS",
    "Bundle",
    "BundleError",
    "Columns",
    "DataSource",
    "Field",
    "Golden",
    "Manifest",
    "Metrics",
    "Numerals",
    "changed_parts",
    "csv_example",
    "instance_schema",
    "interface_of",
    "read_archive",
    "read_directory",
    "request_schema",
    "row_type",
    "tokens",
    "values_schema",
    "write_archive",
]
