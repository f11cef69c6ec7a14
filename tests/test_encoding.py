"""Files and pipes are read and written as UTF-8, whatever the locale of the user."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Programs of the product, whose user's locale nobody knows.
ROOMS = (
    *("api", "benchmarks", "bundle", "docs", "image", "lambda_src", "local", "serving", "smoke", "stacks"),
    *("training", "function_zip", "virtual_environments"),
)


def _files() -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))


def _locale_dependent(tree: ast.AST) -> Iterator[int]:
    """Yields the line of each call that takes its encoding from the locale."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_text(node) and "encoding" not in _keywords(node):
            yield node.lineno


def _is_text(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in ("read_text", "write_text"):
        return True
    if name == "fdopen" or (name == "open" and _opens_a_file(call)):
        modes = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
        found = [mode.value for mode in modes if isinstance(mode, ast.Constant)]
        return not any(isinstance(mode, str) and ("b" in mode or ":" in mode) for mode in found)
    return name in ("run", "Popen", "check_output") and bool(
        {"text", "universal_newlines"} & _keywords(call).keys()
    )


def _opens_a_file(call: ast.Call) -> bool:
    """Whether `open` is the built-in function or a path's method; modules have functions of that name."""
    if isinstance(call.func, ast.Name):
        return True
    owner = ast.unparse(call.func).rpartition(".")[0]
    return owner not in ("gzip", "os", "tarfile", "webbrowser", "self", "archive")


def _keywords(call: ast.Call) -> dict[str | None, ast.expr]:
    return {keyword.arg: keyword.value for keyword in call.keywords}


def test_every_text_file_and_pipe_names_its_encoding() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in _files()
        for line in _locale_dependent(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert found == []


def _prints(tree: ast.AST) -> bool:
    """Whether a module prints to standard output."""
    return any(
        isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "print"
        and "file" not in _keywords(node)
        for node in ast.walk(tree)
    )


def test_a_command_escapes_what_the_locale_of_standard_output_lacks() -> None:
    # Their processes are started by our programs or in the image, in UTF-8.
    ours = {
        *("docs/generate.py", "local/processes/supervisor.py", "local/emulator/server.py"),
        "training/sagemaker/__main__.py",
    }
    commands = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in _files()
        if path.name == "__main__.py" or path.parent.name == "commands" or path.name == "postman.py"
    }
    printing = {
        name
        for name, text in commands.items()
        if 'if __name__ == "__main__":' in text and _prints(ast.parse(text)) and name not in ours
    }

    assert {"training/__main__.py", "api/__main__.py", "smoke/__main__.py"} <= printing
    escaping = {name for name in printing if "    escape_unencodable_output()" in commands[name]}
    assert printing - escaping == {"serving/selfcheck/__main__.py"}
