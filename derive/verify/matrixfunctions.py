"""Functions in index notation: those of whole matrices, and what is known of those that act on every entry.

A row of :data:`OF_MATRICES` makes the entries of ``tr``, ``diag``, ``softmax``… from those of their argument. A row of
:data:`RULES` says what a function of one number is beyond its name, given the number of primes and its argument: the
value of ``sigma'`` in ``sigma``, ``log`` of a product of positive factors; None where there is nothing to say.
Called by :mod:`matrixalgebra`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.tree import Node
from derive.verify.contractions import FORMAL, Applied, Entries, Mono, Poly
from derive.verify.signals import Undecidable

if TYPE_CHECKING:
    from derive.verify.matrixalgebra import Algebra


# --- functions of whole matrices ----------------------------------------------------------------------------


def _trace(a: Algebra, u: Node) -> Entries:
    inner = a.of(u)
    index = a.index(a.shapes.of(u)[0])
    return Entries(a.net.summed(a.at(inner, index, index), index, a.sides[index]))


def _diagonal(a: Algebra, u: Node) -> Entries:
    inner = a.of(u)
    if inner.column is None:
        row, column = a.frame(a.shapes.diagonal(u))
        assert row is not None
        return Entries(a.net.times(a.delta(row, column), a.at(inner, row, None)), row, column)
    row = a.index(a.sides[inner.column])
    return Entries(a.at(inner, row, row), row)


def _softmax(a: Algebra, u: Node) -> Entries:
    """Of a matrix, that of every row."""
    inner = a.of(u)
    over = inner.row if inner.column is None else inner.column
    assert over is not None
    top = a.applied("exp", 0, inner.poly)
    total = a.net.summed(top, over, a.sides[over])
    return Entries(a.net.times(top, a.power(total, Fraction(-1))), inner.row, inner.column)


def _log_sum_exp(a: Algebra, u: Node) -> Entries:
    inner = a.of(u)
    assert inner.row is not None
    total = a.net.summed(a.applied("exp", 0, inner.poly), inner.row, a.sides[inner.row])
    return Entries(a.applied("log", 0, total))


def _size(a: Algebra, u: Node) -> Entries:
    inner = a.of(u)
    if inner.row is None or inner.column is None:
        return Entries(a.power(a.contracted(inner, inner), Fraction(1, 2)))
    return Entries(a.determinant(inner, u))


def _beyond(name: str) -> Callable[[Algebra, Node], Entries]:
    def refuse(a: Algebra, u: Node) -> Entries:
        raise Undecidable(f"{name} without entries")

    return refuse


OF_MATRICES: dict[str, Callable[[Algebra, Node], Entries]] = {
    "tr": _trace,
    "det": lambda a, u: Entries(a.determinant(a.of(u), u)),
    "abs": _size,
    "diag": _diagonal,
    "softmax": _softmax,
    "logsumexp": _log_sum_exp,
    "rank": _beyond("the rank"),
    "max": _beyond("the maximum"),
    "min": _beyond("the minimum"),
}
"""Functions that do not act entry by entry."""


# --- functions of entries -----------------------------------------------------------------------------------


def _exp(a: Algebra, order: int, p: Poly) -> Poly | None:
    """``e^{u_i + c} = e^{u_i} e^c``, and every derivative is itself."""
    free, rest = a.split(p)
    if not p:
        return a.net.constant(1)
    if free and rest:
        return a.net.times(_exp(a, 0, free) or {}, _exp(a, 0, rest) or {})
    return a.net.function(Applied("exp", p), a.sides, positive=True)


def _log(a: Algebra, order: int, p: Poly) -> Poly | None:
    """The logarithm of a product of positive factors is a sum; the derivative of log is the reciprocal."""
    if order:
        reciprocal = a.power(p, Fraction(-1))
        sign, value = 1, reciprocal
        for k in range(1, order):
            sign, value = -sign * k, a.net.times(value, reciprocal)
        return a.net.scaled(value, sign)
    if len(p) != 1:
        return None
    (((scalars, factors), c),) = p.items()
    bound = any(i >= 0 for _, slots in factors for i in slots)
    heads = [a.net.heads[k] for k, _ in factors]
    if c <= 0 or bound or not factors or not all(h.positive for h in heads):
        return None
    if not all(a.net.scalars[k].positive or _is_positive_power(a, k) for k, _ in scalars):
        return None
    result: Poly = _constant_log(a, c)
    for key, n in scalars:
        result = a.net.plus(result, a.net.scaled(_scalar_log(a, key), n))
    for key, slots in factors:
        result = a.net.plus(result, _factor_log(a, key, slots))
    return result


def _constant_log(a: Algebra, c: Fraction) -> Poly:
    return {} if c == 1 else a.net.function(Applied("log", a.net.constant(c)), {})


def _is_positive_power(a: Algebra, key: str) -> bool:
    applied = a.net.scalars[key].applied
    if applied is None or applied.name != "power":
        return False
    return is_positive(a, applied.inner)


def is_positive(a: Algebra, p: Poly) -> bool:
    """Whether a sum is certainly positive: every term is, or it is what a sigma leaves of 1."""
    if p and all(_is_positive(a, mono, c) for mono, c in p.items()):
        return True
    rest = a.net.minus(a.net.constant(1), p)
    return len(rest) == 1 and all(c == 1 and _is_sigma(a, mono) for mono, c in rest.items())


def _is_sigma(a: Algebra, mono: Mono) -> bool:
    """Whether a term is a single value of sigma, which lies between 0 and 1."""
    scalars, factors = mono
    numbers = [a.net.scalars[k].applied if n == 1 else None for k, n in scalars]
    found = [*numbers, *(a.net.heads[k].applied for k, _ in factors)]
    summed = any(i >= 0 for _, slots in factors for i in slots)
    return len(found) == 1 and not summed and found[0] is not None and (found[0].name, found[0].order) == ("sigma", 0)


def _is_positive(a: Algebra, mono: Mono, c: Fraction) -> bool:
    scalars, factors = mono
    numbers, entries = (a.net.scalars[k].positive for k, _ in scalars), (a.net.heads[k].positive for k, _ in factors)
    return c > 0 and all(numbers) and all(entries)


def _scalar_log(a: Algebra, key: str) -> Poly:
    applied = a.net.scalars[key].applied
    if applied is not None and applied.name == "exp":
        return applied.inner
    if applied is not None and applied.name == "power":
        return a.net.scaled(a.applied("log", 0, applied.inner), applied.exponent)
    return a.net.function(Applied("log", {(((key, 1),), ()): Fraction(1)}), {})


def _factor_log(a: Algebra, key: str, slots: tuple[int, ...]) -> Poly:
    applied = a.net.heads[key].applied
    if applied is not None and applied.name == "exp":
        return a.net.renamed(applied.inner, dict(zip(FORMAL, slots, strict=False)))
    if applied is not None and applied.name == "power" and is_positive(a, applied.inner):
        inner = a.net.renamed(applied.inner, dict(zip(FORMAL, slots, strict=False)))
        return a.net.scaled(a.applied("log", 0, inner), applied.exponent)
    return a.net.function(Applied("log", a.net.entry(key, *slots)), a.sides)


def _sigma(a: Algebra, order: int, p: Poly) -> Poly | None:
    """``sigma(-u) = 1 - sigma(u)``; the derivatives are polynomials in sigma."""
    if order == 0:
        if p and p[min(p)] < 0:
            return a.net.minus(a.net.constant(1), a.applied("sigma", 0, a.net.scaled(p, -1)))
        return None
    s = a.applied("sigma", 0, p)
    return _autonomous(a, s, (0, 1, -1), order)


def _tanh(a: Algebra, order: int, p: Poly) -> Poly | None:
    """``tanh(-u) = -tanh(u)``; the derivatives are polynomials in tanh."""
    if order == 0:
        return a.net.scaled(a.applied("tanh", 0, a.net.scaled(p, -1)), -1) if p and p[min(p)] < 0 else None
    return _autonomous(a, a.applied("tanh", 0, p), (1, 0, -1), order)


def _autonomous(a: Algebra, s: Poly, slope: tuple[int, ...], order: int) -> Poly:
    """The derivatives of a function with ``s' = slope(s)``, a polynomial."""
    now: list[int] = list(slope)
    for _ in range(order - 1):
        inner = [k * c for k, c in enumerate(now)][1:]
        new = [0] * (len(inner) + len(slope))
        for i, x in enumerate(inner):
            for j, y in enumerate(slope):
                new[i + j] += x * y
        now = new
    result: Poly = {}
    for k, c in enumerate(now):
        result = a.net.plus(result, a.net.scaled(a.net.raised(s, k), c))
    return result


def _softplus(a: Algebra, order: int, p: Poly) -> Poly | None:
    return a.applied("sigma", order - 1, p) if order else None


def _sine(a: Algebra, order: int, p: Poly) -> Poly | None:
    if order == 0:
        return None
    sign = -1 if order % 4 in (2, 3) else 1
    return a.net.scaled(a.applied("cos" if order % 2 else "sin", 0, p), sign)


def _cosine(a: Algebra, order: int, p: Poly) -> Poly | None:
    if order == 0:
        return None
    sign = -1 if order % 4 in (1, 2) else 1
    return a.net.scaled(a.applied("sin" if order % 2 else "cos", 0, p), sign)


RULES: dict[str, Callable[[Algebra, int, Poly], Poly | None]] = {
    "exp": _exp,
    "log": _log,
    "ln": lambda a, order, p: a.applied("log", order, p),
    "sigma": _sigma,
    "tanh": _tanh,
    "softplus": _softplus,
    "sin": _sine,
    "cos": _cosine,
}
"""What is known of functions beyond their name; None where nothing is to be said."""
