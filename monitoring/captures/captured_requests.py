"""Rows of captured requests, decoded by the code that decoded them for the model."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from bundle import Manifest
from monitoring.captures.capture_record import CapturedBody
from serving.predict.media_type import CSV_TYPE, JSON_LINES_TYPES, content_format
from serving.problem import Problem
from serving.rows.csv_rows import CsvDecoder, csv_text
from serving.rows.json_lines import JsonLinesDecoder
from serving.rows.json_rows import JsonDecoder
from serving.rows.request_rows import RequestRows
from serving.rows.row_validator import RowValidator


class CapturedRequestReader:
    """Reads the rows of captured requests in every form that the API accepts.

    Args:
        manifest: Manifest of the model, whose fields the rows have.
    """

    def __init__(self, manifest: Manifest) -> None:
        validator = RowValidator(manifest.fields)
        self._csv = CsvDecoder(manifest.fields, validator)
        self._json = JsonDecoder(manifest.fields, self._csv, validator)
        self._json_lines = JsonLinesDecoder(self._json, validator)
        self._golden = [self._row(golden.instance) for golden in manifest.golden]

    def read(self, body: CapturedBody) -> RequestRows | None:
        """Returns the rows of a request; None when the model refuses it.

        Invalid rows are left out of the columns, and are in `invalid` by their position: a request may have
        asked to skip them (`on_error=skip`).
        """
        try:
            content = content_format(body.content_type)
            if content.media_type == CSV_TYPE:
                return self._csv.decode(csv_text(body.data), header=content.header, skip=True)
            if content.media_type in JSON_LINES_TYPES:
                return self._json_lines.decode(body.data, skip=True)
            return self._json.decode(body.data, skip=True)
        except Problem:
            return None

    def is_golden(self, rows: RequestRows) -> bool:
        """Returns whether a request is one golden row, as health checks send it."""
        return rows.size == 1 and {name: column[0] for name, column in rows.columns.items()} in self._golden

    def _row(self, instance: Mapping[str, Any]) -> Mapping[str, Any]:
        rows = self._json.decode(msgspec.json.encode(instance))
        return {name: column[0] for name, column in rows.columns.items()}


def values_of(rows: RequestRows, name: str) -> Sequence[Any]:
    """Returns the values of a field, None where absent."""
    return rows.columns.get(name) or (None,) * rows.size
