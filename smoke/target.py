"""Which stack is meant, and which bundle it should serve."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from smoke.errors import NotFoundError

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True)
class Target:
    """A stack by its name, and the path of the bundle it should serve."""

    stack: str
    bundle: Path


def target_parser() -> argparse.ArgumentParser:
    """The arguments that say which stack is meant, for the commands that ask one."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--model", help="the model, where not cdk.json's")
    parser.add_argument("--stack", metavar="NAME", help="the stack, where not the one named after the model")
    parser.add_argument(
        "--bundle", type=Path, metavar="PATH", help="what it serves, where not build/<model>/model.tar.gz"
    )
    parser.add_argument(
        "--api-url",
        metavar="URL",
        help="where the API is reached, up to its stage, where not at its own name (`python -m local ...`)",
    )
    return parser


def find_target(
    *, model: str | None = None, stack: str | None = None, bundle: Path | None = None, root: Path = ROOT
) -> Target:
    """What is meant by what was said; the rest follows from it, and from cdk.json where nothing was said.

    Args:
        model: The name of a model.
        stack: The name of a stack.
        bundle: The path of a bundle.
        root: The checkout, where cdk.json and build/ are.

    Raises:
        NotFoundError: No bundle in build/ is of the model the stack is called after.
    """
    named = model or (_model_called(stack, root) if stack and not bundle else _default_model(root))
    return Target(stack=stack or stack_of(named), bundle=bundle or _bundle_of(named, root))


def stack_of(model: str) -> str:
    """The name of a model's stack."""
    return "".join(word.capitalize() for word in model.split("_"))


def _default_model(root: Path) -> str:
    return str(json.loads((root / "cdk.json").read_text())["context"]["model"])


def _model_called(stack: str, root: Path) -> str:
    for path in sorted(root.glob(str(_bundle_of("*", Path())))):
        if stack_of(path.parent.name) == stack:
            return path.parent.name
    raise NotFoundError(f"No bundle in build/ is of a model with stack {stack}: say which with --bundle.")


def _bundle_of(model: str, root: Path) -> Path:
    return root / "build" / model / "model.tar.gz"
