"""The image as a Lambda function, with the entry point of AWS and a bundle in an emulated S3."""

import base64
from pathlib import Path

import boto3
import msgspec
import pytest

from tests.emulated_s3 import emulate_s3
from tests.image.built.containers import Container
from tests.lambda_runtime import lambda_runtime
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
FUNCTION = {"AWS_LAMBDA_FUNCTION_NAME": "function", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "2048"}
# The entry point in stacks/hosting/functions/model_function.py.
COMMAND = ["/opt/venv/bin/python", "-m", "awslambdaric"]
# The same entry point; it refuses to unpickle classes and functions.
REFUSING = """
import runpy, serving.pickle_protection
serving.pickle_protection.refuse_unpickling()
runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize(
    "command", [COMMAND, ["python", "-c", REFUSING]], ids=["entry point", "unpickling refused"]
)
def test_a_function_of_the_image_answers_without_unpickling_anything(
    container: Container, tmp_path: Path, command: list[str]
) -> None:
    function = msgspec.structs.replace(container, user=993, first=True, temporary=True)
    bundle = write_tiny_bundle(tmp_path / "model.tar.gz")
    (tmp_path / "s3").mkdir()
    tmp_path.chmod(0o755)
    with (
        emulate_s3(tmp_path / "s3") as url,
        lambda_runtime() as runtime,
        (tmp_path / "log").open("wb") as log,
    ):
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        s3 = boto3.client("s3", endpoint_url=url, **keys)
        s3.create_bucket(Bucket="artifacts")
        s3.upload_file(str(tmp_path / "model.tar.gz"), "artifacts", "model.tar.gz")
        places = {"MODEL_DATA_URL": "s3://artifacts/model.tar.gz", "AWS_ENDPOINT_URL": url}
        program = function.run(
            [*command, "serving.lambda_handler.handler"],
            base=tmp_path,
            settings={**KEYS, **FUNCTION, **places, "AWS_LAMBDA_RUNTIME_API": runtime.address},
            output=log,
        )
        try:
            kind, answer = runtime.invoke(
                {
                    "body": base64.b64encode(msgspec.json.encode(EXAMPLE)).decode(),
                    "content_type": "application/json",
                    "accept": "application/json",
                    "query": "",
                }
            )
        finally:
            program.kill()
            program.wait()

    assert kind == "response", answer
    body = msgspec.json.decode(base64.b64decode(answer["body"]))
    assert (answer["status"], body["model"]["version"]) == (200, bundle.manifest.version)
