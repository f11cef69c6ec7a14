from pathlib import Path

import pytest

from tests.stacks.synthesis import Synthesis


@pytest.mark.parametrize(
    ("path", "package"),
    [("Api/Invoker/Function/Resource", "invoker"), ("Artifacts/Publisher/Function/Resource", "publisher")],
)
def test_a_function_holds_its_own_package_and_the_handler_is_in_it(
    stack: Synthesis, path: str, package: str
) -> None:
    function = stack.by_path(path)

    digest = function["Properties"]["Code"]["S3Key"].removesuffix(".zip")
    source = stack.outdir / f"asset.{digest}"
    files = {found.relative_to(source).as_posix() for found in source.rglob("*") if found.is_file()}
    assert function["Properties"]["Handler"] == f"{package}.handler.handler"
    assert f"{package}/handler.py" in files
    assert {Path(file).parts[0] for file in files} == {package}
    assert all(file.endswith(".py") for file in files)


def test_functions_run_on_the_newest_python_and_write_a_log_of_their_own(stack: Synthesis) -> None:
    functions = [found["Properties"] for found in stack.all("AWS::Lambda::Function").values()]

    assert {function["Runtime"] for function in functions} == {"python3.14"}
    logs = {function["LoggingConfig"]["LogGroup"]["Ref"] for function in functions}
    assert len(logs) == len(functions) == 2
    assert logs <= set(stack.all("AWS::Logs::LogGroup"))


def test_no_function_takes_a_share_of_the_accounts_concurrency(stack: Synthesis) -> None:
    assert "ReservedConcurrentExecutions" not in stack.text
