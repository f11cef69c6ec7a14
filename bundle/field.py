"""One named value of a request row."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

FieldType = Literal["string", "integer", "number", "date", "time", "text"]

TIME_PATTERN = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
DATE_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
# As JSON writes numbers: no sign but -, no space, no "1_0", "0x10", "nan" or "inf".
NUMBER_PATTERN = "^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?$"
_NOT_BLANK = r"\S"

_FLOAT32_MAX = 3.4028234663852886e38
_EXACT_INTEGER_MAX = 2**53 - 1
_LONGEST = {"string": 256, "text": 20_000, "time": 5, "date": 10}


class Field(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a client may send under one name, and what it means.

    Attributes:
        name: Key in the request row; any JSON string that needs no escaping.
        type: `date` is "2013-06-30", `time` is "17:45" on a 24-hour clock, `text` is free text.
        required: Whether a row without it is refused; an optional one may also be null.
        minimum: Smallest value allowed (numbers only), in `unit`.
        maximum: Largest value allowed (numbers only), in `unit`.
        pattern: Regular expression a string must match, anchored with ^ and $.
        values: The only strings allowed; empty when any string is.
        max_length: Most characters of a string; 256 for `string` and 20,000 for `text` unless given.
        unit: Unit of measure, empty when there is none.
        description: One sentence for the API's documentation.
        example: A valid value.
        from_text: Whether a number may also come as a string that holds it as JSON writes numbers.
        ignored: Whether the value, which must be right if it is there, is kept from the model; optional then.
    """

    name: str
    type: FieldType
    required: bool = True
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    values: tuple[str, ...] = ()
    max_length: int | None = None
    unit: str = ""
    description: str = ""
    example: str | int | float
    # Unset and not False, so that a bundle without them is to the byte what it was before they were there.
    from_text: bool | UnsetType = UNSET
    ignored: bool | UnsetType = UNSET

    @property
    def is_number(self) -> bool:
        """Whether the value is a JSON number."""
        return self.type in ("integer", "number")

    @property
    def lowest(self) -> float:
        """Smallest number allowed: the declared one, else the least the model's input type holds."""
        default = -_EXACT_INTEGER_MAX if self.type == "integer" else -_FLOAT32_MAX
        return default if self.minimum is None else self.minimum

    @property
    def highest(self) -> float:
        """Largest number allowed: the declared one, else the most the model's input type holds."""
        default = _EXACT_INTEGER_MAX if self.type == "integer" else _FLOAT32_MAX
        return default if self.maximum is None else self.maximum

    @property
    def longest(self) -> int:
        """Most characters a string value may have."""
        return self.max_length or _LONGEST[self.type]

    @property
    def shape(self) -> str | None:
        """The regular expression a string value must match, if any."""
        if self.type == "text" and self.required and self.pattern is None:
            return _NOT_BLANK
        return {"date": DATE_PATTERN, "time": TIME_PATTERN}.get(self.type, self.pattern)
