"""The CodeDeploy API: operations of deployments in AWS's JSON 1.1 protocol.

https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_Operations.html
"""

from collections.abc import Callable

from local.arns import deployment_group_arn
from local.codedeploy.app_spec import AppSpec
from local.codedeploy.codedeploy import CodeDeploy
from local.codedeploy.deployment import LambdaDeployment
from local.codedeploy.errors import CodeDeployError
from local.json_protocol import Parameters, Result, invalid_parameters
from local.local_aws import ACCOUNT, REGION

_Operation = Callable[[Parameters], Result]


class CodeDeployApi:
    """The API.

    Args:
        codedeploy: The deployments.
    """

    def __init__(self, codedeploy: CodeDeploy) -> None:
        self._codedeploy = codedeploy
        self._operations: dict[str, _Operation] = {
            "BatchGetDeploymentTargets": self._get_targets,
            "CreateDeployment": self._create,
            "GetDeployment": lambda found: {"deploymentInfo": self._get(found).info()},
            "GetDeploymentConfig": self._get_config,
            "GetDeploymentGroup": self._get_group,
            "ListApplications": lambda _: {"applications": self._codedeploy.catalog.names()},
            "ListDeploymentGroups": self._list_groups,
            "ListDeployments": self._list,
            "StopDeployment": self._stop,
        }

    def call(self, operation: str, parameters: Parameters) -> Result:
        """Executes an operation.

        Raises:
            CodeDeployError: CodeDeploy's error response.
        """
        if operation not in self._operations:
            raise CodeDeployError(
                "UnknownOperationException", f"AWS on this machine has no CodeDeploy {operation}."
            )
        if wrong := invalid_parameters("codedeploy", operation, parameters):
            raise CodeDeployError("InvalidInputException", wrong)
        return self._operations[operation](parameters)

    def resource(self, parameters: Parameters) -> str:
        """Returns the ARN that IAM decides about.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodedeploy.html
        """
        application, group = parameters.get("applicationName"), parameters.get("deploymentGroupName")
        deployment = {found.id: found for found in self._codedeploy.all()}.get(
            str(parameters.get("deploymentId"))
        )
        if deployment:
            application, group = deployment.group.application, deployment.group.name
        if application and group:
            return deployment_group_arn(application, group)
        prefix = f"arn:aws:codedeploy:{REGION}:{ACCOUNT}"
        if application:
            return f"{prefix}:application:{application}"
        config = parameters.get("deploymentConfigName")
        return f"{prefix}:deploymentconfig:{config}" if config else "*"

    def _create(self, parameters: Parameters) -> Result:
        group = self._codedeploy.catalog.group(
            parameters["applicationName"], parameters.get("deploymentGroupName", "")
        )
        content = parameters.get("revision", {}).get("appSpecContent", {}).get("content", "")
        config = parameters.get("deploymentConfigName", "")
        deployment = self._codedeploy.deploy(group, AppSpec.parse(content), config=config)
        return {"deploymentId": deployment.id}

    def _get(self, parameters: Parameters) -> LambdaDeployment:
        return self._codedeploy.get(parameters["deploymentId"])

    def _get_targets(self, parameters: Parameters) -> Result:
        return {"deploymentTargets": [self._get(parameters).target()]}

    def _get_config(self, parameters: Parameters) -> Result:
        name = parameters["deploymentConfigName"]
        routing = self._codedeploy.catalog.routing(name)
        return {
            "deploymentConfigInfo": {
                "deploymentConfigName": name,
                "computePlatform": "Lambda",
                "trafficRoutingConfig": routing,
            }
        }

    def _get_group(self, parameters: Parameters) -> Result:
        group = self._codedeploy.catalog.group(
            parameters["applicationName"], parameters["deploymentGroupName"]
        )
        names = {"applicationName": group.application, "deploymentGroupName": group.name}
        return {"deploymentGroupInfo": {**group.parameters, **names, "computePlatform": "Lambda"}}

    def _list_groups(self, parameters: Parameters) -> Result:
        application = parameters["applicationName"]
        groups = self._codedeploy.catalog.groups(application)
        return {"applicationName": application, "deploymentGroups": list(groups)}

    def _list(self, parameters: Parameters) -> Result:
        application, group = parameters.get("applicationName"), parameters.get("deploymentGroupName")
        if application:
            self._codedeploy.catalog.groups(application)
        if application and group:
            self._codedeploy.catalog.group(application, group)
        statuses = parameters.get("includeOnlyStatuses")
        return {
            "deployments": [
                found.id
                for found in self._codedeploy.all()
                if application in (None, found.group.application)
                and group in (None, found.group.name)
                and (not statuses or found.status in statuses)
            ]
        }

    def _stop(self, parameters: Parameters) -> Result:
        self._codedeploy.stop(self._get(parameters))
        return {"status": "Pending", "statusMessage": "The deployment is being stopped."}
