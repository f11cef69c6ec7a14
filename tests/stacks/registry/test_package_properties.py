"""Properties of a version in the model registry."""

from bundle import DataSource, Metrics, interface_of
from stacks.registry.package_properties import approval_text, metrics_text, package_properties, property_value
from tests.tiny_bundle import tiny_manifest


def test_a_manifest_tells_its_data_figures_and_interface() -> None:
    manifest = tiny_manifest(
        version="ab12cd34ef56",
        data=DataSource(name="flights, 2019 (sample)", rows=1200, start="2019-01-01", end="2019-12-31"),
        metrics=Metrics(split="the last days", values={"auc": 0.74125, "brier": 0.1}),
    )

    assert package_properties(manifest, source="deployment") == {
        "version": "ab12cd34ef56",
        "interface": interface_of(manifest),
        "source": "deployment",
        "data": "flights 2019 sample",
        "rows": "1200",
        "first_day": "2019-01-01",
        "last_day": "2019-12-31",
        "metrics": "auc=0.7412 brier=0.1",
    }


def test_an_unknown_value_is_absent_because_sagemaker_refuses_an_empty_one() -> None:
    properties = package_properties(tiny_manifest(version="ab12cd34ef56"), source="promotion")

    assert "first_day" not in properties
    assert "" not in properties.values()


def test_a_value_has_the_characters_and_the_length_that_sagemaker_allows() -> None:
    assert property_value("s3://bucket/a_b-c.csv?x=1&y=Zoë") == "s3://bucket/a_b-c.csv x=1 y=Zoë"
    assert len(property_value("a" * 300)) == 256


def test_figures_that_do_not_fit_are_left_out_whole() -> None:
    text = metrics_text({f"figure_{number}": 0.123456 for number in range(30)})

    assert 256 - len("figure_29=0.1235 ") < len(text) <= 256
    assert all(figure.endswith("=0.1235") for figure in text.split())


def test_figures_of_other_situations_and_of_the_baseline_are_left_out() -> None:
    text = metrics_text({"auc": 0.7, "auc_baseline": 0.6, "auc_weather": 0.8, "base_rate": 0.2})

    assert text == "auc=0.7 base_rate=0.2"


def test_an_approval_is_one_line_because_sagemaker_refuses_others() -> None:
    assert approval_text("ada", "UPDATE_FAILED:\n  out of memory") == "ada: UPDATE_FAILED: out of memory"
