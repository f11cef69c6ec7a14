"""CDK application: reads the settings and synthesizes one stack."""

import gc
import os
import signal
import sys


def main() -> None:
    """Synthesizes the stack of the settings; exits with a sentence when they are wrong."""
    # Seconds of imports, which Ctrl-C ends without a traceback.
    import aws_cdk as cdk

    from stacks.gates.validation_plugins import add_validations
    from stacks.prediction_stack import PredictionStack
    from stacks.settings.settings import Settings, SettingsError

    # The process ends with the template: all that it creates is in use until then.
    gc.disable()

    app = cdk.App()
    try:
        settings = Settings.from_context(app.node.get_all_context())
        stack = PredictionStack(
            app,
            settings.stack_name,
            settings=settings,
            archives=settings.open_archives(),
            # The CDK CLI builds the image with this program.
            image_builder=os.environ.get("CDK_DOCKER") or "docker",
        )
    except SettingsError as error:
        sys.exit(str(error))
    add_validations(app, stack, models=settings.names, hosting=settings.hosting)
    app.synth()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    main()
