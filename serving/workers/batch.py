"""Predicts the rows of all requests of a batch in one run of the model."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from serving.http.response import Response, problem_response
from serving.predict.batch_transform import LineTransformer
from serving.predict.options import Options
from serving.predict.prediction import Prediction, count_warnings
from serving.predict.predictor import Predictor, problem_of
from serving.predict.request import CUSTOM_ATTRIBUTES, InferenceRequest, RequestParameters
from serving.problem import Problem
from serving.rows.request_rows import InvalidRow, RequestRows, Row, join

# Position of a request in the batch, and its response.
_Positioned = tuple[int, Response]


class _SingleRow(msgspec.Struct, frozen=True, gc=False):
    """A request of one row in JSON, the most frequent one."""

    position: int
    parameters: RequestParameters
    row: Row
    familiar: bool


class _ManyRows(NamedTuple):
    """A request of any number of rows, in any format."""

    position: int
    parameters: RequestParameters
    rows: RequestRows


class Batch:
    """Answers batches of requests for one model; an invalid request does not affect the others."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor
        version = predictor.version.encode()
        # Of a container's own headers SageMaker passes only the second on to the caller of InvokeEndpoint.
        self._head = b"x-model-version: %b\r\n%b: model_version=%b\r\n" % (
            version,
            CUSTOM_ATTRIBUTES,
            version,
        )
        self._heads: dict[bytes, bytes] = {}

    def answer(self, requests: Sequence[InferenceRequest]) -> list[Response]:
        """Returns one response per request, in the order of the requests."""
        if len(requests) == 1:
            return [self._answer_alone(requests[0])]
        responses: dict[int, Response] = {}
        groups: dict[Options, tuple[list[_SingleRow], list[_ManyRows]]] = {}
        last: RequestParameters | None = None
        for position, request in enumerate(requests):
            try:
                parameters = self._predictor.parameters.parse(request.metadata)
                # Most requests of a batch have the parameters of the one before.
                if parameters is not last:
                    last = parameters
                    single, many = groups.setdefault(parameters.options, ([], []))
                one = self._predictor.decode_row(request.body, parameters)
                if one is None:
                    many.append(
                        _ManyRows(position, parameters, self._predictor.decode(request.body, parameters))
                    )
                else:
                    single.append(_SingleRow(position, parameters, *one))
            except Exception as error:
                responses[position] = error_response(error)
        for options, (single, many) in groups.items():
            responses.update(self._predict(options, single, many))
        return [responses[position] for position in range(len(requests))]

    def _answer_alone(self, request: InferenceRequest) -> Response:
        """Returns the response to the only request of a batch, without the steps that join several."""
        predictor = self._predictor
        try:
            parameters = predictor.parameters.parse(request.metadata)
            options = parameters.options
            one = predictor.decode_row(request.body, parameters)
            if one is None:
                rows = predictor.decode(request.body, parameters)
                return self._respond(predictor.predict(rows, options), rows, parameters)
            row, familiar = one
            return self._respond(predictor.predict_row(row, options, familiar=familiar), None, parameters)
        except Exception as error:
            return error_response(error)

    def _respond(
        self, predictions: Sequence[Prediction], rows: RequestRows | None, parameters: RequestParameters
    ) -> Response:
        """Returns the response with the predictions of one request, and the number of their warnings."""
        # A list is quicker than a generator for a few rows.
        is_warned = any([one.warnings for one in predictions])  # noqa: C419
        warnings = count_warnings(predictions) if is_warned else None
        try:
            body = self._predictor.write(predictions, rows, parameters)
            return Response(200, self._head_of(parameters), body, len(predictions), warnings)
        except Problem as problem:
            return msgspec.structs.replace(problem_response(problem), warnings=warnings)

    def _predict(
        self, options: Options, single: list[_SingleRow], many: list[_ManyRows]
    ) -> list[_Positioned]:
        """Returns the responses to requests with the same options."""
        try:
            return self._predict_together(options, single, many)
        except Exception as error:
            parts: list[_SingleRow | _ManyRows] = [*single, *many]
            if len(parts) == 1:
                return [(parts[0].position, error_response(error))]
        # The model failed on the rows of one request: predicts each alone, so that only that one fails.
        alone = [self._predict(options, [one], []) for one in single]
        alone += [self._predict(options, [], [part]) for part in many]
        return [found for (found,) in alone]

    def _predict_together(
        self, options: Options, single: list[_SingleRow], many: list[_ManyRows]
    ) -> list[_Positioned]:
        predictor = self._predictor
        familiar = all([one.familiar for one in single])  # noqa: C419  # a list is quicker than a generator for a few requests
        rows = join(
            [
                predictor.columns([one.row for one in single], familiar=familiar),
                *(part.rows for part in many),
            ]
        )
        predictions = predictor.predict(rows, options)
        found = self._respond_to_rows(single, predictions)
        start = len(single)
        for position, parameters, requested in many:
            end = start + requested.size
            found.append((position, self._respond(predictions[start:end], requested, parameters)))
            start = end
        return found

    def _respond_to_rows(
        self, single: list[_SingleRow], predictions: Sequence[Prediction]
    ) -> list[_Positioned]:
        """Returns the responses to requests of one row, whose predictions come first."""
        write = self._predictor.write
        found: list[_Positioned] = []
        last: RequestParameters | None = None
        for one, prediction in zip(single, predictions, strict=False):
            parameters = one.parameters
            if prediction.warnings:
                response = self._respond([prediction], None, parameters)
            else:
                if parameters is not last:
                    last, head = parameters, self._head_of(parameters)
                response = Response(200, head, write([prediction], None, parameters), 1)
            found.append((one.position, response))
        return found

    def _head_of(self, parameters: RequestParameters) -> bytes:
        content_type = parameters.response_type
        if content_type not in self._heads:
            self._heads[content_type] = b"content-type: %b\r\n%b" % (content_type, self._head)
        return self._heads[content_type]


class TransformBatch(Batch):
    """Answers requests of a batch transform job for one model, each alone: one of them has very many rows."""

    def __init__(self, predictor: Predictor) -> None:
        super().__init__(predictor)
        self._transformer = LineTransformer(predictor)

    def answer(self, requests: Sequence[InferenceRequest]) -> list[Response]:
        """Returns one response per request, in the order of the requests."""
        return [self._answer(request) for request in requests]

    def _answer(self, request: InferenceRequest) -> Response:
        try:
            parameters = self._transformer.parameters(request.metadata)
            body, outcomes = self._transformer.answer(request.body, parameters)
        except Exception as error:
            return error_response(error)
        predictions = [outcome for outcome in outcomes if not isinstance(outcome, InvalidRow)]
        warnings = count_warnings(predictions)
        return Response(200, self._head_of(parameters), body, len(predictions), warnings)


def error_response(error: Exception) -> Response:
    """Returns the response to a request whose prediction raised."""
    return problem_response(problem_of(error))
