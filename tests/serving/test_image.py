"""The Dockerfile and the requirements of the images, checked without building them."""

import json
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVING = ROOT / "serving"
# Packages of the Lambda runtime client, which are installed in the image only.
# Absolute, because an environment variable of the endpoint may replace PATH.
PYTHON = "/opt/venv/bin/python"
LAMBDA_RUNTIME = {"awslambdaric", "simplejson", "snapshot-restore-py"}
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", re.MULTILINE)


def pins(path: Path) -> dict[str, str]:
    return dict(PIN.findall(path.read_text()))


STAGES = re.split(
    r"^(?=FROM )", (SERVING / "Dockerfile").read_text().replace("\\\n", " "), flags=re.MULTILINE
)
SERVES = STAGES[-1]
TRAINS = "".join(stage for stage in STAGES if re.match(r"FROM \S+ AS train", stage))


def instructions(keyword: str, stages: str = SERVES) -> list[str]:
    """Returns the arguments of a keyword in the stages of an image, by default the serving image."""
    return [line.split(maxsplit=1)[1] for line in stages.splitlines() if line.startswith(f"{keyword} ")]


@pytest.mark.parametrize("room", ["serving", "training"])
@pytest.mark.parametrize("name", ["requirements.in", "requirements.txt"])
def test_an_image_has_the_package_versions_of_the_tests(room: str, name: str) -> None:
    image, project = pins(ROOT / room / name), pins(ROOT / "requirements.txt")

    shared = {package: version for package, version in image.items() if package not in LAMBDA_RUNTIME}
    assert shared
    assert {package: project.get(package) for package in shared} == shared


@pytest.mark.parametrize("room", ["serving", "training"])
def test_the_lock_has_the_pinned_packages(room: str) -> None:
    assert pins(ROOT / room / "requirements.in").items() <= pins(ROOT / room / "requirements.txt").items()


@pytest.mark.parametrize("room", ["serving", "training"])
def test_every_package_is_pinned_by_hash(room: str) -> None:
    text = (ROOT / room / "requirements.txt").read_text().replace("\\\n", " ")
    # Without the marker that says on which Python and system
    lines = [
        shlex.split(re.sub(r" ; .*?(?= --hash)", "", line)) for line in text.splitlines() if line.strip()
    ]

    for requirement, *hashes in lines:
        assert PIN.fullmatch(requirement), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", found) for found in hashes), requirement


def test_the_server_is_process_1_and_its_default_argument_is_serve() -> None:
    # The shell form would start a shell as process 1, which does not pass SIGTERM on.
    assert [json.loads(value) for value in instructions("ENTRYPOINT")] == [[PYTHON, "-m", "serving"]]
    assert [json.loads(value) for value in instructions("CMD")] == [["serve"]]


def test_the_training_program_is_process_1_and_its_default_argument_is_train() -> None:
    assert [json.loads(value) for value in instructions("ENTRYPOINT", TRAINS)] == [
        [PYTHON, "-m", "training.sagemaker"]
    ]
    assert [json.loads(value) for value in instructions("CMD", TRAINS)] == [["train"]]


def test_the_default_target_is_the_serving_image() -> None:
    assert [value.partition(" AS ")[2] for value in instructions("FROM", "".join(STAGES))] == [
        "train",
        "",
    ]


def test_all_stages_have_the_same_base_image_which_is_a_build_argument() -> None:
    (argument,) = instructions("ARG", STAGES[0])

    assert re.fullmatch(r"BASE_IMAGE=docker\.io/library/python:3\.1[1-3]-slim-\w+", argument)
    assert {value.split()[0] for value in instructions("FROM", "".join(STAGES))} == {"${BASE_IMAGE}"}


@pytest.mark.parametrize(
    ("stages", "imported"),
    [
        (SERVES, {"serving/requirements.txt", "bundle", "serving"}),
        (TRAINS, {"training/requirements.txt", "bundle", "training", "terminal_output.py"}),
    ],
)
def test_only_what_is_imported_is_copied(stages: str, imported: set[str]) -> None:
    copied = {value.split()[0] for value in instructions("COPY", stages) if not value.startswith("--from=")}
    ignored = (SERVING / "Dockerfile.dockerignore").read_text().split()

    assert copied == imported
    assert ignored[0] == "*"
    assert [pattern for pattern in ignored if pattern.startswith("!")] == [
        "!bundle",
        "!serving",
        "!training",
        "!terminal_output.py",
    ]


def test_the_copied_packages_are_readable_by_every_user() -> None:
    # A Lambda function runs as another user, and the files of a checkout may be readable by their owner only.
    copied = [
        value
        for stages in (SERVES, TRAINS)
        for value in instructions("RUN", stages)
        if re.search("compileall .* /opt/program ", value)
    ]

    assert len(copied) == 2
    for command in copied:
        assert command.endswith("&& chmod -R a+rX /opt/program")


@pytest.mark.parametrize("stages", [SERVES, TRAINS], ids=["serving", "training"])
def test_packages_are_compiled_once_and_after_what_is_removed(stages: str) -> None:
    [installation] = [value for value in instructions("RUN", stages) if "pip install" in value]

    steps = [
        re.search(word, installation)
        for word in ("--no-compile", "pip uninstall", "-name tests", "compileall")
    ]
    places = [found.start() for found in steps if found]
    assert len(places) == len(steps)
    assert places == sorted(places)
