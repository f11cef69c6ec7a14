"""The stack of the application."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from api import join_with_and
from bundle import Manifest
from stacks.api.gateway_responses import GatewayResponses
from stacks.api.prediction_api import PredictionApi
from stacks.hosting.functions.model_function import ModelFunction
from stacks.hosting.model_host import ModelHost, ModelHostType
from stacks.hosting.model_image import ModelImage
from stacks.hosting.realtime_endpoint import RealtimeEndpoint
from stacks.hosting.serverless_endpoint import ServerlessEndpoint
from stacks.monitoring.monitor import Monitor
from stacks.operations.alarm_topic import AlarmTopic
from stacks.operations.alarms import Alarms
from stacks.operations.budget import Budget
from stacks.operations.dashboard import Dashboard
from stacks.operations.firewall import Firewall
from stacks.operations.rollback_mail import RollbackMail
from stacks.registry.model_registry import ModelRegistry
from stacks.retraining.retraining import Retraining
from stacks.retraining.triggers import Triggers
from stacks.scoring.file_scoring import FileScoring
from stacks.scoring.inbox import Inbox
from stacks.settings.bundle_archive import Archive
from stacks.settings.data_folders import OWN_FOLDER
from stacks.settings.parsers import S3_SCHEME, Hosting
from stacks.settings.retraining.parsers import ON_DRIFT
from stacks.settings.settings import SCORES, Settings
from stacks.stack_outputs import add_outputs
from stacks.storage.artifact_store import ArtifactStore
from stacks.storage.model_report import ModelReport, Reports, find_reports

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-description-structure.html
_MAX_DESCRIPTION = 1024

MODEL_HOSTS: Mapping[Hosting, ModelHostType] = {
    "realtime": RealtimeEndpoint,
    "serverless": ServerlessEndpoint,
    "lambda": ModelFunction,
}


class PredictionStack(cdk.Stack):
    """One model behind one REST API, or several models behind one endpoint and one API."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        archives: Sequence[Archive],
        image_builder: str = "docker",
    ) -> None:
        super().__init__(scope, id, description=_description(settings.names))
        self.template_options.metadata = {
            "Prediction": {"Hosting": settings.hosting, "Stage": settings.stage}
        }
        self._settings = settings
        manifests = [archive.bundle.manifest for archive in archives]
        reports = find_reports(archives) if settings.has_page else {}
        artifacts = self._add_artifacts(archives, reports)
        image = ModelImage(self, "Image", builder=image_builder)
        model = MODEL_HOSTS[settings.hosting](
            self, "Model", image=image, artifacts=artifacts, settings=settings
        )
        api = self._add_api(manifests, reports, model=model, artifacts=artifacts)
        mail = AlarmTopic(self, "Mail", email=settings.alarm_email) if settings.alarm_email else None
        monitored = settings.monitor != "off"
        monitor = Monitor(self, "Monitor", artifacts=artifacts, settings=settings) if monitored else None
        self._add_operations(api, model=model, monitor=monitor, mail=mail)
        if settings.scoring_data:
            self._add_scoring(settings.scoring_data, image=image, artifacts=artifacts, mail=mail)
        registry = self._add_registry(manifests, image=image, artifacts=artifacts, host=model.served)
        if registry and settings.is_retrained:
            self._add_retraining(
                artifacts=artifacts,
                registry=registry,
                api=api,
                mail=mail,
                monitor=monitor,
                image_builder=image_builder,
            )
        self._allow_invoker(api.invoker.role, model=model, artifacts=artifacts)
        add_outputs(self, manifests, api=api, model=model, artifacts=artifacts)

    def _add_artifacts(self, archives: Sequence[Archive], reports: Reports) -> ArtifactStore:
        return ArtifactStore(
            self,
            "Artifacts",
            archives=archives,
            reports={name: report for name, report in reports.items() if isinstance(report, ModelReport)},
            follows_object=bool(self._settings.reload),
            keeps_data=self._settings.keeps_data,
        )

    def _add_api(
        self,
        manifests: Sequence[Manifest],
        reports: Reports,
        *,
        model: ModelHost,
        artifacts: ArtifactStore,
    ) -> PredictionApi:
        """Adds the REST API, the answers that API Gateway gives by itself, and the firewall."""
        settings = self._settings
        api = PredictionApi(
            self,
            "Api",
            manifests=manifests,
            target={**model.environment, **artifacts.invoker_environment},
            reports=reports,
            settings=settings,
        )
        GatewayResponses(
            self,
            "Problems",
            rest_api=api.rest_api,
            models=settings.names,
            auth=settings.auth,
            has_page=settings.has_page,
            cors_origins=settings.cors_origins,
        )
        if settings.waf:
            Firewall(
                self,
                "Firewall",
                stage=api.rest_api.deployment_stage,
                rate_limit=settings.rate_limit,
                keeps_data=settings.keeps_data,
            )
        return api

    def _add_operations(
        self, api: PredictionApi, *, model: ModelHost, monitor: Monitor | None, mail: AlarmTopic | None
    ) -> None:
        """Adds alarms, the dashboard, the mail of rollbacks and the budget."""
        settings = self._settings
        stage, invoker = api.rest_api.deployment_stage, api.invoker.function
        alarms = Alarms(
            self,
            "Alarms",
            stage=stage,
            invoker=invoker,
            hosting=[*model.alarms, *(monitor.alarms if monitor else ())],
            topic=mail.topic if mail else None,
            pause=model.pause,
        )
        if mail and model.guarded_arn:
            RollbackMail(self, "RollbackMail", endpoint_arn=model.guarded_arn, mail=mail)
        Dashboard(self, "Dashboard", stage=stage, invoker=invoker, alarms=alarms.all, hosting=model.widgets)
        if settings.budget and settings.alarm_email:
            Budget(self, "Budget", dollars=settings.budget, email=settings.alarm_email)

    def _allow_invoker(self, role: iam.IRole, *, model: ModelHost, artifacts: ArtifactStore) -> None:
        model.grant_invoke(role)
        model.grant_describe(role)
        artifacts.grant_describe(role, has_page=self._settings.has_page)

    def _add_registry(
        self,
        manifests: Sequence[Manifest],
        *,
        image: ModelImage,
        artifacts: ArtifactStore,
        host: str,
    ) -> ModelRegistry | None:
        """Adds the registry of a single model, and the output with its group; several models have none."""
        if artifacts.holds_several:
            return None
        serves_image = self._settings.hosting != "lambda" or self._settings.packaging == "image"
        registry = ModelRegistry(
            self,
            "Registry",
            manifest=manifests[0],
            model_data_url=artifacts.own_data_url,
            served_version=artifacts.version,
            host=host,
            image=image.asset if serves_image else None,
            publisher=artifacts.publisher,
            keeps_data=self._settings.keeps_data,
        )
        cdk.CfnOutput(self, "ModelPackageGroup", value=registry.group_name)
        return registry

    def _add_retraining(
        self,
        *,
        artifacts: ArtifactStore,
        registry: ModelRegistry,
        api: PredictionApi,
        mail: AlarmTopic | None,
        monitor: Monitor | None,
        image_builder: str,
    ) -> None:
        """Adds what trains and releases the model again, and the outputs that `make retrain` reads."""
        retraining = Retraining(
            self,
            "Retraining",
            artifacts=artifacts,
            registry=registry,
            api=api,
            mail=mail,
            settings=self._settings,
            image_builder=image_builder,
        )
        Triggers(
            self,
            "Triggers",
            retraining=retraining,
            bucket=artifacts.bucket,
            registry=registry,
            drift=monitor.drift_alarm if monitor and self._settings.retrain == ON_DRIFT else None,
            mail=mail,
            settings=self._settings,
        )
        cdk.CfnOutput(self, "RetrainingArn", value=retraining.state_machine.state_machine_arn)
        cdk.CfnOutput(self, "RowsFolder", value=retraining.rows.url)

    def _add_scoring(
        self,
        folder: str,
        *,
        image: ModelImage,
        artifacts: ArtifactStore,
        mail: AlarmTopic | None,
    ) -> None:
        """Adds the output of the folder with whole files, and with hosting lambda what scores them."""
        own = f"{S3_SCHEME}{artifacts.bucket.bucket_name}/{SCORES}"
        cdk.CfnOutput(self, "ScoringFolder", value=own if folder == OWN_FOLDER else folder)
        if self._settings.hosting != "lambda":
            return
        scoring = FileScoring(
            self,
            "Scoring",
            image=image,
            artifacts=artifacts,
            bucket=artifacts.bucket,
            settings=self._settings,
        )
        cdk.CfnOutput(self, "ScoringArn", value=scoring.state_machine.state_machine_arn)
        if mail and self._settings.inbox == "on":
            Inbox(self, "Inbox", bucket=artifacts.bucket, scoring=scoring, mail=mail)


def _description(models: Sequence[str]) -> str:
    """Returns the description of the stack, with the names of the models unless they are too long for it."""
    named = f"Predictions of the model{'s' * (len(models) > 1)} {join_with_and(models)} over REST"
    return named if len(named) <= _MAX_DESCRIPTION else f"Predictions of {len(models)} models over REST"
