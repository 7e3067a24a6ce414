"""Where runs of a minimiser ended: told apart, refined by Newton's method, and what kind of point each is.

Called by the fit kind. Ends that are one point get one letter; a point is a minimum, a saddle or a plateau by the
eigenvalues of the Hessian there. Of the lowest it is said that it is the lowest found, never more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from derive.kinds._fit_run import Array, Run, refined
from derive.numeric.programs import Objective

NEAR = 0.02  # a run's end so near to a refined point, against the point's size, may belong to it
SAME = 1e-5  # refined points so near are one
ALIKE = 1e-4  # losses so near, for an end that is not refined
EQUAL = 1e-9  # losses so near are equal, by rounding
ZERO_LOSS = 1e-20  # a smaller loss is 0 by rounding
FLAT = 1e-7  # an eigenvalue so small against the largest counts as 0
SLOPE = 1e-6  # a gradient so small against the Hessian counts as 0

MINIMUM, SADDLE, PLATEAU, NOT_STATIONARY = "local minimum", "saddle point", "plateau", "not stationary"


@dataclass(eq=False)
class Place:
    """A stationary point: where, the loss, the gradient's largest entry, the Hessian's eigenvalues, smallest first.

    ``given`` and ``drawn`` are how many runs from given and from drawn starts ended there. ``copy`` is the letter of
    another place with the same loss whose weights are these in another order or with other signs.
    """

    point: Array
    loss: float
    largest: float
    eigenvalues: Array
    nature: str
    letter: str = ""
    copy: str = ""
    given: list[Run] = field(default_factory=list)
    drawn: int = 0


def place_at(objective: Objective, point: Array) -> Place:
    """The stationary point near a run's end, refined, with its nature.

    Where gradient and Hessian are both nearly zero, and Newton's step is nevertheless long, it is a plateau.
    """
    found, loss, gradient, matrix = refined(objective, point)
    finite = bool(np.isfinite(matrix).all())
    eigenvalues: Array = np.asarray(np.linalg.eigvalsh(matrix) if finite else np.full(len(point), np.nan), dtype=float)
    largest = float(np.abs(gradient).max())
    nature = _nature(eigenvalues, largest)
    if nature == MINIMUM and np.linalg.norm(np.linalg.solve(matrix, gradient)) > NEAR * (1 + np.linalg.norm(found)):
        nature = PLATEAU
    return Place(found, loss, largest, eigenvalues, nature)


def _nature(eigenvalues: Array, slope: float) -> str:
    """What the eigenvalues say; of a point where the gradient is not zero, that it is not stationary."""
    size = float(np.abs(eigenvalues).max())
    if not np.isfinite(size) or slope > SLOPE * max(size, 1.0):
        return NOT_STATIONARY
    if eigenvalues[0] < -FLAT * size:
        return SADDLE
    return MINIMUM if eigenvalues[0] > FLAT * size else PLATEAU


def is_near(place: Place, point: Array, loss: float) -> bool:
    """Whether a run that ended at a point was on its way to a place."""
    if place.nature != MINIMUM:
        return _alike(place.loss, loss, ALIKE)
    distance = float(np.linalg.norm(point - place.point))
    return distance <= NEAR * (1 + float(np.linalg.norm(place.point))) and _alike(place.loss, loss, ALIKE)


def _alike(one: float, other: float, share: float) -> bool:
    return abs(one - other) <= share * max(abs(one), abs(other)) + 1e-10


def same(one: Place, other: Place) -> bool:
    """Whether two refined points are one; points of a plateau are, where their losses are equal."""
    if PLATEAU in (one.nature, other.nature):
        return one.nature == other.nature and _alike(one.loss, other.loss, ALIKE)
    distance = float(np.linalg.norm(one.point - other.point))
    return distance <= SAME * (1 + float(np.linalg.norm(one.point)))


def grouped(objective: Objective, runs: Sequence[Run]) -> list[tuple[Place, int]]:
    """The places where runs ended, each with the number of the runs."""
    found: list[tuple[Place, int]] = []
    for run in runs:
        if not np.isfinite(run.loss):
            continue
        place = next((p for p, _ in found if is_near(p, run.point, run.loss)), None) or place_at(objective, run.point)
        k = next((k for k, (p, _) in enumerate(found) if p is place or same(p, place)), None)
        if k is None:
            found.append((place, 1))
        else:
            found[k] = (found[k][0], found[k][1] + 1)
    return found


def places(objective: Objective, given: Sequence[Run], drawn: Sequence[tuple[Place, int]]) -> list[Place]:
    """All places on all data, lowest first, with letters: those of drawn starts refined again, those of given ones."""
    found: list[Place] = []
    for rough, count in drawn:
        if rough.nature == NOT_STATIONARY:
            continue
        place = _joined(found, place_at(objective, rough.point))
        place.drawn += count
    for run in given:
        if not np.isfinite(run.loss):
            continue
        near = next((p for p in found if is_near(p, run.point, run.loss)), None)
        place = near or _joined(found, place_at(objective, run.point))
        place.given.append(run)
    kept = sorted((p for p in found if p.nature != NOT_STATIONARY or p.given), key=_rank)
    for k, place in enumerate(kept):
        place.letter = chr(ord("A") + k) if k < 26 else f"A{k}"
        place.copy = next((p.letter for p in kept[:k] if _is_copy(p, place)), "")
    return kept


def _rank(place: Place) -> tuple[float, tuple[float, ...]]:
    """The lowest first; copies, which only rounding tells apart, the one with the larger weights first."""
    loss = 0.0 if place.loss < ZERO_LOSS else float(f"{place.loss:.8g}")
    return loss, tuple(-round(float(x), 6) for x in place.point)


def _joined(found: list[Place], place: Place) -> Place:
    """The place, or the one among those found that it is."""
    known = next((p for p in found if same(p, place)), None)
    if known is not None:
        return known
    found.append(place)
    return place


def _is_copy(one: Place, other: Place) -> bool:
    """Whether two minima have the same loss and the same weights up to order and signs."""
    if abs(one.loss - other.loss) > EQUAL * max(abs(one.loss), ZERO_LOSS / EQUAL):
        return False
    sizes = [np.sort(np.abs(p.point)) for p in (one, other)]
    return bool(np.allclose(sizes[0], sizes[1], rtol=1e-5, atol=1e-7))
