import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import pytest

from api import openapi_document
from bundle import read_archive
from stacks.settings.settings import ROOT
from tests.stacks.support.synthesis import Synthesis, Synthesizer, synthesize

INVOKER = "Api/Invoker/Function/Resource"
PUBLISHER = "Artifacts/Publisher/Function/Resource"


def code(synthesis: Synthesis, path: str) -> Path:
    """The folder that is zipped for the function at a path."""
    digest = synthesis.by_path(path)["Properties"]["Code"]["S3Key"].removesuffix(".zip")
    return synthesis.outdir / f"asset.{digest}"


@pytest.mark.parametrize(
    ("path", "package"),
    [(INVOKER, "invoker"), (PUBLISHER, "publisher")],
)
def test_the_asset_of_a_function_has_its_package_with_the_handler(
    stack: Synthesis, path: str, package: str
) -> None:
    source = code(stack, path)
    files = {found.relative_to(source).as_posix() for found in source.rglob("*") if found.is_file()}

    assert stack.by_path(path)["Properties"]["Handler"] == f"{package}.handler.handler"
    written = {found.name for found in (ROOT / "lambda_src" / package).glob("*.py")}
    made = {"openapi.json", "page.json", "docs.json", "model.json"} if package == "invoker" else set()
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


@pytest.mark.slow
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


# Synthesizes with a private umask and a private copy of lambda_src: what a checkout with umask 077 is.
SYNTHESIZE_PRIVATELY = """
import sys
from pathlib import Path
from stacks.functions import function_package
from tests.stacks.support.synthesis import synthesize

source, bundle, outdir = map(Path, sys.argv[1:])
function_package._SOURCE = source
synthesize(outdir, bundle=str(bundle))
"""

# Imports a handler from a folder as the user nobody. Before that, root imports it from another folder, so
# that Python's modules and botocore's data are in memory: nobody may be unable to read their files.
IMPORT_AS_NOBODY = """
import functools, importlib, os, sys
import botocore.session

botocore.session.create_loader = functools.cache(botocore.session.create_loader)
package, folder, readable = sys.argv[1:]
for path, become_nobody in ((readable, False), (folder, True)):
    if become_nobody:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]
    sys.path[0] = path
    importlib.invalidate_caches()
    handler = importlib.import_module(package + ".handler")
print(handler.__file__)
"""


@pytest.fixture(scope="session")
def private_zips(tmp_path_factory: pytest.TempPathFactory, bundle: Path) -> dict[str, Path]:
    """The zip of each function, of a checkout whose files only their owner may read, by package."""
    folder = tmp_path_factory.mktemp("private")
    source = shutil.copytree(ROOT / "lambda_src", folder / "lambda_src")
    for path in (source, *source.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    command = [sys.executable, "-c", SYNTHESIZE_PRIVATELY, *map(str, (source, bundle, folder / "cdk.out"))]
    subprocess.run(command, cwd=ROOT, umask=0o077, check=True, capture_output=True)
    assets = {
        next(asset.glob("*/handler.py")).parent.name: asset
        for asset in (folder / "cdk.out").glob("asset.*")
        if [*asset.glob("*/handler.py")]
    }
    return {package: zip_as_the_cdk(asset, folder / f"{package}.zip") for package, asset in assets.items()}


def zip_as_the_cdk(folder: Path, target: Path) -> Path:
    """Zips the files of a folder with their modes, as the CDK CLI does, and returns the zip."""
    with ZipFile(target, "w") as archive:
        for path in sorted(found for found in folder.rglob("*") if found.is_file()):
            archive.write(path, path.relative_to(folder))
    return target


def unpack_as_lambda(archive: Path, folder: Path) -> Path:
    """Unpacks a zip with the modes that it has for its files, and returns the folder."""
    folder.mkdir(mode=0o755)
    with ZipFile(archive) as opened:
        for member in opened.infolist():
            path = folder / member.filename
            path.parent.mkdir(mode=0o755, exist_ok=True)
            path.write_bytes(opened.read(member))
            path.chmod(member.external_attr >> 16 & 0o777)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("package", ["invoker", "publisher"])
def test_everyone_may_read_the_files_of_a_zip_whatever_the_umask_of_the_checkout(
    private_zips: dict[str, Path], package: str
) -> None:
    with ZipFile(private_zips[package]) as archive:
        modes = {member.filename: member.external_attr >> 16 & 0o777 for member in archive.infolist()}

    assert f"{package}/handler.py" in modes
    assert set(modes.values()) == {0o644}


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("package", ["invoker", "publisher"])
def test_another_user_can_import_each_zip(
    private_zips: dict[str, Path], package: str, stack: Synthesis
) -> None:
    readable = code(stack, INVOKER if package == "invoker" else PUBLISHER)
    account = {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_REGION": "eu-west-1", "ENDPOINT_NAME": "Tiny"}
    account |= {"URL_SUFFIX": "amazonaws.com"}
    limits = {"MAX_ROWS": "1000", "MAX_BODY_BYTES": "1048576", "MODEL_VERSION": "abc"}
    with TemporaryDirectory(dir="/tmp") as open_to_all:
        Path(open_to_all).chmod(0o755)
        unpacked = unpack_as_lambda(private_zips[package], Path(open_to_all) / "task")

        done = subprocess.run(
            [sys.executable, "-B", "-c", IMPORT_AS_NOBODY, package, unpacked, readable],
            env={"PATH": os.environ["PATH"]} | account | limits,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.stderr == ""
    assert done.stdout.strip() == f"{unpacked}/{package}/handler.py"
