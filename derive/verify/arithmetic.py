"""Statements about numbers and polynomials that exact arithmetic decides at once: ``0.1 (31, 3) = (3.1, 0.3)``, the
value of ``4x + 3y`` or of a gradient at a point, ``d/dx [3 x^2] = 6 x``, ``det(...) = 0`` and a multiple of it.

Called by :func:`derive.verify.verify_step` before anything else: most statements of a worked exercise are of this kind,
and one walk over both sides settles them. A value is a fraction, a polynomial over letters that stand for real numbers,
over ``e^u``, over logarithms of prime numbers and one over logarithms, or a matrix of those; such expressions have a
value everywhere, so that a proof needs no conditions. Definitions are put in. Whatever else occurs, and where the two
sides differ, the judges have their say; they also tell where an equation fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from flint import Ordering, fmpq, fmpq_mat, fmpq_mpoly_ctx, fmpz

from derive import limits
from derive.steps import Context, Definition, Status, Verdict
from derive.tree import (
    At,
    Call,
    Constant,
    Derivative,
    E,
    Gradient,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    Vector,
)

_ROOM = 12  # letters, powers of e and logarithms in one statement
_VISITS = 4_000  # nodes looked at
_TERMS = 20_000  # products of terms in one multiplication
_DEGREE = 64
_NESTED = 8  # definitions within definitions
_SIDE = 4  # rows of a determinant
_FACTORED = 2**48  # numbers whose prime factors are looked for
_LAWS = ("density", "distribution")
_REAL = frozenset({"real", "positive", "nonnegative", "negative", "nonzero"})
"""Declared domains of the letters that are read here."""

Scalar = Any
"""A ``flint.fmpq``, or a ``flint.fmpq_mpoly`` that is no constant."""
Rows = tuple[tuple[Scalar, ...], ...]
Value = Any
"""A scalar or rows of scalars."""
Values = Mapping[Symbol, Value]

_RING = fmpq_mpoly_ctx.get([f"x{k}" for k in range(_ROOM)], Ordering.lex)
_GENERATORS = _RING.gens()
_FAILURES = (ZeroDivisionError, RecursionError, OverflowError)
_EQUIVALENT = frozenset({"=>", "<=>"})


_PROOF = Verdict(Status.PROVED, "exact")


class _NotPlainError(Exception):
    """Something that is not read here."""


class _FullError(_NotPlainError):
    """More letters, powers of e and logarithms than there is room for."""


def sums_up(before: Node, after: Node, relation: str, context: Context) -> Verdict | None:
    """The proof that two sides are equal, or that two equations are multiples of each other; None else.

    What is written alike on both sides is left to the judges as well: it may have no value.
    """
    return Arithmetic().decided(before, after, relation, context)


class Arithmetic:
    """What decides the statements of one derivation, each part of which has to be read once for all its lines."""

    __slots__ = ("reading",)

    def __init__(self) -> None:
        self.reading = _Reading(Context())

    def decided(self, before: Node, after: Node, relation: str, context: Context) -> Verdict | None:
        """The proof of one statement, or None, as by :func:`sums_up`."""
        if before == after:
            return None
        proves = _equal if relation == "=" and not isinstance(before, Relation) else _multiples
        if proves is _multiples and relation not in _EQUIVALENT:
            return None
        if self.reading.context is not context:
            self.reading = _Reading(context)
        try:
            proved = self._proved(proves, before, after)
        except (_NotPlainError, *_FAILURES):
            return None
        return _PROOF if proved else None

    def _proved(self, proves: Callable[[Node, Node, _Reading], bool], before: Node, after: Node) -> bool:
        try:
            self.reading.begin()
            return proves(before, after, self.reading)
        except _FullError:  # what earlier statements are about needs no room any more
            self.reading = _Reading(self.reading.context)
            return proves(before, after, self.reading)


def _equal(before: Node, after: Node, reading: _Reading) -> bool:
    """Whether two expressions have the same value."""
    a, b = reading.value(before), reading.value(after)
    if isinstance(a, tuple) or isinstance(b, tuple):
        return isinstance(a, tuple) and isinstance(b, tuple) and a == b
    return bool(a == b) or reading.vanishes(a - b)


def _multiples(before: Node, after: Node, reading: _Reading) -> bool:
    """Whether two equations between scalars are the same up to a factor that is a number and not zero."""
    match before, after:
        case Relation((a, b), ("=",)), Relation((c, d), ("=",)):
            first, second = (_added(reading.scalar(x), -reading.scalar(y)) for x, y in ((a, b), (c, d)))
            if isinstance(first, fmpq) or isinstance(second, fmpq):
                return False
            return bool(first * second.leading_coefficient() == second * first.leading_coefficient())
    return False


class _Reading:
    """The values of the parts of statements, and what the generators of the ring stand for in them."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.values: dict[Node, Value] = {}
        self.generators: list[tuple[str, Any]] = []
        self.defined: dict[Symbol, Definition] | None = None
        self.functions: dict[str, Definition] = {}
        self.begin()

    def begin(self) -> None:
        """Ready for a statement: nothing is bound, whatever became of the one before."""
        self.bound: Values = {}
        self.hidden: frozenset[Symbol] = frozenset()
        self.inverses: dict[fmpq, Scalar] = {}
        self.moving = False
        self.depth = self.visits = 0

    def value(self, node: Node) -> Value:
        """The value of a part; where no letter is bound, what it was when it was last read."""
        free = not (self.bound or self.hidden or self.moving)
        if free and (known := self.values.get(node)) is not None:
            return known
        read = _READ.get(type(node))
        self.visits += 1
        if read is None or self.visits > _VISITS:
            raise _NotPlainError
        value = read(self, node)
        if free and not self.inverses:
            self.values[node] = value
        return value

    def scalar(self, node: Node) -> Scalar:
        value = self.value(node)
        if isinstance(value, tuple):
            raise _NotPlainError
        return value

    # --- names ---------------------------------------------------------------------------------

    def _definitions(self) -> dict[Symbol, Definition]:
        if self.defined is None:
            if any(says.endswith(_LAWS) for says in self.context.domains.values()):
                raise _NotPlainError
            self.defined = {d.name: d for d in self.context.definitions if not d.parameters}
            self.functions = {d.name.plain: d for d in self.context.definitions if d.parameters}
        return self.defined

    def _function(self, name: str) -> Definition:
        self._definitions()
        if name not in self.functions:
            raise _NotPlainError
        return self.functions[name]

    def symbol(self, symbol: Symbol) -> Value:
        if (bound := self.bound.get(symbol)) is not None:
            return bound
        if symbol in self.hidden:
            raise _NotPlainError  # a name that means two things
        definition = self._definitions().get(symbol)
        if definition is not None:
            value = self._within(definition.body, {})
            if self.moving and not isinstance(value, fmpq):
                raise _NotPlainError  # whether it follows the variable is told by the judges
            return value
        if symbol.plain in self.functions:
            function = self.functions[symbol.plain]
            return self._within(function.body, {p: self.symbol(p) for p in function.parameters})
        if self.moving and symbol.sup:
            raise _NotPlainError
        return self._letter(symbol)

    def _letter(self, symbol: Symbol) -> Scalar:
        """A letter that stands for any real number."""
        plain = not symbol.sub or symbol.sub.replace(",", "").isdigit()
        named = plain and symbol.font != "bold" and symbol.accent != "vec"
        if not named or self.context.domains.get(symbol, "real") not in _REAL:
            raise _NotPlainError
        return self._generator("letter", symbol)

    def _generator(self, kind: str, key: Any) -> Scalar:
        if (kind, key) not in self.generators:
            if len(self.generators) == _ROOM:
                raise _FullError
            self.generators.append((kind, key))
        return _GENERATORS[self.generators.index((kind, key))]

    def _within(self, body: Node, bound: Values) -> Value:
        """The value of a definition's body, in which its parameters have values and nothing else is bound."""
        before = self.bound, self.hidden
        self.bound, self.hidden = bound, self.hidden.union(self.bound)
        self.depth += 1
        if self.depth > _NESTED:
            raise _NotPlainError
        value = self.value(body)
        self.bound, self.hidden = before
        self.depth -= 1
        return value

    # --- functions -----------------------------------------------------------------------------

    def call(self, node: Call) -> Value:
        if node.order:
            raise _NotPlainError
        self._definitions()
        known = _KNOWN.get((node.name, len(node.args))) if node.name not in self.functions else None
        if known is not None:
            return known(self, *map(self.value, node.args))
        function = self._function(node.name)
        return self._within(function.body, self._arguments(function, node.args))

    def _arguments(self, function: Definition, args: tuple[Node, ...]) -> dict[Symbol, Value]:
        given = [self.value(arg) for arg in args]
        if len(given) == 1 and len(function.parameters) > 1 and isinstance(given[0], tuple):
            given = [row[0] for row in given[0] if len(row) == 1]
        if len(given) != len(function.parameters) or any(isinstance(g, tuple) for g in given):
            raise _NotPlainError
        return dict(zip(function.parameters, given, strict=True))

    def gradient(self, node: Gradient) -> Value:
        function = self._function(node.name)
        letters = {p: self._letter(p) for p in function.parameters}
        given = self._arguments(function, node.args) if node.args else {p: self.symbol(p) for p in letters}
        with_point = self.hidden
        self.hidden = self.hidden.union(self.bound)
        body = self._moving(function.body, letters)
        self.hidden = with_point
        return tuple((self._put_in(self._derived(body, letter), given),) for letter in letters.values())

    def derivative(self, node: Derivative) -> Value:
        """The derivative with every bound letter a variable, and then the values put in."""
        variable = node.variable
        if not isinstance(variable, Symbol) or variable in self._definitions() or node.order > limits.DERIVATIVE_ORDER:
            raise _NotPlainError
        letters = {s: self._letter(s) for s in (*self.bound, variable)}
        if isinstance(node.body, Symbol) and node.body != variable and node.body.plain not in self.functions:
            raise _NotPlainError  # what a mere name depends on is not said
        value, outer = self._moving(node.body, letters), self.bound
        for _ in range(node.order):
            value = self._derived(value, letters[variable])
        return self._put_in(value, outer)

    def _moving(self, body: Node, letters: Values) -> Scalar:
        """The value of an expression that is to be differentiated."""
        before, self.moving = (self.bound, self.moving), True
        self.bound = letters
        value = self.scalar(body)
        self.bound, self.moving = before
        return value

    def at(self, node: At) -> Value:
        given = {symbol: self.scalar(value) for symbol, value in node.where}
        before, self.bound = self.bound, {**self.bound, **given}
        value = self.value(node.body)
        self.bound = before
        return value

    # --- polynomials ---------------------------------------------------------------------------

    def _derived(self, value: Scalar, variable: Scalar) -> Scalar:
        if isinstance(value, fmpq):
            return _ZERO
        derived = _simple(value.derivative(_GENERATORS.index(variable)))
        for k, (kind, key) in enumerate(self.generators):
            if kind == "exp" and not (outer := value.derivative(k)).is_zero():
                inner = _multiplied(self._derived(key, variable), _GENERATORS[k])
                derived = _added(derived, _multiplied(_simple(outer), inner))
        return derived

    def _put_in(self, value: Scalar, given: Values) -> Scalar:
        """A polynomial with values for letters, all at once."""
        if isinstance(value, fmpq) or not given:
            return value
        images = list(_GENERATORS)
        for k in [k for k, degree in enumerate(value.degrees()) if degree]:
            kind, key = self.generators[k]
            if kind == "letter":
                images[k] = given.get(key, images[k])
            elif kind == "exp":  # the exponent has generators made before this one only
                images[k] = self.exp(self._put_in(key, given))
            if isinstance(images[k], tuple):
                raise _NotPlainError
        longest = max(1 if isinstance(i, fmpq) else len(i) for i in images)
        if longest > 1 and longest ** value.total_degree() > _TERMS:
            raise _NotPlainError
        return _simple(value.compose(*(_RING.constant(i) if isinstance(i, fmpq) else i for i in images)))

    def exp(self, exponent: Value) -> Scalar:
        """``e^u``: a generator for each u, beside ``e^n``."""
        if isinstance(exponent, tuple):
            raise _NotPlainError
        if exponent == 0:
            return _ONE
        if isinstance(exponent, fmpq) and exponent.q == 1 and 0 < exponent <= _DEGREE:
            return self._generator("exp", _ONE) ** int(exponent.p)
        return self._generator("exp", exponent)

    def log(self, value: Value) -> Scalar:
        """The logarithm of a positive fraction by those of its prime factors."""
        if not isinstance(value, fmpq) or value <= 0 or max(value.p, value.q) > _FACTORED:
            raise _NotPlainError
        total: Scalar = _ZERO
        for whole, sign in ((value.p, 1), (value.q, -1)):
            for prime, power in fmpz(whole).factor():
                total = _added(total, self._generator("log", int(prime)) * (sign * power))
        return total


    def is_in_e(self, value: Scalar) -> bool:
        """Whether a polynomial has e for its only generator: e is transcendental (Hermite), so it is 0 only as 0."""
        if isinstance(value, fmpq):
            return True
        return all(self.generators[k] == ("exp", _ONE) for k, degree in enumerate(value.degrees()) if degree)

    def over_log(self, base: Value) -> Scalar:
        """One over the logarithm of a positive fraction that is not 1, which is not 0: a generator for each."""
        if not isinstance(base, fmpq) or base <= 0 or base == 1:
            raise _NotPlainError
        logarithm, inverse = self.log(base), self._generator("over log", base)
        self.inverses[base] = logarithm * inverse - 1
        return inverse

    def log_to_base(self, value: Value, base: Value) -> Scalar:
        """``log_b(u)`` as ``log(u)/log(b)``, in a statement that divides by ``log(b)``; others need no more than that
        definition to be put in, and the judges do that."""
        if not isinstance(base, fmpq) or base not in self.inverses:
            raise _NotPlainError
        return _multiplied(self.log(value), self.over_log(base))

    def vanishes(self, value: Scalar) -> bool:
        """Whether a polynomial is 0 because logarithms times one over them are 1; False where that does not tell."""
        if isinstance(value, fmpq):
            return False
        for zero in self.inverses.values():
            value = divmod(value, zero)[1]
        return bool(value == 0)


# --- arithmetic ----------------------------------------------------------------------------------

_ZERO, _ONE, _MINUS = fmpq(0), fmpq(1), fmpq(-1)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> fmpq:
    """A written number as a fraction."""
    value = Number(text).value
    return fmpq(value.numerator, value.denominator)


def _simple(value: Scalar) -> Scalar:
    """A polynomial that is a number, as a number."""
    if isinstance(value, fmpq) or not value.is_constant():
        return value
    return _ZERO if value.is_zero() else value.leading_coefficient()


def _shape(rows: Rows) -> tuple[int, int]:
    return len(rows), len(rows[0])


def _added(a: Value, b: Value) -> Value:
    if not isinstance(a, tuple) and not isinstance(b, tuple):
        return _simple(a + b)
    if not isinstance(a, tuple) or not isinstance(b, tuple) or _shape(a) != _shape(b):
        raise _NotPlainError
    return tuple([tuple([_simple(x + y) for x, y in zip(r, s, strict=True)]) for r, s in zip(a, b, strict=True)])


def _sum(values: list[Value]) -> Value:
    total = values[0]
    for value in values[1:]:
        total = _added(total, value)
    return total


def _product(factors: list[Value]) -> Value:
    made = factors[0]
    for factor in factors[1:]:
        if not isinstance(made, tuple):
            made = _scaled(made, factor)
        elif not isinstance(factor, tuple):
            made = _scaled(factor, made)
        else:
            raise _NotPlainError  # what a product of two vectors is, depends on how it is written
    return made


def _scaled(by: Scalar, value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple([tuple([_multiplied(by, x) for x in row]) for row in value])
    return _multiplied(by, value)


def _multiplied(a: Scalar, b: Scalar) -> Scalar:
    first, second = isinstance(a, fmpq), isinstance(b, fmpq)
    if first and second:
        if a.height_bits() + b.height_bits() > limits.VALUE_BITS:
            raise _NotPlainError
    elif not first and not second:
        if len(a) * len(b) > _TERMS or a.total_degree() + b.total_degree() > _DEGREE:
            raise _NotPlainError
    elif (a if first else b) == 0:
        return _ZERO
    return a * b


def _negative(reading: _Reading, node: Negative) -> Value:
    value = reading.value(node.operand)
    return tuple([tuple([-x for x in row]) for row in value]) if isinstance(value, tuple) else -value


def _quotient(reading: _Reading, node: Quotient) -> Value:
    match node:
        case Quotient(Sum() | Product(), Call("log", (number,), 0)):
            return _scaled(reading.over_log(reading.value(number)), reading.value(node.numerator))
    bottom = reading.scalar(node.denominator)
    if not isinstance(bottom, fmpq):
        raise _NotPlainError
    return _scaled(1 / bottom, reading.value(node.numerator))


def _power(reading: _Reading, node: Power) -> Scalar:
    exponent = reading.scalar(node.exponent)
    if node.base == E:
        return reading.exp(exponent)
    base = reading.scalar(node.base)
    if not isinstance(exponent, fmpq) or exponent.q != 1:
        raise _NotPlainError
    if isinstance(base, fmpq):
        if (base == 0 and exponent <= 0) or base.height_bits() * abs(exponent) > limits.VALUE_BITS:
            raise _NotPlainError
        return base ** int(exponent.p)
    if exponent <= 0 or base.total_degree() * exponent > _DEGREE or len(base) ** int(exponent.p) > _TERMS:
        raise _NotPlainError
    return base ** int(exponent.p)


def _constant(reading: _Reading, node: Constant) -> Scalar:
    if node != E:
        raise _NotPlainError
    return reading.exp(_ONE)


def _vector(reading: _Reading, node: Vector) -> Rows:
    return tuple([(reading.scalar(item),) for item in node.items])


def _matrix(reading: _Reading, node: Matrix) -> Rows:
    return tuple([tuple([reading.scalar(entry) for entry in row]) for row in node.rows])


def _determinant(reading: _Reading, rows: Value) -> Scalar:
    if not isinstance(rows, tuple) or len(rows) != len(rows[0]) or len(rows) > _SIDE:
        raise _NotPlainError
    return _expanded(rows)


def _expanded(rows: Rows) -> Scalar:
    """A determinant by its first row."""
    if len(rows) == 1:
        return rows[0][0]
    minors = [_expanded(tuple((*row[:k], *row[k + 1 :]) for row in rows[1:])) for k in range(len(rows))]
    signed = [_multiplied(_MINUS**k, _multiplied(rows[0][k], minor)) for k, minor in enumerate(minors)]
    return _sum(signed)


def _rank(reading: _Reading, rows: Value) -> Scalar:
    """The rank of a matrix of fractions, or of a square one of polynomials in e whose determinant is not 0."""
    if not isinstance(rows, tuple):
        raise _NotPlainError
    if all(isinstance(x, fmpq) for row in rows for x in row):
        return fmpq(fmpq_mat([list(row) for row in rows]).rank())
    determinant = _determinant(reading, rows)
    if determinant == 0 or not reading.is_in_e(determinant):
        raise _NotPlainError
    return fmpq(len(rows))


_KNOWN: dict[tuple[str, int], Callable[..., Scalar]] = {
    ("exp", 1): _Reading.exp, ("log", 1): _Reading.log, ("log", 2): _Reading.log_to_base, ("det", 1): _determinant,
    ("rank", 1): _rank,
}
"""Functions that are read here, with how many arguments."""

_READ: dict[type[Node], Callable[[_Reading, Any], Value]] = {
    Number: lambda reading, node: _parsed(node.text),
    Constant: _constant,
    Symbol: _Reading.symbol,
    Negative: _negative,
    Sum: lambda reading, node: _sum([reading.value(term) for term in node.terms]),
    Product: lambda reading, node: _product([reading.value(factor) for factor in node.factors]),
    Quotient: _quotient,
    Power: _power,
    Vector: _vector,
    Matrix: _matrix,
    At: _Reading.at,
    Call: _Reading.call,
    Gradient: _Reading.gradient,
    Derivative: _Reading.derivative,
}
"""How each node is read; every other one is not."""
