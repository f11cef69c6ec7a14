"""The manifest of the pushed image, which `make deploy` checks."""

import pytest

from tests.stacks.support.aws_server import AwsServer
from tests.stacks.support.deploy_account import DOCKER, INDEX, OCI, Deploy, push, steps


def test_an_image_that_cannot_be_checked_is_not_deployed(deploy: Deploy, aws: AwsServer) -> None:
    aws.refuse("BatchGetImage", "AccessDeniedException", "not for you")

    done = deploy()

    assert (done.code, [words[1] for words in steps(done)]) == (1, ["publish-assets"])
    assert "ecr:BatchGetImage fails: " in done.err


@pytest.mark.parametrize(
    ("hosting", "media_type"),
    [("realtime", OCI), ("serverless", OCI), ("realtime", INDEX), ("lambda", INDEX)],
)
def test_an_image_of_another_format_is_refused_before_sagemaker_sees_it(
    deploy: Deploy, aws: AwsServer, hosting: str, media_type: str
) -> None:
    push(aws, media_type)

    done = deploy("-c", f"hosting={hosting}")

    assert (done.code, [words[1] for words in steps(done)]) == (1, ["publish-assets"])
    [line] = done.err.splitlines()
    assert f"has a manifest of type {media_type}" in line
    assert (
        "aws ecr batch-delete-image --region eu-west-1 --repository-name assets-111122223333-eu-west-1"
        " --image-ids imageTag=1234"
    ) in line
    [asked] = [call.parameters for call in aws.calls if call.operation == "BatchGetImage"]
    assert asked["imageIds"] == [{"imageTag": "1234"}]
    # Without all types, ECR would convert the manifest, or answer that there is no such image.
    assert {DOCKER, OCI, INDEX} <= set(asked["acceptedMediaTypes"])


def test_an_image_that_was_not_pushed_is_not_deployed(deploy: Deploy, aws: AwsServer) -> None:
    aws.respond("BatchGetImage", {"images": [], "failures": [{"failureCode": "ImageNotFound"}]})

    done = deploy()

    assert (done.code, [words[1] for words in steps(done)]) == (1, ["publish-assets"])
    assert "assets-111122223333-eu-west-1:1234 is not in the registry" in done.err


def test_a_function_accepts_an_image_of_the_oci_format(deploy: Deploy, aws: AwsServer) -> None:
    push(aws, OCI)

    assert deploy("-c", "hosting=lambda").code == 0
