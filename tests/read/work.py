"""The work of a call, counted: Python frames entered and left, C functions called. The same on every machine.

Used by the tests that hold the reader to work that grows with the length of the text. A time would say how busy
the machine is.
"""

import sys
from collections.abc import Callable
from typing import Any

STEPS_PER_CHARACTER = 400  # 240 is the most seen, for x² repeated
STEPS_TO_START = 20_000


def work(function: Callable[..., Any], *args: Any) -> int:
    """How many calls and returns happen while ``function(*args)`` runs; its errors are passed on uncounted."""
    count = 0

    def tick(*_: Any) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(tick)
    try:
        function(*args)
    finally:
        sys.setprofile(before)
    return count


def allowed(text: str) -> int:
    """The work a text may take: so much for each character, and a start."""
    return STEPS_PER_CHARACTER * len(text) + STEPS_TO_START
