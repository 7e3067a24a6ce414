"""How the verifier's parts tell each other that there is no answer; never seen outside ``derive.verify``.

Each is raised deep inside a computation and turned into a verdict, a new attempt or a skipped point by the
part that knows what to do. The clock is how long computations notice that their time is over.
"""

from __future__ import annotations

import time
from typing import Any


class Undecidable(Exception):  # noqa: N818  (an outcome, not an error)
    """The statement is beyond this method; the text says why and becomes the verdict's detail."""


class Assume(Undecidable):
    """An integral or a sum converges where ``node`` is positive, which nothing here says."""

    def __init__(self, node: Any) -> None:
        super().__init__("whether an integral or a sum converges")
        self.node = node


class TooLarge(Undecidable):
    """An exact number or polynomial would outgrow :mod:`derive.limits`."""


class TooSlow(Undecidable):
    """The time for one verdict is over."""


class Undefined(Exception):  # noqa: N818
    """The expression has no value: a division by zero, the logarithm of a negative number."""


class Unclear(Exception):  # noqa: N818
    """The number ball is too wide to tell; more digits may help."""


class Restart(Exception):  # noqa: N818
    """The field turned out too small (more generators, a finer root); it has noted what it needs."""


class Split(Exception):  # noqa: N818
    """The value depends on the sign of ``poly``: prove both cases."""

    def __init__(self, poly: Any) -> None:
        super().__init__("a sign decides")
        self.poly = poly


class Infeasible(Exception):  # noqa: N818
    """No point of the domain lies in this case."""


class Clock:
    """A deadline that loops look at; :meth:`check` raises :class:`TooSlow` once it has passed.

    It counts the processor's time for this thread, so a busy machine changes no verdict.
    """

    __slots__ = ("earliest", "end")

    def __init__(self, seconds: float) -> None:
        self.end = time.thread_time() + seconds
        self.earliest = time.monotonic() + seconds  # a thread gets no more time than passes; this clock is quicker read

    def check(self) -> None:
        """Go on, or raise TooSlow."""
        if time.monotonic() > self.earliest and time.thread_time() > self.end:
            raise TooSlow("too slow")

    def half(self) -> Clock:
        """A clock with half of what is left, for an attempt after which others are to follow."""
        return Clock(self.left() / 2)

    def left(self) -> float:
        """Seconds until the deadline, never negative."""
        return max(0.0, self.end - time.thread_time())
