"""The contract of POST /invocations, answered by the unpacked zip of the model's function.

The imported cases are those of tests/contract: pytest collects them here again, with the server of this file.
Left out are cases about headers that only SageMaker sends, which the API's invoker does not pass on.
"""

import shutil
from collections.abc import Iterator

import pytest

from stacks.settings.settings import ROOT
from tests.contract.test_invocations import (  # noqa: F401  # collected here
    test_a_byte_order_mark_before_json_is_ignored,
    test_a_csv_body_gets_a_csv_response,
    test_a_threshold_changes_the_labels_of_its_own_request_only,
    test_every_other_shape_of_many_rows_is_predicted,
    test_malformed_csv_is_400_and_invalid_rows_in_csv_are_422,
    test_many_instances_get_their_predictions_in_order,
    test_one_instance_gets_its_prediction_and_the_model,
    test_with_on_error_skip_invalid_rows_have_their_errors_in_their_place,
)
from tests.contract.test_refusals import (  # noqa: F401  # collected here
    test_a_body_in_another_media_type_is_415,
    test_a_body_that_is_not_a_json_object_is_400,
    test_invalid_values_are_reported_by_row_field_and_rule,
    test_no_problem_document_shows_internals,
    test_rows_with_invalid_values_are_422,
)
from tests.function_zip.unpacked import ZipFunction, running_zip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, serving_packages: None) -> Iterator[ZipFunction]:
    """The function of the zip in the place of the server process."""
    assert serving_packages is None
    base = tmp_path_factory.mktemp("zip")
    for room in ("bundle", "serving", "function_zip"):
        shutil.copytree(ROOT / room, base / "checkout" / room)
    with running_zip(base / "checkout", base) as function:
        yield function


def test_the_answers_name_the_version_that_the_invoker_passes_on(server: ZipFunction) -> None:
    reply = server.get("/ping")

    assert reply.headers["x-model-version"] == reply.json["model"]["version"]
