"""The CDK stack: its constructs, settings, validations, costs and commands."""

import sys
from importlib.util import find_spec

# While Python looks for the module of `python -m`.
if sys.argv[:1] == ["-m"] and find_spec("msgspec") is None:
    from terminal_output import end_without_packages

    end_without_packages()
