"""`python -m smoke`: proves what a deployed stack serves, from its own outputs.

Six checks: the last deployment went through; the live configuration is the stack's; /health is well; the
version that answers is the bundle's; every golden row gets its golden prediction; strangers are refused.
"""

import argparse
import json
import sys
from collections.abc import Sequence

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from bundle import BundleError, read_archive
from smoke.account import Account
from smoke.check import Check
from smoke.errors import SmokeError
from smoke.proof import Proof
from smoke.target import Target, find_target, target_parser

_EPILOG = (
    "Account and region are those of your AWS credentials. Exit codes: 0 all of it holds, 1 a check fails or "
    "there is nothing to check, 2 wrong arguments."
)


def main(argv: Sequence[str]) -> int:
    """Check and report.

    Args:
        argv: The arguments, without the program's name.

    Returns:
        The exit code.
    """
    arguments = _parser().parse_args(argv)
    try:
        target = find_target(model=arguments.model, stack=arguments.stack, bundle=arguments.bundle)
        manifest = read_archive(target.bundle).manifest
        proof = Proof(Account(boto3.Session()), stack=target.stack, api_url=arguments.api_url)
        checks = proof.checks(manifest)
    except (SmokeError, BundleError) as error:
        return _give_up(str(error))
    except (BotoCoreError, ClientError) as error:
        return _give_up(f"AWS does not say what is deployed: {error}")
    except KeyboardInterrupt:
        return 130
    print(_document(target, checks) if arguments.json else _text(target, checks))
    return 0 if all(check.passed for check in checks) else 1


def _give_up(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


def _document(target: Target, checks: Sequence[Check]) -> str:
    document = {
        "stack": target.stack,
        "bundle": str(target.bundle),
        "passed": all(check.passed for check in checks),
        "checks": [{"name": check.name, "passed": check.passed, "found": check.found} for check in checks],
    }
    return json.dumps(document)


def _text(target: Target, checks: Sequence[Check]) -> str:
    failed = sum(not check.passed for check in checks)
    verdict = f"{failed} of {len(checks)} checks fail" if failed else "all of it holds"
    return "\n".join([*(check.line for check in checks), f"{target.stack} and {target.bundle}: {verdict}."])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m smoke", description=__doc__, epilog=_EPILOG, parents=[target_parser()]
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
