"""Modules that a cold start of the invoker loads; benchmarks/invoker measures its time."""

import json
import os
import subprocess
import sys
from pathlib import Path

from stacks.settings.settings import ROOT
from tests.lambda_src.conftest import INVOKER as SETTINGS
from tests.lambda_src.conftest import ONE
from tests.lambda_src.packages import write_invoker

INVOKER = ROOT / "lambda_src" / "invoker"
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "ENDPOINT_NAME": "Tiny",
    "URL_SUFFIX": "amazonaws.com",
    **SETTINGS,
    **ONE,
}

# Prints the modules that the handler loads besides botocore's signature and HTTP.
LOADED = """
import json, sys, base64, traceback
import botocore.auth, botocore.awsrequest, botocore.httpsession, botocore.utils
botocore.httpsession.URLLib3Session()
before = set(sys.modules)
import invoker.handler
print(json.dumps(sorted(set(sys.modules) - before - set(sys.builtin_module_names))))
"""


def python(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs a new Python process in the folder of the unpacked zip."""
    write_invoker(folder)
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**ENVIRONMENT, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )


def test_a_cold_start_loads_only_botocore_and_the_invokers_own_modules(tmp_path: Path) -> None:
    done = python(tmp_path, "-W", "error", "-c", LOADED)

    own = sorted(f"invoker.{path.stem}" for path in INVOKER.glob("[a-z]*.py") if path.stem != "pages")
    assert json.loads(done.stdout) == ["invoker", *own]


def test_a_cold_start_loads_neither_boto3_nor_a_client_nor_asyncio(tmp_path: Path) -> None:
    done = python(tmp_path, "-c", "import sys, invoker.handler; print(*sys.modules)")

    assert {"boto3", "botocore.client", "botocore.session", "asyncio"}.isdisjoint(done.stdout.split())
