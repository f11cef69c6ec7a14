import json
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from image.builder import BUILD_OPTIONS
from image.docker_format import DOCKER_OUTPUT
from stacks.hosting.model_image import ModelImage
from stacks.settings.settings import ROOT
from tests.stacks.support.synthesis import Synthesis

# Prints the image's URI at first and after each changed file, in a copy of the checkout.
URIS = """
import json, pathlib, sys
import aws_cdk as cdk
from stacks.hosting.model_image import ModelImage

def uri():
    stack = cdk.Stack(cdk.App(), "Stack")
    return json.dumps(stack.resolve(ModelImage(stack, "Image", builder="docker").asset.image_uri))

uris = [uri()]
for path in map(pathlib.Path, sys.argv[1:]):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write("# changed")
    uris.append(uri())
print(json.dumps(uris))
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("checkout")
    for room in ("stacks", "api", "bundle", "serving", "function_zip", "image", "virtual_environments"):
        shutil.copytree(ROOT / room, copy / room)
    shutil.copy(ROOT / "terminal_output.py", copy)
    return copy


def uris_after_changes(checkout: Path, *paths: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", URIS, *paths], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    uris: list[str] = json.loads(done.stdout)
    return uris


@pytest.mark.slow
def test_files_outside_the_build_context_do_not_change_the_image(checkout: Path) -> None:
    uris = uris_after_changes(
        checkout,
        "README.md",
        "stacks/prediction_stack.py",
        "training/model.py",
        "tests/serving/test_new.py",
        "build/first/model.tar.gz",
        "docs/serving/page.md",
        "node_modules/serving/index.js",
        ".venv/lib/bundle/code.py",
        "cdk.json",
        "serving/__pycache__/server.cpython-311.pyc",
        "bundle/__pycache__/field.cpython-312.pyc",
    )

    assert len(set(uris)) == 1


@pytest.mark.slow
def test_files_of_the_build_context_change_the_image(checkout: Path) -> None:
    paths = ["serving/Dockerfile", "serving/__main__.py", "bundle/field.py", "bundle/new.py"]

    uris = uris_after_changes(checkout, *paths)

    assert len(set(uris)) == 1 + len(paths)


def test_the_image_has_the_format_that_sagemaker_needs(stack: Synthesis) -> None:
    [image] = stack.assets("dockerImages")

    source = image["source"]
    assert source["dockerFile"] == "serving/Dockerfile"
    assert source["platform"] == "linux/amd64"
    assert source["dockerOutputs"] == ["type=docker,oci-mediatypes=false"]


def image_of(outdir: Path, builder: str) -> dict[str, Any]:
    """The image of an asset manifest for a builder."""
    app = cdk.App(outdir=str(outdir))
    tag = ModelImage(cdk.Stack(app, "Stack"), "Image", builder=builder).asset.image_tag
    app.synth()
    manifest = json.loads((outdir / "Stack.assets.json").read_text())
    [image] = manifest["dockerImages"].values()
    return {"tag": tag, "outputs": image["source"].get("dockerOutputs")}


@pytest.mark.parametrize(
    ("builder", "outputs"),
    [
        ("docker", ["type=docker,oci-mediatypes=false"]),
        ("finch", ["type=docker,oci-mediatypes=false"]),
        ("podman", None),
        ("/usr/bin/podman", None),
        ("buildah", None),
    ],
)
def test_each_builder_gets_the_output_that_it_understands_and_the_tag_is_the_same(
    tmp_path: Path, builder: str, outputs: list[str] | None
) -> None:
    assert image_of(tmp_path / "one", builder) == {
        "tag": image_of(tmp_path / "two", "docker")["tag"],
        "outputs": outputs,
    }


def test_the_cdk_and_make_image_ask_docker_for_the_same_output() -> None:
    assert ("--output", DOCKER_OUTPUT) in set(pairwise(BUILD_OPTIONS["docker"]))


def test_the_build_context_has_the_two_packages(stack: Synthesis) -> None:
    [image] = stack.assets("dockerImages")

    context = stack.outdir / image["source"]["directory"]
    found = {path.relative_to(context).as_posix() for path in context.rglob("*")}
    assert {path.split("/")[0] for path in found} == {"bundle", "serving"}
    assert "serving/Dockerfile" in found
    assert not [path for path in found if "__pycache__" in path or path.endswith(".pyc")]


def test_the_model_runs_this_image(stack: Synthesis) -> None:
    [image] = stack.assets("dockerImages")
    [destination] = image["destinations"].values()

    model = stack.properties("AWS::SageMaker::Model")
    assert model["PrimaryContainer"]["Image"]["Fn::Sub"].endswith(f":{destination['imageTag']}")
