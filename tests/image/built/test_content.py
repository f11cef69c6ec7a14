"""Content of the image: its manifest and labels, its packages, files and permissions."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from image.builder import Builder
from image.pip_settings import write_secrets
from tests.image.built.containers import Container

ROOT = Path(__file__).parents[3]
INSIDE = Path(__file__).parent / "inside.py"
PIN = re.compile(r"^([a-z0-9-]+)==([^\s;\\]+)", re.MULTILINE)
MEGABYTE = 1_000_000
ROOT_USER = 0
UNKNOWN_USER = 10001


Report = dict[str, Any]


@pytest.fixture
def inside(container: Container, tmp_path: Path) -> Callable[[int], Report]:
    """Runs inside.py in the image as a user; returns its report."""

    def run_inside(user: int) -> Report:
        as_user = msgspec.structs.replace(container, user=user)
        with (tmp_path / "output").open("wb") as output:
            command = ["python", "-c", INSIDE.read_text()]
            code = as_user.run(command, base=tmp_path, settings={}, output=output).wait(60)
        answer = (tmp_path / "output").read_text()
        assert code == 0, answer
        found: Report = json.loads(answer)
        return found

    return run_inside


def test_sagemaker_accepts_its_manifest_and_platform(
    built: Report, record: Callable[[str, Any], None]
) -> None:
    record("image", built)
    assert built["platform"] == "linux/amd64"
    # docker makes the manifest at push.
    if built["builder"] != "docker":
        assert built["manifest"] == "application/vnd.docker.distribution.manifest.v2+json"
        assert built["digest"].startswith("sha256:")


def test_its_labels_declare_multi_model_and_bind_to_port(built: Report, builder: Builder) -> None:
    inspected = builder.inspect(built["name"])

    assert inspected is not None
    labels = (inspected["Docker"]["config"] if builder.name == "buildah" else inspected["Config"])["Labels"]
    assert labels["com.amazonaws.sagemaker.capabilities.multi-models"] == "true"
    assert labels["com.amazonaws.sagemaker.capabilities.accept-bind-to-port"] == "true"


def test_it_has_exactly_the_packages_of_the_lock(inside: Callable[[int], Report]) -> None:
    pins = PIN.findall((ROOT / "serving" / "requirements.txt").read_text())

    found = inside(ROOT_USER)["packages"].items()
    assert {name.lower().replace("_", "-"): version for name, version in found} == dict(pins)


def test_it_has_no_build_tools_and_no_traces_of_its_build(
    inside: Callable[[int], Report],
) -> None:
    found = inside(ROOT_USER)

    assert (found["tools"], found["traces"]) == ([], [])


def test_every_user_can_read_its_files_and_no_user_can_write_them(inside: Callable[[int], Report]) -> None:
    assert [inside(user)["writable"] for user in (ROOT_USER, UNKNOWN_USER)] == [[], []]
    assert inside(UNKNOWN_USER)["unreadable"] == []


def test_it_adds_less_than_130_megabytes_to_its_base(
    inside: Callable[[int], Report], record: Callable[[str, Any], None]
) -> None:
    size = inside(ROOT_USER)["size"]

    record("image-ours", size)
    assert sum(size.values()) < 130 * MEGABYTE


def test_its_description_has_no_paths_of_this_machine(
    built: Report, builder: Builder, tmp_path: Path
) -> None:
    secrets = write_secrets(tmp_path, certificates=os.environ.get("SSL_CERT_FILE", ""))
    traces = {str(path) for path in secrets.values()} | {str(ROOT)}

    described = json.dumps(builder.inspect(built["name"]))

    assert [trace for trace in traces if trace in described] == []
