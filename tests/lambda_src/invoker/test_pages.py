"""Pages for people: read when they are asked for, the report of a training from the artifact bucket."""

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest

from api import page_headers
from tests.lambda_src.conftest import INVOKER, ONE, Import
from tests.lambda_src.events import ROW, assert_problem, document, get
from tests.lambda_src.packages import write_checkout
from tests.lambda_src.sagemaker_runtime import Runtime

TWO = {name: {"version": "abc", "instance": ROW} for name in ("tiny", "other")}
HEADERS = {"content-type": "text/html; charset=utf-8", "content-security-policy": "default-src 'none'"}
KEY = "models/reports/tiny/1.html"


def page(body: str) -> dict[str, Any]:
    return {"headers": {**HEADERS, "etag": f'"{len(body)}"'}, "body": body}


CARD = page("<p>card")
REPORT = {"beginning": "<main><nav>links</nav>", "headers": HEADERS}
FILES = {
    "page.json": page("<p>ü"),
    "docs.json": page("<p>docs"),
    "model.json": {"index": None, "models": {"tiny": CARD}},
}
SEVERAL = {"index": page("<p>index"), "models": {"tiny": {"report": {"key": KEY, **REPORT}}, "other": CARD}}
SINGLE: dict[str, Any] = {
    "index": None,
    "models": {"tiny": {**page("<main>card"), "version": "abc", "report": REPORT}},
}


class Deployed:
    """An invoker whose zip has pages."""

    def __init__(self, start: Import, runtime: Runtime, root: Path, s3_url: str) -> None:
        self._start, self._runtime, self._root, self._s3_url = start, runtime, root, s3_url
        self.version = "abc"

    def handler(self, **files: Any) -> ModuleType:
        several = len(files.get("model", FILES["model.json"])["models"]) > 1
        write_checkout(self._root, models=TWO if several else None)
        package = self._root / "lambda_src" / "invoker"
        for name, content in {**FILES, **{f"{name}.json": found for name, found in files.items()}}.items():
            (package / name).write_text(json.dumps(content), encoding="utf-8")
        return self._start(
            "lambda_src.invoker.handler",
            root=self._root,
            AWS_ENDPOINT_URL=self._runtime.url,
            AWS_ENDPOINT_URL_S3=self._s3_url,
            ENDPOINT_NAME="Tiny",
            **INVOKER,
            **({} if several else ONE | {"MODEL_VERSION": self.version}) | {"ARTIFACT_BUCKET": "reports"},
        )


@pytest.fixture
def deployed(cold_start: Import, runtime: Runtime, tmp_path: Path, s3_url: str) -> Deployed:
    return Deployed(cold_start, runtime, tmp_path, s3_url)


@pytest.fixture
def bucket(s3_url: str) -> Any:
    s3 = boto3.client(
        "s3", endpoint_url=s3_url, region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    s3.create_bucket(Bucket="reports", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    yield s3
    for found in s3.list_objects_v2(Bucket="reports").get("Contents", []):
        s3.delete_object(Bucket="reports", Key=found["Key"])
    s3.delete_bucket(Bucket="reports")


def asked(name: str) -> dict[str, Any]:
    return {**get("/model"), "queryStringParameters": {"model": name}}


@pytest.mark.parametrize(("path", "body"), [("/", "<p>ü"), ("/docs", "<p>docs"), ("/model", "<p>card")])
def test_a_page_is_answered_from_its_file(deployed: Deployed, path: str, body: str) -> None:
    invoker = deployed.handler()

    whole = invoker.handler(get(path), None)
    head = invoker.handler(get(path, method="HEAD"), None)

    assert (whole["statusCode"], whole["body"]) == (200, body)
    assert HEADERS.items() <= whole["headers"].items()
    assert (head["statusCode"], head["body"]) == (200, "")
    assert_problem(invoker.handler(get(path, method="POST"), None), 405)


def test_a_page_that_the_client_has_is_not_sent_again(deployed: Deployed) -> None:
    invoker = deployed.handler()
    etag = invoker.handler(get("/docs"), None)["headers"]["etag"]

    again = invoker.handler(get("/docs", **{"If-None-Match": etag}), None)
    other = invoker.handler(get("/docs", **{"If-None-Match": '"0"'}), None)

    assert (again["statusCode"], again["body"], again["headers"]["etag"]) == (304, "", etag)
    assert other["statusCode"] == 200


def test_a_start_reads_no_page_and_does_not_load_the_module_that_does(deployed: Deployed) -> None:
    invoker = deployed.handler(docs={}, page={})

    assert "lambda_src.invoker.pages" not in sys.modules
    (Path(invoker.__file__ or "").parent / "docs.json").write_text(
        json.dumps(page("later")), encoding="utf-8"
    )
    assert invoker.handler(get("/docs"), None)["body"] == "later"
    assert "lambda_src.invoker.pages" in sys.modules


def test_the_report_of_a_training_is_read_from_the_bucket_once(deployed: Deployed, bucket: Any) -> None:
    bucket.put_object(Bucket="reports", Key=KEY, Body="<main><h1>ü</h1></main>".encode())
    invoker = deployed.handler(model=SEVERAL)

    first = invoker.handler(asked("tiny"), None)
    bucket.delete_object(Bucket="reports", Key=KEY)
    second = invoker.handler(asked("tiny"), None)

    assert (first["statusCode"], first["body"]) == (200, "<main><nav>links</nav><h1>ü</h1></main>")
    assert first["headers"]["etag"] == page_headers("", first["body"])["etag"]
    assert second == first


def test_a_report_that_cannot_be_read_is_502_with_the_reason_in_the_log(
    deployed: Deployed, bucket: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    invoker = deployed.handler(model=SEVERAL)

    failed = invoker.handler(asked("tiny"), None)
    assert_problem(failed, 502)
    assert "artifact bucket" in document(failed)["detail"]
    assert KEY in capsys.readouterr().out

    # And once it is there, it is answered
    bucket.put_object(Bucket="reports", Key=KEY, Body=b"<main>")
    assert invoker.handler(asked("tiny"), None)["statusCode"] == 200


def test_the_report_of_a_single_model_is_that_of_the_version_that_serves(
    deployed: Deployed, bucket: Any
) -> None:
    bucket.put_object(Bucket="reports", Key="models/tiny/abc/report.html", Body=b"<main>of abc")
    invoker = deployed.handler(model=SINGLE)

    found = invoker.handler(get("/model"), None)

    assert (found["statusCode"], found["body"]) == (200, "<main><nav>links</nav>of abc")


@pytest.mark.usefixtures("bucket")
def test_a_version_without_a_report_has_the_card(deployed: Deployed) -> None:
    invoker = deployed.handler(model=SINGLE)

    found = invoker.handler(get("/model"), None)

    assert (found["statusCode"], found["body"]) == (200, "<main>card")
    assert found["headers"]["etag"] == SINGLE["models"]["tiny"]["headers"]["etag"]


@pytest.mark.usefixtures("bucket")
def test_the_card_of_another_version_than_the_one_that_serves_says_so(deployed: Deployed) -> None:
    deployed.version = "def"
    invoker = deployed.handler(model=SINGLE)

    body = invoker.handler(get("/model"), None)["body"]

    assert body.startswith(
        "<main><p>Version def serves, and has no report. This is the card of version abc, "
    )
    assert body.endswith("card")


@pytest.mark.slow
def test_several_models_have_an_index_and_a_wrong_name_is_an_error(deployed: Deployed) -> None:
    invoker = deployed.handler(model=SEVERAL)

    index = invoker.handler(get("/model"), None)
    card = invoker.handler(asked("other"), None)

    assert (index["body"], card["body"]) == ("<p>index", "<p>card")
    for names in (["third"], [""], ["tiny", "other"]):
        wrong = invoker.handler({**get("/model"), "multiValueQueryStringParameters": {"model": names}}, None)
        assert_problem(wrong, 400)
        assert document(wrong)["detail"] == "The parameter model must be one of the models: tiny, other."
