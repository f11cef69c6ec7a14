"""Model card: the purpose and limits of a model, in sentences for its users."""

from dataclasses import dataclass


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
    use: tuple[str, ...] = ()
    not_for: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
