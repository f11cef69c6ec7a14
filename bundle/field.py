"""Field: one named value of a request row, with its type and constraints."""

import datetime
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from bundle.texts.tokenizer import WordRule

FieldType = Literal["string", "integer", "number", "date", "time", "text", "boolean"]

# Layout of a manifest whose fields need no later one.
FIRST_FORMAT = 1
# Layout of a manifest whose texts are split by a rule; a manifest with later parts has it too.
WORDS_FORMAT = 7

TIME_PATTERN = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
DATE_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
# Number of JSON (RFC 8259, section 6): no plus sign, space, "1_0", "0x10", "nan" or "inf".
NUMBER_PATTERN = "^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?$"
# Name of a model, or of a second target. Names in AWS have its hyphens for "_", and none can end with one.
IDENTIFIER = re.compile(r"[a-z]([a-z0-9_]{0,38}[a-z0-9])?")
# msgspec takes only JSON strings that need no escaping as keys, so no name of a field may have one of these.
UNUSABLE_IN_NAMES = re.compile(r'["\\\x00-\x1f\x7f]')
_NOT_BLANK = r"\S"

_FLOAT32_MAX = 3.4028234663852886e38
_EXACT_INTEGER_MAX = 2**53 - 1
_LONGEST = {"string": 256, "text": 20_000, "time": 5, "date": 10}


class RowRule(NamedTuple):
    """A rule of a row that the type of a value cannot express; a row without one of its values keeps it.

    Attributes:
        fields: Names of the fields whose values it takes; the first one states the rule.
        holds: Whether the values keep it.
    """

    fields: tuple[str, ...]
    holds: Callable[..., Any]


class Field(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Declaration of one field: its name, type, constraints and documentation.

    Attributes:
        name: Key in the request row; any JSON string that needs no escaping.
        type: `date` is "2013-06-30", `time` is "17:45" on a 24-hour clock, `text` is free text;
            `boolean` is true or false.
        required: Whether a row without the field is refused; an optional field may also be null.
        minimum: Smallest value allowed (numbers only), in `unit`.
        maximum: Largest value allowed (numbers only), in `unit`.
        pattern: Regular expression a string must match, anchored with ^ and $.
        values: The only strings allowed; empty when every string is.
        max_length: Largest number of characters; by default 256 for `string` and 20,000 for `text`.
        unit: Unit of measure, empty when there is none.
        description: One sentence for the API's documentation.
        example: A valid value.
        from_text: Whether a number may also be sent as a string that contains a JSON number.
        ignored: Whether the value is validated but not given to the model; such a field must be optional.
        earliest: First day allowed (dates only), such as "2013-01-01".
        latest: Last day allowed (dates only).
        differs_from: Name of a field whose value this one's must differ from.
        not_less_than: Name of a field (number, date or time) whose value this one's must reach.
        words: How the words of a text are found; unset for `tokens`.
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
    example: str | int | float | bool
    # UNSET keeps old manifests byte-identical.
    from_text: bool | UnsetType = UNSET
    ignored: bool | UnsetType = UNSET
    earliest: str | UnsetType = UNSET
    latest: str | UnsetType = UNSET
    differs_from: str | UnsetType = UNSET
    not_less_than: str | UnsetType = UNSET
    words: WordRule | UnsetType = UNSET

    @property
    def format(self) -> int:
        """Oldest layout of a manifest that can declare this field."""
        if self.words:
            return WORDS_FORMAT
        rules = (self.earliest, self.latest, self.differs_from, self.not_less_than)
        if self.type == "boolean" or any(rules):
            return 3
        return 2 if self.type == "text" or self.from_text or self.ignored else FIRST_FORMAT

    @property
    def has_rules(self) -> bool:
        """True for a field with a minimum, a maximum, a pattern, a length or allowed values."""
        rules = (self.minimum, self.maximum, self.pattern, self.max_length)
        return bool(self.values) or any(rule is not None for rule in rules)

    @property
    def is_number(self) -> bool:
        """Whether the value is a JSON number."""
        return self.type in ("integer", "number")

    @property
    def is_string(self) -> bool:
        """Whether the value is a JSON string."""
        return not (self.is_number or self.type == "boolean")

    @property
    def lowest(self) -> float:
        """Smallest number allowed: `minimum`, else the smallest that the model's input type holds."""
        default = -_EXACT_INTEGER_MAX if self.type == "integer" else -_FLOAT32_MAX
        return default if self.minimum is None else self.minimum

    @property
    def highest(self) -> float:
        """Largest number allowed: `maximum`, else the largest that the model's input type holds."""
        default = _EXACT_INTEGER_MAX if self.type == "integer" else _FLOAT32_MAX
        return default if self.maximum is None else self.maximum

    @property
    def longest(self) -> int:
        """Largest number of characters of a string value."""
        return self.max_length or _LONGEST[self.type]

    @property
    def shape(self) -> str | None:
        """The regular expression a string value must match, if any."""
        if self.type == "text" and self.required and self.pattern is None:
            return _NOT_BLANK
        return {"date": DATE_PATTERN, "time": TIME_PATTERN}.get(self.type, self.pattern)

    def row_rules(self) -> Iterator[RowRule]:
        """Yields the rules of a row that this field states.

        Raises:
            ValueError: When `earliest` or `latest` is no day.
        """
        if self.earliest:
            yield RowRule((self.name,), datetime.date.fromisoformat(self.earliest).__le__)
        if self.latest:
            yield RowRule((self.name,), datetime.date.fromisoformat(self.latest).__ge__)
        if self.differs_from:
            yield RowRule((self.name, self.differs_from), operator.ne)
        if self.not_less_than:
            yield RowRule((self.name, self.not_less_than), operator.ge)
