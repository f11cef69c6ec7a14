"""Configurations of functions that Lambda refuses."""

from typing import Any

import pytest

from local.emulator.functions.function_configuration_checks import check_function


def environment(**variables: str) -> dict[str, Any]:
    return {"Environment": {"Variables": variables}}


def test_an_environment_of_4_kb_is_accepted_and_one_byte_more_is_refused() -> None:
    around = len('{"NAME":""}')

    assert check_function(environment(NAME="x" * (4096 - around))) is None

    refusal = check_function(environment(NAME="x" * (4097 - around)))
    assert refusal is not None
    assert refusal.code == "InvalidParameterValueException"
    assert refusal.message == (
        "Lambda was unable to configure your environment variables because the environment variables you "
        'have provided exceeded the 4KB limit. String measured: {"NAME":"' + "x" * (4097 - around) + '"}'
    )


def test_the_bytes_of_an_environment_count_and_not_its_characters() -> None:
    assert check_function(environment(NAME="ä" * 2040)) is None
    assert check_function(environment(NAME="ä" * 2050)) is not None


def test_reserved_variables_are_refused() -> None:
    refusal = check_function(environment(AWS_REGION="eu-west-1", OWN="any"))

    assert refusal is not None
    assert refusal.message.endswith("Reserved keys used in this request: AWS_REGION")


@pytest.mark.parametrize(
    ("parameters", "member", "constraint"),
    [
        ({"Timeout": 901}, "timeout", "Member must have value less than or equal to 900"),
        ({"Timeout": "0"}, "timeout", "Member must have value greater than or equal to 1"),
        ({"MemorySize": 64}, "memorySize", "Member must have value greater than or equal to 128"),
        (
            {"EphemeralStorage": {"Size": 20_000}},
            "ephemeralStorage.size",
            "Member must have value less than or equal to 10240",
        ),
        (
            {"Description": "x" * 257},
            "description",
            "Member must have length less than or equal to 256",
        ),
        (
            {"FunctionName": "x" * 65},
            "functionName",
            "Member must have length less than or equal to 64",
        ),
        (
            {"Handler": "has space.handler"},
            "handler",
            r"Member must satisfy regular expression pattern: [^\s]+",
        ),
    ],
)
def test_a_value_out_of_range_is_refused(parameters: dict[str, Any], member: str, constraint: str) -> None:
    refusal = check_function(parameters)

    assert refusal is not None
    assert refusal.code == "ValidationException"
    assert refusal.message.startswith("1 validation error detected: Value '")
    assert refusal.message.endswith(f"' at '{member}' failed to satisfy constraint: {constraint}")


def test_an_unknown_runtime_is_refused_with_the_known_ones() -> None:
    refusal = check_function({"Runtime": "python4.0"})

    assert refusal is not None
    assert "Member must satisfy enum value set: [" in refusal.message
    assert "python3.14" in refusal.message


def test_the_name_of_a_variable_follows_the_pattern_of_the_api() -> None:
    assert check_function({"Environment": {"Variables": {"1ST": "any"}}}) is not None
    assert check_function(environment(FIRST="any")) is None


def test_six_layers_are_refused() -> None:
    layers = ["arn:aws:lambda:us-east-1:000000000000:layer:any:1"] * 6

    assert check_function({"Layers": layers[:5]}) is None
    assert check_function({"Layers": layers}) is not None


def test_properties_of_a_template_that_are_no_parameters_are_not_checked() -> None:
    assert (
        check_function({"ReservedConcurrentExecutions": 5, "Tags": [{"Key": "any", "Value": "any"}]}) is None
    )
