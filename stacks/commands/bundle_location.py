"""`python -m stacks.commands.bundle_location`: prints where the bundle of the settings is, `build` or `s3`.

The GitHub workflow asks it: a bundle in S3 needs credentials, which the workflow has in its last job only.
"""

import argparse
import sys
from collections.abc import Sequence

from stacks.settings.context import add_context_argument, context_of
from stacks.settings.settings import Settings, SettingsError
from terminal_output import escape_unencodable_output


def main(argv: Sequence[str]) -> int:
    """Prints the place, or the errors in the settings; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m stacks.commands.bundle_location", description=__doc__)
    add_context_argument(parser)
    try:
        settings = Settings.from_context(context_of(parser.parse_args(argv)))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    print("s3" if settings.is_in_s3 else "build")
    return 0


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:]))
