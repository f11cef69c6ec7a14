"""What is called after models: the paths they are asked at, and names in CamelCase."""

from collections.abc import Iterable, Mapping, Sequence

OTHER_PATHS = ("/health", "/openapi.json")


def in_camel_case(model: str) -> str:
    """The model's name as a stack or a class is named, such as FirstModel for first_model."""
    return "".join(word.capitalize() for word in model.split("_"))


def predict_paths(models: Sequence[str]) -> Mapping[str, str]:
    """Where each model of an API is asked, by its name: one that is alone needs no name."""
    if len(models) == 1:
        return {models[0]: "/predict"}
    return {model: f"/{model}/predict" for model in models}


def predict_pattern(models: Sequence[str]) -> str:
    """All of these paths as one that people read."""
    return "/predict" if len(models) == 1 else "/<model>/predict"


def marks(models: Sequence[str]) -> Mapping[str, str]:
    """What tells a thing of one model from the same of another, by the model's name; "" for one alone."""
    if len(models) == 1:
        return {models[0]: ""}
    return {model: in_camel_case(model) for model in models}


def routes(models: Sequence[str]) -> str:
    """Everything that can be asked, for a sentence."""
    asked = [f"POST {path}" for path in predict_paths(models).values()]
    return listed([*asked, *(f"GET {path}" for path in OTHER_PATHS)])


def listed(names: Iterable[str]) -> str:
    """Names, for a sentence."""
    [*others, last] = names
    return f"{', '.join(others)} and {last}" if others else last
