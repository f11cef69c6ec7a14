"""Model card: the purpose and limits of a model, in sentences for its users."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self, TypeAlias


@dataclass(frozen=True, kw_only=True)
class IfKnown:
    """A statement that holds when the training rows have a value of some of these fields.

    Attributes:
        fields: The fields.
        statement: The statement.
        otherwise: What holds when no training row has such a value; "" for nothing.
    """

    fields: tuple[str, ...]
    statement: str
    otherwise: str = ""

    def of_data(self, known: frozenset[str]) -> str:
        """Returns what holds for training rows with these fields."""
        return self.statement if known.intersection(self.fields) else self.otherwise


Statements: TypeAlias = tuple[str | IfKnown, ...]


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """Statements that no figure makes; each item is a few sentences.

    Source: Mitchell et al., Model cards for model reporting, FAT* 2019.

    Attributes:
        title: The question that the model answers.
        use: Intended uses.
        not_for: Uses that are out of scope.
        limits: What the model does not know.
        gaps: What the evaluation did not cover.
    """

    title: str
    use: Statements = ()
    not_for: Statements = ()
    limits: Statements = ()
    gaps: Statements = ()

    def of_data(self, known: frozenset[str]) -> Self:
        """Copies the card with the statements that hold for training rows with these fields."""
        return replace(
            self,
            use=_holding(self.use, known),
            not_for=_holding(self.not_for, known),
            limits=_holding(self.limits, known),
            gaps=_holding(self.gaps, known),
        )


def _holding(statements: Iterable[str | IfKnown], known: frozenset[str]) -> Statements:
    texts = (item if isinstance(item, str) else item.of_data(known) for item in statements)
    return tuple(text for text in texts if text)
