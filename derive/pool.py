"""Many jobs on the cores of this machine: one function, an argument a job, results as they are finished.

Called where the same work is done for many (worksheets of a class, the gallery). The work runs in other processes, each
told of one job at a time, so that it is known which job a worker had when it was killed, hung or ran out of memory:
that job is tried again in another worker, and a job that ends its worker every time is a failure of that job alone.
(The pools of the standard library know only that some worker died, and cannot stop a job that hangs. That of pebble
can, but its workers share a line and a lock: one that is killed while it sends stops all others for good, a job that
leaves with exit code 0 is never answered, and a kill between jobs breaks the pool; measured with 5.2.3, and guarded
against that it was as much code as this.) Workers whose memory has grown are replaced. A worker ends by itself when the
program that started it is gone.

The function and its arguments are pickled: a function of a module, or a ``functools.partial`` of one.
"""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import Any

from derive import limits
from derive.errors import DeriveError

TRIES = 2  # of a job whose worker died
ENDING_SECONDS = 2.0  # for a worker to leave by itself
COLLECTOR = "derive._collector"

Function = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Done:
    """A finished job: its argument, and its value or the error instead. ``lost`` when no worker survived it."""

    argument: Any
    value: Any = None
    error: DeriveError | None = None
    lost: bool = False


def cores() -> int:
    """How many processes this one may run at the same time."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def finished(
    function: Function, arguments: Iterable[Any], workers: int | None = None, *, seconds: float | None = None,
    tries: int = TRIES, modules: Sequence[str] = (),
) -> Iterator[Done]:
    """The results of ``function`` for each argument, in the order in which they are finished.

    ``workers`` are as many processes as there are cores when it is None; with 0 the work is done in this process,
    without protection. ``seconds`` bound each job, ``tries`` is how often a job may cost a worker, ``modules`` are
    imported once for all workers. An exception of the function is the ``error`` of its job. Arguments are taken one
    by one as workers become free. Closing the iterator stops the workers.
    """
    if workers == 0:
        for argument in arguments:
            yield done(argument, answered(function, argument))
        return
    crew = _Crew(function, iter(arguments), workers or cores(), seconds, tries, _context(modules))
    try:
        yield from crew.run()
    finally:
        crew.stop()


def _context(modules: Sequence[str]) -> BaseContext:
    """How workers are started: forked from a process without threads that has imported what they need."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([COLLECTOR, __name__, *modules])
    return context


def prepare(modules: Sequence[str]) -> None:
    """Begin to import what workers need while this process does something else before :func:`finished`."""
    if _context(modules).get_start_method() == "forkserver":
        from multiprocessing import forkserver

        with _like_us(), _unheard():
            forkserver.ensure_running()


# --- in a worker ---------------------------------------------------------------------------------


Answer = tuple[Any, tuple[str, str, int] | None, int]
"""The value, or the message, hint and exit code of an error; and the bytes of memory that the worker has taken."""


def _serve(connection: Connection, function: Function, seconds: float | None) -> None:
    """A worker: jobs come in and answers go out until there is nobody at the other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program, which then ends its workers
    gc.freeze()  # what was imported stays: nobody has to look whether it is still needed
    importlib.import_module(COLLECTOR)  # where nothing was imported before
    with suppress(EOFError, OSError):
        while True:
            argument = connection.recv()
            _limit_processor(seconds)
            connection.send_bytes(_pickled(answered(function, argument)))


def answered(function: Function, argument: Any) -> Answer:
    """What a job comes to, in a form that can be sent from any process to any other."""
    try:
        return function(argument), None, _memory()
    except DeriveError as error:
        return None, (error.message, error.hint, error.exit_code), _memory()
    except MemoryError:
        return None, ("out of memory", "", DeriveError.exit_code), _memory()
    except Exception as error:
        said = f"{type(error).__name__}: {error}".split("\n")[0][:300]
        return None, (f"an error in derive itself ({said})", "please report it", DeriveError.exit_code), _memory()


def _pickled(answer: Answer) -> bytes:
    try:
        return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        return pickle.dumps((None, (f"the result cannot be sent: {error}", "", DeriveError.exit_code), answer[2]))


def _memory() -> int:
    """The most memory that this process has had, in bytes; 0 where the system does not tell."""
    with suppress(ImportError):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return 0


def _limit_processor(seconds: float | None) -> None:
    """A worker that hangs when its program is already gone is ended by the system."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        if seconds is not None:
            used = resource.getrusage(resource.RUSAGE_SELF)
            end = int(used.ru_utime + used.ru_stime + seconds + ENDING_SECONDS) + 1
            resource.setrlimit(resource.RLIMIT_CPU, (end, resource.getrlimit(resource.RLIMIT_CPU)[1]))


# --- in the program ------------------------------------------------------------------------------


@dataclass(slots=True)
class _Job:
    argument: Any
    tries: int = 0


@dataclass(slots=True)
class _Worker:
    """A process, our end of the line to it, and the job it has."""

    process: BaseProcess
    connection: Connection
    job: _Job | None = None
    deadline: float = float("inf")

    def give(self, job: _Job, seconds: float | None) -> None:
        """Start a job. The worker has none, so that it listens; that it is dead is noticed when it does not answer."""
        self.job = job
        self.deadline = time.monotonic() + seconds if seconds is not None else float("inf")
        with suppress(OSError):
            self.connection.send(job.argument)

    def received(self) -> Answer | None:
        """The answer to the job; None when the worker is dead."""
        try:
            answer: Answer = pickle.loads(self.connection.recv_bytes())
        except (EOFError, OSError):
            return None
        return answer

    def end(self, patient: bool = False) -> None:
        """End the process; a patient end lets it leave by itself."""
        self.connection.close()
        if patient:
            self.process.join(ENDING_SECONDS)
        self.process.kill()
        self.process.join()
        self.process.close()


@dataclass(slots=True)
class _Crew:
    """The workers of a run and the jobs that are waiting."""

    function: Function
    arguments: Iterator[Any]
    size: int
    seconds: float | None
    tries: int
    context: BaseContext
    workers: list[_Worker] = field(default_factory=list)
    again: deque[_Job] = field(default_factory=deque)

    def run(self) -> Iterator[Done]:
        while len(self.workers) < self.size and (job := self._next()) is not None:
            self._hire().give(job, self.seconds)
        while busy := [worker for worker in self.workers if worker.job is not None]:
            now = time.monotonic()
            first = min(worker.deadline for worker in busy)
            ready = wait([worker.connection for worker in busy], None if first == float("inf") else max(0, first - now))
            now = time.monotonic()
            for worker in busy:
                if worker.connection in ready:
                    yield from self._heard(worker)
                elif worker.deadline <= now:
                    yield from self._lost(worker, f"stopped after {self.seconds:g} seconds")

    def _next(self) -> _Job | None:
        if self.again:
            return self.again.popleft()
        for argument in self.arguments:
            return _Job(argument)
        return None

    def _hire(self) -> _Worker:
        ours, theirs = self.context.Pipe()
        process = self.context.Process(  # type: ignore[attr-defined]
            target=_serve, args=(theirs, self.function, self.seconds), daemon=True,
        )
        with _like_us(), _unheard():
            process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self.workers.append(worker)
        return worker

    def _heard(self, worker: _Worker) -> Iterator[Done]:
        """Take an answer. The worker gets its next job before the answer is looked at, so that nobody waits."""
        answer, job = worker.received(), worker.job
        assert job is not None
        if answer is None:
            yield from self._lost(worker, _ending(worker.process))
            return
        worker.job = None
        self._go_on(worker, grown=answer[2] > limits.POOL_WORKER_BYTES)
        yield done(job.argument, answer)

    def _go_on(self, worker: _Worker, grown: bool) -> None:
        job = self._next()
        if grown or job is None:
            self.workers.remove(worker)
            worker.end(patient=True)
        if job is not None:
            (self._hire() if grown else worker).give(job, self.seconds)

    def _lost(self, worker: _Worker, reason: str) -> Iterator[Done]:
        """A worker is dead or late: another takes its place, and the job is tried again or is a failure."""
        job = worker.job
        assert job is not None
        self.workers.remove(worker)
        worker.end()
        job.tries += 1
        if job.tries < self.tries:
            self.again.append(job)
        if (following := self._next()) is not None:
            self._hire().give(following, self.seconds)
        if job.tries >= self.tries:
            times = "" if self.tries == 1 else f", {self.tries} times"
            yield Done(job.argument, error=DeriveError(f"the work was {reason}{times}"), lost=True)

    def stop(self) -> None:
        """End all workers."""
        for worker in self.workers:
            worker.end()
        self.workers.clear()


@contextmanager
def _like_us() -> Iterator[None]:
    """What is started in the block finds modules where we do, and knows nothing of the script that runs.

    Workers would run that again from its beginning; and the process that they are forked from would otherwise look for
    modules where a new Python does, the folder that one works in before all others, and might find another derive.
    """
    main = sys.modules["__main__"]
    path = os.pathsep.join(place or str(Path.cwd()) for place in sys.path)
    ours = {"PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
    before = {name: os.environ.get(name) for name in ours}
    sys.modules["__main__"] = ModuleType("__main__")
    os.environ.update(ours)
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value


@contextmanager
def _unheard() -> Iterator[None]:
    """What is started in the block never hears Ctrl-C, which is for the program: not even while it still imports."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _ending(process: BaseProcess) -> str:
    """How a worker ended, in words."""
    process.join(ENDING_SECONDS)
    code = process.exitcode
    if code is not None and code < 0:
        with suppress(ValueError):
            return f"ended by the system ({signal.Signals(-code).name})"
    return f"ended unexpectedly (exit code {code})"


def done(argument: Any, answer: Answer) -> Done:
    """The finished job that an answer is for."""
    value, said, _ = answer
    if said is None:
        return Done(argument, value)
    error = DeriveError(said[0], said[1])
    error.exit_code = said[2]
    return Done(argument, error=error)
