"""A first creation that fails, in the stage that keeps data when a stack is deleted."""

from pathlib import Path

from tests.e2e.support.account import Account, context
from tests.tiny_bundle import write_tiny_bundle


def test_a_failed_first_creation_leaves_nothing_that_blocks_or_costs(
    account: Account, tmp_path: Path
) -> None:
    # Given an endpoint of the name that the stack is to have
    write_tiny_bundle(tmp_path / "tiny.tar.gz")
    sagemaker = account.aws.client("sagemaker")
    account.deploy(tmp_path / "tiny.tar.gz")
    endpoint = sagemaker.describe_endpoint(EndpointName="Tiny")
    config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    model = sagemaker.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
    account.delete_stack("Tiny")
    kept = {bucket["Name"] for bucket in account.aws.client("s3").list_buckets()["Buckets"]}
    sagemaker.create_model(
        ModelName="other",
        PrimaryContainer=model["PrimaryContainer"],
        ExecutionRoleArn=model["ExecutionRoleArn"],
    )
    variant = {**config["ProductionVariants"][0], "ModelName": "other", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="other", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="Tiny", EndpointConfigName="other")
    groups = log_groups(account)

    # When the stack is deployed for the first time, which fails after the bundle is in its bucket
    settings = context(model="tiny", bundle=str(tmp_path / "tiny.tar.gz"), stage="prod")
    failed = account.local("deploy", *settings, check=False)

    # Then the rollback deletes the bucket with the bundle and the log groups
    assert failed.returncode != 0
    [stack] = account.aws.client("cloudformation").describe_stacks(StackName="Tiny")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert {bucket["Name"] for bucket in account.aws.client("s3").list_buckets()["Buckets"]} == kept
    assert log_groups(account) == groups


def log_groups(account: Account) -> set[str]:
    groups = account.aws.client("logs").describe_log_groups()["logGroups"]
    return {group["logGroupName"] for group in groups}
