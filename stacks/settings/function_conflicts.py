"""Conflicts between the settings of Lambda functions and of serverless endpoints."""

from collections.abc import Iterator

from stacks.settings.instance_conflicts import SettingValues
from stacks.settings.parsers import S3_SCHEME

SERVERLESS_MEMORY_MB = (1024, 2048, 3072, 4096, 5120, 6144)
FUNCTION_SETTINGS = ("memory_mb", "max_concurrency")
_MAX_SERVERLESS_CONCURRENCY = 200


def check_function_settings(given: SettingValues, values: SettingValues) -> Iterator[str]:
    """Yields a sentence for each setting of functions in a hosting with instances."""
    if values["hosting"] != "realtime":
        return
    for name in FUNCTION_SETTINGS:
        if name in given:
            yield (
                f"The setting {name} is {given[name]!r}, and hosting realtime takes it from instance_type: "
                f"leave {name} out, or set hosting to serverless or lambda."
            )


def check_packaging(given: SettingValues, values: SettingValues) -> Iterator[str]:
    """Yields a sentence when a hosting other than lambda gets a package."""
    if values["hosting"] != "lambda" and "packaging" in given:
        yield (
            f"The setting packaging is {given['packaging']!r}, and hosting {values['hosting']} runs the "
            "container image: leave packaging out, or set hosting to lambda."
        )


def check_snapstart(_: SettingValues, values: SettingValues) -> Iterator[str]:
    """Yields a sentence when there is no function in a zip to make a snapshot of."""
    if not values["snapstart"]:
        return
    if values["hosting"] != "lambda":
        yield (
            f"The setting snapstart is true, and hosting {values['hosting']} has no snapshots: "
            "set snapstart to false, or hosting to lambda."
        )
    # https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html#snapstart-runtimes
    elif values["packaging"] == "image":
        yield (
            "The setting snapstart is true, and packaging is 'image', whose base is not one of Lambda's: "
            "set snapstart to false, or packaging to zip."
        )


def check_serverless_limits(_: SettingValues, values: SettingValues) -> Iterator[str]:
    """Yields a sentence for each value outside the limits of serverless endpoints."""
    if values["hosting"] != "serverless":
        return
    if (memory := values["memory_mb"]) not in SERVERLESS_MEMORY_MB:
        allowed = ", ".join(map(str, SERVERLESS_MEMORY_MB))
        yield f"The setting memory_mb is {memory}, and with hosting serverless it must be one of {allowed}."
    if (most := values["max_concurrency"]) > _MAX_SERVERLESS_CONCURRENCY:
        yield (
            f"The setting max_concurrency is {most}, and with hosting serverless it must be a whole number "
            f"from 1 to {_MAX_SERVERLESS_CONCURRENCY}."
        )


def check_reload(given: SettingValues, values: SettingValues) -> Iterator[str]:
    """Yields a sentence when no function follows a bundle in S3."""
    if not (seconds := values["reload"]):
        return
    if values["hosting"] != "lambda":
        yield (
            f"The setting reload is {seconds}, and hosting {values['hosting']} reads its bundle once: "
            "set hosting to lambda, or leave reload out and deploy each bundle."
        )
    bundle = given.get("bundle", "")
    # IAM reads these characters as wildcards or variables, which would grant access to other objects.
    if not bundle.startswith(S3_SCHEME) or any(mark in bundle for mark in "*?$"):
        shown = repr(bundle) if bundle else "training's own"
        yield (
            f"The setting reload is {seconds}, and bundle is {shown}: set bundle to an object in S3, as "
            "s3://bucket/key, without *, ? and $, or leave reload out."
        )


def check_scoring(_: SettingValues, values: SettingValues) -> Iterator[str]:
    """Yields a sentence when files of the inbox are to be scored, and nothing scores or mails them."""
    if values["inbox"] == "off":
        return
    if (hosting := values["hosting"]) != "lambda":
        yield (
            f"The setting inbox is 'on', and hosting {hosting} has no function that scores files: leave "
            "inbox out, or set hosting to lambda."
        )
    if values["scoring_data"] is None:
        yield "The setting inbox is 'on', and scoring_data is not set: set scoring_data to own."
    if values["alarm_email"] is None:
        yield (
            "The setting inbox is 'on', and alarm_email is not set: set alarm_email to the address of its "
            "results, or leave inbox out."
        )
