"""Rules by which the vectorizers of an imported pipeline find words, by the column of their texts."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sklearn.feature_extraction.text import HashingVectorizer

from bundle import WordRule
from training.errors import TrainingError
from training.export.sklearn_steps.fitted_steps import fitted_steps
from training.importing.pipelines.text_columns import named_steps

_ATOM = r"(?:\\[wdS]|\[\^?(?:[^\[\]\\]|\\[wdsS.\-/'])+\])"
_QUANTIFIER = r"(?:[+*?]|\{[0-9]+(?:,[0-9]*)?\})"
_PATTERN = re.compile(rf"(?:\(\?u\))?(?:\\b)?((?:{_ATOM}{_QUANTIFIER}?)+)(?:\\b)?")
# Two open quantifiers side by side take the square of a text's length at worst.
_MOST_OPEN = 2
_OPEN = re.compile(rf"{_ATOM}(?:[+*]|\{{[0-9]+,\}})")


def word_rules(model: Any, columns: Sequence[str]) -> dict[str, WordRule]:
    """Returns how the words of each column of texts are found.

    Args:
        model: The fitted model.
        columns: Columns of the sample, for a vectorizer that gets a column without a name.

    Raises:
        TrainingError: When a vectorizer has an option that the server does not have, or the column of its
            texts is not known.
    """
    found: dict[str, WordRule] = {}
    for column, step in _placed(model, columns):
        rule = _rule(step)
        if found.setdefault(column, rule) != rule:
            raise TrainingError(
                f"Two vectorizers split the texts of the column {column!r} by different options: fit both "
                "with the same token_pattern, lowercase, strip_accents and stop_words, or give one of them a "
                "copy of the column."
            )
    return found


def _placed(model: Any, columns: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Yields the fitted vectorizers in a model, each with the column of its texts."""
    named = {id(step): names[0] for names, step in named_steps(model) if names}
    for step in fitted_steps(model):
        if isinstance(step, HashingVectorizer):
            raise _refusal(step, "hashes its words", "take TfidfVectorizer(max_features=30000)")
        if hasattr(step, "vocabulary_"):
            column = named.get(id(step), columns[0] if len(columns) == 1 else "")
            if not column:
                raise _refusal(
                    step,
                    "gets its texts from another step, or from one of several columns without names",
                    "give it the column of texts itself, as ColumnTransformer([('words', TfidfVectorizer(), "
                    "'text')]) does, and the sample only the columns of the model",
                )
            yield column, step


def _rule(step: Any) -> WordRule:
    for option in ("tokenizer", "preprocessor"):
        if getattr(step, option) is not None:
            raise _refusal(step, f"has a {option} of its own", f"give it {option}=None and a token_pattern")
    if step.analyzer != "word":
        raise _refusal(step, f"has analyzer={step.analyzer!r}", "give it analyzer='word'")
    if step.input != "content":
        raise _refusal(step, f"has input={step.input!r}", "give it input='content'")
    if step.strip_accents not in (None, "unicode", "ascii"):
        raise _refusal(step, "has a function as strip_accents", "give it strip_accents='unicode'")
    _check_pattern(step)
    return WordRule(
        pattern=step.token_pattern,
        lowercase=step.lowercase,
        accents=step.strip_accents or "kept",
        # Phrases pass over a word that is left out; a single one is in no vocabulary.
        stop_words=tuple(sorted(step.get_stop_words() or ())) if step.ngram_range[1] > 1 else (),
    )


def _check_pattern(step: Any) -> None:
    """Raises TrainingError for a pattern that may take long, or find a word with a space in it."""
    whole = _PATTERN.fullmatch(step.token_pattern)
    atoms = re.findall(_ATOM, whole.group(1)) if whole else []
    has_space = any(re.fullmatch(atom, " ") for atom in atoms)
    if whole is None or has_space or len(_OPEN.findall(whole.group(1))) > _MOST_OPEN:
        raise _refusal(
            step,
            f"has token_pattern={step.token_pattern!r}",
            r"give it one of letters, digits and sets without groups or spaces, such as '(?u)\b\w\w+\b'",
        )


def _refusal(step: Any, reason: str, cure: str) -> TrainingError:
    return TrainingError(
        f"The {type(step).__name__} {reason}, and the words of a request are found by token_pattern, "
        f"lowercase, strip_accents and stop_words alone: {cure}, and fit it again."
    )
