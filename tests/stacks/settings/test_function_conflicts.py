import pytest

from stacks.settings.settings import Settings, SettingsError


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"memory_mb": "2048"},
            (
                "The setting memory_mb is 2048, and hosting realtime takes it from instance_type: "
                "leave memory_mb out, or set hosting to serverless or lambda."
            ),
        ),
        (
            {"hosting": "serverless", "memory_mb": "1769"},
            (
                "The setting memory_mb is 1769, and with hosting serverless it must be one of "
                "1024, 2048, 3072, 4096, 5120, 6144."
            ),
        ),
        (
            {"hosting": "serverless", "max_concurrency": "201"},
            (
                "The setting max_concurrency is 201, and with hosting serverless it must be a whole number "
                "from 1 to 200."
            ),
        ),
        (
            {"hosting": "serverless", "bundle": "s3://models/model.tar.gz", "reload": "60"},
            (
                "The setting reload is 60, and hosting serverless reads its bundle once: set hosting to "
                "lambda, or leave reload out and deploy each bundle."
            ),
        ),
        (
            {"packaging": "zip"},
            (
                "The setting packaging is 'zip', and hosting realtime runs the container image: "
                "leave packaging out, or set hosting to lambda."
            ),
        ),
        (
            {"hosting": "serverless", "snapstart": "true"},
            (
                "The setting snapstart is true, and hosting serverless has no snapshots: "
                "set snapstart to false, or hosting to lambda."
            ),
        ),
        (
            {"hosting": "lambda", "packaging": "image", "snapstart": "true"},
            (
                "The setting snapstart is true, and packaging is 'image', whose base is not one of Lambda's: "
                "set snapstart to false, or packaging to zip."
            ),
        ),
        (
            {"hosting": "lambda", "reload": "60"},
            (
                "The setting reload is 60, and bundle is training's own: set bundle to an object in S3, as "
                "s3://bucket/key, without *, ? and $, or leave reload out."
            ),
        ),
        (
            {"hosting": "lambda", "bundle": "s3://models/*.tar.gz", "reload": "60"},
            (
                "The setting reload is 60, and bundle is 's3://models/*.tar.gz': set bundle to an object in "
                "S3, as s3://bucket/key, without *, ? and $, or leave reload out."
            ),
        ),
    ],
)
def test_conflicting_settings_of_functions_are_rejected_with_what_to_do(
    given: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_context({"model": "m"} | given)

    assert str(error.value) == sentence
