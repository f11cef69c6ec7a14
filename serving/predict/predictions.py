"""What a model says about one row."""

import msgspec


class LabelPrediction(msgspec.Struct, frozen=True, gc=False):
    """The predicted class, with its probability or, for a binary model, with that of the positive label."""

    label: str
    probability: float


class ClassPrediction(LabelPrediction, frozen=True):
    """The predicted class with the probability of every label."""

    probabilities: dict[str, float]


class ValuePrediction(msgspec.Struct, frozen=True, gc=False):
    """The predicted number, in the unit of the model's target."""

    value: float


Prediction = LabelPrediction | ClassPrediction | ValuePrediction
