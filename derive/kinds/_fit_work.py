"""The numeric work of a fit: runs from given starts on all data, drawn starts on a part of it, the minima on all.

Called by the fit kind. An interrupted run ends the work; what was reached until then is kept.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from derive import progress
from derive.backward import Backward
from derive.errors import MathError
from derive.kinds._fit_given import FINITE, Model, Setup
from derive.kinds._fit_minima import Place, grouped, places
from derive.kinds._fit_run import Run, minimise, objective_of, subsampled
from derive.limits import FIT_SECONDS
from derive.numeric.programs import Objective


@dataclass(eq=False)
class Work:
    """What was computed for one model.

    ``runs`` are those from the given starts, on all data; ``compared`` those with finite differences; ``drawn`` how
    many drawn starts were tried, on ``rows`` rows, and ``failed`` how many of them met no finite loss; ``linear``
    whether the minimum has a closed form.
    """

    model: Model
    made: Backward
    objective: Objective
    runs: list[Run] = field(default_factory=list)
    compared: list[Run] = field(default_factory=list)
    drawn: int = 0
    failed: int = 0
    rows: int = 0
    places: list[Place] = field(default_factory=list)
    linear: bool = False
    interrupted: bool = False

    @property
    def begun(self) -> bool:
        """Whether anything was run before an interruption."""
        return bool(self.runs or self.drawn)


def work(given: Setup, made: Sequence[Backward]) -> list[Work]:
    """All runs of all models, in order. MathError where no run of a model has come to a finite loss."""
    works = [Work(m, b, objective_of(b, given.arrays)) for m, b in zip(given.models, made, strict=True)]
    deadline = time.process_time() + FIT_SECONDS
    for one in works:
        _run_all(given, one, deadline)
        if one.interrupted:
            break
        if one.runs and not one.places and not any(np.isfinite(r.loss) for r in one.runs):
            raise MathError(f"the fit cannot begin: {one.runs[0].ended}", "choose another start")
    return works


def _run_all(given: Setup, one: Work, deadline: float) -> None:
    """The runs of one model; then its minima."""

    def run(start: tuple[float, ...], derived: bool = True) -> Run:
        found = minimise(one.objective, start, given.asked, derived, deadline)
        one.interrupted = one.interrupted or found.interrupted
        return found

    for k, start in enumerate(one.model.starts):
        progress.report(f"{one.model.title or 'fit'}: given starts", k, len(one.model.starts))
        one.runs.append(run(start))
        if one.interrupted:
            return
    if given.compare == FINITE and one.model.starts:
        progress.report(f"{one.model.title or 'fit'}: {FINITE}", 0, 1)
        one.compared.append(run(one.model.starts[0], False))
    try:
        drawn = [] if one.interrupted else _drawn(given, one, deadline)
        one.places = places(one.objective, [r for r in one.runs if not r.lost], drawn)
    except KeyboardInterrupt:
        progress.interrupt()
        one.interrupted = True


def _drawn(given: Setup, one: Work, deadline: float) -> list[tuple[Place, int]]:
    """The places that drawn starts lead to, on a part of the data."""
    if not one.model.drawn:
        return []
    columns = subsampled(given.arrays, given.subsample)
    part = objective_of(one.made, columns)
    one.rows = part.samples
    runs: list[Run] = []
    for k, start in enumerate(one.model.drawn):
        progress.report(f"{one.model.title or 'fit'}: drawn starts", k, len(one.model.drawn))
        run = minimise(part, start, given.asked, True, deadline)
        runs.append(run)
        one.drawn += 1
        one.interrupted = run.interrupted
        if run.interrupted:
            break
    kept = [r for r in runs if np.isfinite(r.loss) and r.finished]
    one.failed = len(runs) - len(kept)
    return grouped(part, kept)
