"""Target of a command: a stack, and the bundles that it should serve."""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api import in_camel_case, stack_name_of
from smoke.errors import NotFoundError

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True)
class Target:
    """A stack and its bundles.

    Attributes:
        stack: The stack's name.
        bundles: The path of each model's bundle.
        folder: The folder for written files: that of the only bundle, or build/<stack> for several models.
    """

    stack: str
    bundles: Sequence[Path]
    folder: Path


def target_parser() -> argparse.ArgumentParser:
    """Returns the parser of the arguments that identify the target."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--model",
        "--models",
        dest="models",
        type=_names,
        default=(),
        metavar="NAME[,NAME]",
        help="the model, or the models of one stack (default: cdk.json's)",
    )
    parser.add_argument(
        "--stage", metavar="NAME", help="the stage of the stack named after the models (default: cdk.json's)"
    )
    parser.add_argument(
        "--stack", metavar="NAME", help="the stack (default: cdk.json's, or the one named after the models)"
    )
    parser.add_argument(
        "--bundle",
        type=Path,
        action="append",
        default=[],
        dest="bundles",
        metavar="PATH",
        help="the bundle that the stack should serve (default: build/<model>/model.tar.gz); once per model",
    )
    parser.add_argument(
        "--api-url",
        metavar="URL",
        help="the URL of the API and its stage (default: by the stack's outputs); `python -m local` sets it",
    )
    return parser


def find_target(
    *,
    models: Sequence[str] = (),
    stage: str | None = None,
    stack: str | None = None,
    bundles: Sequence[Path] = (),
    root: Path = ROOT,
) -> Target:
    """Finds the target by any of its parts; without any, by the models of cdk.json.

    Args:
        models: The names of the stack's models.
        stage: The stack's stage; by default that of cdk.json.
        stack: The name of the stack.
        bundles: The paths of the models' bundles.
        root: The checkout, with cdk.json and build/.

    Raises:
        NotFoundError: build/ has no bundles of the models that the stack is named after.
    """
    context = json.loads((root / "cdk.json").read_text(encoding="utf-8"))["context"]
    named = models or (_models_of_stack(stack, root) if stack and not bundles else _default_models(context))
    found = bundles or [_bundle_of(name, root) for name in named]
    name = stack or context.get("stack_name") or stack_name_of(named, stage or context.get("stage", ""))
    folder = found[0].parent if len(found) == 1 else root / "build" / name
    return Target(stack=name, bundles=found, folder=folder)


def _default_models(context: Mapping[str, Any]) -> Sequence[str]:
    return _names(context.get("models") or context["model"])


def _models_of_stack(stack: str, root: Path) -> Sequence[str]:
    trained = {
        in_camel_case(path.parent.name): path.parent.name
        for path in sorted(root.glob(str(_bundle_of("*", Path()))))
    }
    for name in (stack, stack.removesuffix(stack_name_of([], "prod"))):
        if found := _split_stack_name(name, trained):
            return found
    raise NotFoundError(f"build/ has no bundles of the models of stack {stack}: give them with --bundle.")


def _split_stack_name(stack: str, trained: Mapping[str, str]) -> Sequence[str]:
    """Returns the models whose names make up the stack's name; one model is preferred to several."""
    if stack in trained:
        return [trained[stack]]
    for name, model in trained.items():
        if stack.startswith(name) and (others := _split_stack_name(stack.removeprefix(name), trained)):
            return [model, *others]
    return []


def _bundle_of(model: str, root: Path) -> Path:
    return root / "build" / model / "model.tar.gz"


def _names(text: str) -> Sequence[str]:
    return [name.strip() for name in text.split(",")]
