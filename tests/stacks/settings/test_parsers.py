from typing import Any

import pytest

from stacks.costs.price_table import DEFAULT_TABLE, load_prices
from stacks.settings.instance_types import hosted_instance_types, vcpus
from stacks.settings.settings import Settings, SettingsError


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("model", None, "lower-case letters"),
        ("model", "First", "lower-case letters"),
        ("model", "../etc", "lower-case letters"),
        ("model", "a" * 41, "40 at most"),
        ("models", "first", "two models or more"),
        ("models", "first,", "two models or more"),
        ("models", "", "two models or more"),
        ("models", ",", "two models or more"),
        ("models", "first,Second", "two models or more"),
        ("models", ",".join(f"model_{number}" for number in range(81)), "80 at most"),
        ("models", "first,second,first", "each once"),
        # Their outputs and construct ids would be equal.
        ("models", "first_1,first1", "each once"),
        ("models", ["first", "second"], "with commas between"),
        ("models", 3, "with commas between"),
        ("stack_name", "2nd", "letters, digits and single hyphens"),
        ("stack_name", "Flights_2", "letters, digits and single hyphens"),
        ("stack_name", "Flights-", "letters, digits and single hyphens"),
        ("stack_name", "a" * 64, "63 in all"),
        ("bundle", "  ", "a model.tar.gz"),
        ("bundle", 3, "a model.tar.gz"),
        ("bundle", "s3://bucket", "s3://bucket/key"),
        ("bundle", "s3://BUCKET/key", "s3://bucket/key"),
        ("bundle", "https://example.com/model.tar.gz", "s3://bucket/key"),
        ("bundle", "nul\0", "a model.tar.gz"),
        ("stage", "prod ", "dev or prod"),
        ("stage", "staging", "dev or prod"),
        ("hosting", "server less", "realtime, serverless or lambda"),
        ("max_instance_count", "101", "from 1 to 100"),
        ("data_capture_percent", "101", "from 0 to 100"),
        ("scoring_data", "s3://rows", "own, for scores/ in the stack's bucket"),
        ("scoring_data", "s3://rows/*", "own, for scores/ in the stack's bucket"),
        ("scoring_data", "on", "the S3 URI of a folder"),
        ("inbox", "true", "on or off"),
        ("data_capture_percent", "10%", "from 0 to 100"),
        ("detailed_observability", "on", "true or false"),
        ("scoring_data", "scores", "own, for scores/"),
        ("scoring_data", "s3://bucket", "s3://bucket/folder"),
        ("scoring_data", "s3://bucket/a*", "s3://bucket/folder"),
        ("scoring_data", "s3://bucket//a", "s3://bucket/folder"),
        ("idle_hours", "169", "from 0 to 168"),
        ("rate_limit", "0", "from 1 to 10000"),
        ("rate_limit", "10001", "from 1 to 10000"),
        ("burst_limit", "5001", "from 1 to 5000"),
        ("monthly_quota", "0", "from 1 to 2000000000"),
        ("monthly_quota", "1e6", "a whole number"),
        ("instance_type", "ml.p6e-gb200.36xlarge", "x86"),
        ("auth", "none", "key or iam"),
        ("page", "true", "on or off"),
        ("waf", "yes", "true or false"),
        ("waf", 1, "true or false"),
        ("alarm_email", "team", "an e-mail address"),
        ("alarm_email", "", "an e-mail address"),
        ("budget", "0", "above 0"),
        ("budget", "-5", "above 0"),
        ("budget", "lots", "above 0"),
        ("budget", True, "above 0"),
        ("cors_origins", "", "as browsers send them"),
        ("cors_origins", "app.example.com", "as browsers send them"),
        ("cors_origins", "http://app.example.com", "https://app.example.com"),
        ("cors_origins", "https://app.example.com/", "as browsers send them"),
        ("cors_origins", "https://App.example.com", "as browsers send them"),
        ("cors_origins", "https://app.example.com:443", "as browsers send them"),
        ("cors_origins", "http://localhost:80", "as browsers send them"),
        ("cors_origins", "https://app.example.com:65536", "as browsers send them"),
        ("cors_origins", "https://*.example.com", "* for every site"),
        ("cors_origins", "https://app.example.com,*", "* for every site"),
        ("cors_origins", "https://app.example.com,,", "with commas between"),
        ("cors_origins", "https://me@app.example.com", "as browsers send them"),
        ("cors_origins", "https://app.example.com\nhttps://b.example", "with commas between"),
        ("cors_origins", ",".join(["https://app.example.com"] * 50), "1000 characters"),
        ("cors_origins", True, "as browsers send them"),
        ("cors_origins", ["https://app.example.com"], "with commas between"),
        ("previous_hosting", "else", "realtime, serverless or lambda"),
        ("instance_type", "m5.large", "ml.m5.large"),
        ("instance_type", "ml.m5.huge", "ml.m5.large"),
        ("instance_type", "ml.m6g.large", "x86"),
        ("instance_count", "0", "from 1 to 100"),
        ("instance_count", "101", "from 1 to 100"),
        ("instance_count", "two", "from 1 to 100"),
        ("instance_count", "1.5", "from 1 to 100"),
        ("instance_count", "-1", "from 1 to 100"),
        ("instance_count", True, "from 1 to 100"),
    ],
)
def test_an_invalid_value_is_rejected_with_the_allowed_ones(name: str, value: Any, allowed: str) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_context({"model": "m", name: value})

    [line] = str(error.value).splitlines()
    assert line.startswith(f"The setting {name} is {value!r}")
    assert allowed in line


def test_an_unknown_name_is_rejected_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="There are model, models, bundle, stack_name, stage, hosting, "):
        Settings.from_context({"model": "m", "instance_kind": "ml.m5.large"})


@pytest.mark.parametrize(
    "name",
    [
        "@aws-cdk/core:target-partitions",
        "@aws-cdk-containers/ecs-service-extensions:enableDefaultLogDriver",
        "aws:cdk:bundling-stacks",
        "aws-cdk:enableDiffNoFail",
        "cli-telemetry",
        "acknowledged-issue-numbers",
    ],
)
def test_names_of_the_cdk_are_ignored(name: str) -> None:
    assert Settings.from_context({"model": "m", name: True}).model == "m"


def test_every_hosted_type_with_guardrails_is_allowed_and_none_of_them_is_arm() -> None:
    allowed = [
        Settings.from_context({"model": "m", "instance_type": t}).instance_type
        for t in hosted_instance_types()
        if not t.startswith("ml.inf1")
    ]

    assert {"ml.m5.large", "ml.c7i.large", "ml.g4dn.xlarge", "ml.inf2.xlarge"} <= set(allowed)
    arm = ("ml.m6g", "ml.c7g", "ml.r8g", "ml.c6gn", "ml.m6gd", "ml.p6e-gb")
    assert not [name for name in allowed if name.startswith(arm)]


@pytest.mark.parametrize(
    ("instance_type", "count"),
    [("ml.t2.medium", 2), ("ml.m5.large", 2), ("ml.m5.xlarge", 4), ("ml.c7i.2xlarge", 8)],
)
def test_the_size_of_an_instance_type_names_its_processors(instance_type: str, count: int) -> None:
    assert vcpus(instance_type) == count


def test_the_processors_of_every_priced_instance_type_are_those_of_the_price_table() -> None:
    priced = load_prices(DEFAULT_TABLE).instances

    assert {name: vcpus(name) for name in priced} == {name: price.vcpus for name, price in priced.items()}
