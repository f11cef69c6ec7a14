"""The model that a Lambda function serves, by its environment."""

from collections.abc import Callable, Mapping

from serving.lambda_function.model_data import ModelSource
from serving.lambda_function.reload import BundleReloader, LoadedBundle, load
from serving.lambda_function.s3 import S3Client
from serving.predict.predictor import Predictor

# A function has ten seconds to start: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
_FETCH_SECONDS = 5.0


def start(environ: Mapping[str, str]) -> Callable[[], Predictor]:
    """Loads the model; returns a function that returns the current predictor.

    Args:
        environ: Environment of the function:
            MODEL_DATA_URL: S3 URI of the deployed bundle, read once, when the function starts.
            RELOAD_SECONDS: Smallest number of seconds between two checks of RELOAD_URL; no checks unless set.
            RELOAD_URL: S3 URI of the bundle that is served instead.
            MODEL_INTERFACE: Digest of the deployed bundle's interface, as `bundle.interface_of` returns it.
            URL_SUFFIX: Domain of AWS's host names; amazonaws.com unless set.

    Raises:
        ModelDataError: When the bundle cannot be read.
        ModelError: When it cannot be loaded.
    """
    s3 = S3Client(environ)
    source = ModelSource(environ.get("MODEL_DATA_URL", ""), s3)

    def deployed() -> LoadedBundle:
        return load(source.fetch(seconds=_FETCH_SECONDS))

    if "RELOAD_SECONDS" not in environ:
        predictor = deployed().predictor
        return lambda: predictor
    reloader = BundleReloader(
        ModelSource(environ["RELOAD_URL"], s3),
        deployed=deployed,
        interface=environ["MODEL_INTERFACE"],
        every=float(environ["RELOAD_SECONDS"]),
        function=environ.get("AWS_LAMBDA_FUNCTION_NAME", ""),
    )
    return lambda: reloader.predictor
