"""Numbers worked out the way a person writes them: multiply, then add, and round where the digits get too many.

:func:`worked` takes an expression without letters (a number, coordinates, a matrix, or vectors put together) to its
value in lines. A line is one phase of the engine; what has no short exact value ends in a decimal with the relation
``~=``, which the verifier holds against the exact value. Called by the kinds that iterate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from derive.engine import REMEMBERED, Event, Table, as_step, book_of, innermost, once, phase, run
from derive.errors import LimitError
from derive.goals import end_of
from derive.kinds._operations import SUMS, called, is_difference, operation
from derive.numeric.exact import exact
from derive.numeric.value import value_of
from derive.rules import Rule, algebra, on
from derive.rules.monomials import factors_of
from derive.steps import Level, Step
from derive.tree import (
    ZERO,
    Call,
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
    Vector,
    children,
    decimal,
    kinds,
    map_children,
    number,
    numeric,
    part_at,
    replace_at,
    unsigned,
    walk,
)
from derive.write.numbers import approximate

SIGNIFICANT = 6  # digits of a rounded number
EXACT_DIGITS = 12  # an exact number with more digits is rounded
ROUNDED_DIGITS = 10  # the same where the numbers that go in are rounded already


def _rows(*names: str) -> Table:
    return tuple(rule for rule in algebra.VECTORS if rule.name in names)


_MATRIX_PRODUCT = _rows("matrix product")
_SCALE = _rows("multiply by a number")
_ENTRIES = _rows("add entry by entry")


def _scale(node: Node) -> Step | None:
    """``0.1 (31, 3)`` becomes ``(3.1, 0.3)`` in one line."""
    opened = once(node, _SCALE, lambda events: [e for e in events if not isinstance(part_at(node, e[0]), Negative)])
    if opened is None:
        return None
    multiplied = phase(opened.after, algebra.ARITHMETIC)
    if multiplied is None:
        return opened
    return Step(node, multiplied.after, "scale", "Each entry is multiplied.", level=Level.ARITHMETIC,
                steps=(opened, multiplied))


def _entry_by_entry(node: Node) -> Step | None:
    """``(1, 9) - (31, 3)`` becomes ``(1 - 31, 9 - 3)``, once the entries are numbers."""
    if kinds(node).isdisjoint((Vector, Matrix)):
        return None
    if not all(is_worked(n) for n in walk(node) if isinstance(n, Vector | Matrix)):
        return None
    step = once(node, _ENTRIES)
    if step is None:
        return None
    subtracted = any(isinstance(t, Negative) for n in walk(node) if isinstance(n, Sum) for t in n.terms)
    return replace(step, rule="subtract entry by entry" if subtracted else "add entry by entry")


def _bracketed(node: Node, path: Path = (), inside: bool = False) -> Iterator[tuple[Path, Node]]:
    """What stands in brackets, below a bar, in an exponent or under a root and needs only products and sums."""
    if inside and _is_plain(node):
        yield path, node
        return
    for i, child in enumerate(children(node)):
        enters = isinstance(child, Sum) and isinstance(node, Product | Power | Quotient | Root | Call)
        exponent = isinstance(node, Power) and i == 1
        yield from _bracketed(child, (*path, i), enters or exponent)


def _is_plain(node: Node) -> bool:
    """Sums and products of numbers, without further brackets or powers."""
    parts = children(node) if isinstance(node, Sum) else (node,)
    factors = [f for p in parts for f in factors_of(unsigned(p))]
    return isinstance(node, Sum | Product | Negative) and all(numeric(f) is not None for f in factors)


def _brackets(node: Node) -> Step | None:
    """The brackets that hold nothing but numbers, worked out."""
    events = [(path, _BRACKETS, value) for path, part in _bracketed(node) if (value := _short_value(part)) is not None]
    return as_step(node, events, _BRACKETS.name, _BRACKETS.reason)


@lru_cache(maxsize=REMEMBERED)
def _short_value(node: Node) -> Node | None:
    """The value of an expression that can be worked out exactly in few digits."""
    end = end_of(node, _lines(node))
    return end if is_worked(end) and digits(end) <= EXACT_DIGITS else None


_BRACKETS = Rule("work out the brackets", "2 (1 + 3) = 2 \\cdot 4", "What is in brackets comes first.", _short_value,
                 Level.ARITHMETIC)


@on(Negative)
def _double_minus(node: Node) -> Node | None:
    match node:
        case Negative(Negative(operand)):
            return operand
    return None


_SIGNS = (Rule("signs", "-(-u) = u", "Two minus signs make a plus.", _double_minus, Level.ARITHMETIC),)


@lru_cache(maxsize=REMEMBERED)
def _products(node: Node) -> Step | None:
    """Everything but sums worked out, called by what there was to do; ``0 - 0`` is left to the sums."""
    if book_of(algebra.ARITHMETIC).is_done(node):
        return None
    events: list[Event] = []
    done: list[str] = []
    tree = node
    for event in innermost(node, algebra.ARITHMETIC)[1]:
        path, _, made = event
        part, around = part_at(tree, path), part_at(tree, path[:-1])
        tree = replace_at(tree, path, made)
        if part == _MINUS_ZERO and isinstance(around, Sum) and (path[-1] or all(map(_is_number, around.terms))):
            continue
        events.append(event)
        done.append(operation(part, event))
    return as_step(node, events, *called(done)) if events else None


_MINUS_ZERO = Negative(ZERO)


def _is_number(node: Node) -> bool:
    return numeric(node) is not None


def _sums(node: Node) -> Step | None:
    """The sums worked out; called a subtraction where nothing is added."""
    step = phase(node, algebra.SUMS, *SUMS[False])
    subtracts = step is not None and all(is_difference(n) for n in walk(node) if isinstance(n, Sum))
    return replace(step, rule=SUMS[True][0], reason=SUMS[True][1]) if step is not None and subtracts else step


Move = Callable[[Node], Step | None]

_MOVES: tuple[Move, ...] = (
    lambda node: once(node, _MATRIX_PRODUCT),
    _scale,
    _entry_by_entry,
    lambda node: phase(node, _SIGNS),
    _brackets,
    _products,
    _sums,
)


def parts_of(node: Node) -> tuple[Node, ...]:
    """The entries of coordinates or of a matrix, row by row; anything else is its own only part."""
    match node:
        case Vector(items):
            return items
        case Matrix(rows):
            return tuple(entry for row in rows for entry in row)
    return (node,)


def digits(node: Node) -> int:
    """How many digits the longest number in an expression has, zeros in front not counted."""
    lengths = (len(n.text.replace(".", "").lstrip("0")) for n in walk(node) if isinstance(n, Number))
    return max(lengths, default=0)


def is_worked(node: Node) -> bool:
    """Whether every entry is a written number."""
    return all(numeric(part) is not None for part in parts_of(node))


@lru_cache(maxsize=REMEMBERED)
def number_of(node: Node) -> Fraction | float:
    """The value of an expression without letters: exact where it is rational. MathError where there is none."""
    value = exact(node, {})
    return value_of(node) if value is None else value


def numbers_of(node: Node) -> list[Fraction | float]:
    """The values of the entries."""
    return [number_of(part) for part in parts_of(node)]


def rounded(node: Node, significant: int = SIGNIFICANT) -> Node:
    """The value as decimals, entry by entry. MathError where an entry has none."""
    if isinstance(node, Vector | Matrix):
        return map_children(node, lambda part: rounded(part, significant))
    return approximate(number_of(node), significant)


def rounding(node: Node, significant: int = SIGNIFICANT) -> Step:
    """The line that ends in rounded decimals."""
    return Step(node, rounded(node, significant), "round", f"To {significant} significant digits.", "~=",
                Level.ARITHMETIC)


@dataclass(frozen=True, slots=True)
class Style:
    """How numbers are written: with ``decimals`` where they end; ``fractions`` where they do not, else rounded.

    ``rounded`` says that the numbers to work with are rounded themselves, so that long exact ones mean nothing, and a
    fraction made of decimals would look exact and is not.
    """

    decimals: bool = False
    fractions: bool = True
    rounded: bool = False


EXACT = Style()


def worked(node: Node, style: Style = EXACT) -> list[Step]:
    """Lines from an expression without letters to its value; none where it is a number already.

    The value is exact as long as the numbers on the way are short; otherwise the last line rounds to
    :data:`SIGNIFICANT` digits. MathError where the expression has no value.
    """
    if style.rounded and has_decimals([node]):
        style = replace(style, fractions=False)
    lines = _short_lines(node, ROUNDED_DIGITS if style.rounded else EXACT_DIGITS)
    end = end_of(node, lines)
    numbers_of(end)
    if style.decimals and is_worked(end) and (pointed := _pointed(end)) != end:
        lines.append(Step(end, pointed, "as decimals", "The division ends.", level=Level.ARITHMETIC))
        end = pointed
    if not _is_tidy(end, style):
        step = rounding(end)
        lines += [step] if step.after != end else []
    return lines


def _short_lines(node: Node, most: int) -> list[Step]:
    """The lines as long as the numbers in them are short and no decimal has become a fraction in an exponent."""
    lines: list[Step] = []
    for step in _lines(node):
        lost = has_decimals([step.before]) and not has_decimals([step.after]) and not is_worked(step.after)
        if digits(step.after) > most or (lost and _fractions(step.after) > _fractions(step.before)):
            break
        lines.append(step)
    return lines


def _fractions(node: Node) -> int:
    return sum(1 for n in walk(node) if isinstance(n, Quotient) and numeric(n) is not None)


def _pointed(node: Node) -> Node:
    """Fractions as decimals where these end soon."""
    if isinstance(node, Vector | Matrix):
        return map_children(node, _pointed)
    value = numeric(node) if _fractions(node) else None
    shown = None if value is None else decimal(value)
    return shown if shown is not None and digits(shown) <= SIGNIFICANT + 2 else node


def _is_tidy(node: Node, style: Style) -> bool:
    if not is_worked(node) or (style.rounded and digits(node) > SIGNIFICANT):
        return False
    return style.fractions or not _fractions(node)


def _lines(node: Node) -> list[Step]:
    try:
        return run(node, _MOVES)
    except LimitError:
        return []


def is_rounded(steps: Iterable[Step]) -> bool:
    """Whether a line of these rounds."""
    return any(step.relation == "~=" for step in steps)


def written(value: Fraction | float, decimals: bool) -> Node:
    """A number as it is written: a decimal where decimals are used and it ends, else a fraction; a float rounded."""
    if isinstance(value, float):
        return approximate(value, 12)
    return (decimal(value) if decimals else None) or number(value)


def has_decimals(nodes: Iterable[Node]) -> bool:
    """Whether a number in the expressions is written with a point."""
    return any(isinstance(n, Number) and "." in n.text for node in nodes for n in walk(node))
