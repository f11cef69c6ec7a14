"""Diagram and table of the imports between rooms (top-level folders) and inside them."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = (
    "stacks",
    "api",
    "bundle",
    "training",
    "serving",
    "scoring",
    "monitoring",
    "lambda_src",
    "smoke",
    "local",
    "image",
    "function_zip",
    "virtual_environments",
)
# Uses without an import: an asset of the template, a program that is started, a file that is read.
_USES = (
    ("stacks", "asset", "serving"),
    ("stacks", "asset", "lambda_src"),
    ("local", "starts", "serving"),
    ("local", "starts", "smoke"),
    ("image", "builds", "serving"),
    ("function_zip", "packs", "serving"),
    ("function_zip", "packs", "monitoring"),
    ("training", "model.tar.gz", "serving"),
)


def diagram() -> str:
    """Mermaid flowchart: a solid arrow is an import, a dotted arrow a use without an import."""
    lines = ["```mermaid", "flowchart LR", "    app.py --> stacks"]
    lines += [f"    {room} --> {other}" for room in ROOMS for other in sorted(_imported_rooms(room))]
    lines += [f'    {room} -. "{label}" .-> {other}' for room, label, other in _USES]
    lines += [f"    {room}" for room in ROOMS if not any(room in line.split() for line in lines)]
    return "\n".join([*lines, "```"]) + "\n"


def inner_rows() -> Iterator[tuple[str, str]]:
    """Yields each inner room with the inner rooms of the same room that it imports."""
    for room in ROOMS:
        arrows = _inner_arrows(room)
        for folder in sorted(arrows):
            imported = ", ".join(f"`{other}`" for other in sorted(arrows[folder]))
            yield f"`{folder}`", imported


def _imported_rooms(room: str) -> set[str]:
    modules = {module for path in (ROOT / room).rglob("*.py") for module in _modules(path)}
    return {module.partition(".")[0] for module in modules} & {*ROOMS} - {room}


def _inner_arrows(room: str) -> Mapping[str, set[str]]:
    """Folder -> folders of the same room that it imports; files directly in the room are left out."""
    arrows: dict[str, set[str]] = defaultdict(set)
    for path in (ROOT / room).rglob("*.py"):
        parts = path.relative_to(ROOT).parts
        if len(parts) > 2:
            folder = "/".join(parts[:2]) + "/"
            arrows[folder] |= {other for other in map(_folder, _modules(path)) if other} - {folder}
            arrows[folder] = {other for other in arrows[folder] if other.startswith(f"{room}/")}
    return arrows


def _folder(module: str) -> str:
    """The inner room of a module, such as `serving/http/` of serving.http.connection; empty without one."""
    first_two = module.split(".")[:2]
    return "/".join(first_two) + "/" if len(first_two) == 2 and ROOT.joinpath(*first_two).is_dir() else ""


@cache
def _modules(path: Path) -> frozenset[str]:
    """Names of the modules that a file imports, imports for type checkers included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module)
    return frozenset(found)
