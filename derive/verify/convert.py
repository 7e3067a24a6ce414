"""From the core language to elements of the field, in one case of signs: the exact side of the verifier.

One method for each kind of node. What has a law is handed to :mod:`kernels`, :mod:`sums` and
:mod:`differential`; what is beyond them raises :class:`~derive.verify.signals.Undecidable`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from flint import fmpq, fmpq_mat

from derive.limits import DERIVATIVE_ORDER, NUMBER_EXPONENT
from derive.tree import (
    INFINITY,
    ZERO,
    Call,
    Cases,
    Constant,
    E,
    Indexed,
    Integral,
    Limit,
    Matrix,
    Negative,
    Node,
    Number,
    Optimum,
    Power,
    Product,
    ProductOver,
    Quotient,
    Relation,
    Root,
    Sum,
    SumOver,
    Symbol,
    number,
    substitute,
)
from derive.verify.asymptotics import Asymptotics, sides_of
from derive.verify.brackets import Brackets
from derive.verify.core import (
    PRIMITIVES,
    Bracket,
    Density,
    DerivativeAt,
    Provided,
    free_symbols,
    fresh,
    is_bound,
    is_fresh,
    is_index,
    member,
    number_value,
    put_in,
    restrictions,
    set_over,
    walk,
)
from derive.verify.counting import factorial, floor
from derive.verify.densities import density, slope
from derive.verify.differential import Derivation
from derive.verify.extremes import least_value
from derive.verify.field import Element, Field, Kernel, Poly, key_of
from derive.verify.integrals import Integrals
from derive.verify.kernels import FUNCTIONS, Kernels
from derive.verify.products import Products
from derive.verify.ranges import ranges
from derive.verify.signals import TooLarge, Undecidable, Undefined
from derive.verify.signs import Signs
from derive.verify.sums import Sums, member_fact
from derive.verify.trees import tree

Domains = Mapping[Symbol, str]

_MARK = "h"  # the mark of infinitesimals


class Converter:
    """Trees to elements, in one case of signs; with ``assuming``, Assume says what a convergence needs."""

    def __init__(self, field: Field, domains: Domains, assuming: bool = False) -> None:
        self.field, self.domains = field, domains
        known = ranges(field, domains)
        self.signs = Signs(field, known, Signs(field, known))
        self.kernels = Kernels(field, self.signs, self._log_of_product)
        self.kernels.is_whole = self._is_whole
        brackets = Brackets(field, self.signs, self.takes_whole_values)
        parts = (self.kernels, self.element, self.derivative, brackets)
        self.brackets, self.sums = brackets, Sums(*parts)
        self.products, self.integrals = Products(*parts), Integrals(*parts)
        self.products.sums = self.sums
        self.sums.assuming = self.integrals.assuming = assuming
        self.memo: dict[int, tuple[Node, Element]] = {}
        self.derivations: dict[Symbol, Derivation] = {}
        self.small = 0

    def _log_of_product(self, kernel: Kernel) -> Element:
        return self.products.log(kernel)

    def element(self, node: Node) -> Element:
        """The element that a scalar expression stands for. Undefined where it has no value anywhere."""
        found = self.memo.get(id(node))
        if found is None:
            found = node, self._element(node)
            self.memo[id(node)] = found
        return found[1]

    def _element(self, node: Node) -> Element:
        field = self.field
        match node:
            case Number():
                return field.number(number_value(node.text))
            case Symbol():
                return self.symbol(node)
            case Sum(terms):
                return self._sum(terms)
            case Product(factors):
                return self._product(factors)
            case Negative(operand):
                inner = self.element(operand)
                return Element(-inner.top, inner.bottom)
            case Quotient(top, bottom):
                return field.over(self.element(top), self.element(bottom))
            case Power(base, exponent):
                return self._power(base, exponent)
            case Root(radicand, degree):
                return self._root(radicand, degree)
            case Call(name, args, order):
                return self._call(name, args, order)
            case Constant(name):
                return self._constant(name)
            case Indexed(base, indices):
                return self._indexed(base, [self.element(i) for i in indices])
            case DerivativeAt():
                return self._derivative_at(node)
            case Cases(branches):
                return self._cases(branches)
            case SumOver():
                return self._sum_over(node)
            case ProductOver():
                return self._product_over(node)
            case Integral(body, variable, lower, upper):
                if lower is not None and upper is not None:
                    return self.integrals.over(body, variable, lower, upper)
                return self._antiderivative(body, variable)
            case Bracket(operand, sign):
                return self.brackets.compared(self.element(operand), sign)
            case Density(name, slots, values, params):
                at = [self.element(v) for v in (*values, *params)]
                return density(self.kernels, (name, slots, (0,) * len(at)), at)
            case Optimum():
                return least_value(self, node)
            case Provided(body, condition):
                return self._provided(body, condition)
            case Limit(body, variable, point, side):
                return self._limit(body, variable, point, side)
        raise Undecidable(f"{type(node).__name__} is not understood here")

    def sign_of(self, element: Element) -> tuple[int, bool]:
        """The sign of an element, and whether it is certainly not zero."""
        return sign_of(self, element)

    # --- leaves ---------------------------------------------------------------------------------------

    def symbol(self, symbol: Symbol) -> Element:
        """The generator of a symbol."""
        kernel = Kernel("symbol", data=symbol, symbols=frozenset({symbol}))
        return self.field.generator(kernel, ("symbol", symbol))

    def _constant(self, name: str) -> Element:
        match name:
            case "e":
                return self.kernels.exp(self.field.one)
            case "pi":
                return self.kernels.pi()
        raise Undecidable("infinity is no number")

    def _indexed(self, base: Symbol, indices: list[Element]) -> Element:
        numbers = [self.field.rational(i) for i in indices]
        name = member(base, [number(n) for n in numbers if n is not None]) if None not in numbers else None
        if name is not None:
            return self.symbol(name)
        symbols = self.field.symbols(*indices) | {base}
        kernel = Kernel("indexed", tuple(indices), data=base, symbols=symbols)
        return self.field.generator(kernel, ("indexed", base, key_of(*indices)))

    # --- arithmetic -------------------------------------------------------------------------------------

    def _sum(self, terms: tuple[Node, ...]) -> Element:
        result = self.element(terms[0])
        for term in terms[1:]:
            result = self.field.plus(result, self.element(term))
        return result

    def _product(self, factors: tuple[Node, ...]) -> Element:
        result = self.element(factors[0])
        for factor in factors[1:]:
            result = self.field.times(result, self.element(factor))
        return result

    def _power(self, base: Node, exponent: Node) -> Element:
        v = self.element(exponent)
        if base == E:
            return self.kernels.exp(v)
        u, n = self.element(base), self.field.rational(v)
        if n is None:
            return self.kernels.symbolic_power(u, v, self._is_whole(v))
        if abs(n) > NUMBER_EXPONENT:
            raise TooLarge("too large")
        return self.field.power(u, int(n)) if n.denominator == 1 else self.kernels.power(u, n)

    def _is_whole(self, v: Element) -> bool:
        kernels = [self.field.kernels[i] for i in self.field.used(v.top)]
        return v.bottom.is_one() and all(k.kind == "symbol" and self.takes_whole_values(k.data) for k in kernels)

    def _root(self, radicand: Node, degree: Node) -> Element:
        u, n = self.element(radicand), self.field.rational(self.element(degree))
        if n is None or n == 0:
            raise Undecidable("a root whose degree is no number")
        if n.denominator == 1 and n % 2 and n > 0:
            return self.field.power(u, 1) if n == 1 else self.kernels.odd_root(u, int(n))
        return self.kernels.power(u, 1 / n)

    # --- functions ----------------------------------------------------------------------------------------

    def _call(self, name: str, args: tuple[Node, ...], order: int) -> Element:
        if name in ("det", "rank"):
            return self._of_matrix(name, args)
        if name == "log" and len(args) == 1 and isinstance(args[0], Call) and args[0].name == "abs":
            return self.kernels.log_absolute(self.element(args[0].args[0]))
        values = [self.element(a) for a in args]
        if name in _COUNTING and len(values) == 1 and not order:
            return self._counting(name, values[0])
        if name in ("abs", "max", "min") and any(map(is_bound, self.field.symbols(*values))):
            return self._of_bound(name, values)
        if name in ("max", "min") and values:
            return self.kernels.largest(values, 1 if name == "max" else -1)
        if name in FUNCTIONS and len(values) == 1 and not order:
            return FUNCTIONS[name](self.kernels, values[0])
        if name in PRIMITIVES:
            raise Undecidable(f"{name} with {len(values)} arguments")
        if order and len(values) != 1:
            raise Undecidable("a prime on a function of several arguments")
        return self.kernels.unknown(name, (order,) if len(values) == 1 else (0,) * len(values), values)

    def _counting(self, name: str, u: Element) -> Element:
        if name == "factorial":
            return factorial(self.kernels, u)
        if name == "floor":
            return floor(self.kernels, u, self._is_whole)
        return self.field.scaled(floor(self.kernels, self.field.scaled(u, -1), self._is_whole), -1)

    def _of_bound(self, name: str, values: list[Element]) -> Element:
        """``|u|`` and the largest of values that depend on a bound name: no cases of signs are possible there."""
        field = self.field
        if name == "abs":
            return self._bound_absolute(values[0])
        result = values[0]
        for other in values[1:]:
            distance = self._bound_absolute(field.minus(result, other))
            both = field.plus(result, other)
            twice = field.plus(both, distance) if name == "max" else field.minus(both, distance)
            result = field.scaled(twice, Fraction(1, 2))
        return result

    def _bound_absolute(self, u: Element) -> Element:
        return self.field.over(*(self._absolute_of(p) for p in self.field.canonical(u)))

    def _absolute_of(self, p: Poly) -> Element:
        found, _ = self.signs.sign(p)
        if found:
            return self.field.polynomial(p * found)
        return self.kernels.make("abs", self.field.polynomial(-p if p.leading_coefficient() < 0 else p))

    def _of_matrix(self, name: str, args: tuple[Node, ...]) -> Element:
        if len(args) != 1 or not isinstance(args[0], Matrix):
            raise Undecidable(f"{name} of something that is no written-out matrix")
        rows = [[self.element(e) for e in row] for row in args[0].rows]
        return self._determinant(rows) if name == "det" else self.field.number(self._rank(rows))

    def _determinant(self, rows: list[list[Element]]) -> Element:
        """By elimination over the field; every pivot is a non-zero element."""
        field, result = self.field, self.field.one
        for k in range(len(rows)):
            pivot = next((i for i in range(k, len(rows)) if not rows[i][k].top.is_zero()), None)
            if pivot is None:
                return field.zero
            if pivot != k:
                rows[k], rows[pivot] = rows[pivot], rows[k]
                result = field.scaled(result, -1)
            result = field.times(result, rows[k][k])
            for i in range(k + 1, len(rows)):
                self._eliminate(rows, k, i)
        return result

    def _eliminate(self, rows: list[list[Element]], k: int, i: int) -> None:
        field = self.field
        factor = field.over(rows[i][k], rows[k][k])
        if not factor.top.is_zero():
            rows[i] = [field.minus(e, field.times(factor, p)) for e, p in zip(rows[i], rows[k], strict=True)]

    def _rank(self, rows: list[list[Element]]) -> int:
        """The rank, where every pivot is certainly not zero anywhere in the domain."""
        values = [[self.field.rational(e) for e in row] for row in rows]
        if all(v is not None for row in values for v in row):
            flat = [[fmpq(v.numerator, v.denominator) for v in row if v is not None] for row in values]
            return int(fmpq_mat(flat).rank())
        rank, width = 0, len(rows[0])
        for column in range(width):
            pivot = next((i for i in range(rank, len(rows)) if not rows[i][column].top.is_zero()), None)
            if pivot is None:
                continue
            self._require_nonzero(rows[pivot][column])
            rows[rank], rows[pivot] = rows[pivot], rows[rank]
            for i in range(rank + 1, len(rows)):
                pivot_row = rows[rank]
                factor = self.field.over(rows[i][column], pivot_row[column])
                pairs = zip(rows[i], pivot_row, strict=True)
                rows[i] = [self.field.minus(e, self.field.times(factor, p)) for e, p in pairs]
            rank += 1
        return rank

    def _require_nonzero(self, element: Element) -> None:
        sign, strict = self.signs.sign(element.top)
        if not (sign and strict):
            raise Undecidable("the rank depends on the symbols")

    # --- derivatives ----------------------------------------------------------------------------------------

    def derivative(self, element: Element, x: Symbol) -> Element:
        """The derivative of an element with respect to a symbol."""
        if x not in self.derivations:
            self.derivations[x] = Derivation(self.kernels, x, self._slope, self._of_antiderivative)
        return self.derivations[x].of(element)

    def _derivative_at(self, node: DerivativeAt) -> Element:
        if node.order > DERIVATIVE_ORDER:
            raise TooLarge("too large")
        point = node.point
        if isinstance(point, Symbol) and not is_fresh(point) and point not in free_symbols(node.body):
            body = self.element(put_in(node.body, {node.variable: point}))
            return self._repeated(body, point, node.order)
        return self._near(node.body, node.variable, point, node.order)

    def _repeated(self, element: Element, x: Symbol, order: int) -> Element:
        for _ in range(order):
            element = self.derivative(element, x)
        return element

    def _near(self, body: Node, variable: Symbol, point: Node, order: int) -> Element:
        """The derivative at any point: that of ``h -> body(point + h)`` at h = 0."""
        h = self.infinitesimal()
        element = self.element(put_in(body, {variable: Sum((point, h))}))
        return self.at_zero(self._repeated(element, h, order), h)

    def infinitesimal(self) -> Symbol:
        """A new symbol for a number close to zero; signs are then those at zero."""
        self.small += 1
        self.signs.at_zero = self._value_near
        return fresh(self.small, _MARK)

    def at_zero(self, element: Element, h: Symbol) -> Element:
        """The element with zero put in for a symbol. Undefined where its denominator vanishes there."""
        if h not in self.field.symbols(element):
            return element
        return self.element(substitute(tree(self.field, element), {h: ZERO}))

    def _value_near(self, poly: Poly) -> Element | None:
        """A polynomial at h = 0 for every infinitesimal in it; None when there is none."""
        element = self.field.polynomial(poly)
        small = [s for s in self.field.symbols(element) if s.name == fresh(0, _MARK).name]
        if not small:
            return None
        for h in small:
            element = self.at_zero(element, h)
        return element

    def _antiderivative(self, body: Node, variable: Symbol) -> Element:
        inner = self.field.canonical(self.element(body))
        kernel = Kernel("antiderivative", (inner,), data=variable, symbols=self.field.symbols(inner) | {variable})
        return self.field.generator(kernel, ("antiderivative", variable, key_of(inner)))

    def _of_antiderivative(self, kernel: Kernel, x: Symbol) -> Element:
        if kernel.data != x:
            raise Undecidable("an antiderivative is differentiated with respect to another variable")
        return kernel.inner[0]

    # --- limits -----------------------------------------------------------------------------------------------

    def _limit(self, body: Node, variable: Symbol, point: Node, side: str) -> Element:
        """The limit, from each side on which the expression has values: all have to be the same."""
        sides = [Asymptotics(self, body, variable, point, s) for s in sides_of(point, side)]
        ends = [asymptotics.value() for asymptotics in sides if asymptotics.has_values()]
        if not ends:
            raise Undefined
        if any(not self.field.minus(end, ends[0]).top.is_zero() for end in ends[1:]):
            raise Undecidable("the limits from both sides differ")
        return ends[0]

    # --- sums, cases --------------------------------------------------------------------------------------------

    def _sum_over(self, node: SumOver) -> Element:
        where = _all_of(restrictions(node.where))
        if node.lower is not None and node.upper is not None:
            return self.sums.bounded(node.body, node.index, self._end(node.lower), self._end(node.upper), where)
        found = set_over(node.where)
        if found is None:
            raise Undecidable("a sum without bounds")
        return self.sums.over_set(node.body, node.index, found, where)

    def _product_over(self, node: ProductOver) -> Element:
        if restrictions(node.where):
            raise Undecidable("a product with a condition on its index")
        if node.lower is not None and node.upper is not None:
            return self.products.bounded(node.body, node.index, self._end(node.lower), self._end(node.upper))
        found = set_over(node.where)
        if found is None:
            raise Undecidable("a product without bounds")
        return self.products.over_set(node.body, node.index, found)

    def _slope(self, kernel: Kernel, x: Symbol) -> Element:
        """The derivative of a generator that binds a name, or of a density."""
        match kernel.kind:
            case "sum":
                return self.sums.derivative(kernel, x)
            case "product":
                return self.products.derivative(kernel, x)
            case "density":
                return slope(self.kernels, kernel, x, self.derivative)
        return self.integrals.derivative(kernel, x)

    def _provided(self, body: Node, condition: Relation) -> Element:
        """An expression under a condition; one on a bound name is known only while its body is converted."""
        before = set(self.sums.facts)
        self._assume(condition)
        result = self.element(body)
        if any(is_bound(p) for p in walk(condition) if isinstance(p, Symbol)):
            self.sums.facts = before
        return result

    def _assume(self, condition: Relation) -> None:
        """What a statement takes for granted: that an index is in range, or a value in a set."""
        match condition:
            case Relation((low, index, high), ("<=", "<=")):
                first, here, last = self.element(low), self.element(index), self.element(high)
                ends = self.field.minus(here, first), self.field.minus(last, here)
                self.sums.facts |= {key_of(e) for e in ends}
            case Relation((value, space), ("in",)):
                self.sums.facts.add(member_fact(self.element(value), space))

    def takes_whole_values(self, symbol: Symbol) -> bool:
        """Whether a symbol is an index or declared whole."""
        return is_index(symbol) or "integer" in self.domains.get(symbol, "")

    def _end(self, end: Node) -> Element:
        match end:
            case Constant("infinity"):
                return self.field.generator(Kernel("opaque", data=INFINITY), ("opaque", "infinity"))
            case Negative(Constant("infinity")):
                return self.field.scaled(self._end(INFINITY), -1)
        return self.element(end)

    def _cases(self, branches: tuple[tuple[Node, Node | None], ...]) -> Element:
        conditions = [c for _, c in branches if isinstance(c, Relation)]
        if any(self._is_bracket(c) for c in conditions):
            return self._by_brackets(branches)
        for value, condition in branches:
            if condition is None or self.holds(condition):
                return self.element(value)
        raise Undefined

    def _is_bracket(self, condition: Relation) -> bool:
        """Whether a condition depends on a bound name, or compares whole numbers."""
        elements = [self.element(s) for s in condition.sides]
        symbols = self.field.symbols(*elements)
        if any(is_bound(s) for s in symbols):
            return True
        return bool(symbols) and {*condition.signs} <= {"=", "!="} and all(map(self.takes_whole_values, symbols))

    def _by_brackets(self, branches: tuple[tuple[Node, Node | None], ...]) -> Element:
        """The values times their conditions; the last one holds where no other does."""
        field, result, rest = self.field, self.field.zero, self.field.one
        for value, condition in branches[:-1]:
            holds = field.one if condition is None else self.brackets.of(condition, self.element)
            result = field.plus(result, field.times(field.times(rest, holds), self.element(value)))
            rest = field.times(rest, field.minus(field.one, holds))
        result = field.plus(result, field.times(rest, self.element(branches[-1][0])))
        return self.brackets.tidy(result)

    def holds(self, condition: Node) -> bool:
        """Whether a condition holds in this case; its boundary is noted by the signs."""
        if not isinstance(condition, Relation):
            raise Undecidable("a condition that is no comparison")
        pairs = zip(condition.sides, condition.sides[1:], condition.signs, strict=False)
        return all(self._compare(a, b, sign) for a, b, sign in pairs)

    def _compare(self, a: Node, b: Node, sign: str) -> bool:
        difference = self.field.minus(self.element(a), self.element(b))
        found = 0 if difference.top.is_zero() else self.signs.of(difference, jump=True)
        match sign:
            case "<":
                return found < 0
            case "<=":
                return found <= 0
            case ">":
                return found > 0
            case ">=":
                return found >= 0
            case "=":
                return found == 0
            case "!=":
                return found != 0
        raise Undecidable(f"a condition with {sign}")


_COUNTING = frozenset({"factorial", "floor", "ceil"})


def _all_of(relations: list[Relation]) -> Node | None:
    """Several comparisons as one chain is not always possible: more than one is not understood."""
    if len(relations) > 1:
        raise Undecidable("several conditions on an index")
    return relations[0] if relations else None


def sign_of(
    converter: Converter, element: Element, of: Callable[[Poly], tuple[int, bool]] | None = None,
) -> tuple[int, bool]:
    """The sign of an element, factor by factor, and whether it is certainly not zero; ``of`` knows that of a factor."""
    if element.top.is_zero():
        return 1, False
    of = of or converter.signs.sign
    result, strict = 1, True
    for poly in element:
        content, parts = converter.field.factors(poly)
        result *= -1 if content < 0 else 1
        for part, times in parts:
            found, certain = of(part)
            if times % 2:
                result *= found
            if poly is element.top:
                strict = strict and certain
    return result, strict
