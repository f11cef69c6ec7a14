"""Findings in the resources of retrainings that are accepted, by construct path below the stack."""

from collections.abc import Mapping, Sequence

_ANY = "AwsSolutions-IAM5[Resource::*]"
_BUNDLES = "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/{bundles}]"
_RESULTS = "AwsSolutions-IAM5[Resource::<Artifacts/Bucket.Arn>/retraining/*]"
_HERE = "<AWS::Region>:<AWS::AccountId>"
_JOBS = f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:sagemaker:{_HERE}:training-job/{{jobs}}-*]"
_EXECUTIONS = (
    f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:{_HERE}:execution:"
    "<Retraining/StateMachine.Name>:*]"
)
_STREAMS = (
    f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:{_HERE}:log-group:/aws/sagemaker/TrainingJobs:"
    "log-stream:*]"
)

# Of policies: some actions take no resource, and names of objects, jobs and executions are made during a run.
WILDCARDS: Mapping[str, Sequence[str]] = {
    # The actions with which Step Functions delivers its log take no resource.
    "Retraining/Role/DefaultPolicy": [_ANY, _JOBS],
    # Its metrics and the registry's token take no resource.
    "Retraining/Trainer/Role/DefaultPolicy": [
        _ANY,
        _BUNDLES,
        _RESULTS,
        _STREAMS,
        "AwsSolutions-IAM5[Resource::{rows}]",
        "AwsSolutions-IAM5[Resource::{weather}]",
    ],
    "Retraining/States/Registrar/Role/DefaultPolicy": [_BUNDLES, _RESULTS],
    "Retraining/States/Verifier/Role/DefaultPolicy": [_BUNDLES],
    "Retraining/States/Executions": [_EXECUTIONS],
}

# Rules of EventBridge, whose event is the start of a run or a mail.
EVENT_RULES = ("Clock", "Arrived", "Drifted", "Approved", "Ended")
