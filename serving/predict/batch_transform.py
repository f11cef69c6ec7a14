"""Requests of a batch transform job: one line of the response for each line of the request.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html
"""

import functools
import logging
from collections.abc import Sequence

import msgspec

from bundle import MAX_EXPLAINED_ROWS, MAX_ROWS
from serving.predict.csv_response import Outcome
from serving.predict.media_type import CSV_TYPE, JSON_LINES_TYPE, JSON_TYPE, BodyFormat
from serving.predict.onnx_model import ModelError
from serving.predict.options import Options
from serving.predict.predictor import Predictor, outcomes_of
from serving.predict.request import RequestMetadata, RequestParameters
from serving.problem import Problem
from serving.rows.request_rows import FieldError, InvalidRow, RequestRows
from serving.rows.transform_record_lines import (
    CsvLineDecoder,
    LineDecoder,
    decode_lines,
    record_lines,
    transform_header,
)

_HEADER = InvalidRow([FieldError(rule="is the header of the CSV, and no row")])
_FAILED = InvalidRow([FieldError(rule="made the model fail; the log says why")])
_NO_ACCEPT = (b"", b"*/*")

logger = logging.getLogger("serving")

_encode = msgspec.json.Encoder().encode


class LineTransformer:
    """Answers the requests of a batch transform job with the loaded model.

    The response has one line for each line: CSV, or else JSON Lines. Without Accept, the format is that of
    the request. Only a body of type JSON gets the same response as outside of such a job.
    """

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor
        self.parameters = functools.lru_cache(maxsize=64)(self._parameters)

    def _parameters(self, metadata: RequestMetadata) -> RequestParameters:
        """Reads the parameters of a request; raises Problem when they are wrong."""
        found = self._predictor.parameters.parse(metadata)
        if found.content.media_type == JSON_TYPE:
            return found
        wanted = found.content if metadata[2].strip() in _NO_ACCEPT else found.accept
        # Without a header parameter: whether a response begins with a header is the request's choice.
        media_type = JSON_LINES_TYPE if wanted.media_type == JSON_TYPE else wanted.media_type
        return found._replace(accept=BodyFormat(media_type))

    def answer(self, body: bytes, parameters: RequestParameters) -> tuple[bytes, Sequence[Outcome]]:
        """Predicts the rows of a request.

        Args:
            body: Its body.
            parameters: Its parameters.

        Returns:
            The body of the response, and the result of each row.

        Raises:
            Problem: When the request is wrong, or one of its rows is invalid and must not be skipped.
            ModelError: When the model fails on a row that must not be skipped.
        """
        if parameters.content.media_type == JSON_TYPE:
            rows = self._predictor.decode(body, parameters)
            predictions = self._predictor.predict(rows, parameters.options)
            return self._predictor.write(predictions, rows, parameters), predictions
        lines = record_lines(body)
        if not lines:
            raise Problem(422, "The request has no rows: send one line at least.")
        decoder: LineDecoder[bytes] = self._predictor.json_lines
        header = None
        if parameters.content.media_type == CSV_TYPE:
            csv = self._predictor.csv
            header = transform_header(lines[0], parameters.content.header, csv)
            decoder = CsvLineDecoder(csv, csv.names if header is None else header)
        outcomes = self._outcomes(decoder, lines[1:] if header is not None else lines, parameters.options)
        return self._write(outcomes, parameters, header=header is not None), outcomes

    def _outcomes(self, decoder: LineDecoder[bytes], lines: list[bytes], options: Options) -> list[Outcome]:
        if not options.skip:
            rows = decoder.validate(lines, skip=False)
            return [*outcomes_of(self._predictor.predict(rows, options), rows, options)]
        size = MAX_EXPLAINED_ROWS if options.reasons else MAX_ROWS
        outcomes: list[Outcome] = []
        for start in range(0, len(lines), size):
            rows = decode_lines(decoder, lines[start : start + size])
            outcomes += outcomes_of(self._predict(rows, options), rows, options)
        return outcomes

    def _predict(self, rows: RequestRows, options: Options) -> Sequence[Outcome]:
        """Predicts rows; when the model fails on one of them, only that one has no prediction."""
        try:
            return self._predictor.predict(rows, options)
        except ModelError as error:
            if rows.size == 1:
                logger.warning("A row of a batch transform job failed: %s", error)
                return [_FAILED]
        alone = [
            RequestRows({name: values[row : row + 1] for name, values in rows.columns.items()}, 1)
            for row in range(rows.size)
        ]
        return [outcome for row in alone for outcome in self._predict(row, options)]

    def _write(self, outcomes: Sequence[Outcome], parameters: RequestParameters, *, header: bool) -> bytes:
        if parameters.accept.media_type == CSV_TYPE:
            return self._predictor.csv_writer.write_lines(outcomes, parameters, header=header)
        lines = [_HEADER, *outcomes] if header else outcomes
        return b"".join([_encode(line) + b"\n" for line in lines])
