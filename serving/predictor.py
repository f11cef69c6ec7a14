"""The whole path of a prediction without HTTP: request body in, response body out."""

import math
from pathlib import Path
from typing import Any, Self

import msgspec

from bundle import Bundle, Golden, read_directory
from serving.decode import RequestDecoder
from serving.model import Model, ModelError, Prediction

TOLERANCE = 1e-4


class Answer(msgspec.Struct, frozen=True, gc=False):
    """A response body: `predictions` in the order of the request's rows, and which model made them."""

    predictions: list[Prediction]
    model: msgspec.Raw


class Predictor:
    """A loaded bundle that answers request bodies.

    Attributes:
        identity: Name and version of the model, as JSON.
    """

    def __init__(self, bundle: Bundle) -> None:
        manifest = bundle.manifest
        self._decoder = RequestDecoder(manifest.fields)
        self._model = Model(bundle)
        self._golden = manifest.golden
        self._encode = msgspec.json.Encoder().encode
        self.identity = msgspec.Raw(self._encode({"name": manifest.name, "version": manifest.version}))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Loads the unpacked bundle at `path`.

        Raises:
            BundleError: When it is not a bundle that may be served.
            ModelError: When the runtime cannot load its graph.
        """
        return cls(read_directory(path))

    def answer(self, body: bytes) -> bytes:
        """Predicts every row of a request body.

        Raises:
            Problem: When the request is wrong.
            ModelError: When the model fails on it.
        """
        predictions = self._model.predict(self._decoder.decode(body))
        return self._encode(Answer(predictions, self.identity))

    def check(self) -> None:
        """Raises ModelError unless every golden row is answered as the bundle says, to 1e-4."""
        for golden in self._golden:
            answer = msgspec.json.decode(self.answer(self._encode(golden.instance)))
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
