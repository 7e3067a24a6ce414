"""Vectors and matrices with many entries: judged for every length at once.

A proof by index notation does not ask how long a vector is, while models with all their entries do not end in time.
So a declared side above :data:`derive.limits.MATRIX_SIDE` becomes a letter, the same for the same number: what is
proved for every length holds for this one. Anything else, but for shapes that do not fit, stays undecided. Called by
:func:`derive.verify.verify_step`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from derive.limits import MATRIX_SIDE
from derive.steps import Context, Status, Verdict

LARGE = "so many entries are not looked at one by one"


def with_letters(context: Context) -> Context | None:
    """The context with letters for the long sides; None where there are none."""
    domains = {symbol: _lettered(text) for symbol, text in context.domains.items()}
    return None if domains == context.domains else replace(context, domains=domains)


def _lettered(text: str) -> str:
    return _SIDE.sub(_letter, text) if "vector" in text or "matrix" in text else text


_SIDE = re.compile(r"\b\d+\b")


def _letter(side: re.Match[str]) -> str:
    return f"m_{side[0]}" if int(side[0]) > MATRIX_SIDE else side[0]


def for_this_length(verdict: Verdict) -> Verdict:
    """What a verdict for every length says about this one."""
    if verdict.status is Status.PROVED or verdict.method == "shapes":
        return verdict
    return Verdict(Status.UNDECIDED, verdict.method, LARGE)
