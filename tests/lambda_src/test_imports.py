import json
import os
import subprocess
import sys

from stacks.settings import ROOT

# What importing a handler loads beyond boto3 and a client, which it cannot do without.
LOADED = """
import json, sys, base64, traceback
import boto3
boto3.client("sagemaker-runtime")
before = set(sys.modules)
import invoker.handler
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_a_cold_start_loads_nothing_but_boto3_and_the_invokers_own_modules() -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "ENDPOINT_NAME": "Tiny",
        "HEALTH_INSTANCE": "{}",
        "MODEL_VERSION": "abc",
    }

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LOADED],
        cwd=ROOT / "lambda_src",
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == [
        "invoker",
        "invoker.endpoint",
        "invoker.function",
        "invoker.handler",
        "invoker.problem",
        "invoker.transport",
    ]
