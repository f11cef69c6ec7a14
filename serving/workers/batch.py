"""Requests that arrived together, answered together: all their rows in one run of the model."""

from collections.abc import Sequence
from typing import NamedTuple

from serving.http.response import problem_head
from serving.predict.options import Options
from serving.predict.predictor import Predictor, problem_of
from serving.predict.request import CUSTOM_ATTRIBUTES, RequestParameters
from serving.rows.request_rows import RequestRows, Row, join
from serving.workers.protocol import Answer, Question

# An answer, and the place of its question.
_Placed = tuple[int, Answer]


class _One(NamedTuple):
    """A request of one row, the usual one: its place among the others, and what it wants."""

    place: int
    call: RequestParameters
    row: Row


class _Many(NamedTuple):
    """A request of any rows."""

    place: int
    call: RequestParameters
    rows: RequestRows


class Batch:
    """Answers the requests for one model, so that no one's mistake touches another."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor
        version = predictor.version.encode()
        # The second is the one header of ours that SageMaker passes on to who invoked the endpoint.
        self._head = b"x-model-version: %b\r\n%b: model_version=%b\r\n" % (
            version,
            CUSTOM_ATTRIBUTES,
            version,
        )
        self._heads: dict[bytes, bytes] = {}

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """One answer a question, in the order of the questions."""
        answers: dict[int, Answer] = {}
        groups: dict[Options, tuple[list[_One], list[_Many]]] = {}
        for place, question in enumerate(questions):
            try:
                call = self._predictor.parameters.parse(question.terms)
                ones, many = groups.get(call.options) or groups.setdefault(call.options, ([], []))
                row = self._predictor.decode_row(question.body, call)
                if row is None:
                    many.append(_Many(place, call, self._predictor.decode(question.body, call)))
                else:
                    ones.append(_One(place, call, row))
            except Exception as error:
                answers[place] = refusal(error)
        for options, (ones, many) in groups.items():
            answers.update(self._predict(options, ones, many))
        return [answers[place] for place in range(len(questions))]

    def _predict(self, options: Options, ones: list[_One], many: list[_Many]) -> list[_Placed]:
        """The answers to requests that want the same."""
        try:
            return self._predict_together(options, ones, many)
        except Exception as error:
            parts: list[_One | _Many] = [*ones, *many]
            if len(parts) == 1:
                return [(parts[0].place, refusal(error))]
        # Something is wrong with the rows of one of them: each by itself then, to tell whose.
        alone = [self._predict(options, [one], []) for one in ones]
        alone += [self._predict(options, [], [part]) for part in many]
        return [found for (found,) in alone]

    def _predict_together(self, options: Options, ones: list[_One], many: list[_Many]) -> list[_Placed]:
        predictor = self._predictor
        rows = join([predictor.columns([one.row for one in ones]), *(part.rows for part in many)])
        predictions = predictor.predict(rows, options)
        found = [
            (place, Answer(200, self._head_of(call), predictor.write([prediction], None, call), 1))
            for (place, call, _), prediction in zip(ones, predictions, strict=False)
        ]
        start = len(ones)
        for place, call, asked in many:
            end = start + asked.size
            body = predictor.write(predictions[start:end], asked, call)
            found.append((place, Answer(200, self._head_of(call), body, end - start)))
            start = end
        return found

    def _head_of(self, call: RequestParameters) -> bytes:
        content_type = call.response_type
        if content_type not in self._heads:
            self._heads[content_type] = b"content-type: %b\r\n%b" % (content_type, self._head)
        return self._heads[content_type]


def refusal(error: Exception) -> Answer:
    """The answer to a question that raised."""
    problem = problem_of(error)
    return Answer(problem.status, problem_head(problem), problem.encode())
