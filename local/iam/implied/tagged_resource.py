"""sagemaker:AddTags: a principal that creates a tagged resource of SageMaker needs it for that resource.

https://docs.aws.amazon.com/sagemaker/latest/dg/security_iam_id-based-policy-examples.html
"""

import re
from dataclasses import dataclass

from local.iam.request import ApiRequest

ADD_TAGS = "sagemaker:AddTags"
_CREATE = "sagemaker:Create"


@dataclass(frozen=True, kw_only=True)
class Tagging:
    """The tagging that a call implies.

    Attributes:
        resource: The new resource.
        operation: The call, such as CreateTrainingJob.
    """

    resource: str
    operation: str

    @property
    def context(self) -> dict[str, str]:
        """The condition keys of sagemaker:AddTags."""
        return {"sagemaker:TaggingAction": self.operation}


def tagging(action: str, resource: str, request: ApiRequest) -> Tagging | None:
    """Returns the tagging that a call implies; None when it creates nothing with tags."""
    if not (action.startswith(_CREATE) and request.parameters.get("Tags")):
        return None
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", action.removeprefix(_CREATE)).lower()
    # CreateEndpoint needs its endpoint configuration too, which it does not tag.
    if f":{kind}/" not in resource:
        return None
    return Tagging(resource=resource, operation=action.partition(":")[2])
