"""Model of a run that scores files: one version from the first call of the run to the last."""

from collections.abc import Callable, Mapping
from typing import Any

from bundle.scored_file_formats import FileError
from serving.lambda_function.model_data import ModelDataError, ModelSource
from serving.lambda_function.reload import load
from serving.lambda_function.s3 import S3Client, S3Error, S3RefusalError
from serving.predict.onnx_model import ModelError
from serving.predict.predictor import Predictor

# A call may take 15 minutes: https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
_FETCH_SECONDS = 60.0


class RunModels:
    """Models of the runs in progress: that of the function, and another one after a release.

    The state machine names the bundle that served when the run started, because an execution keeps its
    definition: https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html.
    A function that is updated meanwhile reads that bundle again. Of an object that is overwritten there is
    only the last bundle, so the state machine names the version, and no call scores with another one.

    Args:
        environ: Environment of the function, as of `served_model.start`.
        s3: Client of S3.
        served: Returns the predictor of the function itself.
    """

    def __init__(self, environ: Mapping[str, str], s3: S3Client, *, served: Callable[[], Predictor]) -> None:
        self._own_url = environ.get("MODEL_DATA_URL", "")
        self._s3 = s3
        self._served = served
        # Of one other bundle, because two runs are seldom of two earlier ones.
        self._other: tuple[str, Predictor] | None = None

    def predictor(self, event: Mapping[str, Any]) -> Predictor:
        """Returns the predictor of a run.

        Args:
            event: `model` is the S3 URI of the run's bundle; without it, the bundle that serves is used.

        Raises:
            FileError: The bundle cannot be read or loaded.
            S3Error: S3 is busy; another attempt may succeed.
        """
        url = event.get("model", self._own_url)
        if url == self._own_url:
            return self._served()
        if self._other is None or self._other[0] != url:
            # Two other bundles at once could be more than the memory holds.
            self._other = None
            self._other = url, self._load(url)
        return self._other[1]

    def _load(self, url: str) -> Predictor:
        try:
            return load(ModelSource(url, self._s3).fetch(seconds=_FETCH_SECONDS)).predictor
        except (ModelDataError, ModelError) as error:
            cause = error.__cause__
            if isinstance(cause, S3Error) and not isinstance(cause, S3RefusalError):
                raise cause from error
            raise FileError(
                f"The run began with another version of the model than the one that serves now. {error} "
                "Start the run again."
            ) from error


def replaced_model(predictor: Predictor, event: Mapping[str, Any]) -> str:
    """Returns why a step may not use a predictor; "" when it may.

    Args:
        predictor: The predictor.
        event: `version` is the version that the run began with, where its bundle can be overwritten.
    """
    began = event.get("version", predictor.version)
    if began == predictor.version:
        return ""
    return (
        f"The model has changed during the run: version {predictor.version} serves in the place of {began}, "
        "with which the run began. Start the run again, and put no other bundle into the object of the "
        "setting reload until it has ended."
    )
