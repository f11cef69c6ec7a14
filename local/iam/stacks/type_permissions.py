"""Actions that CloudFormation calls with the stack's role for each resource type.

The actions are those of the type's handlers that every resource of the type needs, from AWS's registry of
resource types; a test compares them with it.
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html#schema-properties-handlers
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.aws import ACCOUNT, REGION


@dataclass(frozen=True, kw_only=True)
class TypePermissions:
    """The permissions of one resource type.

    Attributes:
        create: Actions that create a resource.
        update: Actions that change it in place.
        delete: Actions that delete it.
        arn: Its ARN after arn:aws:, with {region}, {account}, {name} and properties in braces.
        name: The property with its name, "" for a generated one.
        role: The property with a role that is passed, "" without one.
        service: The service that gets this role.
    """

    create: tuple[str, ...]
    update: tuple[str, ...]
    delete: tuple[str, ...]
    arn: str
    name: str = ""
    role: str = ""
    service: str = ""

    def resource(self, name: str, properties: Mapping[str, Any]) -> str:
        """Returns the ARN of a resource."""
        # A scaling policy has an ARN, and its actions are on the scalable target.
        if name.startswith("arn:") and self.arn != _SCALING:
            return name
        texts = {key: text for key, value in properties.items() if (text := _first_text(value))}
        known = _Unknown(texts | {"region": REGION, "account": ACCOUNT, "name": name})
        found = self.arn.format_map(known)
        return found if found.startswith("arn:") else f"arn:aws:{found}"


class _Unknown(dict[str, str]):
    """A property that a resource lacks is any."""

    def __missing__(self, key: str) -> str:
        return "*"


def _first_text(value: Any) -> str:
    """Returns a property, or the first item of a list of names."""
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, str) else ""


def _gateway(path: str, *, put: bool = False, is_changed: bool = True) -> TypePermissions:
    """API Gateway's actions are HTTP methods on paths."""
    write = ("apigateway:PUT",) if put else ("apigateway:POST",)
    return TypePermissions(
        create=write,
        update=(("apigateway:PUT",) if put else ("apigateway:PATCH",)) if is_changed else (),
        delete=("apigateway:DELETE",),
        arn=f"apigateway:{{region}}::{path}",
    )


_API = "/restapis/{RestApiId}"
_SCALING = "application-autoscaling:{region}:{account}:scalable-target/*"


def _crud(
    service: str, create: str, update: str, delete: str, *, arn: str, name: str = "", role: str = ""
) -> TypePermissions:
    """One action for each operation; "" for a type that is never changed in place."""
    return TypePermissions(
        create=(f"{service}:{create}",),
        update=(f"{service}:{update}",) if update else (),
        delete=(f"{service}:{delete}",) if delete else (),
        arn=arn,
        name=name,
        role=role,
        service=f"{service}.amazonaws.com" if role else "",
    )


TYPE_PERMISSIONS: Mapping[str, TypePermissions] = {
    "AWS::ApiGateway::Account": TypePermissions(
        create=("apigateway:PATCH",),
        update=("apigateway:PATCH",),
        delete=(),
        arn="apigateway:{region}::/account",
        role="CloudWatchRoleArn",
        service="apigateway.amazonaws.com",
    ),
    "AWS::ApiGateway::ApiKey": _gateway("/apikeys"),
    "AWS::ApiGateway::Deployment": _gateway(f"{_API}/deployments"),
    "AWS::ApiGateway::GatewayResponse": _gateway(f"{_API}/gatewayresponses/{{ResponseType}}", put=True),
    "AWS::ApiGateway::Method": _gateway(f"{_API}/resources/{{ResourceId}}/methods/{{HttpMethod}}", put=True),
    "AWS::ApiGateway::Model": _gateway(f"{_API}/models"),
    "AWS::ApiGateway::RequestValidator": _gateway(f"{_API}/requestvalidators"),
    "AWS::ApiGateway::Resource": _gateway(f"{_API}/resources/{{ParentId}}"),
    "AWS::ApiGateway::RestApi": _gateway("/restapis"),
    "AWS::ApiGateway::Stage": _gateway(f"{_API}/stages"),
    "AWS::ApiGateway::UsagePlan": _gateway("/usageplans"),
    "AWS::ApiGateway::UsagePlanKey": _gateway("/usageplans/{UsagePlanId}/keys", is_changed=False),
    "AWS::ApplicationAutoScaling::ScalableTarget": _crud(
        "application-autoscaling",
        "RegisterScalableTarget",
        "RegisterScalableTarget",
        "DeregisterScalableTarget",
        arn=_SCALING,
    ),
    "AWS::ApplicationAutoScaling::ScalingPolicy": _crud(
        "application-autoscaling", "PutScalingPolicy", "PutScalingPolicy", "DeleteScalingPolicy", arn=_SCALING
    ),
    "AWS::Budgets::Budget": _crud(
        "budgets", "ModifyBudget", "ModifyBudget", "ModifyBudget", arn="budgets::{account}:budget/{name}"
    ),
    "AWS::CloudWatch::Alarm": _crud(
        "cloudwatch",
        "PutMetricAlarm",
        "PutMetricAlarm",
        "DeleteAlarms",
        arn="cloudwatch:{region}:{account}:alarm:{name}",
        name="AlarmName",
    ),
    "AWS::CloudWatch::Dashboard": _crud(
        "cloudwatch",
        "PutDashboard",
        "PutDashboard",
        "DeleteDashboards",
        arn="cloudwatch::{account}:dashboard/{name}",
        name="DashboardName",
    ),
    "AWS::CodeDeploy::Application": _crud(
        "codedeploy",
        "CreateApplication",
        "TagResource",
        "DeleteApplication",
        arn="codedeploy:{region}:{account}:application:{name}",
        name="ApplicationName",
    ),
    "AWS::CodeDeploy::DeploymentConfig": _crud(
        "codedeploy",
        "CreateDeploymentConfig",
        "",
        "DeleteDeploymentConfig",
        arn="codedeploy:{region}:{account}:deploymentconfig:{name}",
        name="DeploymentConfigName",
    ),
    "AWS::CodeDeploy::DeploymentGroup": _crud(
        "codedeploy",
        "CreateDeploymentGroup",
        "UpdateDeploymentGroup",
        "DeleteDeploymentGroup",
        arn="codedeploy:{region}:{account}:deploymentgroup:{ApplicationName}/{name}",
        name="DeploymentGroupName",
        role="ServiceRoleArn",
    ),
    "AWS::ECR::Repository": _crud(
        "ecr",
        "CreateRepository",
        "PutLifecyclePolicy",
        "DeleteRepository",
        arn="ecr:{region}:{account}:repository/{name}",
        name="RepositoryName",
    ),
    "AWS::Events::Rule": TypePermissions(
        create=("events:PutRule", "events:PutTargets"),
        update=("events:PutRule", "events:PutTargets"),
        delete=("events:RemoveTargets", "events:DeleteRule"),
        arn="events:{region}:{account}:rule/{name}",
        name="Name",
    ),
    "AWS::IAM::Policy": _crud(
        "iam", "PutRolePolicy", "PutRolePolicy", "DeleteRolePolicy", arn="iam::{account}:role/{Roles}"
    ),
    "AWS::IAM::Role": _crud(
        "iam",
        "CreateRole",
        "UpdateAssumeRolePolicy",
        "DeleteRole",
        arn="iam::{account}:role/{name}",
        name="RoleName",
    ),
    "AWS::KMS::Key": _crud(
        "kms", "CreateKey", "PutKeyPolicy", "ScheduleKeyDeletion", arn="kms:{region}:{account}:key/{name}"
    ),
    "AWS::Lambda::Alias": _crud(
        "lambda",
        "CreateAlias",
        "UpdateAlias",
        "DeleteAlias",
        arn="lambda:{region}:{account}:function:{FunctionName}",
    ),
    "AWS::Lambda::Function": _crud(
        "lambda",
        "CreateFunction",
        "UpdateFunctionConfiguration",
        "DeleteFunction",
        arn="lambda:{region}:{account}:function:{name}",
        name="FunctionName",
        role="Role",
    ),
    "AWS::Lambda::Permission": _crud(
        "lambda",
        "AddPermission",
        "",
        "RemovePermission",
        arn="lambda:{region}:{account}:function:{FunctionName}",
    ),
    "AWS::Lambda::Version": _crud(
        "lambda",
        "PublishVersion",
        "",
        "DeleteFunction",
        arn="lambda:{region}:{account}:function:{FunctionName}",
    ),
    "AWS::Logs::LogGroup": _crud(
        "logs",
        "CreateLogGroup",
        "PutRetentionPolicy",
        "DeleteLogGroup",
        arn="logs:{region}:{account}:log-group:{name}:log-stream:",
        name="LogGroupName",
    ),
    "AWS::S3::Bucket": _crud(
        "s3", "CreateBucket", "PutBucketTagging", "DeleteBucket", arn="s3:::{name}", name="BucketName"
    ),
    "AWS::S3::BucketPolicy": _crud(
        "s3", "PutBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy", arn="s3:::{Bucket}"
    ),
    "AWS::SNS::Subscription": _crud(
        "sns", "Subscribe", "SetSubscriptionAttributes", "Unsubscribe", arn="{TopicArn}"
    ),
    "AWS::SNS::Topic": _crud(
        "sns",
        "CreateTopic",
        "SetTopicAttributes",
        "DeleteTopic",
        arn="sns:{region}:{account}:{name}",
        name="TopicName",
    ),
    "AWS::SNS::TopicPolicy": _crud(
        "sns", "SetTopicAttributes", "SetTopicAttributes", "SetTopicAttributes", arn="{Topics}"
    ),
    "AWS::SSM::Parameter": _crud(
        "ssm",
        "PutParameter",
        "PutParameter",
        "DeleteParameter",
        arn="ssm:{region}:{account}:parameter/{name}",
        name="Name",
    ),
    "AWS::SageMaker::Endpoint": _crud(
        "sagemaker",
        "CreateEndpoint",
        "UpdateEndpoint",
        "DeleteEndpoint",
        arn="sagemaker:{region}:{account}:endpoint/{name}",
        name="EndpointName",
    ),
    "AWS::SageMaker::EndpointConfig": _crud(
        "sagemaker",
        "CreateEndpointConfig",
        "AddTags",
        "DeleteEndpointConfig",
        arn="sagemaker:{region}:{account}:endpoint-config/{name}",
        name="EndpointConfigName",
    ),
    "AWS::SageMaker::Model": _crud(
        "sagemaker",
        "CreateModel",
        "AddTags",
        "DeleteModel",
        arn="sagemaker:{region}:{account}:model/{name}",
        name="ModelName",
        role="ExecutionRoleArn",
    ),
    "AWS::WAFv2::LoggingConfiguration": _crud(
        "wafv2",
        "PutLoggingConfiguration",
        "PutLoggingConfiguration",
        "DeleteLoggingConfiguration",
        arn="{ResourceArn}",
    ),
    "AWS::WAFv2::WebACL": _crud(
        "wafv2",
        "CreateWebACL",
        "UpdateWebACL",
        "DeleteWebACL",
        arn="wafv2:{region}:{account}:regional/webacl/{name}",
        name="Name",
    ),
    "AWS::WAFv2::WebACLAssociation": _crud(
        "wafv2",
        "AssociateWebACL",
        "AssociateWebACL",
        "DisassociateWebACL",
        arn="{WebACLArn}",
    ),
}
