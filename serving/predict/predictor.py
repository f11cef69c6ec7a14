"""The whole path of a prediction without HTTP: request body in, response body out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import msgspec

from bundle import Bundle, read_directory
from serving.predict.call import JSON_CALL, Call, CallReader
from serving.predict.media_type import CSV
from serving.predict.model import Model, ModelError
from serving.predict.options import Options
from serving.predict.predictions import Prediction
from serving.predict.response_body import AnswerWriter, Outcome
from serving.rows.csv_rows import TableDecoder, text_of
from serving.rows.json_rows import JsonDecoder
from serving.rows.row_errors import Triage
from serving.rows.rows import Row, Rows, columns_of


class Predictor:
    """A loaded bundle that answers request bodies.

    Attributes:
        calls: Reads what a request says beside its body.
        identity: Name and version of the model, as JSON.
        name: Name of the model.
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
        self.name = manifest.name
        self.version = manifest.version
        self._names = [field.name for field in manifest.fields]

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
        rows = self.decode(body, call)
        return self.write(self.predict(rows, call.options), rows, call)

    def decode(self, body: bytes, call: Call) -> Rows:
        """The rows of a request body.

        Raises:
            Problem: When the request is wrong.
        """
        if call.content.media_type == CSV:
            return self._table.decode(text_of(body), header=call.content.header, skip=call.options.skip)
        return self._json.decode(body, skip=call.options.skip)

    def decode_row(self, body: bytes, call: Call) -> Row | None:
        """The values of a body that is one right row in JSON; None for any other, which `decode` reads.

        Raises:
            Problem: When the row is wrong in a way that `decode` would not find.
        """
        return None if call.content.media_type == CSV else self._json.decode_row(body)

    def columns(self, rows: Sequence[Row]) -> Rows:
        """Rows from `decode_row`, as `predict` takes them."""
        return Rows(columns_of(self._names, rows), len(rows))

    def predict(self, rows: Rows, options: Options) -> list[Prediction]:
        """One prediction a row.

        Raises:
            ModelError: When the model fails on them.
        """
        return self._model.predict(rows, options)

    def write(self, predictions: Sequence[Prediction], rows: Rows | None, call: Call) -> bytes:
        """The response body.

        Args:
            predictions: One for each of the rows.
            rows: What was asked, if there may be wrong rows among it.
            call: How it is to be answered.
        """
        if rows is None or not rows.wrong:
            return self._writer.write(predictions, call)
        outcomes: list[Outcome] = [*predictions]
        # In rising order of position, so each lands where the request had it.
        for place, wrong in rows.wrong.items():
            outcomes.insert(place, wrong)
        return self._writer.write(outcomes, call)

    def check(self) -> None:
        """Raises ModelError unless every golden row gets its golden prediction."""
        for golden in self._golden:
            answer = msgspec.json.decode(self.answer(msgspec.json.encode(golden.instance)))
            if not golden.matches(answer["predictions"][0]):
                raise ModelError(
                    f"The model answers its golden row with {answer['predictions'][0]}, "
                    f"but its bundle says {golden.prediction}."
                )
