"""Functions behind the states, each with a role of its own that names every action and resource."""

from collections.abc import Mapping, Sequence

from aws_cdk import Aws, DefaultStackSynthesizer, Duration, Stack
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.api.prediction_api import PredictionApi
from stacks.functions.python_function import PythonFunction
from stacks.operations.alarm_topic import AlarmTopic
from stacks.registry.model_registry import ModelRegistry
from stacks.retraining.data_folder import DataFolder
from stacks.settings.retraining.job_names import job_prefix
from stacks.settings.settings import RETRAINED, Settings

_PACKAGE = "retraining"
_TIMEOUT = Duration.minutes(1)
# It copies a bundle, and reads the results of two jobs; or sends golden rows for minutes.
_LONG_TIMEOUT = Duration.minutes(5)
_MEMORY_MB = 256
_LARGE_MEMORY_MB = 1024
_LOCK = f"{RETRAINED}/lock.json"
_STACK = {"STACK": Aws.STACK_ID}
_READ_STACK = ("cloudformation:DescribeStacks",)
_READ_VERSIONS = ("sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages")


class StateFunctions(Construct):
    """The functions, whose code is lambda_src/retraining.

    Attributes:
        prepare: Decides what a run does.
        registrar: Writes into the registry.
        releaser: Starts the update of the stack.
        verifier: Sends golden rows through the API.
        notifier: Mails the outcome.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        bucket: s3.Bucket,
        folder: str,
        interface: str,
        image: ecr_assets.DockerImageAsset,
        rows: DataFolder,
        registry: ModelRegistry,
        api: PredictionApi,
        mail: AlarmTopic | None,
        settings: Settings,
    ) -> None:
        """Makes the functions.

        Args:
            scope: Parent construct.
            id: Id of the construct.
            bucket: Artifact bucket.
            folder: Folder of the bundles of the model in it.
            interface: Digest of the model's request and response interface.
            image: Training image, in the repository of all images.
            rows: Folder of the rows.
            registry: Registry of the stack.
            api: API of the stack.
            mail: Topic of the outcomes; None for none.
            settings: Settings of the stack.
        """
        super().__init__(scope, id)
        self._keeps_data = settings.keeps_data
        self._bucket = bucket
        self._bundles = bucket.arn_for_objects(f"{folder}/*")
        self._stored = {"BUCKET": bucket.bucket_name, "MODELS": folder}
        self.prepare = self._make_prepare(rows, registry, releases=settings.approve == "auto")
        self.registrar = self._make_registrar(interface, image, registry)
        # CloudFormation changes the resources with the role of the deployment, which the stack has:
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
        self.releaser = self._make(
            "Releaser",
            "Releases a version by an update of the stack",
            _STACK,
            {
                (*_READ_STACK, "cloudformation:UpdateStack"): [Aws.STACK_ID],
                ("ssm:GetParameters",): [_bootstrap_version(self)],
            },
        )
        self.verifier = self._make_verifier(api)
        for user in (self.prepare, self.registrar):
            registry.accept_versions(user.role.node.find_child("DefaultPolicy"))
        self.notifier = self._make_notifier(mail)

    @property
    def all(self) -> Sequence[lambda_.Function]:
        """All functions."""
        made = (self.prepare, self.registrar, self.releaser, self.verifier, self.notifier)
        return [one.function for one in made]

    def _make_prepare(self, rows: DataFolder, registry: ModelRegistry, *, releases: bool) -> PythonFunction:
        environment = {
            **self._stored,
            **_STACK,
            "GROUP": registry.group_name,
            "JOB_PREFIX": job_prefix(Stack.of(self).stack_name),
            "LOCK": _LOCK,
            "DATA": rows.url,
            # A run that releases by rule needs a service that is not paused.
            **({"RELEASES": "true"} if releases else {}),
        }
        grants = {
            _READ_STACK: [Aws.STACK_ID],
            ("s3:GetObject", "s3:PutObject"): [self._bucket.arn_for_objects(_LOCK)],
            # Of the own bucket too: without it S3 answers 403 for a lock that is absent.
            ("s3:ListBucket",): [*dict.fromkeys([self._bucket.bucket_arn, rows.bucket_arn])],
            _READ_VERSIONS: [registry.versions_arn],
        }
        return self._make("Prepare", "Decides what a retraining does", environment, grants)

    def _make_registrar(
        self, interface: str, image: ecr_assets.DockerImageAsset, registry: ModelRegistry
    ) -> PythonFunction:
        environment = {
            **self._stored,
            "GROUP": registry.group_name,
            "INTERFACE": interface,
            "TRAINING_IMAGE": image.image_uri,
        }
        grants = {
            ("s3:GetObject",): [self._bucket.arn_for_objects(f"{RETRAINED}/*"), self._bundles],
            ("s3:PutObject",): [self._bundles],
            # SageMaker looks at the image of a new package:
            # https://docs.aws.amazon.com/sagemaker/latest/dg/security-iam-awsmanpol-model-registry.html
            ("ecr:BatchGetImage", "ecr:DescribeImages"): [image.repository.repository_arn],
            ("sagemaker:CreateModelPackage",): [registry.group_arn, registry.versions_arn],
            (*_READ_VERSIONS, "sagemaker:UpdateModelPackage"): [registry.versions_arn],
        }
        return self._make(
            "Registrar",
            "Registers the versions of retrainings",
            environment,
            grants,
            timeout=_LONG_TIMEOUT,
            memory_size=_LARGE_MEMORY_MB,
        )

    def _make_verifier(self, api: PredictionApi) -> PythonFunction:
        grants = {
            ("cloudformation:DescribeStackEvents", *_READ_STACK): [Aws.STACK_ID],
            ("s3:GetObject",): [self._bundles],
            **_credentials(api, self),
        }
        return self._make(
            "Verifier",
            "Sends golden rows through the API",
            {**self._stored, **_STACK, "STACK_NAME": Stack.of(self).stack_name, **_addresses(api)},
            grants,
            timeout=_LONG_TIMEOUT,
        )

    def _make_notifier(self, mail: AlarmTopic | None) -> PythonFunction:
        topic = {"TOPIC": mail.topic.topic_arn} if mail else {}
        environment = {"STACK_NAME": Stack.of(self).stack_name, **topic}
        notifier = self._make("Notifier", "Mails the outcomes", environment, {})
        if mail:
            mail.grant_publish(notifier.role)
        return notifier

    def _make(
        self,
        id: str,
        description: str,
        environment: Mapping[str, str],
        grants: Mapping[tuple[str, ...], Sequence[str]],
        *,
        timeout: Duration = _TIMEOUT,
        memory_size: int = _MEMORY_MB,
    ) -> PythonFunction:
        made = PythonFunction(
            self,
            id,
            package=_PACKAGE,
            module=id.lower(),
            description=description,
            timeout=timeout,
            memory_size=memory_size,
            keeps_data=self._keeps_data,
            environment=environment,
        )
        for actions, resources in grants.items():
            made.role.add_to_policy(iam.PolicyStatement(actions=[*actions], resources=[*resources]))
        return made

    def allow_executions(self, arn: str) -> None:
        """Lets the lock ask whether an execution is in progress; `arn` is the pattern of their ARNs."""
        statement = iam.PolicyStatement(actions=["states:DescribeExecution"], resources=[arn])
        iam.Policy(self, "Executions", roles=[self.prepare.role], statements=[statement])


def _bootstrap_version(scope: Construct) -> str:
    """Returns the ARN of the bootstrap's version in Parameter Store, which a parameter of the template names.

    CloudFormation reads it as the caller of UpdateStack, and not with the role of the stack, as the policy of
    the bootstrap's deployment role says:
    https://github.com/aws/aws-cdk-cli/blob/main/packages/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml
    """
    stack = Stack.of(scope)
    qualifier = stack.synthesizer.bootstrap_qualifier or DefaultStackSynthesizer.DEFAULT_QUALIFIER
    name = DefaultStackSynthesizer.DEFAULT_BOOTSTRAP_STACK_VERSION_SSM_PARAMETER
    return stack.format_arn(
        service="ssm",
        resource="parameter",
        resource_name=name.replace("${Qualifier}", qualifier).removeprefix("/"),
    )


def _addresses(api: PredictionApi) -> dict[str, str]:
    [predict_url] = api.predict_urls.values()
    key = {"API_KEY_ID": api.api_key_id} if api.api_key_id else {}
    return {"PREDICT_URL": predict_url, "HEALTH_URL": api.health_url, **key}


def _credentials(api: PredictionApi, scope: Construct) -> dict[tuple[str, ...], list[str]]:
    """Returns the permission to read the API key, or to send signed requests."""
    if not api.api_key_id:
        return {("execute-api:Invoke",): [api.rest_api.arn_for_execute_api("POST", "/predict", "v1")]}
    key = Stack.of(scope).format_arn(
        service="apigateway", account="", resource="/apikeys", resource_name=api.api_key_id
    )
    return {("apigateway:GET",): [key]}
