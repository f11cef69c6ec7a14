"""Which stack is meant, and which bundles it should serve."""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from api import in_camel_case
from smoke.errors import NotFoundError

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is meant.

    Attributes:
        stack: The stack's name.
        bundles: The path of the bundle of each model it should serve.
        folder: Where what is written about it goes: beside its bundle, or what several have in common.
    """

    stack: str
    bundles: Sequence[Path]
    folder: Path


def target_parser() -> argparse.ArgumentParser:
    """The arguments that say which stack is meant, for the commands that ask one."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--model",
        "--models",
        dest="models",
        type=_names,
        default=(),
        metavar="NAME[,NAME]",
        help="the model, or those of one stack, where not cdk.json's",
    )
    parser.add_argument("--stack", metavar="NAME", help="the stack, where not the one named after the models")
    parser.add_argument(
        "--bundle",
        type=Path,
        action="append",
        default=[],
        dest="bundles",
        metavar="PATH",
        help="what it serves, where not build/<model>/model.tar.gz; once for each model",
    )
    parser.add_argument(
        "--api-url",
        metavar="URL",
        help="where the API is reached, up to its stage, where not at its own name (`python -m local ...`)",
    )
    return parser


def find_target(
    *,
    models: Sequence[str] = (),
    stack: str | None = None,
    bundles: Sequence[Path] = (),
    root: Path = ROOT,
) -> Target:
    """What is meant by what was said; the rest follows from it, and from cdk.json where nothing was said.

    Args:
        models: The names of the stack's models.
        stack: The name of a stack.
        bundles: The paths of their bundles.
        root: The checkout, where cdk.json and build/ are.

    Raises:
        NotFoundError: No bundles in build/ are of the models the stack is called after.
    """
    named = models or (_models_called(stack, root) if stack and not bundles else _default_models(root))
    found = bundles or [_bundle_of(name, root) for name in named]
    name = stack or stack_of(named)
    folder = found[0].parent if len(found) == 1 else root / "build" / name
    return Target(stack=name, bundles=found, folder=folder)


def stack_of(models: Sequence[str]) -> str:
    """The name of the stack of some models."""
    return "".join(map(in_camel_case, models))


def _default_models(root: Path) -> Sequence[str]:
    context = json.loads((root / "cdk.json").read_text())["context"]
    return _names(context.get("models") or context["model"])


def _models_called(stack: str, root: Path) -> Sequence[str]:
    trained = {
        in_camel_case(path.parent.name): path.parent.name
        for path in sorted(root.glob(str(_bundle_of("*", Path()))))
    }
    if found := _spelled(stack, trained):
        return found
    raise NotFoundError(f"No bundles in build/ are of models with stack {stack}: say which with --bundle.")


def _spelled(stack: str, trained: Mapping[str, str]) -> Sequence[str]:
    """The models whose names make the stack's, one as rather than several."""
    if stack in trained:
        return [trained[stack]]
    for name, model in trained.items():
        if stack.startswith(name) and (others := _spelled(stack.removeprefix(name), trained)):
            return [model, *others]
    return []


def _bundle_of(model: str, root: Path) -> Path:
    return root / "build" / model / "model.tar.gz"


def _names(text: str) -> Sequence[str]:
    return [name.strip() for name in text.split(",")]
