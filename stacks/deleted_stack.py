"""CDK application of `make destroy`: the stack by its name alone.

`cdk destroy` needs name, account, region and roles of a stack, and nothing of its template. app.py would read
the bundle for the template, after `stacks.commands.prepare_bundles` had trained or downloaded a missing one.
"""

import signal
import sys


def main() -> None:
    """Synthesizes an empty stack with the name of the settings; exits with a sentence if they are wrong."""
    # A second of imports, which Ctrl-C ends without a traceback.
    import aws_cdk as cdk

    from stacks.settings.settings import Settings, SettingsError

    # CloudFormation takes no template without resources, and gets none.
    app = cdk.App(builtin_cloud_formation_validation=False)
    try:
        settings = Settings.from_context(app.node.get_all_context())
    except SettingsError as error:
        sys.exit(str(error))
    cdk.Stack(app, settings.stack_name)
    app.synth()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    main()
