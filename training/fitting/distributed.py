"""LightGBM's distributed training: several machines fit one model, each on its part of the rows."""

import functools
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from training.errors import TrainingError
from training.fit_plan import Cluster, Plan
from training.fitting.boosting_rounds import run_rounds

CONNECT_MINUTES = 5
JOIN_SECONDS = 0.5
STOP_SECONDS = 5
LOST_SECONDS = 300


def boost_distributed(
    rows: NDArray[np.float32],
    target: NDArray[Any],
    *,
    parameters: dict[str, Any],
    plan: Plan,
    cluster: Cluster,
    model: Any,
) -> None:
    """Runs all rounds on this machine's part of the rows, together with the other machines.

    There is no checkpoint: machines that resumed after different rounds could not continue together.

    Raises:
        TrainingError: When another machine cannot be reached or is lost, or the fit is stopped before the
            first tree.
    """
    watchdog = Watchdog(cluster, plan.stopping)
    mine = slice(cluster.rank, None, len(cluster.machines))
    model.booster_, trees = None, [""]

    def report(done: int, stopping: bool) -> None:
        del stopping
        watchdog.reset()
        trees[0] = model.booster_.model_to_string()
        if plan.watch:
            plan.watch(done)

    work = functools.partial(
        run_rounds,
        rows[mine],
        target[mine],
        parameters={**parameters, **_network(cluster)},
        plan=plan,
        model=model,
        rounds=parameters["num_iterations"],
        after=report,
    )
    if watchdog.run(work):
        model.booster_.free_network()
    elif trees[0]:
        model.booster_ = lightgbm.Booster(model_str=trees[0])
    else:
        raise TrainingError("The fit was stopped before the machines had grown a tree: start it again.")


class Watchdog:
    """Runs a distributed fit in a thread, and abandons it when it makes no progress.

    LightGBM waits without a timeout for a machine that has closed its connection, as a stopped one does. The
    thread cannot be ended then; it is a daemon and ends with the process.

    Args:
        cluster: The machines.
        stopping: Whether this machine is to stop.
        clock: Seconds of a monotonic clock.
    """

    def __init__(
        self,
        cluster: Cluster,
        stopping: Callable[[], bool],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cluster, self._stopping, self._clock = cluster, stopping, clock
        self._progress = clock()
        self._error: Exception | None = None

    def reset(self) -> None:
        """Records progress: the machines have finished a round."""
        self._progress = self._clock()

    def run(self, work: Callable[[], object]) -> bool:
        """Runs the work; false when this machine was to stop and the work was abandoned.

        Raises:
            TrainingError: When the work raised it, or another machine is lost.
        """
        thread = threading.Thread(target=self._try, args=(work,), daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(JOIN_SECONDS)
            silent = self._clock() - self._progress
            if silent > STOP_SECONDS and self._stopping():
                return False
            if silent > LOST_SECONDS:
                raise self._lost(f"no round was finished for {LOST_SECONDS} seconds")
        if self._error is None or self._stopping():
            return self._error is None
        if isinstance(self._error, TrainingError):
            raise self._error
        raise self._lost(f"{self._error}") from self._error

    def _try(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:
            # `run` raises it in the calling thread.
            self._error = error

    def _lost(self, why: str) -> TrainingError:
        return TrainingError(
            f"The machines {', '.join(self._cluster.machines)} lost each other ({why}): "
            "check that each is running and accepts connections from the others."
        )


def _network(cluster: Cluster) -> dict[str, Any]:
    """LightGBM's parameters of a cluster; it finds its own entry by IP address, not by host name."""
    places = [machine.rsplit(":", 1) for machine in cluster.machines]
    return {
        "tree_learner": "data",
        "machines": ",".join(f"{_address(host)}:{port}" for host, port in places),
        "num_machines": len(places),
        "local_listen_port": int(places[cluster.rank][1]),
        "time_out": CONNECT_MINUTES,
        "pre_partition": True,
    }


def _address(host: str) -> str:
    try:
        return socket.gethostbyname(host)
    except OSError as error:
        raise TrainingError(f"The machine {host!r} has no address ({error}): check its name.") from error
