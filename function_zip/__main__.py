"""`python -m function_zip`: makes the zip of the model's Lambda function, and prints its path.

The CDK CLI runs it when it publishes the assets of a stack whose function is a zip.

Exit codes: 0 made, 1 not made (the output says why), 2 wrong usage.
"""

import argparse
import sys

from function_zip.archive import ZipError
from function_zip.build import build_zip
from terminal_output import escape_unencodable_output


def main() -> int:
    """Makes the zip.

    Returns:
        The exit code.
    """
    argparse.ArgumentParser(
        prog="python -m function_zip", description=__doc__.partition("\n")[0]
    ).parse_args()
    try:
        print(build_zip())
    except ZipError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main())
