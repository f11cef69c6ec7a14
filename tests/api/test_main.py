"""`python -m api` as it is typed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from api import encode, openapi_document
from api.__main__ import main
from bundle import read_archive
from tests.tiny_bundle import write_tiny_bundle

ROOT = Path(__file__).parents[2]


def api(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    write_tiny_bundle(tmp_path / "model.tar.gz")
    return tmp_path / "model.tar.gz"


def test_the_description_is_written_beside_the_bundle(bundle: Path) -> None:
    done = api("openapi", "--bundle", bundle)

    written = bundle.with_name("openapi.json")
    assert (done.returncode, done.stdout) == (0, f"{written}\n")
    assert written.read_bytes() == encode(openapi_document(read_archive(bundle).manifest))


def test_it_is_written_where_and_for_whom_it_is_wanted(bundle: Path, tmp_path: Path) -> None:
    done = api("openapi", "--bundle", bundle, "--auth", "iam", "--output", tmp_path / "some" / "where")

    assert done.returncode == 0
    document = json.loads((tmp_path / "some" / "where" / "openapi.json").read_text())
    assert "Signature" in document["components"]["securitySchemes"]


def test_the_collection_is_written_with_its_environment(bundle: Path) -> None:
    done = api("postman", "--bundle", bundle)

    paths = [Path(line) for line in done.stdout.splitlines()]
    assert [path.name for path in paths] == ["postman_collection.json", "postman_environment.json"]
    assert [json.loads(path.read_text())["name"] for path in paths[1:]] == ["tiny"]


def test_no_bundle_is_told_with_what_to_do(tmp_path: Path) -> None:
    done = api("openapi", "--bundle", tmp_path / "none.tar.gz")

    assert (done.returncode, done.stdout) == (1, "")
    assert "make train" in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_arguments_are_told_with_the_usage() -> None:
    done = api("swagger")

    assert done.returncode == 2
    assert "usage: python -m api" in done.stderr


def test_several_models_have_one_description_in_a_folder_of_their_own(tmp_path: Path) -> None:
    places = [tmp_path / name / "model.tar.gz" for name in ("first_one", "second")]
    for place in places:
        write_tiny_bundle(place, name=place.parent.name)
    bundles = [word for place in places for word in ("--bundle", place)]

    done = api("openapi", *bundles, "--output", tmp_path / "both")

    assert done.stdout == f"{tmp_path / 'both' / 'openapi.json'}\n"
    document = json.loads((tmp_path / "both" / "openapi.json").read_text())
    assert document == openapi_document(*(read_archive(place).manifest for place in places))


@pytest.mark.parametrize(
    ("context", "arguments"),
    [
        ({"model": "other"}, ["--models", "first_one,second"]),
        ({"model": "other"}, ["--model", "first_one,second"]),
        ({"model": "other", "models": "first_one, second"}, []),
    ],
)
def test_models_are_named_as_in_the_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], context: dict[str, str], arguments: list[str]
) -> None:
    (tmp_path / "cdk.json").write_text(json.dumps({"context": context}))
    for name in ("first_one", "second"):
        write_tiny_bundle(tmp_path / "build" / name / "model.tar.gz", name=name)

    code = main(["postman", *arguments], root=tmp_path)

    folder = tmp_path / "build" / "FirstOneSecond"
    assert code == 0
    assert capsys.readouterr().out.splitlines() == [
        str(folder / "postman_collection.json"),
        str(folder / "postman_environment.json"),
    ]
