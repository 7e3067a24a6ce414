"""The slips of writing an answer down, told wrong by one evaluation: cheap enough for everybody of a class.

Called by modes that foresee mistakes without being asked for any. Only the answer itself is looked at: a sign, a
coefficient or a term that gets lost, entries that change places. What comes out is kept where the value at one point
of the declared domains, enclosed rigorously, is certainly another; that refutes it. To foresee a further slip, name its
row of :data:`derive.rules.slips.SLIPS` in :data:`WRITING`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any
from zlib import crc32

from derive.declarations import declaration
from derive.engine import spliced
from derive.errors import DeriveError
from derive.rules.slips import SLIPS, Slip
from derive.steps import Context, Definition, Level
from derive.tree import (
    ONE,
    Constant,
    Matrix,
    Negative,
    Node,
    Number,
    Path,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    Symbol,
    Vector,
    children,
    free_symbols,
    kinds,
    map_children,
    replace_at,
    size,
    times,
)
from derive.verify.balls import Evaluation, ball, has_unknowns, precision
from derive.verify.meaning import Meaning
from derive.verify.memory import concerning
from derive.verify.signals import Clock, Unclear, Undecidable, Undefined

WRITING = frozenset({
    "minus sign lost", "minus sign added", "coefficient lost", "term lost", "entries swapped",
    "rows and columns swapped", "decimal point moved", "indices swapped", "fraction upside down", "transpose lost",
    "one over n lost", "difference the wrong way round",
})  # fmt: skip
"""Slips that are made in writing an answer down, whatever the step was."""

ARITHMETIC = frozenset(row.name for row in SLIPS if row.level == Level.ARITHMETIC)
"""Slips of counting."""

DIGITS = frozenset({
    "decimal point moved", "fraction upside down", "denominator written as a decimal", "rounded too early",
})  # fmt: skip
"""Slips that show no lack of understanding: the number is another, and nothing else."""

_ROWS = tuple(sorted((row for row in SLIPS if row.name in WRITING), key=lambda row: row.name in DIGITS))
_LONGEST = 80  # nodes of an answer that is looked at
_BITS = 128
_UNIT = 1e-4  # by how much the square of a length may differ from 1 when the entries were rounded
_REMEMBERED = 4_096  # answers; some megabytes


def about_digits(slip: str) -> int:
    """0 for a slip against a law, 1 for one in writing down or counting, 2 for one that only moves digits."""
    if slip in DIGITS:
        return 2
    return 1 if slip in WRITING or slip in ARITHMETIC else 0


def miswritten(right: Node, context: Context, most: int) -> tuple[tuple[Slip, Node], ...]:
    """Slips in writing an answer down with what is written then, each another value, at most so many; each slip once.

    Nothing for an answer that has no value by evaluation alone, such as a vector of letters or an unknown function.
    """
    if not most or size(right) > _LONGEST:
        return ()
    known = concerning(right, right, context)
    return _found(right, tuple(known.domains.items()), known.definitions, most)


@lru_cache(maxsize=_REMEMBERED)
def _found(
    right: Node, domains: tuple[tuple[Symbol, str], ...], definitions: tuple[Definition, ...], most: int,
) -> tuple[tuple[Slip, Node], ...]:
    ask = _Values(Context(dict(domains), definitions))
    value = ask.value(right)
    if value is None:
        return ()
    known = [value, *_opposite(value)]
    kept: list[tuple[Slip, Node]] = []
    for slip, wrong in _written(right):
        if slip.name in DIGITS and kept:
            break  # nobody needs to be told of these beside others
        value = ask.value(wrong)
        if value is None or not all(_differ(value, other) for other in known):
            continue
        known.append(value)
        kept.append((slip, wrong))
        if len(kept) == most:
            break
    return tuple(kept)


def _written(right: Node) -> Iterator[tuple[Slip, Node]]:
    """The first place of every slip where it changes what is written, outermost places first."""
    places = list(_places(right))
    tidy = without_trifles(right) == right
    for slip in _ROWS:
        for path, part in places:
            made = slip.apply(part)
            if made is None or made == part:
                continue
            wrong = spliced(replace_at(right, path, made))
            wrong = without_trifles(wrong) if tidy else wrong
            if wrong != right:
                yield slip, wrong
                break


def _places(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    yield path, node
    for k, child in enumerate(children(node)):
        yield from _places(child, (*path, k))


def without_trifles(node: Node) -> Node:
    """Without what nobody writes: ``u/1`` and ``1 u`` as ``u``, ``-(-u)`` as ``u``, ``(2u) v`` as ``2 u v``."""
    node = map_children(node, without_trifles)
    match node:
        case Quotient(top, bottom) if bottom == ONE:
            return top
        case Negative(Negative(inside)):
            return inside
        case Product(factors) if ONE in factors or any(isinstance(factor, Product) for factor in factors):
            inner = (children(factor) if isinstance(factor, Product) else (factor,) for factor in factors)
            return times([part for parts in inner for part in parts if part != ONE])
    return node


# --- values at one point ----------------------------------------------------------------------------------

_Ball = Any
_Value = tuple[tuple[int, ...], tuple[_Ball, ...]]
"""The shape, and the entries as balls."""


class _Values:
    """Values at the point of the declared domains that belongs to the letters; what is defined is put in.

    A part that was evaluated is not evaluated again in the next expression: a slip leaves most parts as they were.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.evaluation = Evaluation({})

    def value(self, node: Node) -> _Value | None:
        """The enclosed value; None where there is none by evaluation alone."""
        shape, entries = _entries(node)
        try:
            with precision(_BITS):
                if not all(kinds(entry) <= _PLAIN for entry in entries):
                    meaning = Meaning(self.context, Clock(SECONDS))
                    entries = tuple([meaning.unfold(entry) for entry in entries])
                    if not self._has_values(entries):
                        return None
                return shape, tuple([self.evaluation.value(entry) for entry in entries])
        except _NO_VALUE:
            return None

    def _has_values(self, entries: Sequence[Node]) -> bool:
        """Whether every letter, which gets its value, and every function has one."""
        for letter in frozenset().union(*map(free_symbols, entries)):
            value = _coordinate(letter, self.context.domains.get(letter, "real"))
            if value is None:
                return False
            self.evaluation.bindings[letter] = ball(value)
        return not has_unknowns(*entries)


_PLAIN = frozenset({Number, Constant, Sum, Product, Quotient, Negative, Power, Root})
"""What stands for itself: there are no definitions to put in, and no letters."""


_NO_VALUE = (
    Undecidable, Undefined, Unclear, DeriveError, ArithmeticError, TypeError, ValueError, AttributeError, LookupError,
)
SECONDS = 1.0  # for a value; most take less than a millisecond


def _entries(node: Node) -> tuple[tuple[int, ...], tuple[Node, ...]]:
    match node:
        case Vector(items):
            return (len(items),), items
        case Matrix(rows):
            return node.shape, tuple(entry for row in rows for entry in row)
    return (), (node,)


@lru_cache(maxsize=_REMEMBERED)
def _coordinate(letter: Symbol, says: str) -> Fraction | None:
    """A number of a domain that belongs to a letter, so that nothing is special about the point; None without one."""
    place = crc32(letter.plain.encode()) % 997
    known = declaration(says)
    near, below = Fraction(200 + place, 1_499), Fraction(-1 - place, 499)
    tried = (Fraction(2 + place % 7), Fraction(-1)) if known.whole else (near, below)
    return next((value for value in tried if known.allows(value)), None)


def _opposite(value: _Value) -> list[_Value]:
    """Of a unit vector its opposite: which of the two is taken for a direction is free, and neither is a mistake."""
    shape, balls = value
    if shape[1:] not in ((), (1,)) or not is_unit([float(x.mid()) for x in balls]):
        return []
    with precision(_BITS):
        return [(shape, tuple(-x for x in balls))]


def is_unit(vector: Sequence[float]) -> bool:
    """Whether several numbers are the coordinates of a unit vector, as far as rounded numbers tell."""
    return len(vector) > 1 and abs(sum(x * x for x in vector) - 1) < _UNIT


def _differ(a: _Value, b: _Value) -> bool:
    """Whether two values are certainly not the same."""
    return a[0] != b[0] or any(not x.overlaps(y) for x, y in zip(a[1], b[1], strict=True))
