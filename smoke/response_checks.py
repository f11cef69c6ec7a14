"""Checks of the API's responses: health, model version, golden rows, and refusal without credentials."""

from collections.abc import Sequence
from http import HTTPStatus

from api import join_with_and
from bundle import Golden, Manifest
from smoke.api import ApiClient, ApiResponse
from smoke.errors import CheckFailedError

_SHOWN = 3


def check_health(api: ApiClient, manifest: Manifest) -> str:
    """Checks that GET /health responds with 200 and the bundle's version.

    Returns:
        What was found.

    Raises:
        CheckFailedError: The status or the version differs.
    """
    if (version := version_of(_healthy_response(api))) != manifest.version:
        raise CheckFailedError(
            f"GET /health responds with version {version}, the bundle has version {manifest.version}"
        )
    return f"GET /health responds with 200 and version {version}"


def check_health_of_several(api: ApiClient, manifests: Sequence[Manifest]) -> str:
    """Checks that GET /health responds with 200 and the version of each bundle.

    Returns:
        What was found.

    Raises:
        CheckFailedError: The status or a version differs.
    """
    response = _healthy_response(api)
    expected = {manifest.name: manifest.version for manifest in manifests}
    found = {name: _model_version(name, response) for name in expected}
    if wrong := [name for name, version in expected.items() if found[name] != version]:
        raise CheckFailedError(
            "; ".join(
                f"GET /health responds with version {found[name]} of {name}, "
                f"the bundle has version {expected[name]}"
                for name in wrong
            )
        )
    versions = join_with_and(f"{version} of {name}" for name, version in expected.items())
    return f"GET /health responds with 200 and the versions {versions}"


def check_version(api: ApiClient, manifest: Manifest, *, output: str, follows: bool = False) -> str:
    """Checks that the version that predicts is the bundle's and the stack output's.

    Args:
        api: Client of the API.
        manifest: The manifest of the bundle.
        output: The value of the stack output ModelVersion, or ModelVersion<Model> for one of several models.
        follows: Whether the function reloads a bundle that is replaced in S3. Its version may then differ
            from the output, which has the version at the deployment.

    Returns:
        What was found.

    Raises:
        CheckFailedError: The request fails or a version differs.
    """
    response = api.predict(manifest.golden[0].instance)
    if response.status != HTTPStatus.OK:
        raise CheckFailedError(f"POST /predict responds with {response}, not 200")
    version = version_of(response)
    if follows and version == manifest.version:
        return f"version {version} responds, the bundle's; {output} was deployed"
    if not version == output == manifest.version:
        raise CheckFailedError(
            f"version {version} responds, the bundle has version {manifest.version}, "
            f"the stack output {output}"
        )
    return f"version {version} responds, the bundle's and the stack output's"


def check_golden(api: ApiClient, manifest: Manifest) -> str:
    """Checks that every golden row gets its golden prediction: equal labels, numbers within the tolerance.

    A model with a second target is asked for its quantiles too.

    Returns:
        What was found.

    Raises:
        CheckFailedError: Predictions differ; the message has the first of them.
    """
    wrong = []
    query = f"{manifest.quantiles.name}=true" if manifest.quantiles else ""
    for position, golden in enumerate(manifest.golden_answers):
        response = api.predict(golden.instance, query=query)
        if not is_golden(response, golden):
            wrong.append(f"row {position} gets {_shown(response)}, not {golden.prediction}")
    if wrong:
        more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise CheckFailedError(
            f"{len(wrong)} of {len(manifest.golden)} golden rows differ: {'; '.join(wrong[:_SHOWN])}{more}"
        )
    return f"{len(manifest.golden)} of {len(manifest.golden)} golden rows get their golden prediction"


def check_refusal(api: ApiClient, manifest: Manifest, *, without: str) -> str:
    """Checks that a request without credentials gets 403.

    Args:
        api: Client of the API.
        manifest: The manifest of the bundle.
        without: The missing credentials, for the message: "the key" or "a signature".

    Returns:
        What was found.

    Raises:
        CheckFailedError: The status is not 403.
    """
    response = api.predict(manifest.golden[0].instance, authorized=False)
    if response.status != HTTPStatus.FORBIDDEN:
        raise CheckFailedError(f"POST /predict without {without} responds with {response}, not 403")
    return f"POST /predict without {without} responds with 403"


def version_of(response: ApiResponse) -> str | None:
    """Returns the version of the model that responded; None if the response names none."""
    match response.body:
        case {"model": {"version": str(version)}}:
            return version
    return None


def is_golden(response: ApiResponse, golden: Golden) -> bool:
    """Whether a response has the golden prediction: equal labels, numbers within the tolerance."""
    match response:
        case ApiResponse(status=HTTPStatus.OK, body={"predictions": [{**prediction}]}):
            return golden.matches(prediction)
    return False


def _healthy_response(api: ApiClient) -> ApiResponse:
    response = api.health()
    if response.status != HTTPStatus.OK:
        raise CheckFailedError(f"GET /health responds with {response}, not 200")
    return response


def _model_version(model: str, response: ApiResponse) -> str | None:
    match response.body:
        case {"models": {**models}}:
            return version_of(ApiResponse(status=response.status, body={"model": models.get(model)}))
    return None


def _shown(response: ApiResponse) -> str:
    match response:
        case ApiResponse(status=HTTPStatus.OK, body={"predictions": [prediction]}):
            return str(prediction)
    return str(response)
