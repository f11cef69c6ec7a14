import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from training.sagemaker.errors import JobError
from training.sagemaker.launcher.aws_client import aws_errors


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("AccessDeniedException", "grant your credentials, or the role of --role, the permissions"),
        ("ResourceLimitExceeded", "request a higher quota in the Service Quotas console"),
        ("NoSuchBucket", "name an existing bucket with --bucket"),
        ("ExpiredTokenException", "sign in again"),
    ],
)
def test_a_known_aws_error_becomes_one_message_with_advice(code: str, advice: str) -> None:
    refused = ClientError({"Error": {"Code": code, "Message": "It cannot\n be."}}, "CreateTrainingJob")

    with pytest.raises(JobError) as raised, aws_errors("The training job was not started"):
        raise refused

    message = str(raised.value)
    assert message.startswith(
        f"The training job was not started ({code}): It cannot be. To correct it, {advice}"
    )


def test_an_unknown_aws_error_keeps_the_message_of_aws() -> None:
    refused = ClientError({"Error": {"Code": "Strange", "Message": "It is strange."}}, "CreateTrainingJob")

    with pytest.raises(JobError, match=r"^It failed \(Strange\): It is strange\.$"), aws_errors("It failed"):
        raise refused


def test_missing_credentials_become_advice_to_sign_in() -> None:
    with pytest.raises(JobError, match=r"NoCredentialsError.* sign in, for example"), aws_errors("It failed"):
        raise NoCredentialsError
