r"""Vector and matrix expressions made shorter: entry by entry as numbers are, and sums of probabilities as 1.

Called by :mod:`derive.kinds._backward_matrix` for adjoints such as ``p ⊙ (-y/p + (p^T (y/p)) 1)``. What is done entry
by entry is done by the rules for numbers: every vector or matrix of the same shape is taken for one of its entries, and
the result is written for all of them again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from derive.errors import LimitError
from derive.goals import end_of, simplify
from derive.kinds._partials import reduced
from derive.rules.matrices import entrywise, multiplied
from derive.rules.monomials import factors_of
from derive.rules.shapes import NUMBER, ONES, Shape, Shapes
from derive.steps import Step
from derive.tree import (
    ONE,
    Call,
    Entrywise,
    Negative,
    Node,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
    Transpose,
    free_symbols,
    map_children,
    numeric,
    size,
    times,
    unsigned,
    walk,
)

CANCEL = "entry by entry"
COEFFICIENTS = "multiply out numbers and signs"
PROBABILITIES = "the probabilities add up to 1"
_ALL_ONES = (ONES, Transpose(ONES))


def shortened(node: Node, shapes: Shapes, probabilities: frozenset[Symbol]) -> list[Step]:
    """Steps to a shorter form of an adjoint; none where there is none.

    ``probabilities`` are vectors whose entries, matrices whose rows add up to 1.
    """
    steps: list[Step] = []
    cancelled = _sums(node, shapes)
    if cancelled != node:
        steps.append(Step(node, cancelled, CANCEL, "In each entry factors cancel."))
    summed = _ones(cancelled, shapes, probabilities)
    if summed != cancelled:
        steps.append(Step(cancelled, summed, PROBABILITIES))
    shorter = _coefficients(summed, shapes)
    if shorter != summed:
        steps.append(Step(summed, shorter, COEFFICIENTS, "The numbers in front are multiplied."))
    return steps + of_entries(end_of(node, steps), shapes)


def _coefficients(node: Node, shapes: Shapes) -> Node:
    """The numbers in front of vectors and matrices multiplied: ``2 (c/2) W`` as ``c W``."""
    made = map_children(node, lambda part: _coefficients(part, shapes))
    if not isinstance(made, Product):
        return made
    numbers = [f for f in made.factors if shapes.is_number(f)]
    if len(numbers) < 2 or len(numbers) == len(made.factors):
        return made
    start = Product(tuple(numbers))
    end = end_of(start, simplify(start))
    if size(end) >= size(start):
        return made
    inner = unsigned(end)
    rest = [f for f in made.factors if not shapes.is_number(f)]
    product = times([*(f for f in factors_of(inner) if f != ONE), *rest])
    return Negative(product) if isinstance(end, Negative) else product


def of_entries(node: Node, shapes: Shapes) -> list[Step]:
    """Steps by the rules for numbers, in every entry at once; none where they lead to nothing shorter."""
    lowered = _Entries(shapes, shapes.of(node))
    start = lowered.down(node)
    try:
        steps = simplify(start)
        more = steps + reduced(end_of(start, steps))
        end = lowered.up(end_of(start, more))
        if quotients(end, shapes):
            end = lowered.up(end_of(start, steps))
        else:
            steps = more
    except LimitError:
        return []
    if not _is_shorter(end, node, shapes.is_number(node)):
        return []
    names = dict.fromkeys(s.rule for s in steps)
    rule = next(iter(names)) if len(names) == 1 else "simplify"
    if not shapes.is_number(node):
        rule += ", entry by entry"
    return [Step(node, end, rule, "; ".join(names) if len(names) > 1 else "")]


def _is_shorter(new: Node, old: Node, is_number: bool) -> bool:
    """Whether a line is worth it: for a number a shorter form or fewer fractions, for a vector a much shorter one."""
    if not is_number:
        return 4 * size(new) <= 3 * size(old)
    fractions = [sum(isinstance(n, Quotient) for n in walk(node)) for node in (new, old)]
    return size(new) < size(old) or (fractions[0] < fractions[1] and size(new) <= size(old) + 2)


@dataclass
class _Entries:
    """One entry in place of all: letters of the shape stay, whatever else has it gets a letter."""

    shapes: Shapes
    shape: Shape
    parts: dict[Symbol, Node] = field(default_factory=dict)

    def down(self, node: Node) -> Node:
        """The entry of an expression as a number."""
        match node:
            case Symbol():
                return ONE if node == ONES else node
            case Negative() | Sum() | Quotient() | Power() if not self._is_matrix_power(node):
                return map_children(node, self.down)
            case Entrywise(factors):
                return Product(tuple(map(self.down, factors)))
            case Product(factors):
                return self._product(node, factors)
            case Call(name) if name not in ("softmax", "diag") and self.shapes.of(node) == self.shape != NUMBER:
                return map_children(node, self.down)
        return node if not free_symbols(node) else self._named(node)

    def _is_matrix_power(self, node: Node) -> bool:
        return isinstance(node, Power) and not self.shapes.is_number(node)

    def _product(self, node: Product, factors: tuple[Node, ...]) -> Node:
        if all(map(self.shapes.is_number, factors)):
            return map_children(node, self.down)
        kept = tuple(f for f in factors if f not in _ALL_ONES)
        arrays = [f for f in kept if not self.shapes.is_number(f)]
        if not arrays or (len(arrays) == 1 and len(kept) == len(factors)):
            return Product(tuple(map(self.down, kept))) if len(kept) > 1 else self.down(kept[0]) if kept else ONE
        return self._named(node)

    def _named(self, node: Node) -> Symbol:
        letter = next((s for s, part in self.parts.items() if part == node), None)
        if letter is None:
            letter = Symbol("q", sub=f"part{len(self.parts)}")
            self.parts[letter] = node
        return letter

    def up(self, node: Node) -> Node:
        """What was done to one entry, written for all."""
        made = map_children(node, self.up)
        match made:
            case Symbol() if made in self.parts:
                return self.parts[made]
            case Negative(Negative(inner)):
                return inner
            case Product(factors):
                return entrywise(self.shapes, *factors)
            case Power(base, exponent) if not self.shapes.is_number(base):
                n = numeric(exponent)
                if n is None or n.denominator != 1 or not 2 <= n <= 4:
                    raise LimitError("a power of a vector")
                return Entrywise((base,) * int(n))
            case Sum(terms) if not self.shapes.is_number(made):
                return Sum(tuple(self._spread(t) for t in terms))
        return made

    def _spread(self, term: Node) -> Node:
        """A number among vectors: written with ones unless it is a plain one."""
        if not self.shapes.is_number(term) or numeric(term) is not None:
            return term
        return multiplied(self.shapes, term, ONES, *([] if self.shape[1] == 1 else [Transpose(ONES)]))


# --- inner products and sums of rows ------------------------------------------------------------------


def _sums(node: Node, shapes: Shapes) -> Node:
    """``p^T (y/p)`` as ``1^T y``, ``(P ⊙ (Y/P)) 1`` as ``Y 1``."""
    made = map_children(node, lambda part: _sums(part, shapes))
    if isinstance(made, Negative) and isinstance(made.operand, Negative):
        return made.operand.operand
    if not isinstance(made, Product):
        return made
    factors = list(made.factors)
    for i, (a, b) in enumerate(pairwise(factors)):
        if isinstance(a, Transpose) and _columns(a.operand, b, shapes):
            short = _shorter(entrywise(shapes, a.operand, b), shapes)
            if short is not None:
                return multiplied(shapes, *factors[:i], *_with_ones(short, shapes, True), *factors[i + 2 :])
        if b == ONES and shapes.of(a)[1] != 1 and a not in _ALL_ONES:
            short = _shorter(a, shapes)
            if short is not None:
                return multiplied(shapes, *factors[:i], *_with_ones(short, shapes, False), *factors[i + 2 :])
    return multiplied(shapes, *factors)


def _columns(a: Node, b: Node, shapes: Shapes) -> bool:
    """Whether both are vectors, none of them ones."""
    return shapes.of(a)[1] == shapes.of(b)[1] == 1 and ONES not in (a, b)


def _shorter(node: Node, shapes: Shapes) -> Node | None:
    steps = of_entries(node, shapes)
    return steps[-1].after if steps else None


def _with_ones(node: Node, shapes: Shapes, left: bool) -> list[Node]:
    """``-c y`` as ``-c``, ``1^T``, ``y``: the numbers in front."""
    sign, inner = ([Negative(ONE)], node.operand) if isinstance(node, Negative) else ([], node)
    factors = inner.factors if isinstance(inner, Product) else (inner,)
    if isinstance(inner, Quotient) and shapes.is_number(inner.denominator):
        factors = (Quotient(ONE, inner.denominator), inner.numerator)
    numbers = [f for f in factors if shapes.is_number(f)]
    arrays = [f for f in factors if not shapes.is_number(f)]
    return [*sign, *numbers, *([Transpose(ONES), *arrays] if left else [*arrays, ONES])]


def _ones(node: Node, shapes: Shapes, probabilities: frozenset[Symbol]) -> Node:
    """``1^T y`` is 1 and ``Y 1`` is a column of ones for probabilities."""
    made = map_children(node, lambda part: _ones(part, shapes, probabilities))
    if isinstance(made, Negative) and isinstance(made.operand, Negative):
        return made.operand.operand
    if not isinstance(made, Product):
        return made
    factors = list(made.factors)
    for i, (a, b) in enumerate(pairwise(factors)):
        if a == Transpose(ONES) and b in probabilities:
            return multiplied(shapes, *factors[:i], *factors[i + 2 :])
        if b == ONES and a in probabilities:
            return multiplied(shapes, *factors[:i], ONES, *factors[i + 2 :])
    return multiplied(shapes, *factors)


def quotients(node: Node, shapes: Shapes) -> bool:
    """Whether a quotient by a vector or matrix, entry by entry, is left."""
    return any(isinstance(n, Quotient) and not shapes.is_number(n.denominator) for n in walk(node))
