r"""The decision boundaries of single neurons: the line of each hidden unit, and what the output makes of them.

Called by the kind ``train`` for networks whose first hidden layer is small. With the features x_1 and x_2 a unit's
boundary is a straight line; with others it is the curve on which its weighted sum of features is zero.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np

from derive.kinds._train_results import Section, neuron_figure, number_cell, shown_layer
from derive.kinds._train_run import Run
from derive.kinds._train_told import spoken
from derive.numeric.playground import X_1, X_2
from derive.steps import Chain, Heading, Level, Paragraph, Part, Prose, Result, Step, Table
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    Negative,
    Node,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    number,
    total,
)
from derive.write.numbers import approximate

SIZE = 61  # values along each side of a small picture
REGIONS = 4  # units whose sides are combined in a table; 16 rows
DIGITS = 4
CLEAR = 0.8  # average saturation of the units from which on they are taken for switches
SATURATED = {"tanh": (-1, 1), "sigma": (0, 1)}
"""What a unit says far from its boundary, on its negative and on its positive side."""

W_1, W_2, B, Z = Symbol("w", "1"), Symbol("w", "2"), Symbol("b"), Symbol("z")


def neuron_section(run: Run) -> Section:
    """Lines, regions and the picture; nothing for a network without a small hidden layer."""
    if not shown_layer(run.configuration):
        return [], []
    parts: list[Part] = [Heading(("Decision boundaries of the neurons",))]
    results: list[Result] = []
    straight = run.configuration.features == (X_1, X_2) and not run.configuration.standardise
    parts += _sides(run.configuration.hidden[0][1])
    if straight:
        parts += _line()
        more, results = _lines(run)
        parts += more
    parts += _combination(run)
    return [*parts, neuron_figure(run, SIZE)], results


def _sides(activation: str) -> list[Part]:
    """The boundary is where the weighted sum is zero."""
    words: Prose = (f"A {spoken(activation)} unit decides by the sign of its weighted sum ", Z,
                    ": its boundary is the set of points with ", Relation((Z, ZERO), ("=",)), ".")
    if activation != "sigma":
        return [Paragraph(words)]
    half = Quotient(ONE, TWO)
    step = Step(Sum((Call("sigma", (Z,)), Negative(half))), Product((half, Call("tanh", (Quotient(Z, TWO),)))),
                "sigmoid by tanh", "The hyperbolic tangent has the sign of its argument.", level=Level.ALGEBRA)
    return [Paragraph((*words, " There the sigmoid is one half, above it on the positive side:")), Chain((step,))]


def _line() -> list[Part]:
    """The boundary solved for the second coordinate."""
    weighted = Sum((Product((W_1, X_1)), Product((W_2, X_2)), B))
    solved = Sum((Negative(Product((Quotient(W_1, W_2), X_1))), Negative(Quotient(B, W_2))))
    step = Step(Relation((weighted, ZERO), ("=",)), Relation((X_2, solved), ("=",)), "solve for the coordinate",
                "Where the second weight is not zero.", "<=>")
    words: Prose = ("With the coordinates themselves as features this is a straight line, and ",
                    Symbol("w", font="bold"), " stands perpendicular to it:")
    return [Paragraph(words), Chain((step,))]


def _lines(run: Run) -> Section:
    """The line of each unit, in numbers."""
    header: tuple[Prose, ...] = (("unit",), ("line",), ("distance from 0",), ("positive side",))
    rows: list[tuple[Prose, ...]] = []
    results: list[Result] = []
    for j, (weights, bias) in enumerate(zip(run.weights[0], run.biases[0], strict=True), 1):
        size = float(np.hypot(*weights))
        equation: Node = Relation((_affine([*weights, bias], [X_1, X_2, None]), ZERO), ("=",))
        side = _direction(weights) if size else "everywhere" if bias > 0 else "nowhere"
        rows.append(((Symbol("z", str(j)),), (equation if size else "none",),
                     number_cell(abs(bias) / size if size else None), (side,)))
        results.append(Result(f"line of unit {j}", equation.sides[0] if isinstance(equation, Relation) else None,
                              shown=False))
    caption = ("The boundary of each unit of the first hidden layer, numbers rounded.",)
    return [Table(header, tuple(rows), caption)], results


def _affine(coefficients: list[float], letters: list[Symbol | None]) -> Node:
    """A weighted sum with rounded coefficients; zero ones are left out."""
    terms: list[Node] = []
    for c, letter in zip(coefficients, letters, strict=True):
        if c == 0:
            continue
        size = approximate(abs(float(c)), DIGITS)
        term = size if letter is None else Product((size, letter))
        terms.append(term if c > 0 else Negative(term))
    return total(terms) if terms else ZERO


_DIRECTIONS = ("right", "upper right", "top", "upper left", "left", "lower left", "bottom", "lower right")


def _direction(weights: np.ndarray[tuple[int], np.dtype[np.float64]]) -> str:
    """Where the weights point to, of eight directions."""
    turn = math.atan2(weights[1], weights[0]) / (math.pi / 4)
    return _DIRECTIONS[round(turn) % 8]


# --- what the output makes of them ------------------------------------------------------------------


def _combination(run: Run) -> list[Part]:
    """What the output says on each combination of sides, for few saturating units in one hidden layer."""
    (units, activation), *deeper = run.configuration.hidden
    if deeper or activation not in SATURATED or units > REGIONS or _saturation(run, activation) < CLEAR:
        return [Paragraph((_COMBINES,))]
    weights, bias = run.weights[1][0], float(run.biases[1][0])
    low, high = SATURATED[activation]
    names: list[Symbol | None] = [Symbol("h", str(j)) for j in range(1, units + 1)]
    output = _affine([*weights, bias], [*names, None])
    signs = np.sign(run.sums(run.configuration.points.places))
    positive = run.configuration.points.labels > 0
    rows: list[tuple[Prose, ...]] = []
    for sides in product((1, -1), repeat=units):
        region = np.all(signs == sides, axis=1)
        if not region.any():
            continue
        inside = int(region.sum())
        value = float(sum(w * (high if s > 0 else low) for w, s in zip(weights, sides, strict=True))) + bias
        class_ = run.configuration.classes[value <= 0].removeprefix("class ")
        rows.append((*(("+" if s > 0 else "−",) for s in sides), number_cell(value), (class_,), (str(inside),),
                     (str(int((region & positive).sum())),)))
    header: tuple[Prose, ...] = (*((Symbol("z", str(j)),) for j in range(1, units + 1)), ("sum at the output",),
                                 ("class",), ("points",), ("of class 1",))
    words: Prose = ("Far from its boundary a unit says nearly ", number(low), " or ", number(high),
                    ", so on each region that the boundaries cut out the weighted sum of the output, ", output,
                    ", is nearly one number, and its sign is the class:")
    caption = ("The regions that hold points, by the sides of the hidden units, and the class there.",)
    return [Paragraph(words), Table(header, tuple(rows), caption)]


def _saturation(run: Run, activation: str) -> float:
    """How far the unit that is least so says one of its two values at the points, from 0 to 1, on the average."""
    sums = run.sums(run.configuration.points.places)
    return float(np.abs(np.tanh(sums if activation == "tanh" else sums / 2)).mean(axis=0).min())


_COMBINES = ("The output combines the half-planes: each region that the boundaries cut out has its own combination of "
             "signs.")

