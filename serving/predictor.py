"""The whole path of a prediction without HTTP: request body in, response body out."""

import math
from pathlib import Path
from typing import Any, Self

import msgspec

from bundle import Bundle, Golden, read_directory
from serving.answer import AnswerWriter, Outcome
from serving.call import JSON_CALL, Call, CallReader
from serving.decode import JsonDecoder
from serving.media_type import CSV
from serving.model import Model, ModelError
from serving.rows import Rows
from serving.table import TableDecoder, text_of
from serving.triage import Triage

TOLERANCE = 1e-4


class Predictor:
    """A loaded bundle that answers request bodies.

    Attributes:
        calls: Reads what a request says beside its body.
        identity: Name and version of the model, as JSON.
        version: Version of the model.
    """

    def __init__(self, bundle: Bundle) -> None:
        manifest = bundle.manifest
        triage = Triage(manifest.fields)
        self._table = TableDecoder(manifest.fields, triage)
        self._json = JsonDecoder(manifest.fields, self._table, triage)
        self._model = Model(bundle)
        self._writer = AnswerWriter(manifest)
        self._golden = manifest.golden
        self.calls = CallReader(manifest)
        self.identity = self._writer.identity
        self.version = manifest.version

    @classmethod
    def load(cls, path: Path) -> Self:
        """Loads the unpacked bundle at `path`.

        Raises:
            BundleError: When it is not a bundle that may be served.
            ModelError: When the runtime cannot load its graph.
        """
        return cls(read_directory(path))

    def answer(self, body: bytes, call: Call = JSON_CALL) -> bytes:
        """Predicts every row of a request body.

        Args:
            body: The request's body.
            call: How it is to be read and answered; JSON and JSON unless given.

        Raises:
            Problem: When the request is wrong.
            ModelError: When the model fails on it.
        """
        rows = self._decode(body, call)
        predictions: list[Outcome] = [*self._model.predict(rows, call.options)]
        # In rising order of position, so each lands where the request had it.
        for place, wrong in rows.wrong.items():
            predictions.insert(place, wrong)
        return self._writer.write(predictions, call)

    def _decode(self, body: bytes, call: Call) -> Rows:
        if call.content.media_type == CSV:
            return self._table.decode(text_of(body), header=call.content.header, skip=call.options.skip)
        return self._json.decode(body, skip=call.options.skip)

    def check(self) -> None:
        """Raises ModelError unless every golden row is answered as the bundle says, to 1e-4."""
        for golden in self._golden:
            answer = msgspec.json.decode(self.answer(msgspec.json.encode(golden.instance)))
            if not _same(answer["predictions"][0], golden):
                raise ModelError(
                    f"The model answers its golden row with {answer['predictions'][0]}, "
                    f"but its bundle says {golden.prediction}."
                )


def _same(prediction: dict[str, Any], golden: Golden) -> bool:
    expected = golden.prediction
    return prediction.keys() == expected.keys() and all(
        _close(prediction[name], value) for name, value in expected.items()
    )


def _close(found: str | float, expected: str | float) -> bool:
    if isinstance(found, str) or isinstance(expected, str):
        return found == expected
    return math.isclose(found, expected, rel_tol=0, abs_tol=TOLERANCE)
