"""What the image is made of, seen from outside and from inside."""

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
from tests.image.containers import Container

ROOT = Path(__file__).parents[2]
INSIDE = Path(__file__).parent / "inside.py"
PIN = re.compile(r"^([a-z0-9-]+)==([^\s;\\]+)", re.MULTILINE)
MEGABYTE = 1_000_000
ROOT_USER = 0
ANYONE = 10001


Told = dict[str, Any]


@pytest.fixture
def inside(container: Container, tmp_path: Path) -> Callable[[int], Told]:
    """Asks a Python in the image, as some user, what it sees there."""

    def ask(user: int) -> Told:
        asked = msgspec.structs.replace(container, user=user)
        with (tmp_path / "told").open("wb") as told:
            command = ["python", "-c", INSIDE.read_text()]
            code = asked.run(command, base=tmp_path, settings={}, output=told).wait(60)
        answer = (tmp_path / "told").read_text()
        assert code == 0, answer
        found: Told = json.loads(answer)
        return found

    return ask


def test_sagemaker_takes_its_manifest_and_its_platform(
    built: Told, record: Callable[[str, Any], None]
) -> None:
    record("image", built)
    assert built["platform"] == "linux/amd64"
    # docker tells none before it pushes.
    if built["builder"] != "docker":
        assert built["manifest"] == "application/vnd.docker.distribution.manifest.v2+json"
        assert built["digest"].startswith("sha256:")


def test_its_labels_say_that_it_holds_several_models_and_listens_where_it_is_told(
    built: Told, builder: Builder
) -> None:
    told = builder.inspect(built["name"])

    assert told is not None
    labels = (told["Docker"]["config"] if builder.name == "buildah" else told["Config"])["Labels"]
    assert labels["com.amazonaws.sagemaker.capabilities.multi-models"] == "true"
    assert labels["com.amazonaws.sagemaker.capabilities.accept-bind-to-port"] == "true"


def test_it_holds_the_packages_of_the_lock_and_no_other(inside: Callable[[int], Told]) -> None:
    pins = PIN.findall((ROOT / "serving" / "requirements.txt").read_text())

    found = inside(ROOT_USER)["packages"].items()
    assert {name.lower().replace("_", "-"): version for name, version in found} == dict(pins)


def test_it_holds_no_tool_to_build_with_and_nothing_of_how_it_was_built(
    inside: Callable[[int], Told],
) -> None:
    found = inside(ROOT_USER)

    assert (found["tools"], found["traces"]) == ([], [])


def test_nobody_can_write_to_it_and_everybody_can_read_what_is_ours(inside: Callable[[int], Told]) -> None:
    assert [inside(user)["writable"] for user in (ROOT_USER, ANYONE)] == [[], []]
    assert inside(ANYONE)["unreadable"] == []


def test_it_adds_little_to_its_base(
    inside: Callable[[int], Told], record: Callable[[str, Any], None]
) -> None:
    size = inside(ROOT_USER)["size"]

    record("image-ours", size)
    assert sum(size.values()) < 130 * MEGABYTE


def test_nothing_of_this_machine_is_in_its_description(built: Told, builder: Builder, tmp_path: Path) -> None:
    secrets = write_secrets(tmp_path, certificates=os.environ.get("SSL_CERT_FILE", ""))
    traces = {str(path) for path in secrets.values()} | {str(ROOT)}

    described = json.dumps(builder.inspect(built["name"]))

    assert [trace for trace in traces if trace in described] == []
