"""`python -m smoke`: checks what a deployed stack serves, by its outputs.

The checks: the last deployment is complete; the live configuration of the hosting is the stack's; GET /health
responds with 200; and for each model: the version is the one that was released last, or that of --bundle,
every golden row gets its golden prediction, and a request without credentials is refused.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from api import join_with_and
from bundle import read_archive
from smoke import command
from smoke.account import Account
from smoke.checks import CheckResult, SmokeTest
from smoke.stack_target import Target, target_parser
from terminal_output import escape_unencodable_output

_EPILOG = (
    "Account and region are those of your AWS credentials. Exit codes: 0 all checks pass, 1 a check fails or "
    "there is nothing to check, 2 wrong arguments."
)


def main(argv: Sequence[str]) -> int:
    """Runs all checks and prints the report.

    Args:
        argv: The arguments, without the program's name.

    Returns:
        The exit code.
    """
    arguments = _parser().parse_args(argv)

    def check(target: Target, account: Account) -> int:
        manifests = [read_archive(bundle).manifest for bundle in target.bundles]
        checks = SmokeTest(
            account,
            manifests,
            stack=target.stack,
            api_url=arguments.api_url,
            expects_released=not arguments.bundles,
        ).run()
        print(_document(target, checks) if arguments.json else _text(target, checks))
        return 0 if all(result.passed for result in checks) else 1

    return command.run(check, arguments)


def _document(target: Target, checks: Sequence[CheckResult]) -> str:
    document = {
        "stack": target.stack,
        "bundles": [str(bundle) for bundle in target.bundles],
        "passed": all(check.passed for check in checks),
        "checks": [{"name": check.name, "passed": check.passed, "found": check.found} for check in checks],
    }
    return json.dumps(document)


def _text(target: Target, checks: Sequence[CheckResult]) -> str:
    failed = sum(not check.passed for check in checks)
    verdict = f"{failed} of {len(checks)} checks fail" if failed else f"all {len(checks)} checks pass"
    about = join_with_and([target.stack, *map(str, target.bundles)])
    width = max(len(check.name) for check in checks)
    return "\n".join([*(check.line(width) for check in checks), f"{about}: {verdict}."])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m smoke", description=__doc__, epilog=_EPILOG, parents=[target_parser()]
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:]))
