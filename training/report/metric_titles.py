"""Titles of metrics, for people."""

_TITLES = {
    "roc_auc": "ROC AUC",
    "r2": "R²",
}


def metric_title(name: str) -> str:
    """Returns the title of a metric, such as "brier score"."""
    return _TITLES.get(name, name.replace("_", " "))


def sentence_case(text: str) -> str:
    """Returns the text with a capital first letter."""
    return text[:1].upper() + text[1:]
