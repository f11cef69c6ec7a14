import json
from pathlib import Path
from typing import Any

import pytest

from api import openapi_document
from bundle import read_archive
from stacks.settings.settings import ROOT
from tests.stacks.support.synthesis import Synthesis, Synthesizer, synthesize

INVOKER = "Api/Invoker/Function/Resource"


def code(synthesis: Synthesis, path: str) -> Path:
    """The folder that is zipped for the function at a path."""
    digest = synthesis.by_path(path)["Properties"]["Code"]["S3Key"].removesuffix(".zip")
    return synthesis.outdir / f"asset.{digest}"


@pytest.mark.parametrize(
    ("path", "package"),
    [(INVOKER, "invoker"), ("Artifacts/Publisher/Function/Resource", "publisher")],
)
def test_the_asset_of_a_function_has_its_package_with_the_handler(
    stack: Synthesis, path: str, package: str
) -> None:
    source = code(stack, path)
    files = {found.relative_to(source).as_posix() for found in source.rglob("*") if found.is_file()}

    assert stack.by_path(path)["Properties"]["Handler"] == f"{package}.handler.handler"
    written = {found.name for found in (ROOT / "lambda_src" / package).glob("*.py")}
    made = {"openapi.json"} if package == "invoker" else set()
    assert "handler.py" in written
    assert files == {f"{package}/{name}" for name in written | made}


def test_the_invokers_package_has_the_openapi_document_of_model_and_authorization(
    stack: Synthesis, synthesizer: Synthesizer, bundle: Path
) -> None:
    signed = synthesizer.one(auth="iam")
    manifest = read_archive(bundle).manifest

    assert description(stack) == openapi_document(manifest, auth="key")
    assert description(signed) == openapi_document(manifest, auth="iam")
    assert description(stack)["info"]["version"] == manifest.version


def description(synthesis: Synthesis) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((code(synthesis, INVOKER) / "invoker" / "openapi.json").read_bytes())
    return found


def test_the_asset_of_the_invoker_changes_with_its_openapi_document_only(
    stack: Synthesis, synthesizer: Synthesizer, bundle: Path, tmp_path: Path
) -> None:
    same = synthesize(tmp_path, bundle=str(bundle))
    other = synthesizer.one(auth="iam")

    assert code(same, INVOKER).name == code(stack, INVOKER).name
    assert code(other, INVOKER).name != code(stack, INVOKER).name
    assert not list(stack.outdir.glob("bundling-temp-*"))


def test_functions_have_the_newest_python_and_a_log_group_each(stack: Synthesis) -> None:
    functions = [found["Properties"] for found in stack.all("AWS::Lambda::Function").values()]

    assert {function["Runtime"] for function in functions} == {"python3.14"}
    logs = {function["LoggingConfig"]["LogGroup"]["Ref"] for function in functions}
    assert len(logs) == len(functions) == 2
    assert logs <= set(stack.all("AWS::Logs::LogGroup"))


def test_no_function_reserves_concurrency(stack: Synthesis) -> None:
    assert "ReservedConcurrentExecutions" not in stack.text
