"""From the core language to elements of the field, in one case of signs: the exact side of the verifier.

One method for each kind of node. What has a law is handed to :mod:`kernels`, :mod:`sums` and
:mod:`differential`; what is beyond them raises :class:`~derive.verify.signals.Undecidable`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from flint import fmpq, fmpq_mat

from derive.declarations import declaration
from derive.errors import DeriveError
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
    Power,
    Product,
    ProductOver,
    Quotient,
    Relation,
    Root,
    Sum,
    SumOver,
    Symbol,
    substitute,
)
from derive.verify.asymptotics import Asymptotics
from derive.verify.balls import enclose
from derive.verify.core import PRIMITIVES, DerivativeAt, free_symbols, fresh, is_fresh, number_value
from derive.verify.differential import Derivation
from derive.verify.field import Element, Field, Kernel, Poly, key_of
from derive.verify.intervals import ANY, FROM_ONE, NONNEGATIVE, POSITIVE, UNIT, Interval
from derive.verify.kernels import FUNCTIONS, Kernels
from derive.verify.signals import TooLarge, Undecidable, Undefined
from derive.verify.signs import Signs
from derive.verify.sums import Sums
from derive.verify.trees import kernel_tree, tree

Domains = Mapping[Symbol, str]

_MARK = "h"  # the mark of infinitesimals


class Converter:
    """Trees to elements, in one case of signs."""

    def __init__(self, field: Field, domains: Domains) -> None:
        self.field, self.domains = field, domains
        self.signs = Signs(field, self._range, Signs(field, self._range))
        self.kernels = Kernels(field, self.signs, self._log_of_product)
        self.sums = Sums(self.kernels, self.element, self.derivative)
        self.memo: dict[int, tuple[Node, Element]] = {}
        self.derivations: dict[Symbol, Derivation] = {}
        self.small = 0

    def _log_of_product(self, kernel: Kernel) -> Element:
        return self.sums.log_of_product(kernel)

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
            case SumOver(body, index, lower, upper) if lower is not None and upper is not None:
                return self._over("sum", body, index, lower, upper)
            case ProductOver(body, index, lower, upper) if lower is not None and upper is not None:
                return self._over("product", body, index, lower, upper)
            case Integral(body, variable, lower, upper):
                if lower is not None and upper is not None:
                    return self._over("integral", body, variable, lower, upper)
                return self._antiderivative(body, variable)
            case Limit(body, variable, point, side):
                return self._limit(body, variable, point, side)
        raise Undecidable(f"{type(node).__name__} is not understood here")

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
        return v.bottom.is_one() and all(
            k.kind == "symbol" and "integer" in self.domains.get(k.data, "") for k in kernels
        )

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
        values = [self.element(a) for a in args]
        if name in ("max", "min") and values:
            return self.kernels.largest(values, 1 if name == "max" else -1)
        if name in FUNCTIONS and len(values) == 1 and not order:
            return FUNCTIONS[name](self.kernels, values[0])
        if name in PRIMITIVES:
            raise Undecidable(f"{name} with {len(values)} arguments")
        if order and len(values) != 1:
            raise Undecidable("a prime on a function of several arguments")
        return self.kernels.unknown(name, (order,) if len(values) == 1 else (0,) * len(values), values)

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
            self.derivations[x] = Derivation(self.kernels, x, self.sums.derivative, self._of_antiderivative)
        return self.derivations[x].of(element)

    def _derivative_at(self, node: DerivativeAt) -> Element:
        if node.order > DERIVATIVE_ORDER:
            raise TooLarge("too large")
        point = node.point
        if isinstance(point, Symbol) and not is_fresh(point) and point not in free_symbols(node.body):
            body = self.element(substitute(node.body, {node.variable: point}))
            return self._repeated(body, point, node.order)
        return self._near(node.body, node.variable, point, node.order)

    def _repeated(self, element: Element, x: Symbol, order: int) -> Element:
        for _ in range(order):
            element = self.derivative(element, x)
        return element

    def _near(self, body: Node, variable: Symbol, point: Node, order: int) -> Element:
        """The derivative at any point: that of ``h -> body(point + h)`` at h = 0."""
        h = self.infinitesimal()
        element = self.element(substitute(body, {variable: Sum((point, h))}))
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
        return Asymptotics(self, body, variable, point, side).value()

    # --- sums, cases --------------------------------------------------------------------------------------------

    def _over(self, kind: str, body: Node, index: Symbol, lower: Node, upper: Node) -> Element:
        ends = [self._end(end) for end in (lower, upper)]
        finite = all(end not in (INFINITY, Negative(INFINITY)) for end in (lower, upper))
        return self.sums.over(kind, body, index, ends[0], ends[1], finite)

    def _end(self, end: Node) -> Element:
        match end:
            case Constant("infinity"):
                return self.field.generator(Kernel("opaque", data=INFINITY), ("opaque", "infinity"))
            case Negative(Constant("infinity")):
                return self.field.scaled(self._end(INFINITY), -1)
        return self.element(end)

    def _cases(self, branches: tuple[tuple[Node, Node | None], ...]) -> Element:
        for value, condition in branches:
            if condition is None or self.holds(condition):
                return self.element(value)
        raise Undefined

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

    # --- ranges -------------------------------------------------------------------------------------------------

    def _range(self, signs: Signs, place: int) -> Interval:
        kernel = self.field.kernels[place]
        if kernel.kind == "symbol":
            return domain_interval(self.domains.get(kernel.data, "real"))
        if kernel.kind == "indexed":
            return domain_interval(self.domains.get(kernel.data, "real"))
        if not kernel.symbols and kernel.kind != "opaque":
            return _enclosure(kernel_tree(self.field, kernel))
        match kernel.kind:
            case "exp":
                return _exp_range(signs, kernel)
            case "root":
                return POSITIVE if signs.sign(kernel.inner[0].top)[1] else NONNEGATIVE
            case "sin" | "cos" | "erf":
                return UNIT
            case "sum" | "product":
                body = kernel.inner[2]
                sign, strict = signs.sign(body.top)
                positive = sign * signs.sign(body.bottom)[0] > 0
                return ANY if not positive else POSITIVE if strict and kernel.kind == "product" else NONNEGATIVE
            case "arcsin" | "arctan":
                return Interval(Fraction(-8, 5), Fraction(8, 5))
        return ANY


def _exp_range(signs: Signs, kernel: Kernel) -> Interval:
    atom = kernel.inner[0]
    sign = signs.sign(atom.top)[0] * signs.sign(atom.bottom)[0]
    if sign > 0:
        return FROM_ONE
    return Interval(Fraction(0), Fraction(1), True, False) if sign < 0 else POSITIVE


def domain_interval(domain: str) -> Interval:
    """The range that a declared domain gives a symbol. Undecidable for what is no number."""
    try:
        declared = declaration(domain)
    except DeriveError as error:
        raise Undecidable(error.message) from None
    if declared.kind != "number":
        raise Undecidable(f"a {declared.kind} where a number is expected")
    return Interval(declared.low, declared.high, declared.open_low, declared.open_high)


def _enclosure(node: Node) -> Interval:
    """Rational bounds of a constant, from its number ball."""
    low, high = enclose(node)
    return Interval(low, high, False, False)


def sign_of(converter: Converter, element: Element) -> tuple[int, bool]:
    """The sign of an element, factor by factor, and whether it is certainly not zero."""
    if element.top.is_zero():
        return 1, False
    result, strict = 1, True
    for poly in element:
        content, parts = converter.field.factors(poly)
        result *= -1 if content < 0 else 1
        for part, times in parts:
            found, certain = converter.signs.sign(part)
            if times % 2:
                result *= found
            if poly is element.top:
                strict = strict and certain
    return result, strict
