"""Models of other tools, and their import, for the tests of imports."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

MODELS = Path(__file__).with_name("models")
FLOWERS = ("sepal length", "sepal width", "petal length", "petal width")
VISITS = ("shop", "age", "income")


@dataclass(frozen=True)
class Case:
    """A model file, the sample with which it is imported, and how its answers compare.

    Attributes:
        file: Name of the file or folder in models/.
        columns: Columns of the sample, from flowers.csv or visits.csv.
        target: Column of right answers; "" for none.
        arguments: Further arguments of the command.
    """

    file: str
    columns: Sequence[str]
    target: str = ""
    arguments: tuple[str, ...] = ()

    def write_rows(self, folder: Path) -> Path:
        """Writes the sample into a folder."""
        path = folder / "sample.csv"
        table = sample_table(self.columns)
        target = table[[self.target]] if self.target and self.target not in self.columns else None
        rows = table[[*self.columns]]
        (rows if target is None else rows.join(target)).to_csv(path, index=False)
        return path

    @property
    def expected(self) -> list[Any]:
        """What the tool that made the model predicts for the first rows."""
        for path in MODELS.glob("expected-*.json"):
            if self.file in (found := json.loads(path.read_text())):
                return list(found[self.file])
        raise KeyError(self.file)


def sample_table(columns: Sequence[str]) -> pd.DataFrame:
    """Reads the table with these columns; flowers get the number of their species too, visits a 0 or 1."""
    flowers = pd.read_csv(MODELS / "flowers.csv")
    if {*columns} <= {*flowers.columns, "number"}:
        return flowers.assign(number=pd.factorize(flowers["species"])[0])
    visits = pd.read_csv(MODELS / "visits.csv")
    return visits.assign(flag=(visits["bought"] == "yes").astype(int))


CASES = (
    Case("skl2onnx-1.14-zipmap.onnx", FLOWERS, "species"),
    Case("skl2onnx-1.14-columns.onnx", VISITS, "bought"),
    Case("skl2onnx-1.14-double.onnx", FLOWERS[:3], "petal width"),
    Case("skl2onnx-1.19-tensor.onnx", FLOWERS, "number"),
    Case("skl2onnx-1.19-zipmap-columns.onnx", FLOWERS, "number"),
    Case("skl2onnx-1.19-regression.onnx", FLOWERS[:3], "petal width"),
    Case("onnxmltools-1.11-lightgbm.onnx", VISITS[1:], "flag"),
    Case("onnxmltools-1.11-xgboost.onnx", FLOWERS, "number"),
    Case("catboost-1.2-binary.onnx", VISITS[1:], "flag"),
    Case("catboost-1.2-multiclass.onnx", FLOWERS, "number"),
    Case("catboost-1.2-regression.onnx", VISITS[1:], "amount"),
    Case("tf2onnx-1.16-softmax.onnx", FLOWERS, "species"),
    Case("tf2onnx-1.16-fixed-batch.onnx", FLOWERS, "species"),
    Case("tf2onnx-1.16-sigmoid.onnx", FLOWERS, "", ("--labels", "other,virginica")),
    Case("tf2onnx-1.16-regression.onnx", FLOWERS),
    Case("keras-3.15-softmax.onnx", FLOWERS, "species"),
    *(
        case
        for exporter in ("dynamo", "script")
        for case in (
            Case(f"torch-2.15-{exporter}-selected.onnx", FLOWERS, "", ("--labels", "other,virginica")),
            Case(f"torch-2.15-{exporter}-coded.onnx", (*FLOWERS[:3], "number"), "species"),
        )
    ),
    Case("lightgbm-3.3-binary.txt", VISITS[1:], "bought"),
    Case("lightgbm-3.3-poisson.txt", VISITS[1:], "amount"),
    Case("lightgbm-4.6-categorical.txt", VISITS[:2], "flag"),
    Case("lightgbm-4.6-multiclass.txt", FLOWERS, "species"),
    Case("xgboost-1.7-multiclass.json", FLOWERS, "species"),
    Case("xgboost-1.7-regression.ubj", VISITS[1:], "amount"),
    Case("xgboost-3.0-binary.ubj", VISITS[1:], "bought"),
    Case("xgboost-3.0-multiclass.json", FLOWERS, "species"),
    Case("skops-0.16.skops", VISITS, "bought"),
    Case("skops-0.16-forest.skops", VISITS[1:], "amount", ("--trust",)),
    Case("skops-0.16-boosting.skops", FLOWERS, "species", ("--trust",)),
    Case("joblib.joblib", VISITS, "bought", ("--trust",)),
    Case("skops-0.9.skops", VISITS, "bought"),
    Case("mlflow-old-sklearn", VISITS, "bought", ("--trust",)),
    Case("mlflow-old-lightgbm", VISITS[1:], "flag", ("--trust",)),
    Case("mlflow-new-sklearn", VISITS, "bought"),
    Case("mlflow-new-xgboost", VISITS[1:], "flag"),
    *(
        Case(f"sklearn-{version}-{kind}.joblib", columns, "bought", ("--trust",))
        for version in ("1.3", "1.5", "1.7")
        for kind, columns in (
            ("boosting", VISITS),
            ("forest", VISITS),
            ("linear", VISITS),
            ("texts", VISITS[:1]),
        )
    ),
)
