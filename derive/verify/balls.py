"""Rigorous evaluation with number balls (Arb, by python-flint): the numeric side of the verifier.

``Evaluation(point).value(node)`` encloses the value of a scalar expression of the core language at a point.
Derivatives are those of the function itself, by Taylor arithmetic (:mod:`jets`), never by rules. Where the
expression has no value :class:`Undefined` is raised; where the ball is too wide to tell, :class:`Unclear`,
and the caller tries more digits (:func:`precision`).

An unknown function is evaluated as one smooth function of its name: good enough to see whether two sides
agree, and never a reason to call a statement false (:func:`has_unknowns`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import lru_cache
from hashlib import blake2b
from math import factorial
from typing import Any, Protocol

from flint import acb, arb, arb_mat, arb_series, ctx, fmpq, fmpq_mat

from derive.limits import DERIVATIVE_ORDER, FACTORIAL, NUMBER_EXPONENT
from derive.tree import (
    INFINITY,
    Call,
    Cases,
    Constant,
    E,
    Indexed,
    Integral,
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
    kinds,
    number,
    whole,
)
from derive.verify.complexballs import Integrand
from derive.verify.core import (
    Bracket,
    Density,
    DerivativeAt,
    Provided,
    is_fresh,
    is_opaque,
    number_value,
    restrictions,
    set_over,
    space,
    walk,
)
from derive.verify.core import member as member_name
from derive.verify.jets import Ball, Jet
from derive.verify.signals import Clock, TooLarge, Unclear, Undecidable, Undefined

Value = Any
"""An ``arb``, or a :class:`Jet` while a derivative is being taken."""

_EVALUATIONS = 4_000  # of an integrand
_TERMS = 200  # of a sum that is added up
_POWER_BITS = 4_096  # whole exponents beyond this many bits of value go through exp and log


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Balls with this many bits."""
    before, ctx.prec = ctx.prec, bits
    try:
        yield
    finally:
        ctx.prec = before


def ball(value: Fraction | int) -> Ball:
    """The ball of a rational number."""
    return arb(fmpq(value.numerator, value.denominator))


def enclose(node: Node, bits: int = 128) -> tuple[Fraction, Fraction]:
    """Rational numbers just below and just above a constant."""
    with precision(bits):
        value = Evaluation({}).value(node)
        return rational(value.lower()), rational(value.upper())


def rational(exact: Ball) -> Fraction:
    """The value of a ball without a radius."""
    mantissa, exponent = exact.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def has_unknowns(*nodes: Node) -> bool:
    """Whether functions occur of which nothing is known."""
    return any(is_opaque(p) for n in nodes if Call in kinds(n) for p in walk(n))


Slots = tuple[tuple[str, Symbol], ...]


class Model(Protocol):
    """A finite model: the members of sets without bounds, and the values of densities."""

    def members(self, space: Node) -> Sequence[Fraction]:
        """The members of a set."""

    def density(self, name: str, slots: Slots, values: Sequence[Fraction], params: Sequence[Value]) -> Value:
        """The value of a density at values of some of its random quantities."""


class Evaluation:
    """The values of expressions at one point.

    ``point`` gives every free symbol a rational number; ``family`` a number for a member of an indexed family.
    ``whole`` are the symbols whose values are whole by declaration, for powers of negative numbers.
    """

    def __init__(
        self,
        point: Mapping[Symbol, Fraction],
        family: Callable[[Symbol, tuple[Any, ...]], Fraction] | None = None,
        whole: frozenset[Symbol] = frozenset(),
        clock: Clock | None = None,
        model: Model | None = None,
    ) -> None:
        self.model = model
        self.bindings: dict[Symbol, Value] = {s: ball(v) for s, v in point.items()}
        self.family, self.whole, self.clock = family, whole, clock
        self.orders: tuple[int, ...] = ()
        self.any_index = False
        self.memo: dict[int, tuple[Node, Value]] = {}
        self.loose: dict[int, tuple[Node, tuple[Symbol, ...]]] = {}
        self.sums: dict[tuple[Any, ...], Value] = {}

    def value(self, node: Node) -> Value:
        """The enclosure of a scalar expression."""
        found = self.memo.get(id(node))
        if found is None:
            if self.clock is not None:
                self.clock.check()
            found = node, self._finite(self._value(node))
            self.memo[id(node)] = found
        return found[1]

    def _finite(self, value: Value) -> Value:
        if not _middle(value).is_finite():
            raise Unclear
        return value

    def _value(self, node: Node) -> Value:
        match node:
            case Number():
                return ball(number_value(node.text))
            case Symbol():
                return self._symbol(node)
            case Sum(terms):
                return self._fold(terms, added)
            case Product(factors):
                return self._fold(factors, self._times)
            case Negative(operand):
                return -self.value(operand)
            case Quotient(top, bottom):
                return self._times(self.value(top), self._inverse(self.value(bottom)))
            case Power(base, exponent):
                return self._power(base, exponent)
            case Root(radicand, degree):
                found, n = self.value(radicand), self._whole(self.value(degree))
                return length(found) if n == 2 and _is_zero_of_squares(radicand, found) else self._root(found, n)
            case Call(name, args, order):
                return self._call(name, args, order)
            case Constant("e"):
                return arb.const_e()
            case Constant("pi"):
                return arb.pi()
            case Indexed(base, indices):
                return self._member(base, tuple(self._index(self.value(i)) for i in indices))
            case DerivativeAt():
                return self._derivative(node)
            case Cases(branches):
                return self._cases(branches)
            case SumOver():
                return self._over(node, added, arb(0))
            case ProductOver():
                return self._over(node, self._times, arb(1))
            case Optimum(operator, body, (index,), where) if operator in ("min", "max", "inf", "sup"):
                return self._optimum(body, index, where, 1 if operator in ("max", "sup") else -1)
            case Bracket(operand, sign):
                return self._bracket(self.value(operand), sign)
            case Density(name, slots, values, params):
                return self._density(name, slots, [self.value(v) for v in values], [self.value(p) for p in params])
            case Provided(body, condition):
                if not self.holds(condition):
                    raise Undefined
                return self.value(body)
            case Integral(body, variable, lower, upper) if lower is not None and upper is not None:
                return self._integral(body, variable, lower, upper)
        raise Undecidable(f"{type(node).__name__} has no number here")

    def _symbol(self, symbol: Symbol) -> Value:
        if symbol not in self.bindings:
            raise Undecidable(f"{symbol.plain} has no value")
        value = self.bindings[symbol]
        return value.widened(self.orders) if isinstance(value, Jet) else value

    def _member(self, base: Symbol, indices: tuple[Fraction, ...]) -> Value:
        name = _member_name(base, indices)
        if name is not None and name in self.bindings:
            return self._symbol(name)
        if self.family is None:
            raise Undecidable(f"{base.plain} has no value")
        return ball(self.family(base, tuple([int(i) if i.denominator == 1 else i for i in indices])))

    # --- arithmetic ---------------------------------------------------------------------------------------

    def _fold(self, parts: tuple[Node, ...], function: Callable[[Value, Value], Value]) -> Value:
        result = self.value(parts[0])
        for part in parts[1:]:
            result = function(result, self.value(part))
        return result

    @staticmethod
    def _times(a: Value, b: Value) -> Value:
        if isinstance(a, Jet) == isinstance(b, Jet):
            return a * b
        jet, other = (a, b) if isinstance(a, Jet) else (b, a)
        return Jet({p: c * other for p, c in jet.parts.items()}, jet.orders)

    def _inverse(self, u: Value) -> Value:
        middle = _middle(u)
        if middle.contains(0):
            raise Undefined if middle.is_zero() else Unclear
        return u.apply(lambda s: 1 / s) if isinstance(u, Jet) else 1 / u

    def _power(self, base: Node, exponent: Node) -> Value:
        v = self.value(exponent)
        if base == E:
            return _apply(v, "exp")
        u = self.value(base)
        n = self._exponent(exponent, v)
        if n is not None and abs(n) * max(1, u.bits() if not isinstance(u, Jet) else 1) <= _POWER_BITS:
            return self._whole_power(u, n)
        if isinstance(v, Jet) or isinstance(u, Jet) or not v.is_zero():
            return self._positive_power(u, v)
        return arb(1)

    def _exponent(self, exponent: Node, v: Value) -> int | None:
        """The exponent as a whole number, if it is written as one or declared whole."""
        if isinstance(v, Jet):
            return None
        n = v.unique_fmpz() if v.is_integer() else None
        if n is None:
            return None
        if isinstance(exponent, Number):
            return int(n)
        symbols = {p for p in walk(exponent) if isinstance(p, Symbol)}
        return int(n) if symbols <= self.whole or any(s.name.startswith("#") for s in symbols) else None

    def _whole_power(self, u: Value, n: int) -> Value:
        if abs(n) > NUMBER_EXPONENT:
            raise TooLarge("too large")
        if n < 0:
            return self._whole_power(self._inverse(u), -n)
        if not isinstance(u, Jet) and not u.contains(0):
            return u**n
        result = u.constant(arb(1)) if isinstance(u, Jet) else arb(1)  # flint gives a ball around zero no power
        while n:
            if n % 2:
                result = result * u
            u, n = u * u, n // 2
        return result

    def _positive_power(self, u: Value, v: Value) -> Value:
        if _middle(u).is_zero() and not isinstance(u, Jet) and _middle(v) > 0:
            return arb(0)
        self._require_positive(_middle(u))
        return _apply(self._times(v, _apply(u, "log")), "exp")

    def _root(self, u: Value, n: int) -> Value:
        if n < 1:
            raise Undefined
        if n == 1:
            return u
        middle = _middle(u)
        if n % 2 and middle < 0:
            return -self._root(-u, n)
        if middle.is_zero() and not isinstance(u, Jet):
            return u
        if isinstance(u, Jet) or n > 2:
            self._require_positive(middle)
            return _apply(u, "sqrt") if n == 2 else _apply(self._times(_apply(u, "log"), ball(Fraction(1, n))), "exp")
        if middle < 0:
            raise Undefined
        return u.sqrt()

    @staticmethod
    def _require_positive(middle: Ball) -> None:
        if not middle > 0:
            raise Undefined if middle <= 0 else Unclear

    @staticmethod
    def _whole(value: Value) -> int:
        n = value.unique_fmpz() if not isinstance(value, Jet) and value.is_integer() else None
        if n is None:
            raise Undecidable("an index or a degree that is no whole number")
        return int(n)

    def _index(self, value: Value) -> Fraction:
        """An index; within a finite model, any value of a random quantity is one, and where ``any_index`` is set."""
        free = self.any_index or self.model is not None
        if free and not isinstance(value, Jet) and value.is_exact():
            return rational(value)
        return Fraction(self._whole(value))

    # --- functions ------------------------------------------------------------------------------------------

    def _call(self, name: str, args: tuple[Node, ...], order: int) -> Value:
        if name in ("det", "rank"):
            return self._of_matrix(name, args)
        values = [self.value(a) for a in args]
        if name in ("max", "min") and values:
            return self._largest(values, 1 if name == "max" else -1)
        if name in FUNCTIONS and len(values) == 1 and not order:
            return FUNCTIONS[name](self, values[0])
        return self._unknown(name, values, order)

    def _largest(self, values: list[Value], sign: int) -> Value:
        best = values[0]
        for other in values[1:]:
            a, b = _middle(best), _middle(other)
            if not isinstance(best, Jet) and not isinstance(other, Jet):
                best = a.max(b) if sign > 0 else a.min(b)
            elif a.overlaps(b):
                raise Undefined if a.is_exact() and b.is_exact() else Unclear  # a kink has no derivative
            elif (b > a) == (sign > 0):
                best = other
        return best

    def log(self, u: Value) -> Value:
        """The natural logarithm."""
        self._require_positive(_middle(u))
        return _apply(u, "log")

    def factorial(self, u: Value) -> Value:
        """``u!`` of a number that is whole and not negative."""
        n = self._whole(u)
        if n < 0:
            raise Undefined
        if n > FACTORIAL:
            raise TooLarge("too large")
        return arb(factorial(n))

    def floor(self, u: Value) -> Value:
        """The largest whole number that is at most u."""
        if isinstance(u, Jet):
            raise Undecidable("the derivative of a whole part")
        found = u.floor().unique_fmpz()
        if found is None:
            raise Unclear
        return arb(found)

    def absolute(self, u: Value) -> Value:
        """The absolute value."""
        if not isinstance(u, Jet):
            return abs(u)
        if u.value.contains(0):
            raise Undefined if u.value.is_zero() else Unclear
        return u if u.value > 0 else -u

    def arcsin(self, u: Value) -> Value:
        """The principal inverse sine."""
        middle = _middle(u)
        if middle > 1 or middle < -1 or (isinstance(u, Jet) and abs(middle) == 1):
            raise Undefined
        if not middle * middle <= 1:
            raise Unclear
        return _apply(u, "asin")

    def _unknown(self, name: str, values: list[Value], order: int) -> Value:
        """One smooth function for each name: ``sum of sin(k + w_j u_j)`` with numbers drawn from the name."""
        if order > DERIVATIVE_ORDER:
            raise TooLarge("too large")
        seed = blake2b(name.encode(), digest_size=8).digest()
        total: Value = arb(0)
        for k in range(3):
            inner: Value = ball(Fraction(seed[k], 64))
            speeds = []
            for j, u in enumerate(values):
                speed = ball(Fraction(1 + (seed[(3 * k + j + 3) % 8] + 29 * j) % 97, 64))
                speeds.append(speed)
                inner = added(inner, self._times(speed, u))
            term = _apply(added(inner, arb.pi() * order / 2), "sin")  # sin^(n)(t) = sin(t + n pi/2)
            for _ in range(order):
                term = self._times(term, speeds[0])
            total = added(total, term)
        return total

    def _of_matrix(self, name: str, args: tuple[Node, ...]) -> Value:
        if len(args) != 1 or not isinstance(args[0], Matrix):
            raise Undecidable(f"{name} has no number here")
        rows = [[self.value(e) for e in row] for row in args[0].rows]
        if name == "rank":
            return self._rank(rows)
        if any(isinstance(v, Jet) for row in rows for v in row):
            return self._determinant(rows)
        return arb_mat(rows).det()

    @staticmethod
    def _rank(rows: list[list[Value]]) -> Value:
        if not all(not isinstance(v, Jet) and v.is_exact() for row in rows for v in row):
            raise Undecidable("the rank of rounded numbers")
        return arb(fmpq_mat([[v.fmpq() for v in row] for row in rows]).rank())

    def _determinant(self, rows: list[list[Value]]) -> Value:
        """Expansion along the first row."""
        if len(rows) == 1:
            return rows[0][0]
        if len(rows) > 5:
            raise TooLarge("too large")
        total: Value = arb(0)
        for j, entry in enumerate(rows[0]):
            minor = self._determinant([row[:j] + row[j + 1 :] for row in rows[1:]])
            term = self._times(entry, minor)
            total = added(total, -term if j % 2 else term)
        return total

    # --- derivatives, cases, sums -------------------------------------------------------------------------

    def _inner(self, symbol: Symbol, value: Value, orders: tuple[int, ...]) -> Evaluation:
        inner = Evaluation({}, self.family, self.whole, self.clock, self.model)
        inner.loose, inner.sums, inner.any_index = self.loose, self.sums, self.any_index
        inner.bindings = {**self.bindings, symbol: value}
        inner.orders = orders
        return inner

    def _derivative(self, node: DerivativeAt) -> Value:
        if node.order > DERIVATIVE_ORDER:
            raise TooLarge("too large")
        orders = (*self.orders, node.order)
        point = self.value(node.point)
        start = point if isinstance(point, Jet) else Jet({(0,) * len(self.orders): point}, self.orders)
        moved = start.widened(orders) + Jet({(0,) * len(self.orders) + (1,): arb(1)}, orders)
        result = self._inner(node.variable, moved, orders).value(node.body)
        if not isinstance(result, Jet):
            return arb(0)
        part = result.widened(orders).coefficient(node.order)
        part = Jet({p: c * factorial(node.order) for p, c in part.parts.items()}, part.orders)
        return part if self.orders else part.value

    def _cases(self, branches: tuple[tuple[Node, Node | None], ...]) -> Value:
        for value, condition in branches:
            if condition is None or self.holds(condition):
                return self.value(value)
        raise Undefined

    def holds(self, condition: Node) -> bool:
        """Whether a condition holds for certain; Unclear when the balls do not tell."""
        if not isinstance(condition, Relation):
            raise Undecidable("a condition that is no comparison")
        if (found := space(condition)) is not None:
            return self._exact(self.value(found[0])) in self._members(found[1])
        values = [self.value(s) for s in condition.sides]
        pairs = zip(values, values[1:], condition.signs, strict=False)
        return all(self._compare(a, b, sign) for a, b, sign in pairs)

    def _compare(self, a: Value, b: Value, sign: str) -> bool:
        if sign not in COMPARISONS:
            raise Undecidable(f"a condition with {sign}")
        x, y = _middle(a), _middle(b)
        if isinstance(a, Jet) or isinstance(b, Jet):
            difference = added(a, -b)
            if _middle(difference).contains(0):
                raise Undefined if _middle(difference).is_zero() else Unclear  # no derivative at a jump
        certain = COMPARISONS[sign](x, y)
        if not certain and not COMPARISONS[NEGATED[sign]](x, y):
            raise Unclear
        return bool(certain)

    def _bracket(self, value: Value, sign: str) -> Value:
        middle = _middle(value)
        if isinstance(value, Jet) and middle.contains(0):
            raise Undefined if middle.is_zero() else Unclear  # no derivative at a jump
        certain = COMPARISONS[sign](middle, arb(0))
        if not certain and not COMPARISONS[NEGATED[sign]](middle, arb(0)):
            raise Unclear
        return arb(1 if certain else 0)

    def _density(self, name: str, slots: Slots, values: list[Value], params: list[Value]) -> Value:
        if self.model is None or any(isinstance(v, Jet) for v in values):
            raise Undecidable(f"the density {name} has no value")
        return self.model.density(name, slots, [self._exact(v) for v in values], params)

    def _over(self, node: SumOver | ProductOver, join: Callable[[Value, Value], Value], start: Value) -> Value:
        """A sum or product; within another one it is computed once for each value of the letters it depends on."""
        if id(node) not in self.loose:
            self.loose[id(node)] = node, tuple({p for p in walk(node) if isinstance(p, Symbol) and is_fresh(p)})
        bound = [self.bindings.get(s) for s in self.loose[id(node)][1]]
        if any(isinstance(v, Jet) for v in bound) or self.orders:
            return self._added_up(node, join, start)
        key = (id(node), *(None if v is None else v.mid().man_exp() for v in bound), ctx.prec)
        if key not in self.sums:
            self.sums[key] = self._added_up(node, join, start)
        return self.sums[key]

    def _added_up(
        self, node: SumOver | ProductOver, join: Callable[[Value, Value], Value], start: Value
    ) -> Value:
        result = start
        for k in self._range(node):
            inner = self._inner(node.index, k, self.orders)
            if all(inner.holds(condition) for condition in restrictions(node.where)):
                result = join(result, inner.value(node.body))
        return result

    def _range(self, node: SumOver | ProductOver) -> Iterator[Value]:
        """The values of an index: whole numbers between bounds, or the members of a set."""
        if node.lower is None or node.upper is None:
            yield from map(ball, self._members(set_over(node.where)))
            return
        if INFINITY in (node.lower, node.upper):
            raise Undecidable("an infinite sum has no number here")
        first, last = self._whole(self.value(node.lower)), self._whole(self.value(node.upper))
        if last < first - 1:
            raise Undefined  # the sum has less than no terms
        if last - first >= _TERMS:
            raise TooLarge("too large")
        yield from map(arb, range(first, last + 1))

    def _optimum(self, body: Node, index: Symbol, where: Node | None, sign: int) -> Value:
        """The greatest or least value over the members of a set, or over whole numbers between bounds."""
        values: Sequence[Value]
        match where:
            case Relation((low, letter, high), ("<=", "<=")) if letter == index:
                first, last = self._whole(self.value(low)), self._whole(self.value(high))
                if last - first >= _TERMS:
                    raise TooLarge("too large")
                values = [arb(k) for k in range(first, last + 1)]
            case _:
                values = [ball(v) for v in self._members(set_over(where))]
        if not values:
            raise Undefined
        return self._largest([self._inner(index, v, self.orders).value(body) for v in values], sign)

    def _members(self, space: Node | None) -> Sequence[Fraction]:
        if self.model is None or space is None:
            raise Undecidable("a sum without bounds")
        return self.model.members(space)

    @staticmethod
    def _exact(value: Value) -> Fraction:
        """The rational number that an exact ball is."""
        if isinstance(value, Jet) or not value.is_exact():
            raise Undecidable("a value that is no exact number")
        return rational(value)

    def _integral(self, body: Node, variable: Symbol, lower: Node, upper: Node) -> Value:
        """A rigorous enclosure by Gauss-Legendre quadrature in the complex plane (``acb.integral``)."""
        if self.orders or {lower, upper} & {INFINITY, Negative(INFINITY)}:
            raise Undecidable("this integral has no number here")
        function = Integrand(body, variable, self.bindings, self.clock)
        ends = [acb(self.value(end)) for end in (lower, upper)]
        if not all(function(end, False).is_finite() for end in ends):
            raise function.refusal or Undecidable("an integrand without a value at an end")
        value = acb.integral(function, *ends, eval_limit=_EVALUATIONS)
        if function.refusal is not None:
            raise function.refusal
        return value.real


@lru_cache(maxsize=4096)
def _member_name(base: Symbol, indices: tuple[Fraction, ...]) -> Symbol | None:
    return member_name(base, [number(i) for i in indices])


def _middle(value: Value) -> Ball:
    return value.value if isinstance(value, Jet) else value


def multiplied(a: Value, b: Value) -> Value:
    """The product of balls or jets."""
    return Evaluation._times(a, b)


def reciprocal(u: Value) -> Value:
    """One over a ball or a jet that is certainly not zero."""
    return u.apply(lambda s: 1 / s) if isinstance(u, Jet) else 1 / u


def added(a: Value, b: Value) -> Value:
    """The sum of two balls, or of jets, or of one of each."""
    if isinstance(a, Jet) == isinstance(b, Jet):
        return a + b
    jet, other = (a, b) if isinstance(a, Jet) else (b, a)
    return jet + jet.constant(other)


def _is_zero_of_squares(node: Node, value: Value) -> bool:
    """Whether a ball around zero is that of a sum of squares, which is nowhere negative although the ball is."""
    if isinstance(value, Jet) or not value.contains(0):
        return False
    terms = node.terms if isinstance(node, Sum) else (node,)
    return all(isinstance(t, Power) and (n := whole(t.exponent)) is not None and n > 0 and n % 2 == 0 for t in terms)


def length(square: Ball) -> Ball:
    """The root of a number of which only the largest value is known."""
    return arb(0).union(square.abs_upper().sqrt())


def _apply(u: Value, name: str) -> Value:
    if isinstance(u, Jet):
        return u.apply(lambda s: getattr(s, name)())
    return getattr(u, name)()


def _of_log_gamma(u: Value, order: int) -> Value:
    """A derivative of the logarithm of the gamma function, which has a value for positive numbers."""

    def series(s: Any) -> Any:
        found = arb_series([s[0], 1], prec=s.prec + order).lgamma()
        for _ in range(order):
            found = found.derivative()
        return found

    return u.apply(series) if isinstance(u, Jet) else series(arb_series([u, 1], prec=1))[0]


def _finite(u: Value) -> Value:
    """The value, where it certainly is one: there is none at a pole, and none that is certain near it."""
    if not (u.value if isinstance(u, Jet) else u).is_finite():
        raise Unclear
    return u


FUNCTIONS: dict[str, Callable[[Evaluation, Value], Value]] = {
    "exp": lambda e, u: _apply(u, "exp"),
    "log": Evaluation.log,
    "sin": lambda e, u: _apply(u, "sin"),
    "cos": lambda e, u: _apply(u, "cos"),
    "arcsin": Evaluation.arcsin,
    "arctan": lambda e, u: _apply(u, "atan"),
    "erf": lambda e, u: _apply(u, "erf"),
    "gammafunction": lambda e, u: _finite(_apply(u, "gamma")),
    "digamma": lambda e, u: _finite(_of_log_gamma(u, 1)),
    "trigamma": lambda e, u: _finite(_of_log_gamma(u, 2)),
    "abs": Evaluation.absolute,
    "factorial": Evaluation.factorial,
    "floor": Evaluation.floor,
    "ceil": lambda e, u: -e.floor(-u),
}
"""The primitive functions of one argument."""

COMPARISONS: dict[str, Callable[[Ball, Ball], bool]] = {
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
    "=": lambda a, b: bool(a.is_exact() and b.is_exact() and a == b),
    "!=": lambda a, b: not a.overlaps(b),
}
"""Comparisons that are True only when certain."""

NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}
"""The comparison that holds exactly when another does not."""
