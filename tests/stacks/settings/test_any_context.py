"""Settings of generated contexts."""

import re
import string
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stacks.settings.parsers import PARSERS
from stacks.settings.settings import Settings, SettingsError

LIKELY = st.sampled_from(
    [
        "dev",
        "prod",
        "realtime",
        "serverless",
        "lambda",
        "zip",
        "image",
        "ml.m5.large",
        "ml.t2.medium",
        "0",
        "1",
        "2",
        "512",
        "1024",
        "true",
        "false",
        "key",
        "iam",
        "a@b.c",
        "s3://bucket/key",
        "model.tar.gz",
        "150",
        "tiny",
        "tiny,other",
        "ml.g5.xlarge",
        "*",
        "https://app.example.com,http://localhost:3000",
    ]
)
TEXT = st.text(max_size=30) | st.text(alphabet=string.printable, max_size=30)
VALUES = LIKELY | TEXT | st.integers() | st.booleans() | st.none() | st.floats() | st.lists(TEXT, max_size=2)
NAMES = st.sampled_from([*PARSERS, "previous_hosting"])


@given(context=st.dictionaries(NAMES, LIKELY) | st.dictionaries(NAMES | TEXT, VALUES, max_size=6))
def test_every_context_gives_settings_or_a_sentence_for_each_error(context: dict[str, Any]) -> None:
    settings, refusal = read(context)

    if settings is None:
        assert re.fullmatch(r"The setting .*\.", refusal, re.DOTALL)
    else:
        assert settings.instance_count <= settings.max_instance_count
        assert (settings.hosting == "realtime") == (settings.memory_mb is None)
        assert settings.data_capture_percent == 0 or settings.hosting != "serverless"
        assert len(settings.names) == 1 or settings.hosting == "realtime"
        assert len(settings.stack_name) <= 63
        assert not (settings.is_scaled and settings.instance_type.startswith("ml.t2"))


def read(context: dict[str, Any]) -> tuple[Settings | None, str]:
    try:
        return Settings.from_context(context), ""
    except SettingsError as error:
        return None, str(error)
