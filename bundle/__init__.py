"""The model bundle: the contract between training and every program that serves or deploys a model."""

from bundle.archive import (
    ARCHIVE,
    MANIFEST,
    REPORT,
    VERSIONS,
    Bundle,
    read_archive,
    read_directory,
    version_folder,
    write_archive,
)
from bundle.columns import NUMBERS, STRINGS, Columns
from bundle.errors import BundleError
from bundle.field import IDENTIFIER, Field
from bundle.manifest import DataSource, Manifest, Metrics, changed_parts, interface_of
from bundle.onnx_graph import EXECUTION_PROVIDERS, configure_session
from bundle.predictions.golden_row import GOLDEN_TOLERANCE, Golden, is_close_to_golden
from bundle.predictions.graph_output import Task, output_name
from bundle.predictions.quantiles import QUANTILE_NAMES, QUANTILES_OUTPUT, Quantiles
from bundle.predictions.threshold import displayed, displayed_array, lowest_positive
from bundle.problem_format import (
    PROBLEM_MEDIA_TYPE,
    REQUEST_LIMITS,
    RETRY_AFTER_SECONDS,
    problem_document,
    title_of,
)
from bundle.reference.prediction_interval import Interval
from bundle.reference.training_reference import Distribution, Reference
from bundle.reference.warnings import WARNINGS
from bundle.request_schema import (
    CSV_FORMAT,
    JSON_LINES_FORMAT,
    MAX_BODY_BYTES,
    MAX_EXPLAINED_ROWS,
    MAX_ROWS,
    MOST_REASONS,
    csv_cell,
    csv_example,
    instance_schema,
    request_schema,
    values_schema,
)
from bundle.rows import Numerals, row_type
from bundle.texts.tokenizer import WORD_PATTERN, WordRule, splitter, tokens

__all__ = [
    "ARCHIVE",
    "CSV_FORMAT",
    "EXECUTION_PROVIDERS",
    "GOLDEN_TOLERANCE",
    "IDENTIFIER",
    "JSON_LINES_FORMAT",
    "MANIFEST",
    "MAX_BODY_BYTES",
    "MAX_EXPLAINED_ROWS",
    "MAX_ROWS",
    "MOST_REASONS",
    "NUMBERS",
    "PROBLEM_MEDIA_TYPE",
    "QUANTILES_OUTPUT",
    "QUANTILE_NAMES",
    "REPORT",
    "REQUEST_LIMITS",
    "RETRY_AFTER_SECONDS",
    "STRINGS",
    "VERSIONS",
    "WARNINGS",
    "WORD_PATTERN",
    "Bundle",
    "BundleError",
    "Columns",
    "DataSource",
    "Distribution",
    "Field",
    "Golden",
    "Interval",
    "Manifest",
    "Metrics",
    "Numerals",
    "Quantiles",
    "Reference",
    "Task",
    "WordRule",
    "changed_parts",
    "configure_session",
    "csv_cell",
    "csv_example",
    "displayed",
    "displayed_array",
    "instance_schema",
    "interface_of",
    "is_close_to_golden",
    "lowest_positive",
    "output_name",
    "problem_document",
    "read_archive",
    "read_directory",
    "request_schema",
    "row_type",
    "splitter",
    "title_of",
    "tokens",
    "values_schema",
    "version_folder",
    "write_archive",
]
