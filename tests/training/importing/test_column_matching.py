import pytest
from onnx import TensorProto

from training.errors import TrainingError
from training.importing.column_matching import match_columns
from training.importing.graphs.foreign_graph import ForeignInput

AGE = ForeignInput(name="age", kind="number", element=TensorProto.FLOAT)
SHOP_NAME = ForeignInput(name="shop_name_", kind="string", element=TensorProto.STRING)
TENSOR = ForeignInput(name="x", kind="number", element=TensorProto.FLOAT, width=2)
WORDS = ForeignInput(name="w", kind="string", element=TensorProto.STRING, width=1)


def test_columns_are_found_by_name_whatever_their_order_and_punctuation() -> None:
    found = match_columns((AGE, SHOP_NAME), {"Shop name!": True, "id": False, "age": False})

    assert found.columns == {"age": ("age",), "shop_name_": ("Shop name!",)}
    assert list(found.kinds) == ["Shop name!", "age"]
    assert found.unused == ("id",)


def test_names_that_are_the_same_to_a_converter_are_matched_by_their_place() -> None:
    inputs = [
        ForeignInput(name=name, kind="number", element=TensorProto.FLOAT, width=1) for name in ("a_b", "a_b1")
    ]

    found = match_columns(inputs, {"a_b": False, "a.b": False}, ("a.b", "a_b"))

    assert found.columns == {"a_b": ("a.b",), "a_b1": ("a_b",)}


def test_a_tensor_with_names_takes_its_columns_in_their_order() -> None:
    found = match_columns((TENSOR,), {"b": False, "c": False, "a": False}, ("a", "b"))

    assert found.columns == {"x": ("a", "b")}
    assert found.unused == ("c",)


def test_tensors_without_names_take_numbers_and_words_in_order() -> None:
    wide = ForeignInput(name="w", kind="string", element=TensorProto.STRING, width=2)

    found = match_columns((TENSOR, wide), {"p": True, "a": False, "q": True, "b": False})

    assert found.columns == {"x": ("a", "b"), "w": ("p", "q")}


def test_the_order_that_tensors_without_names_assume_is_said() -> None:
    codes = ForeignInput(name="codes", kind="integer", element=TensorProto.INT64, width=2)

    several = match_columns((TENSOR, codes), dict.fromkeys("abcd", False))
    one = match_columns((TENSOR,), {"a": False, "b": False})

    assert "x takes a, b; codes takes c, d." in several.assumed
    assert one.assumed == ""


def test_a_tensor_of_unknown_width_takes_all_columns() -> None:
    open_width = ForeignInput(name="x", kind="number", element=TensorProto.FLOAT, width=None)

    assert match_columns((open_width,), {"a": False, "b": False}).columns == {"x": ("a", "b")}


@pytest.mark.parametrize(
    ("inputs", "sample", "expected"),
    [
        ((AGE, SHOP_NAME), {"agee": False, "shop_name": True}, "did you mean 'agee'"),
        (
            (AGE, SHOP_NAME),
            {"x": False, "y": True},
            "its columns are x, y, and the model takes age, shop_name_",
        ),
        ((TENSOR,), {"a": False}, "takes 2 columns without names, and the sample has 1"),
    ],
)
def test_columns_that_do_not_fit_are_refused_by_name(
    inputs: tuple[ForeignInput, ...], sample: dict[str, bool], expected: str
) -> None:
    with pytest.raises(TrainingError, match=expected):
        match_columns(inputs, sample)


def test_inputs_with_the_names_of_a_converter_have_the_columns_that_the_model_names() -> None:
    inputs = [ForeignInput(name=name, kind="number", element=1) for name in ("a_b", "a_b1", "a_b2")]
    names = ("a b", "a-b", "a.b")

    found = match_columns(inputs, dict.fromkeys(("a.b", "a-b", "a b"), False), names)

    assert found.columns == {"a_b": ("a b",), "a_b1": ("a-b",), "a_b2": ("a.b",)}
