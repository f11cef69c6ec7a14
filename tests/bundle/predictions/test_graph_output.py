"""Names of output tensors."""

from bundle import output_name


def test_the_output_is_named_by_the_task() -> None:
    assert output_name("regression") == "value"
    assert output_name("binary") == output_name("multiclass") == "probabilities"
