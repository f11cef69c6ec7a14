"""What /ping may say, and when."""

from pathlib import Path

from bundle import Golden
from serving.health import Health
from serving.predictor import Predictor
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle


def wrong_predictor(folder: Path) -> Predictor:
    golden = (Golden(instance=EXAMPLE, prediction={"label": "no", "probability": 0.1}),)
    return Predictor(write_tiny_bundle(folder / "wrong.tar.gz", golden=golden))


def test_a_process_without_a_model_says_that_it_is_loading() -> None:
    health = Health()

    assert health.trouble() == "The model is being loaded."
    assert health.predictor is None


def test_a_model_that_answers_its_golden_rows_is_ready(binary: Predictor) -> None:
    health = Health()

    health.start(binary)

    assert health.trouble() is None
    assert health.predictor is binary


def test_a_model_that_answers_its_golden_rows_wrong_never_predicts(tmp_path: Path) -> None:
    health = Health()

    health.start(wrong_predictor(tmp_path))

    assert "golden row" in (health.trouble() or "")
    assert health.predictor is None


def test_a_model_that_turns_wrong_is_in_trouble(binary: Predictor, tmp_path: Path) -> None:
    health = Health()
    health.start(binary)

    health.predictor = wrong_predictor(tmp_path)

    assert "golden row" in (health.trouble() or "")


def test_a_stopping_process_wants_no_more_but_still_answers(binary: Predictor) -> None:
    health = Health()
    health.start(binary)

    health.stop()

    assert health.trouble() == "The process is stopping."
    assert health.predictor is binary
