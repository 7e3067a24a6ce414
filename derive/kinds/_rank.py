"""The rank of a matrix of numbers, with the reason: independent rows, or minors that vanish.

A non-zero minor shows that the rank is at least its size. That it is no more is shown by the size of the matrix, by
its determinant, by rows that are multiples of one of them, or by every larger minor being zero. Called by the
``jacobian`` kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from derive.errors import LimitError
from derive.goals import simple
from derive.kinds._determinants import determinant
from derive.kinds._partials import is_zero
from derive.steps import Chain, Context, Level, Paragraph, Part, Prose, Step
from derive.tree import Call, Matrix, Node, Quotient, number

MOST_MINORS = 40  # more vanishing minors than anybody writes down


@dataclass(slots=True)
class Rank:
    """The rank and the parts that show it, the last of them the statement itself."""

    value: int
    parts: list[Part] = field(default_factory=list)


def rank(matrix: Matrix, name: Node, context: Context, known: Node | None = None) -> Rank:
    """The rank of a matrix; ``known`` is its determinant where that has been shown already."""
    rows, columns = matrix.shape
    full = min(rows, columns)
    if all(is_zero(entry, context) for row in matrix.rows for entry in row):
        return _stated(matrix, name, 0, [Paragraph(("All entries are zero, so ",))])
    if known is not None and not is_zero(known, context):
        return _stated(matrix, name, full, [Paragraph(("The determinant is not zero, so the rows are independent.",))])
    for size in range(full - (known is not None), 0, -1):
        chosen = next((m for m in _minors(matrix, size) if not is_zero(determinant(m)[1], context)), None)
        if chosen is not None:
            above = _no_more(matrix, size, known, context)
            return _stated(matrix, name, size, [*above, *_no_less(chosen, size)])
    raise LimitError("the rank is not decided")


def _minors(matrix: Matrix, size: int) -> Iterator[Matrix]:
    """The square parts of a size, by choosing rows and columns."""
    rows, columns = matrix.shape
    for chosen_rows in combinations(range(rows), size):
        for chosen in combinations(range(columns), size):
            yield Matrix(tuple(tuple(matrix.rows[i][j] for j in chosen) for i in chosen_rows))


def _no_less(minor: Matrix, size: int) -> list[Part]:
    """A square part with a determinant that is not zero."""
    if size == 1:
        return [Paragraph(("The entry ", minor.rows[0][0], " is not zero, so the rank is at least 1.",))]
    steps, _ = determinant(minor)
    words = f"A square part with {_word(size)} rows has a determinant that is not zero, so the rank is at least {size}:"
    return [Paragraph((words,)), Chain(tuple(steps))]


def _word(count: int) -> str:
    words = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[count - 2] if 2 <= count <= len(words) + 1 else str(count)


def _no_more(matrix: Matrix, size: int, known: Node | None, context: Context) -> list[Part]:
    """Why the rank is not larger."""
    rows, columns = matrix.shape
    if size == min(rows, columns):
        which = "row" if rows <= columns else "column"
        return [Paragraph((f"With {size} {which}{'s' * (size > 1)} the rank is at most {size}.",))]
    if known is not None and size == rows - 1:
        return [Paragraph((f"The determinant is zero, so the rank is less than {rows}.",))]
    if size == 1:
        return [Paragraph(_multiples(matrix, context))]
    return _vanishing_minors(matrix, size + 1)


def _multiples(matrix: Matrix, context: Context) -> Prose:
    """That all rows are multiples of one of them, with the factors."""
    nonzero = [i for i, row in enumerate(matrix.rows) if not all(is_zero(e, context) for e in row)]
    first = nonzero[0]
    if len(nonzero) == 1:
        return (f"Only row {first + 1} is not zero, so the rank is at most 1.",)
    pivot = next(j for j, entry in enumerate(matrix.rows[first]) if not is_zero(entry, context))
    words: list[str | Node] = []
    for i in nonzero[1:]:
        factor = simple(Quotient(matrix.rows[i][pivot], matrix.rows[first][pivot]))
        words += [", row " if words else "Row ", f"{i + 1} is ", factor, f" times row {first + 1}"]
    return (*words, ", so the rank is at most 1.")


def _vanishing_minors(matrix: Matrix, size: int) -> list[Part]:
    minors = list(_minors(matrix, size))
    if len(minors) > MOST_MINORS:
        raise LimitError(f"{len(minors)} minors are too many to write down")
    words = f"Every square part with {_word(size)} rows has the determinant zero, so the rank is less than {size}:"
    return [Paragraph((words,)), *(Chain(tuple(determinant(m)[0])) for m in minors)]


def _stated(matrix: Matrix, name: Node, value: int, parts: list[Part]) -> Rank:
    step = Step(Call("rank", (matrix,)), number(value), "rank", "The number of independent rows.", level=Level.ARGUMENT)
    if value == 0:
        parts = [Paragraph(("All entries are zero.",))]
    return Rank(value, [*parts, Chain((step,), Call("rank", (name,)))])

