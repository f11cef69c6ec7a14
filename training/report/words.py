"""Words as people read them."""

_TITLES = {
    "roc_auc": "ROC AUC",
    "r2": "R²",
}


def capital(words: str) -> str:
    """The words as a sentence begins."""
    return words[:1].upper() + words[1:]


def metric_title(name: str) -> str:
    """A metric's name in words."""
    return _TITLES.get(name, name.replace("_", " "))
