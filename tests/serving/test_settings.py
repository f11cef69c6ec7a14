"""Settings of the server from environment variables."""

import os

import pytest

from serving.settings import ServerSettings, SettingError
from serving.workers.process_memory import memory_budget


def test_the_defaults_are_those_of_sagemaker_containers() -> None:
    settings = ServerSettings.read({})

    assert (settings.host, settings.port, settings.model) == ("0.0.0.0", 8080, "/opt/ml/model")  # noqa: S104
    assert settings.workers == len(os.sched_getaffinity(0))
    assert (settings.memory, settings.log_sample) == (memory_budget(), 0.01)


def test_every_setting_can_be_set() -> None:
    settings = ServerSettings.read(
        {
            "SERVING_HOST": "127.0.0.1",
            "SAGEMAKER_BIND_TO_PORT": "0",
            "SAGEMAKER_BASE_DIR": "/elsewhere",
            "SAGEMAKER_MODEL_SERVER_WORKERS": "3",
            "SERVING_MODEL_MEMORY_MB": "100",
            "SERVING_LOG_SAMPLE": "1",
        }
    )

    assert settings == ServerSettings(
        host="127.0.0.1",
        port=0,
        model="/elsewhere/model",
        workers=3,
        memory=100 << 20,
        log_sample=1.0,
    )


def test_a_server_of_many_models_has_no_model_folder() -> None:
    assert ServerSettings.read({"SAGEMAKER_MULTI_MODEL": "true"}).model is None
    assert ServerSettings.read({"SAGEMAKER_MULTI_MODEL": "false"}).model is not None


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("SAGEMAKER_BIND_TO_PORT", ["", "http", "-1", "65536", "9" * 5_000]),
        ("SAGEMAKER_MODEL_SERVER_WORKERS", ["", "0", "129", "two", "1.5"]),
        ("SERVING_MODEL_MEMORY_MB", ["", "-1", "1GB"]),
        ("SERVING_LOG_SAMPLE", ["", "1.1", "-0.1", "nan", "1e-2", "all"]),
    ],
)
def test_an_invalid_value_is_refused_with_the_name_of_its_variable(name: str, values: list[str]) -> None:
    for value in values:
        with pytest.raises(SettingError, match=f"^{name} is '{value}': give "):
            ServerSettings.read({name: value})
