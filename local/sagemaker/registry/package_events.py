"""Events of model packages that SageMaker sends to EventBridge.

https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html#eventbridge-model-package
"""

from local.sagemaker.registry.model_package import ModelPackage
from local.sagemaker.updates.endpoint_events import Publish, milliseconds

_STATUS = "SageMaker Model Package State Change"
# The members of the request that the event of the page has.
_MEMBERS = ("InferenceSpecification", "MetadataProperties", "ModelMetrics", "ModelPackageDescription")


class PackageEvents:
    """Sends the events of model packages.

    Args:
        publish: Sends an event.
    """

    def __init__(self, publish: Publish) -> None:
        self._publish = publish

    def status_changed(self, package: ModelPackage) -> None:
        """Reports a new package, or a change of its ModelApprovalStatus."""
        detail = {
            "ModelPackageGroupName": package.group,
            "ModelPackageVersion": package.version,
            "ModelPackageArn": package.arn,
            "CreationTime": milliseconds(package.created),
            **{name: package.request[name] for name in _MEMBERS if name in package.request},
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "CertifyForMarketplace": False,
            "ModelApprovalStatus": package.approval,
            "LastModifiedTime": milliseconds(package.modified or package.created),
        }
        self._publish(_STATUS, package.arn, detail)
