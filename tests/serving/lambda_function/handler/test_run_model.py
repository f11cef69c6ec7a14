"""Model of a run: the bundle that served when the run began, also after a release."""

from collections.abc import Callable

import pytest

from bundle.scored_file_formats import FileError
from serving.lambda_function.run_model import RunModels, replaced_model
from serving.lambda_function.s3 import S3Client, S3Error, S3RefusalError
from serving.predict.predictor import Predictor
from tests.serving.lambda_function.object_store import DENIED, URL, ObjectStore
from tests.serving.lambda_function.reload_parts import Put

OWN = "s3://models/released/model.tar.gz"


@pytest.fixture
def models(store: ObjectStore, binary: Predictor) -> RunModels:
    """The models of a function that serves the bundle of OWN, after a release."""
    return RunModels({"MODEL_DATA_URL": OWN}, S3Client(store.environment), served=lambda: binary)


def test_a_run_that_began_before_a_release_keeps_its_version_and_reads_it_once(
    models: RunModels, store: ObjectStore, put: Put, binary: Predictor
) -> None:
    before = put(weight=2.0)
    assert before != binary.version

    events = [{"model": URL}, {"model": OWN}, {"model": URL}, {}]

    assert [models.predictor(event).version for event in events] == [before, binary.version] * 2
    assert store.statuses == [200]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda store: setattr(store, "refusal", (403, DENIED)), "access is denied, or there is no such"),
        (lambda store: setattr(store, "body", b"no archive"), "cannot be served"),
    ],
)
def test_a_bundle_that_is_gone_ends_the_run_with_its_reason(
    models: RunModels, store: ObjectStore, put: Put, spoil: Callable[[ObjectStore], None], reason: str
) -> None:
    put(weight=2.0)
    spoil(store)

    with pytest.raises(FileError) as raised:
        models.predictor({"model": URL})

    assert str(raised.value).startswith("The run began with another version of the model than the one that")
    assert reason in str(raised.value)
    assert str(raised.value).endswith("Start the run again.")


def test_a_busy_s3_is_an_error_that_the_state_machine_repeats(
    models: RunModels, store: ObjectStore, put: Put
) -> None:
    put(weight=2.0)
    store.failures = 2

    with pytest.raises(S3Error, match="S3 answers 503 SlowDown") as raised:
        models.predictor({"model": URL})

    assert not isinstance(raised.value, S3RefusalError)
    assert models.predictor({"model": URL})


def test_no_step_uses_another_version_than_the_one_that_the_run_read_first(binary: Predictor) -> None:
    assert replaced_model(binary, {}) == ""
    assert replaced_model(binary, {"version": binary.version}) == ""
    assert f"version {binary.version} serves in the place of 000000000000" in replaced_model(
        binary, {"version": "0" * 12}
    )
