from pathlib import Path

from tests.stacks.synthesis import Synthesis, synthesize
from tests.tiny_bundle import write_tiny_bundle


def test_a_changed_bundle_is_another_model_behind_the_same_endpoint(stack: Synthesis, folder: Path) -> None:
    write_tiny_bundle(folder / "changed.tar.gz", weight=1.5)

    changed = synthesize(folder / "changed", bundle=str(folder / "changed.tar.gz"))

    model, config, endpoint = (f"AWS::SageMaker::{kind}" for kind in ("Model", "EndpointConfig", "Endpoint"))
    assert changed.properties(model)["PrimaryContainer"] != stack.properties(model)["PrimaryContainer"]
    assert changed.properties(endpoint)["EndpointName"] == stack.properties(endpoint)["EndpointName"]
    # Neither has a name, so a new model makes a new configuration, and that updates the endpoint.
    assert not {"ModelName", "EndpointConfigName"} & {*changed.properties(model), *changed.properties(config)}
    assert changed.properties(config)["ProductionVariants"][0]["ModelName"] == {
        "Fn::GetAtt": [changed.only(model)[0], "ModelName"]
    }
    assert changed.properties(endpoint)["EndpointConfigName"] == {
        "Fn::GetAtt": [changed.only(config)[0], "EndpointConfigName"]
    }


def test_an_update_keeps_what_scaling_set_and_the_variants_name(stack: Synthesis) -> None:
    endpoint = stack.properties("AWS::SageMaker::Endpoint")
    [variant] = stack.properties("AWS::SageMaker::EndpointConfig")["ProductionVariants"]

    assert endpoint["EndpointName"] == stack.stacks[0]
    assert endpoint["RetainAllVariantProperties"] is True
    assert variant["VariantName"] == "primary"


def test_the_instances_are_those_of_the_settings(folder: Path, stack: Synthesis) -> None:
    bundle = str(folder / "model.tar.gz")
    larger = synthesize(folder / "larger", bundle=bundle, instance_type="ml.c7i.xlarge", instance_count="3")

    found = [
        [variant["InstanceType"], variant["InitialInstanceCount"]]
        for synthesis in (stack, larger)
        for variant in synthesis.properties("AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    ]
    assert found == [["ml.m5.large", 1], ["ml.c7i.xlarge", 3]]


def test_a_container_that_does_not_start_is_given_up_on_within_minutes(stack: Synthesis) -> None:
    [variant] = stack.properties("AWS::SageMaker::EndpointConfig")["ProductionVariants"]

    assert 60 <= variant["ContainerStartupHealthCheckTimeoutInSeconds"] <= 180


def test_the_model_waits_for_the_policy_of_its_role(stack: Synthesis) -> None:
    _, model = stack.only("AWS::SageMaker::Model")

    role = model["Properties"]["ExecutionRoleArn"]["Fn::GetAtt"][0]
    policies = [
        name
        for name, policy in stack.all("AWS::IAM::Policy").items()
        if {"Ref": role} in policy["Properties"]["Roles"]
    ]
    assert policies
    assert {role, *policies} <= set(model["DependsOn"])


def test_the_container_has_no_network(stack: Synthesis) -> None:
    assert stack.properties("AWS::SageMaker::Model")["EnableNetworkIsolation"] is True


def test_only_sagemaker_of_this_account_takes_the_models_role(stack: Synthesis) -> None:
    [statement] = stack.by_path("Endpoint/Role/Resource")["Properties"]["AssumeRolePolicyDocument"][
        "Statement"
    ]

    assert statement["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    source = "".join(
        part if isinstance(part, str) else part["Ref"]
        for part in statement["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Join"][1]
    )
    assert source == "arn:AWS::Partition:sagemaker:AWS::Region:AWS::AccountId:*"
