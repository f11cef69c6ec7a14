"""Makes the ONNX files of PyTorch and Keras in models/, in an environment of their own.

    python -m venv networks && networks/bin/pip install torch==2.15.0 keras==3.15.1 onnxscript==0.7.2 pandas
    KERAS_BACKEND=torch networks/bin/python tests/training/importing/graphs/make_network_models.py

The tests read the files and need none of these tools.
"""

import json
from pathlib import Path
from typing import Any

import keras
import onnx
import pandas as pd
import torch

FOLDER = Path(__file__).parents[1] / "models"
ROWS = 10


class Selected(torch.nn.Module):  # type: ignore[misc]  # the tests have no PyTorch
    """A network that answers with the probability of its second label alone."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(4, 6), torch.nn.GELU(), torch.nn.LayerNorm(6), torch.nn.Linear(6, 2)
        )

    def forward(self, rows: Any) -> Any:
        """Returns one probability a row."""
        return torch.softmax(self.layers(rows), dim=1)[:, 1]


class Coded(torch.nn.Module):  # type: ignore[misc]  # the tests have no PyTorch
    """A network with an embedding of codes beside a tensor of numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.codes = torch.nn.Embedding(3, 2)
        self.last = torch.nn.Linear(5, 3)

    def forward(self, numbers: Any, number: Any) -> Any:
        """Returns the probabilities of three labels."""
        return torch.softmax(self.last(torch.cat([numbers, self.codes(number)], dim=1)), dim=1)


def without_places(path: Path) -> None:
    """Removes the exporter's notes on its source files, which differ from machine to machine."""
    model = onnx.load(path)
    for node in model.graph.node:
        node.ClearField("metadata_props")
    for value in (*model.graph.input, *model.graph.output, *model.graph.value_info, *model.graph.initializer):
        value.ClearField("metadata_props")
    onnx.save(model, path)


def main() -> None:
    """Writes each network with its predictions of the first flowers."""
    flowers = pd.read_csv(FOLDER / "flowers.csv")
    columns = torch.tensor(flowers.iloc[:, :4].to_numpy("float32"))
    codes = torch.tensor(pd.factorize(flowers["species"])[0])
    torch.manual_seed(0)
    expected = {}
    rows = torch.export.Dim.DYNAMIC
    for exporter in ("dynamo", "script"):
        for kind, network, inputs in (
            ("selected", Selected(), (columns,)),
            ("coded", Coded(), (columns[:, :3], codes)),
        ):
            name = f"torch-2.15-{exporter}-{kind}.onnx"
            names = ["numbers", "number"][: len(inputs)]
            open_rows = (
                {"dynamic_shapes": tuple({0: rows} for _ in inputs)}
                if exporter == "dynamo"
                else {"dynamic_axes": {one: {0: "rows"} for one in names}}
            )
            torch.onnx.export(
                network.eval(),
                inputs,
                FOLDER / name,
                input_names=names,
                dynamo=exporter == "dynamo",
                external_data=False,
                **open_rows,
            )
            answer = network(*inputs).detach().numpy()[:ROWS]
            expected[name] = answer.tolist()
            without_places(FOLDER / name)
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(6, "relu"), keras.layers.Dense(3, "softmax")]
    )
    model(columns[:1])
    model.export(FOLDER / "keras-3.15-softmax.onnx", format="onnx", verbose=False)
    expected["keras-3.15-softmax.onnx"] = model.predict(columns[:ROWS].numpy(), verbose=0).tolist()
    text = json.dumps(expected, indent=1)
    (FOLDER / "expected-networks.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
