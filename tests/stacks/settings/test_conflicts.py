import pytest

from stacks.settings.settings import Settings, SettingsError


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"instance_count": "3", "max_instance_count": "2"},
            (
                "The setting max_instance_count is 2, and instance_count is 3: "
                "set max_instance_count to a whole number from 3 to 100, or instance_count to no more "
                "than it."
            ),
        ),
        (
            {"stage": "prod", "max_instance_count": "1"},
            (
                "The setting max_instance_count is 1, and instance_count is 2: "
                "set max_instance_count to a whole number from 2 to 100, or instance_count to no more "
                "than it."
            ),
        ),
        (
            {"instance_type": "ml.t2.medium", "max_instance_count": "3"},
            (
                "The setting instance_type is 'ml.t2.medium', and SageMaker does not scale burstable "
                "instances: set instance_type to another, such as ml.m5.large, or max_instance_count to 1."
            ),
        ),
        (
            # prod is scaled from two to four instances by default.
            {"stage": "prod", "instance_type": "ml.t2.xlarge"},
            (
                "The setting instance_type is 'ml.t2.xlarge', and SageMaker does not scale burstable "
                "instances: set instance_type to another, such as ml.m5.large, or max_instance_count to 2."
            ),
        ),
        (
            {"instance_type": "ml.inf1.xlarge"},
            (
                "The setting instance_type is 'ml.inf1.xlarge', and SageMaker updates Inf1 instances without "
                "canary and rollback: set instance_type to another, such as ml.m5.large."
            ),
        ),
        (
            {"hosting": "lambda", "detailed_observability": "true"},
            (
                "The setting detailed_observability is true, and hosting lambda has none: "
                "set detailed_observability to false, or hosting to realtime."
            ),
        ),
        (
            {"hosting": "serverless", "idle_hours": "24"},
            (
                "The setting idle_hours is 24, and hosting serverless costs nothing while nobody asks: "
                "leave idle_hours out, or set hosting to realtime."
            ),
        ),
        (
            {"hosting": "lambda", "inbox": "on", "alarm_email": "team@example.com"},
            "The setting inbox is 'on', and scoring_data is not set: set scoring_data to own.",
        ),
        (
            {"hosting": "lambda", "inbox": "on", "scoring_data": "s3://rows/in"},
            (
                "The setting inbox is 'on', and alarm_email is not set: set alarm_email to the address of "
                "its results, or leave inbox out."
            ),
        ),
        (
            {"auth": "iam", "monthly_quota": "1000"},
            (
                "The setting monthly_quota is 1000, and auth iam has no API key whose requests are counted: "
                "leave monthly_quota out, or set auth to key."
            ),
        ),
        (
            {"monitor": "daily"},
            (
                "The setting monitor is 'daily', and data_capture_percent is 0, so that there is nothing to "
                "compare: set data_capture_percent to 100, or leave monitor out."
            ),
        ),
        (
            {"models": "a,b", "monitor": "hourly", "data_capture_percent": "10"},
            (
                "The setting monitor is 'hourly', and models is 'a,b', and it compares one model: leave "
                "monitor out, or models."
            ),
        ),
        (
            {"hosting": "serverless", "data_capture_percent": "10"},
            (
                "The setting data_capture_percent is 10, and hosting serverless captures no data: "
                "set data_capture_percent to 0, or hosting to realtime or lambda."
            ),
        ),
        (
            {
                "hosting": "serverless",
                "scoring_data": "own",
                "inbox": "on",
                "alarm_email": "team@example.com",
            },
            (
                "The setting inbox is 'on', and hosting serverless has no function that scores files: leave "
                "inbox out, or set hosting to lambda."
            ),
        ),
        (
            {"models": "a,b", "scoring_data": "s3://flights/c/"},
            (
                "The setting scoring_data is 's3://flights/c', and models is 'a,b', whose files nothing "
                "scores: leave scoring_data out, or models."
            ),
        ),
        (
            {"hosting": "lambda", "instance_type": "ml.m5.large"},
            (
                "The setting instance_type is 'ml.m5.large', and hosting lambda has no instances: "
                "leave instance_type out, or set hosting to realtime."
            ),
        ),
        (
            {"models": f"{'a' * 40},{'b' * 20}", "stage": "prod"},
            (
                f"The setting models is '{'a' * 40},{'b' * 20}', and the name of its stack would have 64 "
                "characters: set stack_name to one of 63 at most."
            ),
        ),
        (
            {"models": "a,b", "hosting": "serverless"},
            (
                "The setting models is 'a,b', and hosting serverless holds one model: "
                "leave models out, or set hosting to realtime."
            ),
        ),
        (
            {"models": "a,b", "bundle": "s3://bucket/model.tar.gz"},
            (
                "The setting bundle is 's3://bucket/model.tar.gz', and models is 'a,b', whose bundles are in "
                "build/: leave bundle out, or models."
            ),
        ),
        (
            {"models": "a,b", "instance_type": "ml.g5.xlarge"},
            (
                "The setting instance_type is 'ml.g5.xlarge', and SageMaker hosts several models on "
                "accelerators in NVIDIA's image only: set instance_type to one without, such as ml.m5.large."
            ),
        ),
        (
            {"hosting": "serverless", "previous_hosting": "realtime"},
            (
                "The setting hosting is 'serverless', and the deployed stack has realtime, which "
                "SageMaker does not change in place: leave hosting at realtime, set stack_name to "
                "another name, or destroy the stack first."
            ),
        ),
        (
            {"previous_hosting": "serverless"},
            (
                "The setting hosting is 'realtime', and the deployed stack has serverless, which "
                "SageMaker does not change in place: leave hosting at serverless, set stack_name to "
                "another name, or destroy the stack first."
            ),
        ),
    ],
)
def test_conflicting_settings_are_rejected_with_what_to_do(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_context({"model": "m"} | given)

    assert str(error.value) == sentence


@pytest.mark.parametrize(
    "given",
    [
        {"hosting": "serverless", "data_capture_percent": "0"},
        {"instance_type": "ml.t2.medium"},
        {"instance_type": "ml.t2.medium", "stage": "prod", "max_instance_count": "2"},
        {"instance_type": "ml.inf2.xlarge", "stage": "prod"},
        {"hosting": "lambda", "memory_mb": "1769", "max_concurrency": "1000"},
        {"hosting": "lambda", "previous_hosting": "realtime"},
        {"hosting": "realtime", "previous_hosting": "lambda"},
        {"hosting": "serverless", "previous_hosting": "serverless"},
        {"instance_count": "2", "max_instance_count": "2"},
        {"budget": "150.50", "alarm_email": "team@example.com"},
        {"models": "a,b", "data_capture_percent": "10", "instance_type": "ml.c7i.xlarge"},
        {"instance_type": "ml.g5.xlarge"},
        {"hosting": "lambda", "scoring_data": "own"},
        {"hosting": "lambda", "scoring_data": "own", "inbox": "on", "alarm_email": "team@example.com"},
    ],
)
def test_settings_without_conflict_are_accepted(given: dict[str, str]) -> None:
    assert Settings.from_context({"model": "m"} | given).model == "m"


def test_a_budget_needs_an_alarm_email() -> None:
    with pytest.raises(SettingsError, match=r"The setting budget is 150.*alarm_email"):
        Settings.from_context({"model": "m", "budget": "150"})


def test_all_errors_are_reported_at_once() -> None:
    wrong = {
        "model": "M",
        "instance_count": "0",
        "bundel": "x",
        "instance_type": "big",
        "hosting": "serverless",
        "memory_mb": "1000",
        "data_capture_percent": "5",
        "cors_origins": "app.example.com",
    }

    with pytest.raises(SettingsError) as error:
        Settings.from_context(wrong)

    named = [line.split()[2] for line in str(error.value).splitlines()]
    assert sorted(named) == [
        "bundel",
        "cors_origins",
        "data_capture_percent",
        "instance_count",
        "instance_type",
        "memory_mb",
        "model",
    ]


def test_an_invalid_value_is_not_checked_for_conflicts() -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_context({"model": "m", "hosting": "server less", "memory_mb": "1024"})

    [line] = str(error.value).splitlines()
    assert line.startswith("The setting hosting is 'server less'")
