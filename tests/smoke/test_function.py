"""A Lambda function that holds the model and its template: answers in the shapes of the real API."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from smoke.errors import UnprovenError
from smoke.function import check_function, is_following

LIVE = {"MODEL_DATA_URL": "s3://bucket-1a/models/tiny/ab/model.tar.gz", "ROLE": "serving"}
BUCKET = {"Fn::GetAtt": ["Publication", "Bucket"]}
ASKED = {
    "MODEL_DATA_URL": {"Fn::Join": ["", ["s3://", BUCKET, "/models/tiny/ab/model.tar.gz"]]},
    "ROLE": "serving",
}


def check(*, asked: dict[str, Any] | None = None, **answer: object) -> str:
    """Checks a function that botocore is made to describe, an answer it has held against the API."""
    client = boto3.client(
        "lambda", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    live = {"State": "Active", "LastUpdateStatus": "Successful", "Environment": {"Variables": LIVE}}
    variables = ASKED if asked is None else asked
    with Stubber(client) as stub:
        stub.add_response("get_function_configuration", live | answer, {"FunctionName": "tiny"})
        return check_function(
            client, name="tiny", template={"Properties": {"Environment": {"Variables": variables}}}
        )


def test_a_function_with_the_templates_environment_is_proven() -> None:
    assert "its environment the template's" in check()


def test_a_function_follows_its_bundle_when_the_template_tells_it_to() -> None:
    assert not is_following({"Properties": {}})
    assert not is_following({"Properties": {"Environment": {"Variables": ASKED}}})
    assert is_following({"Properties": {"Environment": {"Variables": ASKED | {"RELOAD_SECONDS": "60"}}}})


@pytest.mark.parametrize(
    ("asked", "differ"),
    [
        (
            ASKED | {"MODEL_DATA_URL": {"Fn::Join": ["", ["s3://", BUCKET, "/models/tiny/cd/model.tar.gz"]]}},
            "MODEL_DATA_URL",
        ),
        (ASKED | {"ROLE": "serving2"}, "ROLE"),
        (ASKED | {"MORE": "x"}, "MORE"),
        ({"ROLE": "serving"}, "MODEL_DATA_URL"),
        ({}, "MODEL_DATA_URL, ROLE"),
    ],
    ids=["another bundle", "another word", "one missing", "one too many", "none"],
)
def test_another_environment_is_refuted_naming_the_variables(asked: dict[str, Any], differ: str) -> None:
    with pytest.raises(UnprovenError, match=f"environment: {differ} differ$"):
        check(asked=asked)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (
            {"LastUpdateStatus": "Failed", "LastUpdateStatusReason": "no image"},
            "is Active, its last update Failed: no image",
        ),
        (
            {"State": "Failed", "StateReason": "no such key"},
            "is Failed, its last update Successful: no such key",
        ),
        ({"LastUpdateStatus": "InProgress"}, "its last update InProgress: it gives no reason"),
    ],
    ids=["failed update", "failed", "under way"],
)
def test_an_update_that_did_not_go_through_is_refuted(answer: dict[str, Any], found: str) -> None:
    with pytest.raises(UnprovenError, match=found):
        check(**answer)
