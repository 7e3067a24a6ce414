"""Proofs by the exact zero test, in as many cases of signs as it takes.

``proof(a, b, domains, clock)`` converts ``a - b`` to an element of the field. Where that needs the sign of some
polynomial, both cases are proved with that sign as a fact; a case that contradicts the domain or the other
facts holds no point and is dropped. Where the value may jump at the boundary between two cases (a condition of
``cases``), the boundary is proved too, by solving for a symbol, or it becomes a condition of the verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from derive.declarations import declaration
from derive.tree import Call, Integral, Negative, Node, Product, Quotient, Sum, Symbol, map_children
from derive.verify.brackets import in_every_world
from derive.verify.convert import Converter, Domains
from derive.verify.core import DerivativeAt, fresh, is_fresh, put_in, walk
from derive.verify.domains import whole_symbols
from derive.verify.field import Element, Field, Key, Needs, Poly
from derive.verify.requirements import Need, Requirement, open_needs, requirements
from derive.verify.signals import Assume, Clock, Infeasible, Restart, Split, Undecidable, Undefined
from derive.verify.trees import tree
from derive.verify.vanishing import Points, vanishes

_SWITCHES = 8  # signs that are split on, one within another
_ATTEMPTS = 24  # fields that are tried, each knowing more
_BOUNDARIES = 4  # of jumps that are looked at
_ASSUMED = 4  # conditions of convergence


Fact = tuple[Poly, int]


@dataclass(frozen=True, slots=True)
class Proof:
    """An equation is proved, in ``cells`` cases; ``except_where`` are zeros of these left open.

    It is proved where what is ``assumed`` is positive.
    """

    cells: int
    except_where: tuple[Node, ...] = ()
    assumed: tuple[Node, ...] = ()


Goal = Callable[[Converter, Element], bool]
"""Whether ``a - b`` is as claimed in one case."""


def is_zero(converter: Converter, difference: Element) -> bool:
    """The goal of an equation that exact arithmetic alone decides."""
    return bool(difference.top.is_zero())


@dataclass(slots=True)
class Zero:
    """The goal of an equation. ``points`` are points of the domain that arguments of continuity may use.

    ``never`` is set when the two sides are certainly different: their difference is a rational function of the
    symbols and not zero.
    """

    points: Points
    never: bool = False

    def __call__(self, converter: Converter, difference: Element) -> bool:
        """Whether ``a - b`` is zero in this case."""
        if difference.top.is_zero():
            return True
        field = converter.field
        if all(field.kernels[i].kind == "symbol" for i in field.used(difference.top)):
            self.never = not converter.signs.facts
            return False
        if any(field.kernels[i].kind == "bracket" for i in field.used(difference.top)):
            return in_every_world(converter, difference, lambda e: bool(e.top.is_zero()))
        return vanishes(converter, difference, self.points)


def proof(
    a: Node, b: Node, domains: Domains, clock: Clock, goal: Goal = is_zero, closed: bool = True, depth: int = 0
) -> Proof | None:
    """A proof that ``a - b`` meets the goal at all points of the domain where both have values; None if none is found.

    A goal that holds on the closure of wherever it holds is ``closed`` (equations, ``<=``); for another the
    boundaries between all cases are proved too. Undecidable when the expressions are beyond the method.
    """
    general = _without_constant_kinks(a, b) if not depth else None
    with suppress(Undecidable):
        if general is not None and (found := _proof(*general, domains, clock, goal, closed, depth)) is not None:
            return found
    return _proof(a, b, domains, clock, goal, closed, depth)


def proof_where_convergent(a: Node, b: Node, domains: Domains, clock: Clock, goal: Goal = is_zero) -> Proof | None:
    """The same where integrals and infinite sums converge: what that needs is assumed, and told by the proof."""
    return _proof(a, b, domains, clock, goal, True, 0, assuming=True)


def _proof(
    a: Node, b: Node, domains: Domains, clock: Clock, goal: Goal, closed: bool, depth: int, assuming: bool = False
) -> Proof | None:
    needs = Needs(room(a, b))
    whole = whole_symbols(domains)
    needed = [r for n in (a, b) for r in requirements(n, whole) if r.need is not Need.NONZERO]
    opened, assumed = open_needs(needed, domains), list[Node]()
    for _ in range(_ATTEMPTS):
        known = [*(Requirement(node, Need.POSITIVE) for node in assumed), *opened]
        try:
            found = _Claim(a, b, domains, known, Field(needs, clock), goal, closed, depth, assuming).proof()
            return None if found is None else replace(found, assumed=tuple(assumed))
        except Restart:
            clock.check()
        except Assume as missing:
            if missing.node in assumed or len(assumed) == _ASSUMED:
                raise
            assumed.append(missing.node)
    raise Undecidable("the generators do not settle")


_CONTINUOUS = frozenset({"abs", "relu", "max", "min"})  # functions with cases that have a value everywhere
_ENTERED = (Sum, Product, Negative, Quotient, DerivativeAt)


def _without_constant_kinks(a: Node, b: Node) -> tuple[Node, Node] | None:
    """A more general claim with fewer cases, where something is differentiated: ``|c|`` that does not contain the
    variable is any number. None where there is nothing of the kind.
    """
    points = [p.point for n in (a, b) for p in walk(n) if isinstance(p, DerivativeAt)]
    if not points:
        return None
    taken = {s for point in points for s in walk(point) if isinstance(s, Symbol)}
    letters: dict[Node, Symbol] = {}

    def opened(node: Node) -> Node:
        if isinstance(node, Call) and node.name in _CONTINUOUS and not node.order:
            own = {s for s in walk(node) if isinstance(s, Symbol)}
            if own and own.isdisjoint(taken) and not any(map(is_fresh, own)):
                return letters.setdefault(node, fresh(len(letters), "k"))
            return node
        return map_children(node, opened) if isinstance(node, _ENTERED) else node

    sides = opened(a), opened(b)
    return sides if letters else None


def room(*nodes: Node) -> int:
    """How many generators a field for these expressions will probably need."""
    found = len({p for n in nodes for p in walk(n) if isinstance(p, Symbol)})
    return 8 if found < 4 else 2 * found + 4


class _Claim:
    """One attempt, with one field."""

    def __init__(
        self, a: Node, b: Node, domains: Domains, needs: list[Requirement], field: Field, goal: Goal, closed: bool,
        depth: int, assuming: bool,
    ) -> None:
        self.a, self.b, self.domains, self.needs, self.field = a, b, domains, needs, field
        self.goal, self.closed, self.depth, self.assuming = goal, closed, depth, assuming
        self.cells = 0
        self.boundaries: dict[Key, Poly] = {}

    def proof(self) -> Proof | None:
        """The proof over all cases, then on the boundaries between them."""
        if not self._proved([]) or not self.cells:
            return None
        converter = Converter(self.field, self.domains)
        left = [tree(self.field, Element(p, self.field.unit)) for p in self._open_boundaries(converter)]
        if left and not self.closed:
            return None
        return Proof(self.cells, tuple(left))

    def _proved(self, facts: list[Fact]) -> bool:
        self.field.clock.check()
        converter = Converter(self.field, self.domains, self.assuming)
        try:
            return self._cell(converter, facts)
        except Infeasible:
            return True
        except Undefined:
            return True  # no point of this case has values on both sides
        except Split as split:
            self._refuse(split.poly, facts)
            if not self.closed:
                self.boundaries[Key(split.poly)] = split.poly
            return all(self._proved([*facts, (split.poly, sign)]) for sign in (1, -1))

    def _cell(self, converter: Converter, facts: list[Fact]) -> bool:
        for poly, sign in facts:
            converter.signs.learn(poly, sign, split=True)
        self._learn(converter)
        converter.signs.check_facts()
        difference = self._difference(converter)
        self.boundaries.update(converter.signs.jumps)
        self.cells += 1
        return self.goal(converter, difference)

    def _difference(self, converter: Converter) -> Element:
        """``a - b``, or its derivative where an antiderivative is claimed: those are equal up to a constant."""
        difference = converter.field.minus(converter.element(self.a), converter.element(self.b))
        if not any(kernel.kind == "antiderivative" for kernel in self.field.kernels):
            return difference
        variables = {v for n in (self.a, self.b) for p in walk(n) if (v := _antiderivative_variable(p)) is not None}
        if len(variables) > 1:
            raise Undecidable("antiderivatives with respect to different variables")
        for variable in variables:
            difference = converter.derivative(difference, variable)
        return difference

    def _refuse(self, poly: Poly, facts: list[Fact]) -> None:
        if len(facts) >= _SWITCHES:
            raise Undecidable("too many cases")
        if any(is_fresh(s) for s in self.field.symbols(Element(poly, self.field.unit))):
            raise Undecidable("a sign that depends on a bound variable")

    # --- facts from the statement itself ------------------------------------------------------------------

    def _learn(self, converter: Converter) -> None:
        """Arguments that must be positive give signs of their factors, until nothing new is learnt."""
        needed = [(converter.element(r.node), r.need is Need.POSITIVE) for r in self.needs]
        again = True
        while again:
            again = any(learn_positive(converter, e, strict) for e, strict in needed)

    # --- boundaries -----------------------------------------------------------------------------------------

    def _open_boundaries(self, converter: Converter) -> Iterator[Poly]:
        """The boundaries at which the equation is not proved; refutation looks at them by itself."""
        for k, poly in enumerate(self.boundaries.values()):
            if k >= _BOUNDARIES or self.depth > 1 or not self._holds_on(poly, converter):
                yield poly

    def _holds_on(self, poly: Poly, converter: Converter) -> bool:
        """Whether the equation is proved where ``poly`` is zero, by solving that for a symbol."""
        for place in self.field.used(poly):
            kernel = self.field.kernels[place]
            solved = _solved(self.field, poly, place) if kernel.kind == "symbol" else None
            if solved is None:
                continue
            value = tree(self.field, solved)
            try:
                if not _within(converter, place, solved):
                    return True
                a, b = (put_in(side, {kernel.data: value}) for side in (self.a, self.b))
                found = proof(a, b, self.domains, self.field.clock, self.goal, self.closed, self.depth + 1)
            except (Undecidable, Infeasible, Undefined, Split):
                return False
            return found is not None and not found.except_where
        return False


def _antiderivative_variable(node: Node) -> Symbol | None:
    return node.variable if isinstance(node, Integral) and node.lower is None else None


def learn_positive(converter: Converter, element: Element, strict: bool) -> bool:
    """Learn the sign of the one factor whose sign is not known, when the product must be positive."""
    signs, field = converter.signs, converter.field
    if element.top.is_zero():
        return False
    quick = signs.sign(element.top)[0] * signs.sign(element.bottom)[0]
    if quick:
        if quick < 0:
            raise Infeasible
        return False
    sign, unknown = 1, []
    for poly in element:
        content, parts = field.factors(poly)
        sign *= -1 if content < 0 else 1
        for part, times in parts:
            if times % 2:
                found = signs.likely(part)
                sign *= found or 1
                unknown += [] if found else [part]
    if not unknown and sign < 0:
        raise Infeasible
    if len(unknown) != 1:
        return False
    signs.learn(unknown[0], sign, strict)
    return True


def _solved(field: Field, poly: Poly, place: int) -> Element | None:
    """The value of a symbol that makes a polynomial zero, where it is linear in it with a constant slope."""
    if poly.degrees()[place] != 1:
        return None
    slope = poly.derivative(place)
    if not slope.is_constant():
        return None
    rest = poly - slope * field.generators[place]
    symbol = next(iter(field.kernels[place].symbols))
    if symbol in field.symbols(field.polynomial(rest)):
        return None
    return field.fraction(-rest, slope)


def _within(converter: Converter, place: int, value: Element) -> bool:
    """Whether a value may lie in a symbol's domain."""
    number = converter.field.rational(value)
    if number is None:
        return True
    if not declaration(converter.domains.get(converter.field.kernels[place].data, "real")).allows(number):
        return False
    interval = converter.signs.range(place)
    point = type(interval)(number, number, False, False)
    return not interval.meet(point).empty


