"""AppSpec of a Lambda deployment: function, alias, current and target version.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-example.html#appspec-file-example-lambda
"""

import json
from dataclasses import dataclass

from local.codedeploy.errors import CodeDeployError

_TYPE = "AWS::Lambda::Function"


@dataclass(frozen=True, kw_only=True)
class AppSpec:
    """The alias to shift, and its two versions."""

    function: str
    alias: str
    current: str
    target: str

    @classmethod
    def parse(cls, content: str) -> "AppSpec":
        """Reads an AppSpec in JSON.

        Raises:
            CodeDeployError: It is not the AppSpec of one Lambda function.
        """
        try:
            [resource] = [found for item in json.loads(content)["Resources"] for found in item.values()]
            properties = {_TYPE: resource["Properties"]}[resource["Type"]]
            return cls(
                function=str(properties["Name"]),
                alias=str(properties["Alias"]),
                current=str(properties["CurrentVersion"]),
                target=str(properties["TargetVersion"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise CodeDeployError(
                "InvalidRevisionException",
                "The AppSpec must be JSON with one AWS::Lambda::Function: Name, Alias, CurrentVersion and "
                "TargetVersion.",
            ) from None

    @property
    def content(self) -> str:
        """The AppSpec as JSON."""
        properties = {
            "Name": self.function,
            "Alias": self.alias,
            "CurrentVersion": self.current,
            "TargetVersion": self.target,
        }
        return json.dumps(
            {"version": 0.0, "Resources": [{"function": {"Type": _TYPE, "Properties": properties}}]}
        )
