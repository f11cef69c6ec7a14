"""LOCAL_SPEED."""

import pytest

from local.errors import LocalError
from local.time_scale import speed


@pytest.mark.parametrize(
    ("environ", "found"), [({}, 60), ({"LOCAL_SPEED": "1"}, 1), ({"LOCAL_SPEED": "0.5"}, 0.5)]
)
def test_the_environment_sets_the_speed(environ: dict[str, str], found: float) -> None:
    assert speed(environ) == found


@pytest.mark.parametrize("text", ["", "fast", "0", "-1", "nan", "inf"])
def test_another_text_is_an_error_that_says_what_to_give(text: str) -> None:
    with pytest.raises(LocalError, match=f"LOCAL_SPEED is '{text}', which is not a positive number: give"):
        speed({"LOCAL_SPEED": text})
