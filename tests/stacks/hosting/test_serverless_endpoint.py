import pytest

from tests.stacks.support.synthesis import Stacks, Synthesizer


@pytest.mark.parametrize(("stage", "concurrency"), [("dev", 5), ("prod", 20)])
def test_it_is_sized_by_memory_and_concurrency_and_has_no_instances(
    stacks: Stacks, stage: str, concurrency: int
) -> None:
    [variant] = stacks(stage, "serverless").properties("AWS::SageMaker::EndpointConfig")["ProductionVariants"]

    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": concurrency}
    assert not {"InstanceType", "InitialInstanceCount"} & set(variant)


def test_memory_and_concurrency_are_those_of_the_settings(synthesizer: Synthesizer) -> None:
    larger = synthesizer.one(
        hosting="serverless",
        memory_mb="6144",
        max_concurrency="200",
    )

    [variant] = larger.properties("AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 6144, "MaxConcurrency": 200}


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_serverless_endpoint_has_no_unsupported_properties(stacks: Stacks, stage: str) -> None:
    synthesis = stacks(stage, "serverless")

    assert synthesis.properties("AWS::SageMaker::Model")["EnableNetworkIsolation"] is False
    assert "DataCaptureConfig" not in synthesis.properties("AWS::SageMaker::EndpointConfig")
    assert set(synthesis.properties("AWS::SageMaker::Endpoint")) == {"EndpointName", "EndpointConfigName"}
    assert "AWS::ApplicationAutoScaling" not in synthesis.text


def test_its_alarms_are_on_metrics_that_a_serverless_endpoint_has(stacks: Stacks) -> None:
    alarms = stacks("dev", "serverless").all("AWS::CloudWatch::Alarm").values()

    metrics = {
        found["Properties"]["MetricName"]
        for found in alarms
        if found["Properties"]["Namespace"] == "AWS/SageMaker"
    }
    assert metrics == {"Invocation5XXErrors", "ServerlessConcurrentExecutionsUtilization"}
