"""Makes the model files in models/ with tools of other people, each group in an environment of its own.

    python -m venv old && old/bin/pip install <the packages of GROUPS["old"]>
    old/bin/python tests/training/importing/make_models.py old

The tests read the files and need none of these tools.
"""

import json
import shutil
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED

FOLDER = Path(__file__).with_name("models")
EXPECTED: dict[str, list[Any]] = {}
LABELS = ("setosa", "versicolor", "virginica")
SHOPS = ("north", "south", "west")
GROUPS: dict[str, str] = {
    "old": "scikit-learn==1.2.2 skl2onnx==1.14.1 onnx==1.14.1 numpy<2 pandas<2.1 lightgbm==3.3.5 "
    "xgboost==1.7.6 onnxmltools==1.11.2 onnxruntime==1.15.1 catboost==1.2.7 mlflow-skinny==2.9.2 "
    "skops==0.9.0 setuptools",
    "new": "scikit-learn==1.9.1 skl2onnx==1.19.1 onnx==1.17.0 lightgbm==4.6.0 xgboost-cpu==3.0.5 "
    "onnxmltools==1.14.0 mlflow-skinny skops==0.16.0 pandas",
    "tensorflow": "tensorflow-cpu==2.15.1 tf2onnx==1.16.1 onnx==1.15.0",
}


def flowers() -> tuple[Any, Any]:
    """Numbers of 150 flowers in three groups, and the number of the group."""
    import numpy as np

    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(3), 50)
    centers = np.array([[5.0, 3.4, 1.5, 0.2], [5.9, 2.8, 4.3, 1.3], [6.6, 3.0, 5.5, 2.0]])
    return np.round(centers[groups] + random.normal(0, 0.5, (150, 4)), 2), groups


def visits() -> Any:
    """A table with a word, numbers, an absent number in some rows, a flag and two targets."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(1)
    size = 200
    shop, age = random.choice(SHOPS, size), random.integers(18, 80, size)
    income = np.round(random.normal(3000, 900, size), 1)
    income[random.random(size) < 0.1] = np.nan
    score = (age - 45) / 15 + (shop == "north") + random.normal(0, 0.7, size)
    amount = np.round(20 + age * 1.5 + 10 * (shop == "west") + random.normal(0, 5, size), 2)
    bought = np.where(score > 0, "yes", "no")
    return pd.DataFrame({"shop": shop, "age": age, "income": income, "bought": bought, "amount": amount})


def samples() -> None:
    import pandas as pd

    numbers, groups = flowers()
    names = ["sepal length", "sepal width", "petal length", "petal width"]
    table = pd.DataFrame(numbers, columns=names).assign(species=[LABELS[group] for group in groups])
    table.to_csv(FOLDER / "flowers.csv", index=False)
    visits().to_csv(FOLDER / "visits.csv", index=False)


def mixed(last: Any) -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    words = OneHotEncoder(handle_unknown="ignore")
    return make_pipeline(
        ColumnTransformer([("numbers", numbers, ["age", "income"]), ("words", words, ["shop"])]), last
    )


def old() -> None:
    import mlflow.lightgbm
    import mlflow.sklearn
    import skops.io
    import xgboost
    from catboost import CatBoostClassifier, CatBoostRegressor
    from lightgbm import LGBMClassifier, LGBMRegressor
    from mlflow.models import infer_signature
    from onnxmltools import convert_lightgbm, convert_xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType as ToolsFloats
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, StringTensorType
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.svm import LinearSVC

    x, groups = flowers()
    names = [LABELS[group] for group in groups]
    table = visits()
    numbers = table[["age", "income"]]
    bought = (table["bought"] == "yes").astype(int)

    logistic = LogisticRegression(max_iter=1000).fit(x, names)
    save("skl2onnx-1.14-zipmap.onnx", to_onnx(logistic, x[:1].astype("float32"), target_opset=15))
    expect("skl2onnx-1.14-zipmap.onnx", logistic.predict_proba(x))
    svc = LinearSVC(dual=False).fit(x, names)
    save("skl2onnx-1.14-linear-svc.onnx", to_onnx(svc, x[:1].astype("float32"), target_opset=15))
    line = LinearRegression().fit(x[:, :3], x[:, 3])
    save("skl2onnx-1.14-double.onnx", to_onnx(line, initial_types=[("X", DoubleTensorType([None, 3]))]))
    expect("skl2onnx-1.14-double.onnx", line.predict(x[:, :3]))
    kinds = {"shop": StringTensorType, "age": FloatTensorType, "income": FloatTensorType}
    pipeline = mixed(LogisticRegression()).fit(table[[*kinds]], table["bought"])
    save(
        "skl2onnx-1.14-columns.onnx",
        to_onnx(pipeline, initial_types=[(name, kind([None, 1])) for name, kind in kinds.items()]),
    )
    skops.io.dump(pipeline, FOLDER / "skops-0.9.skops", compression=ZIP_DEFLATED)
    for name in ("skl2onnx-1.14-columns.onnx", "skops-0.9.skops", "mlflow-old-sklearn"):
        expect(name, pipeline.predict_proba(table[[*kinds]]))

    four, two = [("input", ToolsFloats([None, 4]))], [("input", ToolsFloats([None, 2]))]
    lgbm = LGBMClassifier(n_estimators=6, num_leaves=5).fit(numbers, bought)
    save("onnxmltools-1.11-lightgbm.onnx", convert_lightgbm(lgbm, initial_types=two, target_opset=12))
    xgb = xgboost.XGBClassifier(n_estimators=4, max_depth=2).fit(x, groups)
    save("onnxmltools-1.11-xgboost.onnx", convert_xgboost(xgb, initial_types=four, target_opset=12))
    lgbm.booster_.save_model(str(FOLDER / "lightgbm-3.3-binary.txt"))
    for name in ("onnxmltools-1.11-lightgbm.onnx", "lightgbm-3.3-binary.txt", "mlflow-old-lightgbm"):
        expect(name, lgbm.predict_proba(numbers))
    rate = LGBMRegressor(n_estimators=6, num_leaves=5, objective="poisson").fit(numbers, table["amount"])
    rate.booster_.save_model(str(FOLDER / "lightgbm-3.3-poisson.txt"))
    expect("lightgbm-3.3-poisson.txt", rate.predict(numbers))
    xgb.get_booster().save_model(FOLDER / "xgboost-1.7-multiclass.json")
    for name in ("onnxmltools-1.11-xgboost.onnx", "xgboost-1.7-multiclass.json"):
        expect(name, xgb.predict_proba(x))
    many = xgboost.XGBRegressor(n_estimators=5, max_depth=2).fit(numbers, table["amount"])
    many.get_booster().save_model(FOLDER / "xgboost-1.7-regression.ubj")
    expect("xgboost-1.7-regression.ubj", many.predict(numbers))

    quiet = {"verbose": False, "allow_writing_files": False, "iterations": 5, "depth": 2}
    cat = CatBoostClassifier(**quiet).fit(x, groups)
    cat.save_model(str(FOLDER / "catboost-1.2-multiclass.onnx"), format="onnx")
    expect("catboost-1.2-multiclass.onnx", cat.predict_proba(x))
    cat = CatBoostClassifier(**quiet).fit(numbers, bought)
    cat.save_model(str(FOLDER / "catboost-1.2-binary.onnx"), format="onnx")
    expect("catboost-1.2-binary.onnx", cat.predict_proba(numbers))
    cat = CatBoostRegressor(**quiet).fit(numbers, table["amount"])
    cat.save_model(str(FOLDER / "catboost-1.2-regression.onnx"), format="onnx")
    expect("catboost-1.2-regression.onnx", cat.predict(numbers))

    signature = infer_signature(table[[*kinds]], table["bought"])
    example = table[[*kinds]].head(3)
    mlflow.sklearn.save_model(
        pipeline, FOLDER / "mlflow-old-sklearn", signature=signature, input_example=example
    )
    mlflow.lightgbm.save_model(
        lgbm, FOLDER / "mlflow-old-lightgbm", signature=infer_signature(numbers, bought)
    )


def new() -> None:
    import joblib
    import mlflow.sklearn
    import mlflow.xgboost
    import skops.io
    import xgboost
    from lightgbm import LGBMClassifier
    from mlflow.models import infer_signature
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    x, groups = flowers()
    names = [LABELS[group] for group in groups]
    table = visits()
    columns = ["shop", "age", "income"]
    pipeline = mixed(LogisticRegression()).fit(table[columns], table["bought"])
    skops.io.dump(pipeline, FOLDER / "skops-0.16.skops", compression=ZIP_DEFLATED)
    joblib.dump(pipeline, FOLDER / "joblib.joblib", compress=3)
    for name in ("skops-0.16.skops", "joblib.joblib", "mlflow-new-sklearn"):
        expect(name, pipeline.predict_proba(table[columns]))
    forest = make_pipeline(
        SimpleImputer(), RandomForestRegressor(n_estimators=4, max_depth=3, random_state=0)
    )
    skops.io.dump(
        forest.fit(table[["age", "income"]], table["amount"]),
        FOLDER / "skops-0.16-forest.skops",
        compression=ZIP_DEFLATED,
    )
    expect("skops-0.16-forest.skops", forest.predict(table[["age", "income"]]))
    boosted = HistGradientBoostingClassifier(max_iter=4, max_leaf_nodes=4).fit(x, names)
    skops.io.dump(boosted, FOLDER / "skops-0.16-boosting.skops", compression=ZIP_DEFLATED)
    expect("skops-0.16-boosting.skops", boosted.predict_proba(x))
    lgbm = LGBMClassifier(n_estimators=3, num_leaves=4, verbose=-1).fit(x, names)
    lgbm.booster_.save_model(FOLDER / "lightgbm-4.6-multiclass.txt")
    expect("lightgbm-4.6-multiclass.txt", lgbm.predict_proba(x))
    numbers, bought = table[["age", "income"]], (table["bought"] == "yes").astype(int)
    xgb = xgboost.XGBClassifier(n_estimators=5, max_depth=2).fit(numbers, bought)
    booster = xgb.get_booster()
    booster.save_model(FOLDER / "xgboost-3.0-binary.ubj")
    for name in ("xgboost-3.0-binary.ubj", "mlflow-new-xgboost"):
        expect(name, xgb.predict_proba(numbers))
    kinds = xgboost.XGBClassifier(n_estimators=4, max_depth=2).fit(x, groups)
    kinds.get_booster().save_model(FOLDER / "xgboost-3.0-multiclass.json")
    expect("xgboost-3.0-multiclass.json", kinds.predict_proba(x))
    shop = table[["age"]].assign(shop=table["shop"].astype("category"))
    categorical = LGBMClassifier(n_estimators=3, num_leaves=4, verbose=-1).fit(shop, bought)
    categorical.booster_.save_model(FOLDER / "lightgbm-4.6-categorical.txt")
    expect("lightgbm-4.6-categorical.txt", categorical.predict_proba(shop))
    signature = infer_signature(table[columns], table["bought"])
    mlflow.sklearn.save_model(
        pipeline,
        FOLDER / "mlflow-new-sklearn",
        signature=signature,
        serialization_format="skops",
        skops_trusted_types=["numpy.dtype"],
    )
    # The same file, smaller.
    packed = FOLDER / "mlflow-new-sklearn" / "model.skops"
    skops.io.dump(pipeline, packed, compression=ZIP_DEFLATED)
    mlflow.xgboost.save_model(
        booster, FOLDER / "mlflow-new-xgboost", signature=infer_signature(numbers, bought)
    )


def new_graphs() -> None:
    import onnx
    from skl2onnx import to_onnx
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPRegressor

    x, groups = flowers()
    logistic = LogisticRegression(max_iter=1000).fit(x, groups)
    save("skl2onnx-1.19-tensor.onnx", to_onnx(logistic, x[:1].astype("float32"), options={"zipmap": False}))
    save("skl2onnx-1.19-zipmap-columns.onnx", to_onnx(logistic, x[:1], options={"zipmap": "columns"}))
    for name in ("skl2onnx-1.19-tensor.onnx", "skl2onnx-1.19-zipmap-columns.onnx"):
        expect(name, logistic.predict_proba(x))
    network = MLPRegressor(hidden_layer_sizes=(4,), max_iter=300, random_state=0).fit(x[:, :3], x[:, 3])
    graph = to_onnx(network, x[:1, :3].astype("float32"))
    assert isinstance(graph, onnx.ModelProto)
    save("skl2onnx-1.19-regression.onnx", graph)
    expect("skl2onnx-1.19-regression.onnx", network.predict(x[:, :3]))


def tensorflow() -> None:
    import tensorflow
    import tf2onnx

    x, groups = flowers()
    tensorflow.keras.utils.set_random_seed(0)

    def network(name: str, units: int, last: str | None, loss: str, y: Any, batch: int | None = None) -> None:
        layers = tensorflow.keras.layers
        model = tensorflow.keras.Sequential([layers.Dense(5, activation="relu"), layers.Dense(units, last)])
        model.compile(tensorflow.keras.optimizers.Adam(0.05), loss)
        model.fit(x, y, epochs=30, verbose=0)
        shape = tensorflow.TensorSpec((batch, 4), tensorflow.float32, name="features")
        save(
            f"tf2onnx-1.16-{name}.onnx",
            tf2onnx.convert.from_keras(model, input_signature=[shape], opset=15)[0],
        )
        expect(f"tf2onnx-1.16-{name}.onnx", model.predict(x, verbose=0))

    several = "sparse_categorical_crossentropy"
    network("softmax", 3, "softmax", several, groups)
    network("fixed-batch", 3, "softmax", several, groups, batch=1)
    network("logits", 3, None, several, groups)
    network("sigmoid", 1, "sigmoid", "binary_crossentropy", groups == 2)
    network("regression", 1, None, "mse", x[:, 3])


def expect(name: str, predictions: Any) -> None:
    """Keeps what the tool itself predicts for the first rows: shape (rows, labels) or (rows,)."""
    EXPECTED[name] = predictions[:20].tolist()


def save(name: str, model: Any) -> None:
    (FOLDER / name).write_bytes(model.SerializeToString())


GROUP_STEPS: dict[str, tuple[Callable[[], None], ...]] = {
    "old": (samples, old),
    "new": (new, new_graphs),
    "tensorflow": (tensorflow,),
}

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    FOLDER.mkdir(exist_ok=True)
    for old_folder in FOLDER.glob(f"mlflow-{sys.argv[1]}-*"):
        shutil.rmtree(old_folder)
    for step in GROUP_STEPS[sys.argv[1]]:
        step()
    for extra in ("conda.yaml", "python_env.yaml", "requirements.txt"):
        for path in FOLDER.glob(f"mlflow-*/{extra}"):
            path.unlink()
    (FOLDER / f"expected-{sys.argv[1]}.json").write_text(json.dumps(EXPECTED, indent=1))
