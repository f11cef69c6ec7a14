"""Actions that CloudFormation calls with the stack's role for each resource type.

The actions are those of the type's handlers that every resource of the type needs, from AWS's registry of
resource types; a test compares them with it.
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html#schema-properties-handlers
"""

from collections.abc import Mapping

from local.iam.stacks.handler_permissions import API_PATH, SCALING_ARN, TypePermissions, crud, gateway

TYPE_PERMISSIONS: Mapping[str, TypePermissions] = {
    "AWS::ApiGateway::Account": TypePermissions(
        create=("apigateway:PATCH",),
        update=("apigateway:PATCH",),
        delete=(),
        arn="apigateway:{region}::/account",
        role="CloudWatchRoleArn",
        service="apigateway.amazonaws.com",
    ),
    "AWS::ApiGateway::ApiKey": gateway("/apikeys"),
    "AWS::ApiGateway::Deployment": gateway(f"{API_PATH}/deployments"),
    "AWS::ApiGateway::GatewayResponse": gateway(f"{API_PATH}/gatewayresponses/{{ResponseType}}", put=True),
    "AWS::ApiGateway::Method": gateway(
        f"{API_PATH}/resources/{{ResourceId}}/methods/{{HttpMethod}}", put=True
    ),
    "AWS::ApiGateway::Model": gateway(f"{API_PATH}/models"),
    "AWS::ApiGateway::RequestValidator": gateway(f"{API_PATH}/requestvalidators"),
    "AWS::ApiGateway::Resource": gateway(f"{API_PATH}/resources/{{ParentId}}"),
    "AWS::ApiGateway::RestApi": gateway("/restapis"),
    "AWS::ApiGateway::Stage": gateway(f"{API_PATH}/stages"),
    "AWS::ApiGateway::UsagePlan": gateway("/usageplans"),
    "AWS::ApiGateway::UsagePlanKey": gateway("/usageplans/{UsagePlanId}/keys", is_changed=False),
    "AWS::ApplicationAutoScaling::ScalableTarget": crud(
        "application-autoscaling",
        "RegisterScalableTarget",
        "RegisterScalableTarget",
        "DeregisterScalableTarget",
        arn=SCALING_ARN,
    ),
    "AWS::ApplicationAutoScaling::ScalingPolicy": crud(
        "application-autoscaling",
        "PutScalingPolicy",
        "PutScalingPolicy",
        "DeleteScalingPolicy",
        arn=SCALING_ARN,
    ),
    "AWS::Budgets::Budget": crud(
        "budgets", "ModifyBudget", "ModifyBudget", "ModifyBudget", arn="budgets::{account}:budget/{name}"
    ),
    "AWS::CloudWatch::Alarm": crud(
        "cloudwatch",
        "PutMetricAlarm",
        "PutMetricAlarm",
        "DeleteAlarms",
        arn="cloudwatch:{region}:{account}:alarm:{name}",
        name="AlarmName",
    ),
    "AWS::CloudWatch::Dashboard": crud(
        "cloudwatch",
        "PutDashboard",
        "PutDashboard",
        "DeleteDashboards",
        arn="cloudwatch::{account}:dashboard/{name}",
        name="DashboardName",
    ),
    "AWS::CodeDeploy::Application": crud(
        "codedeploy",
        "CreateApplication",
        "TagResource",
        "DeleteApplication",
        arn="codedeploy:{region}:{account}:application:{name}",
        name="ApplicationName",
    ),
    "AWS::CodeDeploy::DeploymentConfig": crud(
        "codedeploy",
        "CreateDeploymentConfig",
        "",
        "DeleteDeploymentConfig",
        arn="codedeploy:{region}:{account}:deploymentconfig:{name}",
        name="DeploymentConfigName",
    ),
    "AWS::CodeDeploy::DeploymentGroup": crud(
        "codedeploy",
        "CreateDeploymentGroup",
        "UpdateDeploymentGroup",
        "DeleteDeploymentGroup",
        arn="codedeploy:{region}:{account}:deploymentgroup:{ApplicationName}/{name}",
        name="DeploymentGroupName",
        role="ServiceRoleArn",
    ),
    "AWS::ECR::Repository": crud(
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
    "AWS::IAM::Policy": crud(
        "iam", "PutRolePolicy", "PutRolePolicy", "DeleteRolePolicy", arn="iam::{account}:role/{Roles}"
    ),
    "AWS::IAM::Role": crud(
        "iam",
        "CreateRole",
        "UpdateAssumeRolePolicy",
        "DeleteRole",
        arn="iam::{account}:role/{name}",
        name="RoleName",
    ),
    "AWS::KMS::Key": crud(
        "kms", "CreateKey", "PutKeyPolicy", "ScheduleKeyDeletion", arn="kms:{region}:{account}:key/{name}"
    ),
    "AWS::Lambda::Alias": crud(
        "lambda",
        "CreateAlias",
        "UpdateAlias",
        "DeleteAlias",
        arn="lambda:{region}:{account}:function:{FunctionName}",
    ),
    "AWS::Lambda::Function": crud(
        "lambda",
        "CreateFunction",
        "UpdateFunctionConfiguration",
        "DeleteFunction",
        arn="lambda:{region}:{account}:function:{name}",
        name="FunctionName",
        role="Role",
    ),
    "AWS::Lambda::Permission": crud(
        "lambda",
        "AddPermission",
        "",
        "RemovePermission",
        arn="lambda:{region}:{account}:function:{FunctionName}",
    ),
    "AWS::Lambda::Version": crud(
        "lambda",
        "PublishVersion",
        "",
        "DeleteFunction",
        arn="lambda:{region}:{account}:function:{FunctionName}",
    ),
    "AWS::Logs::LogGroup": crud(
        "logs",
        "CreateLogGroup",
        "PutRetentionPolicy",
        "DeleteLogGroup",
        arn="logs:{region}:{account}:log-group:{name}:log-stream:",
        name="LogGroupName",
    ),
    "AWS::S3::Bucket": crud(
        "s3", "CreateBucket", "PutBucketTagging", "DeleteBucket", arn="s3:::{name}", name="BucketName"
    ),
    "AWS::S3::BucketPolicy": crud(
        "s3", "PutBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy", arn="s3:::{Bucket}"
    ),
    "AWS::SNS::Subscription": crud(
        "sns", "Subscribe", "SetSubscriptionAttributes", "Unsubscribe", arn="{TopicArn}"
    ),
    "AWS::SNS::Topic": crud(
        "sns",
        "CreateTopic",
        "SetTopicAttributes",
        "DeleteTopic",
        arn="sns:{region}:{account}:{name}",
        name="TopicName",
    ),
    "AWS::SNS::TopicPolicy": crud(
        "sns", "SetTopicAttributes", "SetTopicAttributes", "SetTopicAttributes", arn="{Topics}"
    ),
    "AWS::SSM::Parameter": crud(
        "ssm",
        "PutParameter",
        "PutParameter",
        "DeleteParameter",
        arn="ssm:{region}:{account}:parameter/{name}",
        name="Name",
    ),
    "AWS::SageMaker::Endpoint": crud(
        "sagemaker",
        "CreateEndpoint",
        "UpdateEndpoint",
        "DeleteEndpoint",
        arn="sagemaker:{region}:{account}:endpoint/{name}",
        name="EndpointName",
    ),
    "AWS::SageMaker::EndpointConfig": crud(
        "sagemaker",
        "CreateEndpointConfig",
        "AddTags",
        "DeleteEndpointConfig",
        arn="sagemaker:{region}:{account}:endpoint-config/{name}",
        name="EndpointConfigName",
    ),
    "AWS::SageMaker::Model": crud(
        "sagemaker",
        "CreateModel",
        "AddTags",
        "DeleteModel",
        arn="sagemaker:{region}:{account}:model/{name}",
        name="ModelName",
        role="ExecutionRoleArn",
    ),
    "AWS::SageMaker::ModelPackageGroup": crud(
        "sagemaker",
        "CreateModelPackageGroup",
        "AddTags",
        "DeleteModelPackageGroup",
        arn="sagemaker:{region}:{account}:model-package-group/{name}",
        name="ModelPackageGroupName",
    ),
    "AWS::StepFunctions::StateMachine": crud(
        "states",
        "CreateStateMachine",
        "UpdateStateMachine",
        "DeleteStateMachine",
        arn="states:{region}:{account}:stateMachine:{name}",
        name="StateMachineName",
        role="RoleArn",
    ),
    "AWS::WAFv2::LoggingConfiguration": crud(
        "wafv2",
        "PutLoggingConfiguration",
        "PutLoggingConfiguration",
        "DeleteLoggingConfiguration",
        arn="{ResourceArn}",
    ),
    "AWS::WAFv2::WebACL": crud(
        "wafv2",
        "CreateWebACL",
        "UpdateWebACL",
        "DeleteWebACL",
        arn="wafv2:{region}:{account}:regional/webacl/{name}",
        name="Name",
    ),
    "AWS::WAFv2::WebACLAssociation": crud(
        "wafv2",
        "AssociateWebACL",
        "AssociateWebACL",
        "DisassociateWebACL",
        arn="{WebACLArn}",
    ),
}
