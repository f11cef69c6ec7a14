"""`python -m api`."""

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


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    write_tiny_bundle(tmp_path / "model.tar.gz")
    return tmp_path / "model.tar.gz"


def run(*arguments: str | Path) -> int:
    return main([*map(str, arguments)])


def test_the_program_writes_openapi_json_beside_the_bundle(bundle: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api", "openapi", "--bundle", str(bundle)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    written = bundle.with_name("openapi.json")
    assert (done.returncode, done.stdout) == (0, f"{written}\n")
    assert written.read_bytes() == encode(openapi_document(read_archive(bundle).manifest))


def test_folder_and_authorization_are_options(bundle: Path, tmp_path: Path) -> None:
    assert run("openapi", "--bundle", bundle, "--auth", "iam", "--output", tmp_path / "some" / "where") == 0

    document = json.loads((tmp_path / "some" / "where" / "openapi.json").read_text())
    assert "Signature" in document["components"]["securitySchemes"]


@pytest.mark.parametrize(
    ("page", "is_described"), [({}, True), ({"page": "on"}, True), ({"page": "off"}, False)]
)
def test_the_document_has_the_page_unless_the_settings_turn_it_off(
    bundle: Path, tmp_path: Path, page: dict[str, str], is_described: bool
) -> None:
    (tmp_path / "cdk.json").write_text(json.dumps({"context": {"model": "tiny", **page}}))

    assert main(["openapi", "--bundle", str(bundle), "--output", str(tmp_path)], root=tmp_path) == 0

    document = json.loads((tmp_path / "openapi.json").read_text())
    assert ("/" in document["paths"]) is is_described

    not_found = document["components"]["responses"]["NotFound"]["content"]["application/problem+json"]
    assert ("GET /," in not_found["example"]["detail"]) is is_described


def test_the_collection_is_written_with_its_environment(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("postman", "--bundle", bundle) == 0

    paths = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert [path.name for path in paths] == ["postman_collection.json", "postman_environment.json"]
    assert [json.loads(path.read_text())["name"] for path in paths[1:]] == ["tiny"]


def test_the_error_for_a_missing_bundle_says_how_to_make_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("openapi", "--bundle", tmp_path / "none.tar.gz") == 1

    output = capsys.readouterr()
    assert output.out == ""
    assert "make train" in output.err


def test_a_folder_that_cannot_be_written_is_an_error(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()

    assert main(["openapi", "--bundle", str(bundle), "--output", str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err == f"The files cannot be written to {tmp_path / 'file'}: File exists.\n"


def test_an_invalid_argument_is_answered_with_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run("swagger")

    assert ended.value.code == 2
    assert "usage: python -m api" in capsys.readouterr().err


def test_several_models_have_one_document(tmp_path: Path) -> None:
    bundles = [tmp_path / name / "model.tar.gz" for name in ("first_one", "second")]
    for path in bundles:
        write_tiny_bundle(path, name=path.parent.name)
    options = [word for path in bundles for word in ("--bundle", path)]

    assert run("openapi", *options, "--output", tmp_path / "both") == 0

    document = json.loads((tmp_path / "both" / "openapi.json").read_text())
    assert document == openapi_document(*(read_archive(path).manifest for path in bundles))


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
