"""How far a long computation is, told to whoever waits for it, and whether it was interrupted.

What computes for long calls :func:`report` now and then; the command line listens with :func:`heard` and draws a bar.
Where nobody listens nothing happens. A computation that stops early on Ctrl-C and still hands over what it reached
says so by :func:`interrupt`, so that the program can end as an interrupted one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

Listener = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(slots=True)
class Course:
    """A run that is listened to. ``interrupted`` says whether something in it stopped early on Ctrl-C."""

    listener: Listener
    interrupted: bool = False


_course: ContextVar[Course | None] = ContextVar("course", default=None)


@contextmanager
def heard(listener: Listener) -> Iterator[Course]:
    """Listen to what is computed inside the block."""
    course = Course(listener)
    token = _course.set(course)
    try:
        yield course
    finally:
        _course.reset(token)


def report(text: str, done: int, total: int) -> None:
    """Say how far something is."""
    course = _course.get()
    if course is not None:
        course.listener(text, done, total)


def interrupt() -> None:
    """Say that something stopped early on Ctrl-C and hands over what it has."""
    course = _course.get()
    if course is not None:
        course.interrupted = True


def interrupted() -> bool:
    """Whether something in the run that is listened to stopped early on Ctrl-C."""
    course = _course.get()
    return course is not None and course.interrupted
