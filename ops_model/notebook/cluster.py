"""The workers of a Dask cluster as a crew; the only module that knows Dask.

Whoever runs a notebook there needs the same ops-model, and the workbook's folder at the same
place: what a run leaves are files. Dask itself gives the runs of a worker that died to others.
"""

import logging
import os
import re
import socket
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops_model import __version__
from ops_model.errors import OpsModelError, UsageError
from ops_model.notebook.apart import Ran, run_apart
from ops_model.notebook.failures import worker_died
from ops_model.notebook.spec import RunResult, RunSpec

if TYPE_CHECKING:
    from ops_model.notebook.fleet import Crew, Take

_ADDRESS = re.compile(r"(?:tcp|tls)://(?P<host>[^/:]+|\[[^/]+\]):(?P<port>[0-9]{1,5})")
REACH_SECONDS = 8
"""So long the scheduler is tried to be reached."""
WORKERLESS_SECONDS = 60
"""So long a cluster may be without any worker before its runs are given up."""
LOOK_SECONDS = 5
TRIES = 2
"""So often Dask gives a run to another worker when one died with it."""


@contextmanager
def cluster_crew(address: str, root: Path, *, seconds: float = REACH_SECONDS) -> "Iterator[Crew]":
    """The workers of the cluster whose scheduler listens at an address.

    Args:
        address: `tcp://HOST:PORT`.
        root: the workbook's folder, which each of them has to see.
        seconds: so long it is tried to be reached.

    Raises:
        UsageError: this is no address, or the extra `cluster` is not installed.
        OpsModelError: nobody answers there, no worker is there, or one cannot do it.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise UsageError(
            "--cluster needs dask.distributed, which is not installed",
            remedy="pip install 'ops-model[cluster]'; or leave --cluster out, and say --jobs",
        ) from error
    # It tells of each lost connection at length; what matters is told once, by us.
    logging.getLogger("distributed").setLevel(logging.CRITICAL + 1)
    try:
        # Dask may wait for ever for a client that never got through, once it is thrown away.
        _require_answer(address, seconds)
        client: Any = Client(address, timeout=seconds, set_as_default=False)
    except (OSError, ValueError, OverflowError) as error:  # a TimeoutError is an OSError
        raise OpsModelError(
            f"no cluster answers within {seconds:g} seconds; nothing was begun",
            where=address,
            remedy="see that its scheduler runs, such as `dask scheduler`; or leave --cluster out",
        ) from error
    try:
        yield _Workers(client, _require_fit(client, address, root.resolve()))
    finally:
        client.close(timeout=REACH_SECONDS)


def _require_answer(address: str, seconds: float) -> None:
    """Raise an `OSError` or a `ValueError` where nobody listens at the address."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        msg = f"{address!r} is no tcp://HOST:PORT"
        raise ValueError(msg)
    socket.create_connection((found["host"].strip("[]"), int(found["port"])), seconds).close()


def _require_fit(client: Any, address: str, root: Path) -> int:  # noqa: ANN401 - dask is an extra, and nothing of it is known without it
    """How many workers there are, each of which can run a notebook of this workbook.

    Raises:
        OpsModelError: there is none, or one sees no such folder, or has another ops-model.
    """
    found: dict[str, object] = client.run(_standing_of, str(root), on_error="return")
    if not found:
        raise OpsModelError(
            "the cluster has no worker; nothing was begun", where=address,
            remedy="start some, such as `dask worker` with this address",
        )  # fmt: skip
    for worker, told in found.items():
        if told != __version__:
            why = f"has ops-model {told}; expected {__version__}"
            if told is None:
                why = f"does not see the workbook's folder {root}"
            elif isinstance(told, Exception):
                why = "has no ops-model"
            raise OpsModelError(
                f"{why}; nothing was begun", where=worker,
                remedy="install the same ops-model on each worker, and mount the workbook's "
                "folder there at the same place",
            )  # fmt: skip
    return len(found)


def _standing_of(root: str) -> str | None:
    """Which ops-model a worker has; None where it cannot write into the workbook."""
    return __version__ if os.access(root, os.W_OK) else None


class _Workers:
    """The crew. Args: a client, and how many workers there are."""

    def __init__(self, client: Any, workers: int) -> None:  # noqa: ANN401 - as above
        self.capacity = 2 * workers
        self._client = client
        self._executor = client.get_executor(pure=False, retries=TRIES)
        self._futures: dict[Future[Ran], RunSpec] = {}
        self._workerless = 0

    def submit(self, spec: RunSpec) -> None:
        """Take a run."""
        self._futures[self._executor.submit(run_apart, spec, warm=True)] = spec

    def done(self) -> "Iterator[tuple[str, Take]]":
        """What has ended by now; waits until there is something."""
        while True:
            ended, _ = wait(self._futures, LOOK_SECONDS, FIRST_COMPLETED)
            if ended:
                break
            self._look()
        for future in ended:
            spec = self._futures.pop(future)
            yield spec.run_id, _take(future, spec)

    def stop(self) -> None:
        """Give up what waits; a notebook that runs on a worker ends there by itself, unread."""
        self._client.cancel(list(self._executor._futures), force=True)
        self._futures.clear()

    def _look(self) -> None:
        """See that somebody is there who could end anything.

        Raises:
            OpsModelError: the scheduler is gone, or has had no worker for too long.
        """
        if self._client.status != "running":
            raise _gone("its scheduler does not answer any more")
        if self._client.scheduler_info(n_workers=-1)["workers"]:
            self._workerless = 0
        else:
            self._workerless += LOOK_SECONDS
        if self._workerless >= WORKERLESS_SECONDS:
            raise _gone(f"it has had no worker for {WORKERLESS_SECONDS} seconds")


def _take(future: Future[Ran], spec: RunSpec) -> "Take":
    """What came of a run.

    Raises:
        OpsModelError: the scheduler is gone, and nobody will ever know.
    """
    from distributed import KilledWorker

    if future.cancelled():
        raise _gone("its scheduler does not answer any more")
    if isinstance(future.exception(), KilledWorker):
        result = RunResult(
            run_id=spec.run_id, state="failed", seconds=0.0, failure=worker_died(TRIES + 1)
        )
        return lambda: Ran(result, spec.staging)
    return future.result


def _gone(why: str) -> OpsModelError:
    return OpsModelError(
        f"the cluster is lost: {why}",
        where="--cluster",
        remedy="start it again, then give the same command with --once: what is done is skipped",
    )
