"""A column of codes as small numbers, each distinct text kept once."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

NO_CODE = -1


class Codes:
    """Numbers the texts of a column batch by batch; those that a pattern does not match are none."""

    def __init__(self, pattern: str | None) -> None:
        self._pattern = re.compile(pattern or "")
        self._numbers: dict[str, int] = {}

    def numbered(self, column: pa.Array) -> NDArray[np.int16]:
        """The number of each text, -1 where it is no code."""
        encoded = column.dictionary_encode()
        numbers = [self._number(text.strip()) for text in encoded.dictionary.to_pylist()]
        positions = encoded.indices.fill_null(len(numbers)).to_numpy(zero_copy_only=False)
        return np.asarray(np.array([*numbers, NO_CODE], dtype=np.int16)[positions])

    def sorted(self, numbers: NDArray[np.int16]) -> tuple[NDArray[np.int16], pd.Index]:
        """The same by the alphabet of the codes that occur: which was met first does not matter."""
        texts = list(self._numbers)
        occurring = sorted(texts[number] for number in np.unique(numbers).tolist())
        place = {text: position for position, text in enumerate(occurring)}
        places = np.array([place.get(text, NO_CODE) for text in texts], dtype=np.int16)
        return places[numbers], pd.Index(occurring, dtype=object)

    def _number(self, text: str) -> int:
        if not self._pattern.search(text):
            return NO_CODE
        return self._numbers.setdefault(text, len(self._numbers))
