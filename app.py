"""The CDK application: settings in, one stack out."""

import sys

import aws_cdk as cdk

from stacks.gates import guard
from stacks.prediction_stack import PredictionStack
from stacks.settings.settings import Settings, SettingsError

app = cdk.App()
try:
    settings = Settings.from_context(app.node.get_all_context())
    stack = PredictionStack(app, settings.stack_name, settings=settings, archives=settings.open_archives())
except SettingsError as error:
    sys.exit(str(error))
guard(app, stack, models=settings.names)
app.synth()
