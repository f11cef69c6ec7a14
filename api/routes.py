"""Routes of the API: the paths of its models, alone or as one of several."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

PAGE_PATH: Final = "/"
# The pages for people: the forms, the API's document, and the models.
PAGE_PATHS = (PAGE_PATH, "/docs", "/model")
_SERVICE_PATHS = ("/health", "/openapi.json")


def predict_paths(models: Sequence[str]) -> Mapping[str, str]:
    """Returns the path of each model by the model's name; the path of an only model does not name it."""
    if len(models) == 1:
        return {models[0]: "/predict"}
    return {model: f"/{model}/predict" for model in models}


def predict_pattern(models: Sequence[str]) -> str:
    """Returns one pattern for all of these paths, for people."""
    return "/predict" if len(models) == 1 else "/<model>/predict"


def routes(models: Sequence[str], *, has_page: bool) -> str:
    """Returns all routes of the API, for a sentence; the pages for people are among them if there are any."""
    pages = PAGE_PATHS if has_page else ()
    predictions = [f"POST {path}" for path in predict_paths(models).values()]
    return join_with_and([*predictions, *(f"GET {path}" for path in (*pages, *_SERVICE_PATHS))])


def join_with_and(names: Iterable[str]) -> str:
    """Returns names as a list for a sentence: "a, b and c"."""
    [*others, last] = names
    return f"{', '.join(others)} and {last}" if others else last
