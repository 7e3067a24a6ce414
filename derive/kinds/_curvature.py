"""What a symmetric matrix of second derivatives says about a stationary point, in steps.

For two variables the eigenvalues come from the characteristic polynomial; a diagonal matrix shows them; else the
leading principal minors decide (Sylvester's criterion; Horn and Johnson, Matrix Analysis, theorem 7.2.5). Called by
the kinds that ask for the nature of a point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from derive.goals import end_of, free_letter, simple, simplify
from derive.kinds._determinants import determinant as determinant_of
from derive.kinds._partials import plainer, sign_of
from derive.kinds._shared import listed
from derive.kinds._systems import solution_set
from derive.numeric.value import value_of
from derive.solving import equivalent
from derive.steps import Chain, Context, Paragraph, Part, Prose, Step
from derive.tree import (
    TWO,
    ZERO,
    Call,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Set,
    Sum,
    Symbol,
    free_symbols,
    numeric,
    total,
)
from derive.write.numbers import approximate

LAMBDA = Symbol("lambda")


@dataclass(slots=True)
class Curvature:
    """``nature`` is ``minimum``, ``maximum``, ``saddle point`` or empty when the test does not decide.

    ``eigenvalues`` are exact, smaller first, where they were found; ``definite`` says in words what the matrix is.
    ``semidefinite`` holds when no eigenvalue is negative.
    """

    parts: list[Part] = field(default_factory=list)
    nature: str = ""
    definite: str = ""
    eigenvalues: tuple[Node, ...] = ()
    semidefinite: bool = False


_NATURES = {"positive definite": "minimum", "negative definite": "maximum", "indefinite": "saddle point"}


def curvature(matrix: Matrix, name: Node, context: Context) -> Curvature:
    """Judge a symmetric matrix; ``name`` is how it is written, ``H`` or ``H(0, 0)``.

    ``context`` holds the domains of the letters in it, which may fix signs.
    """
    if len(matrix.rows) == 1 or _is_diagonal(matrix):
        return _diagonal(matrix, name, context)
    return _by_eigenvalues(matrix, name, context) if len(matrix.rows) == 2 else _by_minors(matrix, name, context)


def _is_diagonal(matrix: Matrix) -> bool:
    return all(entry == ZERO for i, row in enumerate(matrix.rows) for j, entry in enumerate(row) if i != j)


def _diagonal(matrix: Matrix, name: Node, context: Context) -> Curvature:
    entries = tuple(matrix.rows[i][i] for i in range(len(matrix.rows)))
    found = Curvature(eigenvalues=_ordered(entries))
    if len(entries) > 1:
        words: Prose = ("The matrix ", name, " is diagonal, so its eigenvalues are its diagonal entries: ")
        found.parts.append(Paragraph((*words, *listed(found.eigenvalues), ".")))
    return _judged(found, context)


def _ordered(values: Sequence[Node]) -> tuple[Node, ...]:
    if any(free_symbols(v) for v in values):
        return tuple(values)
    return tuple(sorted(values, key=value_of))


def _judged(found: Curvature, context: Context) -> Curvature:
    """The verdict by the signs of the eigenvalues."""
    signs = [sign_of(v, context) for v in found.eigenvalues]
    if None in signs:
        return found
    if all(s == 1 for s in signs):
        found.definite = "positive definite"
    elif all(s == -1 for s in signs):
        found.definite = "negative definite"
    elif 1 in signs and -1 in signs:
        found.definite = "indefinite"
    found.semidefinite = -1 not in signs
    found.nature = _NATURES.get(found.definite, "")
    return found


# --- two variables ----------------------------------------------------------------------------------


def _by_eigenvalues(matrix: Matrix, name: Node, context: Context) -> Curvature:
    (a, b), (c, d) = matrix.rows
    trace, trace_steps = _worked_out(Sum((a, d)))
    determinant_steps, determinant = determinant_of(matrix)
    found = Curvature([
        Chain(tuple(trace_steps), Call("tr", (name,))), Chain(tuple(determinant_steps), Call("det", (name,))),
    ])
    if free_symbols(trace) | free_symbols(determinant):
        return _by_sum_and_product(found, sign_of(trace, context), sign_of(determinant, context))
    letter = free_letter(matrix, LAMBDA)
    shifted = Matrix(((less(a, letter), b), (c, less(d, letter))))
    polynomial = _polynomial(letter, trace, determinant)
    equation = Relation((Call("det", (shifted,)), ZERO), ("=",))
    steps = [equivalent(equation, Relation((polynomial, ZERO), ("=",)), "characteristic polynomial",
                         "It is the square minus trace times unknown plus determinant.")]
    steps += _roots(letter, trace, determinant, steps[-1].after)
    words: Prose = ("The eigenvalues ", letter, " of ", name, " are the roots of its characteristic polynomial:")
    found.parts += [Paragraph(words), Chain(tuple(steps))]
    found.eigenvalues = _values(steps[-1].after)
    if any(numeric(v) is None for v in found.eigenvalues):
        close = [approximate(value_of(v)) for v in found.eigenvalues]
        found.parts.append(Paragraph(("Their values are approximately ", *listed(close), ".")))
    return _judged(found, context)


def _by_sum_and_product(found: Curvature, trace: int | None, determinant: int | None) -> Curvature:
    """With letters in the matrix: the trace is the sum of the eigenvalues, the determinant their product."""
    signs = {(1, 1): "positive definite", (-1, 1): "negative definite"}
    if determinant == -1:
        found.definite, words = "indefinite", "Their product is negative, so the eigenvalues have different signs."
    elif (trace, determinant) in signs:
        found.definite = signs[trace or 0, 1]
        words = f"Their product is positive and their sum {'positive' if trace == 1 else 'negative'}, so both are."
    else:
        return found
    found.parts.append(Paragraph((_VIETA + words,)))
    found.nature, found.semidefinite = _NATURES[found.definite], found.definite == "positive definite"
    return found


_VIETA = "The trace is the sum of the eigenvalues and the determinant their product. "


def less(entry: Node, value: Node) -> Node:
    """``a - lambda`` for an entry of a matrix, without a zero before the sign."""
    return Negative(value) if entry == ZERO else Sum((entry, Negative(value)))


def _worked_out(start: Node) -> tuple[Node, list[Step]]:
    steps = simplify(start)
    return end_of(start, steps), steps


def _polynomial(letter: Symbol, trace: Node, determinant: Node) -> Node:
    linear = simple(Product((Negative(trace), letter)))
    terms = [t for t in (Power(letter, TWO), linear, determinant) if t != ZERO]
    return total([u for t in terms for u in (t.terms if isinstance(t, Sum) else (t,))])


def _roots(letter: Symbol, trace: Node, determinant: Node, equation: Node) -> list[Step]:
    """From the characteristic polynomial to its roots, the shortest way that its coefficients allow."""
    if trace == ZERO:
        return _square_roots(letter, simple(Negative(determinant)), equation)
    if determinant == ZERO:
        return _zero_root(letter, trace, equation)
    inside = Sum((Power(trace, TWO), Negative(Product((Number("4"), determinant)))))
    written = [Quotient(Sum((trace, sign(Root(inside)))), TWO) for sign in (Negative, lambda u: u)]
    formula = Relation((letter, Set(tuple(written))), ("in",))
    return [
        equivalent(equation, formula, "quadratic formula", "The two roots of a quadratic equation."),
        equivalent(formula, _are(letter, written), "work out the numbers", "Both roots are simplified."),
    ]


def _square_roots(letter: Symbol, square: Node, equation: Node) -> list[Step]:
    isolated = Relation((Power(letter, TWO), square), ("=",))
    return [
        equivalent(equation, isolated, "isolate the square", "The number goes to the other side."),
        equivalent(isolated, _are(letter, [Negative(Root(square)), Root(square)]), "take square roots",
                    "Both signs solve the equation."),
    ]


def _zero_root(letter: Symbol, trace: Node, equation: Node) -> list[Step]:
    product = Relation((Product((letter, Sum((letter, simple(Negative(trace)))))), ZERO), ("=",))
    return [
        equivalent(equation, product, "factor out", "The unknown is a common factor."),
        equivalent(product, _are(letter, [ZERO, trace]), "zero product", "One of the factors is zero."),
    ]


def _are(letter: Symbol, written: Sequence[Node]) -> Relation:
    return solution_set(letter, list(dict.fromkeys(_ordered([plainer(w) for w in written]))))


def _values(relation: Node) -> tuple[Node, ...]:
    match relation:
        case Relation((_, Set(items))):
            return items
        case Relation((_, value)):
            return (value,)
    return ()


# --- more variables ---------------------------------------------------------------------------------


def _by_minors(matrix: Matrix, name: Node, context: Context) -> Curvature:
    """Sylvester's criterion: the determinants of the upper left corners."""
    found = Curvature([Paragraph(("The determinants of the upper left corners of ", name,
                                  " decide (Sylvester's criterion):"))])
    minors = []
    for k in range(1, len(matrix.rows) + 1):
        corner = Matrix(tuple(row[:k] for row in matrix.rows[:k]))
        steps, value = determinant_of(corner)
        found.parts.append(Chain(tuple(steps), Symbol("Delta", str(k))))
        minors.append(value)
    signs = [sign_of(m, context) for m in minors]
    if all(s == 1 for s in signs):
        found.definite, found.semidefinite = "positive definite", True
    elif all(s is not None and s == (-1) ** k for k, s in enumerate(signs, 1)):
        found.definite = "negative definite"
    elif signs[-1] and None not in signs:
        found.definite = "indefinite"
    found.nature = _NATURES.get(found.definite, "")
    return found
