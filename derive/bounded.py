"""What may hang or eat memory runs in another process that can be stopped: one function, or a worker that is asked.

:func:`run_bounded` forks a child, limited in memory and processor time, and kills it at the deadline; its answer comes
back pickled (our own trees pickle unchanged, SymPy's do not and never cross). A :class:`Worker` is a program of its
own, started once for a library that takes long to import; it answers line by line and forks such a child for each
question. Called for SymPy's opinions and for latex2sympy2's readings.
"""

from __future__ import annotations

import atexit
import json
import os
import pickle
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from derive.limits import WORKER_MEMORY_BYTES


def run_bounded(function: Callable[..., Any], *args: Any, seconds: float) -> Any:
    """The function's value, or None when it raised, ran out of time or memory, or gave what cannot be sent."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _work(function, args, writing, seconds)
    os.close(writing)
    try:
        answer = _received(reading, seconds)
    finally:
        os.close(reading)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return pickle.loads(answer) if answer else None


def at_most(most: int, present: tuple[int, int]) -> tuple[int, int]:
    """A process's limits, soft and hard, lowered to so much; nobody may raise a hard one, so lower ones stay."""
    soft, hard = (most if limit == resource.RLIM_INFINITY else min(most, limit) for limit in present)
    return soft, hard


def _work(function: Callable[..., Any], args: tuple[Any, ...], writing: int, seconds: float) -> None:
    """The child: compute, send, leave without running anything of the parent's."""
    with suppress(BaseException):
        for kind, most in ((resource.RLIMIT_AS, WORKER_MEMORY_BYTES), (resource.RLIMIT_CPU, int(seconds) + 1)):
            resource.setrlimit(kind, at_most(most, resource.getrlimit(kind)))
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(pickle.dumps(function(*args)))
    os._exit(0)


def _received(reading: int, seconds: float) -> bytes:
    deadline = time.monotonic() + seconds
    parts: list[bytes] = []
    while True:
        ready, _, _ = select.select([reading], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return b""
        part = os.read(reading, 65_536)
        if not part:
            return b"".join(parts)
        parts.append(part)


class Worker:
    """A program that reads a question a line, as JSON, and writes an answer a line; first of all it writes "ready".

    ``program`` is Python text that the interpreter runs. It is started when it is first wanted, again when it has
    died, and ends with this process. Times are on the monotonic clock.
    """

    def __init__(self, program: str) -> None:
        self._program = program
        self._process: subprocess.Popen[str] | None = None
        self._ready = False
        atexit.register(self.stop)

    def is_ready(self, end: float) -> bool:
        """Whether the worker takes questions, or does so before ``end``; it is started when there is none."""
        if self._process is None or self._process.poll() is not None:
            self.stop()
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-W", "ignore", "-c", self._program],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
        self._ready = self._ready or (self._line(end) or "").strip() == "ready"
        return self._ready

    def ask(self, question: Any, end: float) -> Any:
        """The answer to a question; None when there is none before ``end``.

        A worker that is still starting goes on with that; one that has taken the question and is late is stopped.
        """
        try:
            if not self.is_ready(end):
                return None
            assert self._process is not None and self._process.stdin is not None
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            line = self._line(end)
            if line is not None:
                return json.loads(line or "null")
        except (OSError, ValueError):
            pass
        self.stop()
        return None

    def _line(self, end: float) -> str | None:
        """A line from the worker; None when there is none in time."""
        assert self._process is not None and self._process.stdout is not None
        found, _, _ = select.select([self._process.stdout], [], [], max(0.0, end - time.monotonic()))
        return self._process.stdout.readline() if found else None

    def stop(self) -> None:
        """End the worker, if there is one."""
        process, self._process, self._ready = self._process, None, False
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        process.wait()
