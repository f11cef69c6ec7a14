"""Models of one account and region, and their execution roles."""

from local.sagemaker.errors import invalid
from local.sagemaker.execution_role import AssumeRole, ExecutionRole, assume_or_refuse
from local.sagemaker.fleets.variant_properties import variant_of
from local.sagemaker.resource_collection import Catalog, SageMakerResource


class ModelCatalog(Catalog[SageMakerResource]):
    """The models, by name.

    Args:
        assume: Assumes the execution role of a model.
    """

    def __init__(self, assume: AssumeRole) -> None:
        super().__init__(noun="model", path="model")
        self._assume = assume

    def of(self, config: SageMakerResource) -> SageMakerResource:
        """Returns the one model of an endpoint configuration.

        Raises:
            SageMakerError: It does not exist.
        """
        return self.get(variant_of(config.request)["ModelName"])

    def assume_role(self, model: SageMakerResource) -> ExecutionRole:
        """Assumes the execution role of a model, which the catalog need not hold yet.

        Raises:
            SageMakerError: The model has no role, or SageMaker may not assume it.
        """
        role_arn = model.request.get("ExecutionRoleArn")
        if role_arn is None:
            raise invalid(
                f"Model {model.name} has no ExecutionRoleArn: AWS on this machine reads its image and data "
                "with this role."
            )
        return assume_or_refuse(self._assume, role_arn, source_arn=self.arn(model.name))
