"""The same work as :func:`derive.pool.finished`, on the workers of a Dask cluster instead of this machine's cores.

``making.py`` calls :func:`finished` when a scheduler's address is given. The scheduler gives the job of a worker that
dies to another one; a job that no worker survives, and one that takes too long, is a failure of that job alone. As many
jobs are out as the cluster has work for, so that a large class never lies in the scheduler's memory. Results come back
over the network: workers need no folder in common with this machine, but the same version of derive.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any

from derive import limits
from derive.errors import DeriveError, ToolMissingError
from derive.pool import TRIES, Done, answered, done

POLL_SECONDS = 1.0  # how often it is looked whether a job is late or the cluster has grown


class ClusterError(DeriveError):
    """A cluster that cannot be reached, or that went away."""


def finished(
    function: Callable[[Any], Any], arguments: Iterable[Any], scheduler: str, *, seconds: float | None = None,
) -> Iterator[Done]:
    """The results of a function for each argument, in the order in which they are finished.

    Raises :class:`ToolMissingError` without the library, :class:`ClusterError` when there is no such scheduler, when
    it has no workers, and when it goes away.
    """
    try:
        library = import_module("distributed")
    except ImportError:
        raise ToolMissingError("the Python package 'distributed' is not installed",
                               "pip install 'derive[cluster]', or leave out --scheduler") from None
    try:
        client = library.Client(scheduler, timeout=limits.CLUSTER_SECONDS, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:
        raise ClusterError(f"no Dask scheduler answers at {scheduler} ({error})", _HINT) from error
    try:
        yield from _Crowd(library, client, partial(answered, function), iter(arguments), seconds).run()
    finally:
        client.close(timeout=limits.CLUSTER_SECONDS)


_HINT = "start one with 'dask scheduler', and workers with 'dask worker ADDRESS'"


@dataclass(slots=True)
class _Crowd:
    """The jobs that are out on a cluster."""

    library: Any
    client: Any
    function: Callable[[Any], Any]
    arguments: Iterator[Any]
    seconds: float | None
    out: dict[Any, tuple[Any, float]] = field(default_factory=dict)

    def run(self) -> Iterator[Done]:
        self._wait_for_workers()
        self._hand_out()
        while self.out:
            with suppress(TimeoutError), self.client.as_current():
                self.library.wait(list(self.out), timeout=POLL_SECONDS, return_when="FIRST_COMPLETED")
            ready = [future for future in self.out if future.done()]
            found = [self._result(future) for future in ready]
            self._refuse_silence()
            self._hand_out()
            yield from found
            yield from self._late()

    def _wait_for_workers(self) -> None:
        try:
            self.client.wait_for_workers(1, timeout=limits.CLUSTER_SECONDS)
        except TimeoutError:
            raise ClusterError("the scheduler has no workers", _HINT) from None

    def _refuse_silence(self) -> None:
        if self.client.status not in ("running", "connecting", "newly-created"):
            raise ClusterError("the Dask scheduler went away", _HINT)

    def _hand_out(self) -> None:
        """Jobs for as many workers as there are now, and one more for each so that none waits."""
        room = 2 * max(1, len(self.client.nthreads()))
        while len(self.out) < room:
            argument = next(self.arguments, _NONE)
            if argument is _NONE:
                return
            future = self.client.submit(self.function, argument, pure=False, retries=0)
            self.out[future] = (argument, time.monotonic())

    def _result(self, future: Any) -> Done:
        argument, _ = self.out.pop(future)
        match future.status:
            case "finished":
                found = done(argument, future.result())
            case "error":
                found = self._failed(argument, future.exception())
            case _:
                raise ClusterError("the Dask scheduler went away", _HINT)
        future.release()
        return found

    def _late(self) -> Iterator[Done]:
        """Give up jobs that take too long. Their worker is restarted, which ends what runs in it."""
        if self.seconds is None:
            return
        now = time.monotonic()
        allowed = self.seconds * (TRIES + 1)  # a job waits for another before it, and may be begun again elsewhere
        for future, (argument, since) in list(self.out.items()):
            if now - since <= allowed:
                continue
            where = [name for name, keys in self.client.processing().items() if future.key in map(str, keys)]
            del self.out[future]
            future.cancel()
            with suppress(Exception):  # a worker without a nanny cannot be restarted; the job is given up all the same
                self.client.restart_workers(where, timeout=limits.CLUSTER_SECONDS)
            yield Done(argument, error=DeriveError(f"the work was stopped after {allowed:g} seconds"), lost=True)

    def _failed(self, argument: Any, error: BaseException) -> Done:
        if isinstance(error, self.library.KilledWorker):
            return Done(argument, error=DeriveError("the work ended every worker that began it"), lost=True)
        said = f"{type(error).__name__}: {error}".split("\n")[0][:300]
        return Done(argument, error=DeriveError(f"an error in the cluster ({said})", _HINT))


_NONE = object()
