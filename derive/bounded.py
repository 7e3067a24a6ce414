"""Running a function in a child process that can be stopped: for what may hang or eat memory.

The child is forked, limited in memory and processor time, and killed at the deadline; its answer comes back
pickled (our own trees pickle unchanged, SymPy's do not and never cross). Called for SymPy's proposals.
"""

from __future__ import annotations

import os
import pickle
import resource
import select
import signal
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


def _work(function: Callable[..., Any], args: tuple[Any, ...], writing: int, seconds: float) -> None:
    """The child: compute, send, leave without running anything of the parent's."""
    with suppress(BaseException):
        resource.setrlimit(resource.RLIMIT_AS, (WORKER_MEMORY_BYTES, WORKER_MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 1))
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
