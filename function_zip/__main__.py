"""`python -m function_zip`: makes the zip of a Lambda function, and prints its path.

The CDK CLI runs it when it publishes the assets of a stack whose function is a zip: the model's function, or
with `monitor` the one that compares captured requests with what training saw.

Exit codes: 0 made, 1 not made (the output says why), 2 wrong usage.
"""

import argparse
import sys

from function_zip.archive import ZipError
from function_zip.build import build_zip
from function_zip.contents import MODEL, ZIPS
from terminal_output import escape_unencodable_output


def main() -> int:
    """Makes the zip.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="python -m function_zip", description=__doc__.partition("\n")[0])
    names = [contents.name for contents in ZIPS]
    parser.add_argument("name", nargs="?", choices=names, default=MODEL.name, help="the function (model)")
    [contents] = [found for found in ZIPS if found.name == parser.parse_args().name]
    try:
        print(build_zip(contents))
    except ZipError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main())
