"""`python -m smoke.postman`: writes the API's Postman collection and runs it against a deployed stack.

Collection and environment are written beside the bundle, or for several models into build/<stack>, without
secrets. newman runs them with the stack's API key, or with your credentials if requests are signed.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from api import Auth, postman_environment, write_postman
from bundle import read_archive
from smoke import command
from smoke.account import Account
from smoke.deployed_stack import DeployedStack, find_stack, serving_manifests
from smoke.errors import NotFoundError
from smoke.stack_target import ROOT, Target, target_parser
from terminal_output import escape_unencodable_output

_NEWMAN = ROOT / "node_modules" / ".bin" / "newman"
# https://learning.postman.com/docs/collections/using-newman-cli/newman-options/
_OPTIONS = ("--environment", "/dev/stdin", "--timeout-request", "30000", "--timeout", "300000")

_EPILOG = (
    "Account and region are those of your AWS credentials. Exit codes: newman's, which is 0 if all tests "
    "pass; 1 also if there is no stack or no bundle; 2 wrong arguments."
)


def main(argv: Sequence[str]) -> int:
    """Writes collection and environment and runs them.

    Args:
        argv: The arguments, without the program's name.

    Returns:
        The exit code.
    """
    arguments = _parser().parse_args(argv)
    return command.run(lambda target, account: _run(target, account, arguments), arguments)


def run_collection(collection: Path, environment: Mapping[str, Any], *, newman: Path | None = None) -> int:
    """Runs a collection with newman, which prints its report on standard output.

    Args:
        collection: The path of the collection.
        environment: The Postman environment with the secrets. It goes through a pipe, so that the secrets are
            neither in a file nor on a command line.
        newman: The path of newman; by default that in node_modules.

    Returns:
        newman's exit code: 0 if all tests pass.

    Raises:
        NotFoundError: newman is not installed.
    """
    program = newman or _NEWMAN
    if not program.exists():
        raise NotFoundError(f"There is no {program}: `npm ci` installs what package.json pins.")
    # newman 6 uses deprecated features of Node; their warnings are no help to the user.
    command = ["node", "--no-deprecation", str(program), "run", str(collection), *_OPTIONS]
    return subprocess.run(command, input=json.dumps(environment).encode(), check=False).returncode


def _run(target: Target, account: Account, arguments: argparse.Namespace) -> int:
    manifests = [read_archive(bundle).manifest for bundle in target.bundles]
    models = [manifest.name for manifest in manifests]
    stack = find_stack(account.client("cloudformation"), target.stack, models=models)
    if not arguments.bundles:
        manifests = [*serving_manifests(account.client("s3"), stack, manifests)]
    auth: Auth = "key" if "ApiKeyId" in stack.outputs else "iam"
    base_url = arguments.api_url or stack.outputs["HealthUrl"].rpartition("/")[0]
    known = {"base_url": base_url.rstrip("/"), "region": account.region}
    collection, written = write_postman(target.folder, *manifests, auth=auth, **known)
    print(f"{collection}\n{written}", flush=True)
    environment = postman_environment(*manifests, auth=auth, **known)
    return run_collection(collection, _filled(environment, _secrets(account, stack)))


def _secrets(account: Account, stack: DeployedStack) -> dict[str, str]:
    if key_id := stack.outputs.get("ApiKeyId"):
        return {"api_key": account.api_key(key_id)}
    credentials = account.credentials.get_frozen_credentials()
    return {
        "aws_access_key_id": credentials.access_key,
        "aws_secret_access_key": credentials.secret_key,
        "aws_session_token": credentials.token or "",
    }


def _filled(environment: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    values = [
        variable | {"value": secrets.get(variable["key"], variable["value"])}
        for variable in environment["values"]
    ]
    return {**environment, "values": values}


def _parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog="python -m smoke.postman", description=__doc__, epilog=_EPILOG, parents=[target_parser()]
    )


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:]))
