"""A missing object: 404 for those who may list the bucket, 403 for all others."""

import pytest
from botocore.exceptions import ClientError

from local.local_aws import LocalAws
from tests.local.iam.roles import allow, make_user


@pytest.mark.parametrize(
    ("actions", "status"), [(("s3:GetObject",), 403), (("s3:GetObject", "s3:ListBucket"), 404)]
)
def test_a_missing_object_is_404_only_for_those_who_may_list_the_bucket(
    aws: LocalAws, bucket: str, actions: tuple[str, ...], status: int
) -> None:
    user = make_user(aws, allow(*actions))

    with pytest.raises(ClientError) as caught:
        user.client("s3").head_object(Bucket=bucket, Key="missing")

    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_an_object_that_exists_needs_no_right_to_list(aws: LocalAws, bucket: str) -> None:
    aws.client("s3").put_object(Bucket=bucket, Key="key", Body=b"content")

    found = make_user(aws, allow("s3:GetObject")).client("s3").get_object(Bucket=bucket, Key="key")

    assert found["Body"].read() == b"content"
