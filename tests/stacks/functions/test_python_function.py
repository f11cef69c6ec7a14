import json
from pathlib import Path
from typing import Any

import pytest

from api import openapi_document
from bundle import read_archive
from stacks.settings.settings import ROOT
from tests.stacks.synthesis import Synthesis, synthesize

INVOKER = "Api/Invoker/Function/Resource"


def code(synthesis: Synthesis, path: str) -> Path:
    """The folder that is zipped for the function at a path."""
    digest = synthesis.by_path(path)["Properties"]["Code"]["S3Key"].removesuffix(".zip")
    return synthesis.outdir / f"asset.{digest}"


@pytest.mark.parametrize(
    ("path", "package"),
    [(INVOKER, "invoker"), ("Artifacts/Publisher/Function/Resource", "publisher")],
)
def test_a_function_holds_its_own_package_and_the_handler_is_in_it(
    stack: Synthesis, path: str, package: str
) -> None:
    source = code(stack, path)
    files = {found.relative_to(source).as_posix() for found in source.rglob("*") if found.is_file()}

    assert stack.by_path(path)["Properties"]["Handler"] == f"{package}.handler.handler"
    written = {found.name for found in (ROOT / "lambda_src" / package).glob("*.py")}
    made = {"openapi.json"} if package == "invoker" else set()
    assert "handler.py" in written
    assert files == {f"{package}/{name}" for name in written | made}


def test_beside_the_invoker_lies_the_description_of_the_very_model_and_its_callers(
    stack: Synthesis, folder: Path
) -> None:
    archive = folder / "model.tar.gz"
    signed = synthesize(folder / "described-iam", bundle=str(archive), auth="iam")
    manifest = read_archive(archive).manifest

    assert description(stack) == openapi_document(manifest, auth="key")
    assert description(signed) == openapi_document(manifest, auth="iam")
    assert description(stack)["info"]["version"] == manifest.version


def description(synthesis: Synthesis) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((code(synthesis, INVOKER) / "invoker" / "openapi.json").read_bytes())
    return found


def test_another_description_makes_another_zip_and_the_same_one_the_same(
    stack: Synthesis, folder: Path
) -> None:
    bundle = str(folder / "model.tar.gz")
    same = synthesize(folder / "described-again", bundle=bundle)
    other = synthesize(folder / "described-otherwise", bundle=bundle, auth="iam")

    assert code(same, INVOKER).name == code(stack, INVOKER).name
    assert code(other, INVOKER).name != code(stack, INVOKER).name
    assert not list(stack.outdir.glob("bundling-temp-*"))


def test_functions_run_on_the_newest_python_and_write_a_log_of_their_own(stack: Synthesis) -> None:
    functions = [found["Properties"] for found in stack.all("AWS::Lambda::Function").values()]

    assert {function["Runtime"] for function in functions} == {"python3.14"}
    logs = {function["LoggingConfig"]["LogGroup"]["Ref"] for function in functions}
    assert len(logs) == len(functions) == 2
    assert logs <= set(stack.all("AWS::Logs::LogGroup"))


def test_no_function_takes_a_share_of_the_accounts_concurrency(stack: Synthesis) -> None:
    assert "ReservedConcurrentExecutions" not in stack.text
