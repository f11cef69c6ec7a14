"""The image's recipe, as far as it can be wrong without building it."""

import json
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVING = ROOT / "serving"
# Lambda's runtime and what it needs, which only the image runs.
LAMBDA_RUNTIME = {"awslambdaric", "simplejson", "snapshot-restore-py"}
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", re.MULTILINE)


def pins(path: Path) -> dict[str, str]:
    return dict(PIN.findall(path.read_text()))


def instructions(keyword: str) -> list[str]:
    text = (SERVING / "Dockerfile").read_text().replace("\\\n", " ")
    return [line.split(maxsplit=1)[1] for line in text.splitlines() if line.startswith(f"{keyword} ")]


@pytest.mark.parametrize("name", ["requirements.in", "requirements.txt"])
def test_the_image_runs_the_versions_that_the_tests_ran(name: str) -> None:
    image, project = pins(SERVING / name), pins(ROOT / "requirements.txt")

    shared = {package: version for package, version in image.items() if package not in LAMBDA_RUNTIME}
    assert shared
    assert {package: project.get(package) for package in shared} == shared


def test_the_lock_has_what_the_pins_ask_for() -> None:
    assert pins(SERVING / "requirements.in").items() <= pins(SERVING / "requirements.txt").items()


def test_every_package_is_pinned_to_its_content() -> None:
    text = (SERVING / "requirements.txt").read_text().replace("\\\n", " ")
    lines = [shlex.split(line) for line in text.splitlines() if line.strip()]

    for requirement, *hashes in lines:
        assert PIN.fullmatch(requirement), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", found) for found in hashes), requirement


def test_the_server_is_process_one_and_its_default_argument_is_serve() -> None:
    # A shell form would put a shell in front of it, which keeps SIGTERM for itself.
    assert [json.loads(value) for value in instructions("ENTRYPOINT")] == [["python", "-m", "serving"]]
    assert [json.loads(value) for value in instructions("CMD")] == [["serve"]]


def test_both_stages_are_built_on_the_same_base_that_a_caller_may_choose() -> None:
    (argument,) = instructions("ARG")

    assert re.fullmatch(r"BASE_IMAGE=docker\.io/library/python:3\.1[1-3]-slim-\w+", argument)
    assert [value.split()[0] for value in instructions("FROM")] == ["${BASE_IMAGE}", "${BASE_IMAGE}"]


def test_only_what_the_process_imports_is_copied() -> None:
    copied = {value.split()[0] for value in instructions("COPY") if not value.startswith("--from=build")}
    ignored = (SERVING / "Dockerfile.dockerignore").read_text().split()

    assert copied == {"serving/requirements.txt", "bundle", "serving"}
    assert ignored[0] == "*"
    assert [pattern for pattern in ignored if pattern.startswith("!")] == ["!bundle", "!serving"]


def test_everyone_may_read_what_the_process_imports() -> None:
    # A Lambda function runs as a user of its own, and a checkout may be its owner's alone.
    (*_, last) = [value for value in instructions("RUN") if "compileall" in value]

    assert last.endswith("&& chmod -R a+rX /opt/program")
