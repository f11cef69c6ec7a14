"""`make deploy`, with its checks before and after, against AWS on this machine."""

import json
import subprocess
import sys
from pathlib import Path

from local.local_aws import ACCOUNT, REGION
from local.process_environment import isolated
from tests.e2e.support.account import Account, context

_DOCKER = "application/vnd.docker.distribution.manifest.v2+json"


def push_image(account: Account, stack: str) -> None:
    """Puts a manifest of the stack's image into the registry, because no image is built on this machine."""
    assets = json.loads((account.state / "cdk.out" / f"{stack}.assets.json").read_text())
    for image in assets["dockerImages"].values():
        for destination in image["destinations"].values():
            repository = destination["repositoryName"].replace("${AWS::AccountId}", ACCOUNT)
            account.aws.client("ecr").put_image(
                repositoryName=repository.replace("${AWS::Region}", REGION),
                imageTag=destination["imageTag"],
                imageManifest=json.dumps({"schemaVersion": 2, "mediaType": _DOCKER}),
                imageManifestMediaType=_DOCKER,
            )


def make_deploy(
    account: Account, bundle: Path, *, quotas: str, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Deploys a bundle of the model tiny to a stack that exists.

    Args:
        account: The AWS, without Service Quotas.
        bundle: The archive.
        quotas: URL of Service Quotas.
        **settings: More settings of the stack.
    """
    environment = isolated(account.environment) | {
        "AWS_ENDPOINT_URL": account.aws.url,
        "AWS_ENDPOINT_URL_SERVICE_QUOTAS": quotas,
        "CDK_DOCKER": "true",
        "CDK_HOME": str(account.state / "cdk"),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "true",
        "PATH": f"{Path(sys.executable).parent}:{account.environment['PATH']}",
    }
    place = ["--output", str(account.state / "deploy.out"), "--api-url", account.find().api_url]
    settings = {"model": "tiny", "bundle": str(bundle), **settings}
    return subprocess.run(
        [
            *(sys.executable, "-m", "stacks.commands.deploy", *place, *context(**settings)),
            *("--require-approval", "never", "--no-notices"),
        ],
        cwd=account.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
