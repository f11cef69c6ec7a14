"""What a model is for, in the words of who made it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Card:
    """What figures do not say; each a few sentences for people.

    Source: Mitchell et al., Model cards for model reporting, FAT* 2019.

    Attributes:
        title: The question it answers.
        use: What it is meant for.
        not_for: What it must not be used for.
        limits: What it does not know.
        gaps: What its evaluation did not try.
    """

    title: str
    use: tuple[str, ...] = ()
    not_for: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
