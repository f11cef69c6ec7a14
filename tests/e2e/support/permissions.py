"""Permissions of a stack's roles that no test can use, each with its reason."""

from collections.abc import Mapping

from local.iam_decisions import Decisions

# Permissions that only AWS itself uses. Role (the start of its logical id) and action -> why.
_LOG_OF_API = "AWS's managed policy; API Gateway writes no log on this machine"
_MULTIPART = "an upload that the publisher broke off; bundles of this size are copied in one part"
_CHILDREN = "Step Functions watches the child executions of a Map itself"
_IMAGE = "SageMaker looks at the image of a package, which does not exist on this machine"
_ENCRYPTED = "SNS encrypts a message with the key of its topic"
_PARTS = "for results of more than five megabytes, which are written in parts"
_SECOND_VERSION = "looks for a version among those that are registered, as test_model_registry.py does"
_REGISTERED_IMAGE = "SageMaker reads the image of a version that is registered"
UNUSED: Mapping[tuple[str, str], str] = {
    ("ApiRestApiCloudWatchRole", "logs:CreateLogGroup"): _LOG_OF_API,
    ("ApiRestApiCloudWatchRole", "logs:CreateLogStream"): _LOG_OF_API,
    ("ApiRestApiCloudWatchRole", "logs:DescribeLogGroups"): _LOG_OF_API,
    ("ApiRestApiCloudWatchRole", "logs:DescribeLogStreams"): _LOG_OF_API,
    ("ApiRestApiCloudWatchRole", "logs:FilterLogEvents"): _LOG_OF_API,
    ("ApiRestApiCloudWatchRole", "logs:GetLogEvents"): _LOG_OF_API,
    ("ApiRestApiCloudWatchRole", "logs:PutLogEvents"): _LOG_OF_API,
    ("ArtifactsPublisherRole", "ecr:BatchGetImage"): _REGISTERED_IMAGE,
    ("ArtifactsPublisherRole", "ecr:DescribeImages"): _REGISTERED_IMAGE,
    ("ArtifactsPublisherRole", "s3:AbortMultipartUpload"): _MULTIPART,
    ("RetrainingRole", "sagemaker:StopTrainingJob"): "stops the job of an execution that is stopped",
    ("RetrainingStatesVerifierRole", "cloudformation:DescribeStackEvents"): "reads why an update failed",
    ("RetrainingStatesRegistrarRole", "ecr:BatchGetImage"): _IMAGE,
    ("RetrainingStatesRegistrarRole", "ecr:DescribeImages"): _IMAGE,
    ("RetrainingStatesNotifierRole", "kms:Decrypt"): _ENCRYPTED,
    ("RetrainingStatesNotifierRole", "kms:GenerateDataKey"): _ENCRYPTED,
    ("RetrainingTrainerRole", "cloudwatch:PutMetricData"): "SageMaker's agent measures the instance",
    ("RetrainingTrainerRole", "logs:DescribeLogStreams"): "SageMaker's agent looks at the log",
    ("ScoringRole", "s3:AbortMultipartUpload"): _PARTS,
    ("ScoringRole", "s3:GetObject"): _PARTS,
    ("ScoringRole", "s3:ListMultipartUploadParts"): _PARTS,
    ("ScoringRole", "states:DescribeExecution"): _CHILDREN,
    ("ScoringRole", "states:StopExecution"): _CHILDREN,
    ("ArtifactsPublisherRole", "sagemaker:DescribeModelPackage"): _SECOND_VERSION,
    ("ModelHostedRole", "cloudwatch:PutMetricData"): "SageMaker's agent on the instance measures the host",
}
_FAILED_CREATION = "empties bucket and registry of a failed first creation, which test_update.py makes"
_UPDATE = "CodeDeploy shifts the alias in an update, which guardrails/test_function_canary.py makes"
UNUSED_IN_PROD: Mapping[tuple[str, str], str] = {
    ("ArtifactsPublisherRole", "sagemaker:DeleteModelPackage"): _FAILED_CREATION,
    ("ArtifactsPublisherRole", "s3:DeleteObject"): _FAILED_CREATION,
    ("ArtifactsPublisherRole", "s3:DeleteObjectVersion"): _FAILED_CREATION,
    ("ArtifactsPublisherRole", "s3:ListBucketMultipartUploads"): _FAILED_CREATION,
    ("ArtifactsPublisherRole", "s3:ListBucketVersions"): _FAILED_CREATION,
    ("ModelUpdateRole", "cloudwatch:DescribeAlarms"): _UPDATE,
    ("ModelUpdateRole", "lambda:GetAlias"): _UPDATE,
    ("ModelUpdateRole", "lambda:GetProvisionedConcurrencyConfig"): _UPDATE,
    ("ModelUpdateRole", "lambda:UpdateAlias"): _UPDATE,
}


def unlisted(decisions: Decisions, *, stack: str, stage: str = "dev") -> list[tuple[str, str]]:
    """The unused permissions of a stack that are not in the lists: role and action of each."""
    listed = {**UNUSED, **(UNUSED_IN_PROD if stage == "prod" else {})}
    found = [(grant["role"], grant["action"]) for grant in decisions.unused if grant["stack"] == stack]
    return [
        (role, action)
        for role, action in found
        if not any(role.startswith(start) and action == known for start, known in listed)
    ]
