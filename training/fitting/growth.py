"""Trees grown one after another: on one machine or on several, ended or taken up again between two."""

import functools
import socket
from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np
from lightgbm.callback import CallbackEnv, EarlyStopException
from numpy.typing import NDArray

from training.errors import TrainingError
from training.fitting.checkpoint import Checkpoint
from training.fitting.distributed import Company
from training.plan import Cluster, Plan

SAVE_EVERY = 10
MINUTES_TO_MEET = 5


def grow(
    rows: NDArray[np.float32],
    target: NDArray[Any],
    *,
    parameters: dict[str, Any],
    plan: Plan,
    model: Any,
) -> None:
    """Grows trees, which stand as `model.booster_` after each.

    Raises:
        TrainingError: When the other machines cannot be reached, or are lost.
    """
    if plan.cluster:
        _grow_together(rows, target, parameters=parameters, plan=plan, cluster=plan.cluster, model=model)
        return
    checkpoint = Checkpoint(plan.checkpoint, rows, target, parameters)
    begun = checkpoint.load()
    rounds = parameters["num_iterations"] - (begun.num_trees() if begun else 0)

    def look(done: int, stopping: bool) -> None:
        if stopping or done % SAVE_EVERY == 0:
            checkpoint.save(model.booster_)
        if plan.watch:
            plan.watch(done)

    model.booster_ = begun
    if rounds > 0:
        _train(rows, target, parameters=parameters, plan=plan, model=model, rounds=rounds, look=look)


def _grow_together(
    rows: NDArray[np.float32],
    target: NDArray[Any],
    *,
    parameters: dict[str, Any],
    plan: Plan,
    cluster: Cluster,
    model: Any,
) -> None:
    """Grows trees on this machine's part of the rows.

    Nothing is left to go on from: machines that had left different numbers of trees would never meet.
    """
    company = Company(cluster, plan.stopping)
    mine = slice(cluster.rank, None, len(cluster.machines))
    told = {**parameters, **_network(cluster)}
    model.booster_, texts = None, [""]

    def look(done: int, stopping: bool) -> None:
        del stopping
        company.heard()
        texts[0] = model.booster_.model_to_string()
        if plan.watch:
            plan.watch(done)

    work = functools.partial(
        _train,
        rows[mine],
        target[mine],
        parameters=told,
        plan=plan,
        model=model,
        rounds=parameters["num_iterations"],
        look=look,
    )
    if company.run(work):
        model.booster_.free_network()
    elif texts[0]:
        model.booster_ = lightgbm.Booster(model_str=texts[0])
    else:
        raise TrainingError("The fit was to stop before the machines had grown a tree.")


def _train(
    rows: NDArray[np.float32],
    target: NDArray[Any],
    *,
    parameters: dict[str, Any],
    plan: Plan,
    model: Any,
    rounds: int,
    look: Callable[[int, bool], None],
) -> None:
    def after_each(env: CallbackEnv) -> None:
        model.booster_ = env.model
        stopping = plan.stopping()
        look(env.iteration + 1, stopping)
        if stopping:
            raise EarlyStopException(env.iteration, [])

    model.booster_ = lightgbm.train(
        {key: value for key, value in parameters.items() if key != "num_iterations"},
        lightgbm.Dataset(rows, target, params=parameters),
        rounds,
        init_model=model.booster_,
        keep_training_booster=True,
        callbacks=[_draw_anew(parameters["seed"]), after_each],
    )


def _draw_anew(seed: int) -> Callable[[CallbackEnv], None]:
    """Draws each tree's features by the tree's own number, so that a fit taken up again draws the same."""

    def draw(env: CallbackEnv) -> None:
        booster: Any = env.model
        booster.reset_parameter({"feature_fraction_seed": seed + env.iteration})

    draw.before_iteration = True  # type: ignore[attr-defined]  # how LightGBM tells callbacks apart
    return draw


def _network(cluster: Cluster) -> dict[str, Any]:
    """LightGBM's own words for a cluster; it knows machines by their addresses only."""
    places = [machine.rsplit(":", 1) for machine in cluster.machines]
    return {
        "tree_learner": "data",
        "machines": ",".join(f"{_address(host)}:{port}" for host, port in places),
        "num_machines": len(places),
        "local_listen_port": int(places[cluster.rank][1]),
        "time_out": MINUTES_TO_MEET,
        "pre_partition": True,
    }


def _address(host: str) -> str:
    try:
        return socket.gethostbyname(host)
    except OSError as error:
        raise TrainingError(f"The machine {host!r} has no address ({error}): is its name right?") from error
