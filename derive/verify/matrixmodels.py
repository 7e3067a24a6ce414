"""Statements about whole vectors and matrices tried on small ones: a rigorous counter-example, or agreement.

A :class:`Model` gives every unknown side a small size (different ones for different sides), every letter rational
entries that have its declared properties (symmetric, positive definite, orthogonal…), and evaluates the statement with
number balls. Gradients are derivatives of the function itself, by Taylor arithmetic (:mod:`jets`), so that this is a
second opinion on :mod:`matrixalgebra` that shares nothing with it. Called by :mod:`abstract`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product
from math import factorial, prod
from random import Random
from typing import Any

from flint import arb, fmpq, fmpq_mat

from derive.functions import FUNCTIONS
from derive.limits import DERIVATIVE_ORDER, MATRIX_SIDE
from derive.steps import Context, Witness
from derive.tree import (
    INFINITY,
    TWO,
    ZERO,
    At,
    Call,
    Cases,
    Component,
    Constant,
    Derivative,
    E,
    Entrywise,
    Expectation,
    GradientOf,
    Indexed,
    Inner,
    Matrix,
    Negative,
    Node,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    Vector,
    walk,
    whole,
)
from derive.verify.balls import Evaluation, added, ball, length, multiplied, precision, reciprocal
from derive.verify.core import PRIMITIVES, number_value
from derive.verify.domains import family_member
from derive.verify.jets import Jet
from derive.verify.matrixexpectations import random_letters
from derive.verify.meaning import Meaning
from derive.verify.refute import agree, decimal, decimal_text
from derive.verify.shapes import (
    COLUMNS,
    DIAGONAL,
    INDEPENDENT,
    NUMBER,
    ROWS,
    SHARES,
    Letter,
    Shape,
    Shapes,
    Side,
    is_entrywise,
    is_special,
)
from derive.verify.signals import Clock, TooLarge, Unclear, Undecidable, Undefined

Value = Any
"""An ``arb``, or a :class:`Jet` while a derivative is being taken."""
Rows = list[list[Value]]
Judge = Callable[[Any, Any], bool | None]

ROUNDS = 10
_NULL, _EVEN, _HUGE = range(100, 103)
SPECIAL_ROUNDS = (_NULL, _EVEN, _HUGE)
"""Models in which letters without properties have the entries 0, 1, or large ones: where inequalities may fail."""
_BITS = (128, 1024)
_ARGUMENT, _EXPONENT = Symbol("#u"), Symbol("#v")
_SIZES = (2, 3, 1, 4)
_CHANCES = (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6))
_BETWEEN = (7, 9)  # models whose entries lie between 0 and 1, for the logarithms of u and of 1 - u
_SHOWN = 8  # letters of a counter-example


@dataclass(slots=True)
class Outcome:
    """What the models say: a counter-example, or in how many of them the statement holds."""

    agreeing: int = 0
    witness: Witness | None = None


def tried(
    before: Node, after: Node, shapes: Shapes, domains: Mapping[Symbol, str], clock: Clock,
    judge: Judge = agree, rounds: Iterable[int] = range(ROUNDS), enough: int = ROUNDS, turned: bool = False,
) -> Outcome:  # fmt: skip
    """The statement tried in models; ``turned`` compares the left side with the transposed right side."""
    outcome = Outcome()
    for k in rounds:
        clock.check()
        model = Model(shapes, domains, k, clock)
        for bits in _BITS:
            with precision(bits):
                try:
                    left, right = model.rows(before), model.rows(after)
                    holds = compared(left, _turned(right) if turned else right, judge, ZERO in (before, after))
                except Undefined:
                    break
                except Unclear:
                    continue
                if holds is False:
                    outcome.witness = model.witness(left, right)
                    return outcome
                if holds:
                    outcome.agreeing += 1
                    break
        if outcome.agreeing >= enough:
            break
    return outcome


def compared(left: Rows, right: Rows, judge: Judge, zero: bool) -> bool | None:
    """Whether all entries stand in the relation; a written ``zero`` on one side has any shape."""
    if zero:
        left, right = _widened(left, right), _widened(right, left)
    if (len(left), len(left[0])) != (len(right), len(right[0])):
        return False
    found = [judge(a, b) for r, s in zip(left, right, strict=True) for a, b in zip(r, s, strict=True)]
    if False in found:
        return False
    return None if None in found else True


def _widened(rows: Rows, other: Rows) -> Rows:
    """A written 0 as a matrix of the other side's shape."""
    return [[rows[0][0]] * len(other[0]) for _ in other] if len(rows) == len(rows[0]) == 1 else rows


def _turned(rows: Rows) -> Rows:
    return [list(column) for column in zip(*rows, strict=True)]


class Model:
    """Sizes for the sides, entries for the letters, and the values of expressions in them."""

    def __init__(self, shapes: Shapes, domains: Mapping[Symbol, str], round_: int, clock: Clock) -> None:
        self.shapes, self.domains, self.round, self.clock = shapes, domains, round_, clock
        self.sizes = _sizes(shapes, round_)
        self.rational: dict[Symbol, list[list[Fraction]]] = {}
        self.drawn: dict[tuple[Symbol, int], list[list[Fraction]]] = {}
        self.bindings: dict[Symbol, Rows] = {}
        self.orders: tuple[int, ...] = ()

    def size(self, side: Side) -> int:
        """The number that a side has here."""
        side = self.shapes.find(side)
        return side if isinstance(side, int) else self.sizes[side]

    # --- letters --------------------------------------------------------------------------------------------

    def _symbol(self, symbol: Symbol) -> Rows:
        if symbol in self.bindings:
            return [[self._wide(v) for v in row] for row in self.bindings[symbol]]
        return [[ball(v) for v in row] for row in self.entries(symbol)]

    def entries(self, symbol: Symbol) -> list[list[Fraction]]:
        """The rational entries of a letter; a family's members are rows."""
        if symbol not in self.rational:
            self.rational[symbol] = self._drawn(symbol)
        return self.rational[symbol]

    def _drawn(self, symbol: Symbol) -> list[list[Fraction]]:
        letter = self.shapes.reading.letters.get(symbol, Letter("number"))
        if letter.kind == "number":
            return [[self._number(symbol)]]
        turned = self.shapes.reading.convention == ROWS and letter.kind == "vector"
        rows, columns = (self.size(s) for s in (letter.shape[::-1] if turned else letter.shape))
        match letter.kind:
            case "identity":
                return [[Fraction(i == j) for j in range(columns)] for i in range(rows)]
            case "ones":
                return [[Fraction(1)] * columns for _ in range(rows)]
            case "zero":
                return [[Fraction(0)] * columns for _ in range(rows)]
        random = Random(f"{symbol!r} {self.round}")
        if letter.properties & SHARES:
            return _shares(letter, rows, columns, random, self.round)
        if self.round in (_NULL, _EVEN) and not letter.properties:
            return [[Fraction(self.round == _EVEN)] * columns for _ in range(rows)]
        if self.round == _HUGE and not letter.properties:
            return [[1000 * v for v in row] for row in _entries(rows, columns, random)]
        if self.round in _BETWEEN and not letter.properties:
            return [[Fraction(random.randint(1, 31), 32) for _ in range(columns)] for _ in range(rows)]
        return _with_properties(letter.properties, rows, columns, random)

    def _number(self, symbol: Symbol) -> Fraction:
        if symbol in self.shapes.sides:
            return Fraction(Random(f"{symbol!r} {self.round}").randint(1, self.size(self.shapes.side(symbol))))
        if symbol.plain in self.sizes:
            return Fraction(self.sizes[symbol.plain])
        return family_member(self.domains, self.round, symbol, ())

    def _wide(self, value: Value) -> Value:
        return value.widened(self.orders) if isinstance(value, Jet) else value

    # --- expressions ----------------------------------------------------------------------------------------

    def rows(self, node: Node) -> Rows:
        """The value of an expression, row by row; one row of one value for a number."""
        self.clock.check()
        match node:
            case Number():
                return [[ball(number_value(node.text))]]
            case Constant():
                return [[self._scalar(node)]]
            case Symbol():
                return self._symbol(node)
            case Indexed(base, indices):
                return self._indexed(base, indices)
            case Component(u, indices):
                return self._component(self.rows(u), indices)
            case Sum(terms):
                return self._fold(self._terms(node, terms) or [[[arb(0)]]], added)
            case Product(factors):
                return self._product(factors)
            case Entrywise(factors):
                return self._fold([self.rows(f) for f in factors], multiplied)
            case Negative(u):
                return _each(lambda v: -v, self.rows(u))
            case Quotient(top, bottom):
                divisor = _each(lambda v: self._scalar(Power(_ARGUMENT, Negative(Number("1"))), v), self.rows(bottom))
                return self._fold([self.rows(top), divisor], multiplied)
            case Power(base, exponent):
                return self._power(node, base, exponent)
            case Root(u, degree):
                return _each(lambda v: self._scalar(Root(_ARGUMENT, degree), v), self.rows(u))
            case Transpose(u):
                return _turned(self.rows(u))
            case Call():
                return self._call(node)
            case Norm(u, order):
                return [[self._norm(u, self.rows(u), order)]]
            case Inner(u, v):
                return [[self._contracted(self.rows(u), self.rows(v))]]
            case Matrix(rows):
                return [[self._one(e) for e in row] for row in rows]
            case Vector(items):
                return [[self._one(e)] for e in items]
            case SumOver():
                return self._over(node)
            case Expectation(operator, args, over):
                return self._expectation(operator, args, over)
            case GradientOf() | Derivative():
                return self._derivative(node)
            case At(body, where):
                return self._bound({s: self.rows(v) for s, v in where}).rows(body)
            case Cases(branches):
                return self._cases(branches)
        raise Undecidable(f"{type(node).__name__} of whole vectors or matrices")

    def _one(self, node: Node) -> Value:
        rows = self.rows(node)
        if len(rows) != 1 or len(rows[0]) != 1:
            raise Undecidable("a matrix where a number is expected")
        return rows[0][0]

    def _scalar(self, node: Node, argument: Value = None, exponent: Value = None) -> Value:
        """A function of one number, given in the core language in ``_ARGUMENT``."""
        here = Evaluation({}, clock=self.clock)
        here.orders = self.orders
        here.bindings = {_ARGUMENT: argument, _EXPONENT: exponent}
        return here.value(node)

    def _whole(self, index: Node) -> int:
        value = self._one(index)
        n = value.unique_fmpz() if not isinstance(value, Jet) else None
        if n is None:
            raise Undecidable("an index that is no whole number")
        return int(n)

    def _indexed(self, base: Symbol, indices: tuple[Node, ...]) -> Rows:
        letter = self.shapes.reading.letters[base]
        rows = self._symbol(base)
        places = [self._whole(i) - 1 for i in indices]
        if letter.kind == "family":
            return [[v] for v in _taken(rows, places[0])]
        if len(places) == 1 and len(rows) == 1:
            return [[_taken(rows[0], places[0])]]
        return [[_taken(_taken(rows, places[0]), places[1] if len(places) == 2 else 0)]]

    def _component(self, rows: Rows, indices: tuple[Node, ...]) -> Rows:
        places = [self._whole(i) - 1 for i in indices]
        if len(places) == 1:
            return [[_taken([v for row in rows for v in row], places[0])]]
        return [[_taken(_taken(rows, places[0]), places[1])]]

    def _terms(self, node: Node, terms: tuple[Node, ...]) -> list[Rows]:
        values = [(self.rows(t), self.shapes.of(t)) for t in terms if t != ZERO]
        if self.shapes.reading.convention != DIAGONAL or 1 in self.shapes.of(node):
            return [v for v, _ in values]
        side = self.size(self.shapes.of(node)[0])
        return [self._fold([v, _identity(side)], multiplied) if s == NUMBER else v for v, s in values]

    @staticmethod
    def _fold(parts: list[Rows], function: Callable[[Value, Value], Value]) -> Rows:
        """Entry by entry; a number goes with every entry."""
        result = parts[0]
        for other in parts[1:]:
            height, width = max(len(result), len(other)), max(len(result[0]), len(other[0]))
            first, second = (_grown(p, height, width) for p in (result, other))
            if (len(first), len(first[0])) != (len(second), len(second[0])):
                raise Undecidable("operands that do not fit entry by entry")
            pairs = zip(first, second, strict=True)
            result = [[function(a, b) for a, b in zip(r, s, strict=True)] for r, s in pairs]
        return result

    def _product(self, factors: tuple[Node, ...]) -> Rows:
        result, shape = self.rows(factors[0]), self.shapes.of(factors[0])
        for factor in factors[1:]:
            other, next_shape = self.rows(factor), self.shapes.of(factor)
            columns = shape[1] == next_shape[1] == 1 and self.shapes.reading.convention == COLUMNS
            if columns or NUMBER in (shape, next_shape):
                result = self._fold([result, other], multiplied)
            else:
                result = _multiplied(result, other)
            shape = next_shape if shape == NUMBER else shape if next_shape == NUMBER else (shape[0], next_shape[1])
        return result

    def _power(self, node: Node, base: Node, exponent: Node) -> Rows:
        if base == E:
            return _each(lambda v: self._scalar(Power(E, _ARGUMENT), v), self.rows(exponent))
        rows, shape = self.rows(base), self.shapes.of(base)
        if shape == NUMBER or 1 in shape or is_entrywise(base):
            value = self._one(exponent)
            n = value.unique_fmpz() if not isinstance(value, Jet) and value.is_integer() else None
            if n is not None:
                size = Number(str(abs(int(n))))
                raised = Power(_ARGUMENT, size if n >= 0 else Negative(size))
                return _each(lambda v: self._scalar(raised, v), rows)
            return _each(lambda v: self._scalar(Power(_ARGUMENT, _EXPONENT), v, value), rows)
        return _raised(rows, whole(exponent))

    def _norm(self, u: Node, rows: Rows, order: Node | None) -> Value:
        values = [v for row in rows for v in row]
        shape = self.shapes.of(u)
        if order in (None, TWO, Symbol("F")) and not (order == TWO and 1 not in shape):
            square = self._contracted(rows, rows)
            around_zero = not isinstance(square, Jet) and square.contains(0)
            return length(square) if around_zero else self._scalar(Root(_ARGUMENT), square)
        sizes = [self._scalar(Call("abs", (_ARGUMENT,)), v) for v in values]
        if 1 not in shape:
            raise Undecidable("a norm of a matrix of this order")
        if order == Number("1"):
            return _sum(sizes)
        if order == INFINITY:
            return self._largest(sizes, 1)
        raise Undecidable("a norm of this order")

    @staticmethod
    def _largest(values: list[Value], sign: int) -> Value:
        return Evaluation({})._largest(values, sign)

    @staticmethod
    def _contracted(a: Rows, b: Rows) -> Value:
        return _sum([multiplied(x, y) for r, s in zip(a, b, strict=True) for x, y in zip(r, s, strict=True)])

    def _cases(self, branches: tuple[tuple[Node, Node | None], ...]) -> Rows:
        for value, condition in branches:
            if condition is None or self.holds(condition):
                return self.rows(value)
        raise Undefined

    def holds(self, condition: Node) -> bool:
        """Whether a condition between numbers holds for certain."""
        if not isinstance(condition, Relation):
            raise Undecidable("a condition that is no comparison")
        values = [self._one(s) for s in condition.sides]
        here = Evaluation({})
        pairs = zip(values, values[1:], condition.signs, strict=False)
        return all(here._compare(a, b, sign) for a, b, sign in pairs)

    # --- functions ------------------------------------------------------------------------------------------

    def _call(self, node: Call) -> Rows:
        name, args = node.name, node.args
        values = [self.rows(a) for a in args]
        if name == "abs" and 1 not in self.shapes.of(args[0]):
            return [[_determinant(values[0])]]
        if name == "softmax":
            return _softmax(self, values[0], self.shapes.of(args[0]))
        rule = _OF_MATRICES.get(name)
        if rule is not None and len(args) == 1 and self.shapes.of(args[0]) != NUMBER:
            return rule(self, values[0])
        if name in ("tr", "det"):
            return values[0]
        if name in ("max", "min") and len(args) > 1:
            sign = 1 if name == "max" else -1
            return self._fold(values, lambda a, b: self._largest([a, b], sign))
        if len(args) == 1:
            body = _core(name, node.order)
            return _each(lambda v: self._scalar(body, v), values[0])
        if name == "log" and len(args) == 2:
            return self.rows(Quotient(Call("log", args[:1]), Call("log", args[1:])))
        raise Undecidable(f"{name} of several things")

    def _over(self, node: SumOver) -> Rows:
        size = self.size(self.shapes.side(node.index))
        parts = []
        for k in range(1, size + 1):
            inner = self._bound({node.index: [[arb(k)]]})
            if node.where is None or inner.holds(node.where):
                parts.append(inner.rows(node.body))
        if not parts:
            rows, columns = (self.size(s) for s in self.shapes.of(node.body))
            return [[arb(0)] * columns for _ in range(rows)]
        return self._fold(parts, added)

    def _bound(self, values: Mapping[Symbol, Rows], orders: tuple[int, ...] | None = None) -> Model:
        inner = Model(self.shapes, self.domains, self.round, self.clock)
        inner.rational, inner.drawn = self.rational, self.drawn
        inner.bindings = {**self.bindings, **values}
        inner.orders = self.orders if orders is None else orders
        return inner

    # --- expectations --------------------------------------------------------------------------------------

    def _expectation(self, operator: str, args: tuple[Node, ...], over: tuple[Node, ...]) -> Rows:
        """Over a few outcomes with rational chances."""
        outcomes = [(chance, self._bound(values)) for chance, values in self._outcomes(over)]
        parts = [(ball(chance), [inner.rows(a) for a in args]) for chance, inner in outcomes]
        if operator == "E":
            return self._mean([(chance, rows[0]) for chance, rows in parts])
        both = self._mean([(chance, _multiplied(rows[0], _turned(rows[-1]))) for chance, rows in parts])
        means = [self._mean([(chance, rows[k]) for chance, rows in parts]) for k in (0, -1)]
        return self._fold([both, _each(lambda v: -v, _multiplied(means[0], _turned(means[1])))], added)

    def _mean(self, parts: list[tuple[Value, Rows]]) -> Rows:
        return self._fold([_scaled(rows, chance) for chance, rows in parts], added)

    def _outcomes(self, over: tuple[Node, ...]) -> Iterator[tuple[Fraction, dict[Symbol, Rows]]]:
        """All random letters together take one of a few values; independent ones every combination of them."""
        letters = sorted(random_letters(self.shapes.reading, over), key=repr)
        many = range(len(_CHANCES))
        apart = self.shapes.reading.convention == INDEPENDENT
        for choice in product(many, repeat=len(letters)) if apart else ((k,) * len(letters) for k in many):
            chance = prod((_CHANCES[k] for k in (choice if apart else choice[:1])), start=Fraction(1))
            yield chance, {s: self._outcome(s, k) for s, k in zip(letters, choice, strict=True)}

    def _outcome(self, symbol: Symbol, k: int) -> Rows:
        letter = self.shapes.reading.letters.get(symbol, Letter("number"))
        if letter.kind == "number":
            self.drawn[symbol, k] = [[family_member(self.domains, self.round, symbol, (k,))]]
            return [[ball(self.drawn[symbol, k][0][0])]]
        rows, columns = (self.size(s) for s in letter.shape)
        values = _with_properties(letter.properties, rows, columns, Random(f"{symbol!r} {self.round} {k}"))
        self.drawn[symbol, k] = values
        return [[ball(v) for v in row] for row in values]

    # --- derivatives of the function itself -----------------------------------------------------------------

    def _derivative(self, node: GradientOf | Derivative) -> Rows:
        variable = node.variables[0] if isinstance(node, GradientOf) else node.variable
        base = variable.base if isinstance(variable, Indexed) else variable
        start = self._symbol(base)
        if isinstance(variable, Indexed):
            return self._by_member(node, variable, start)
        if len(start) == len(start[0]) == 1 and self.shapes.of(base) == NUMBER:
            return self._along(node.body, base, [(0, 0)], start, node.order)
        places = [(i, j) for i in range(len(start)) for j in range(len(start[0]))]
        if isinstance(node, GradientOf) and node.order == 2:
            return [[self._along(node.body, base, [p, q], start)[0][0] for q in places] for p in places]
        slopes = [self._along(node.body, base, [p], start) for p in places]
        if self.shapes.of(node.body) != NUMBER:
            return [[s[i][0] for s in slopes] for i in range(len(slopes[0]))]
        flat = iter(slopes)
        return [[next(flat)[0][0] for _ in row] for row in start]

    def _by_member(self, node: GradientOf | Derivative, variable: Indexed, start: Rows) -> Rows:
        places = [self._whole(i) - 1 for i in variable.indices]
        if self.shapes.reading.letters[variable.base].kind == "family":
            row = [(places[0], j) for j in range(len(start[0]))]
            return [self._along(node.body, variable.base, [place], start)[0] for place in row]
        place = (places[0], places[1] if len(places) == 2 else 0)
        return self._along(node.body, variable.base, [place] * node.order, start)

    def _along(self, body: Node, base: Symbol, places: list[tuple[int, int]], start: Rows, order: int = 1) -> Rows:
        """The derivative of every entry of the body along one entry of the letter after another."""
        orders = (*self.orders, *(order for _ in places))
        moved = [[_wide(v, orders) for v in row] for row in start]
        for k, (i, j) in enumerate(places):
            powers = (0,) * len(self.orders) + tuple(int(m == k) for m in range(len(places)))
            moved[i][j] = moved[i][j] + Jet({powers: arb(1)}, orders)
        result = self._bound({base: moved}, orders).rows(body)
        return _each(lambda v: self._coefficient(v, len(places), order, orders), result)

    def _coefficient(self, value: Value, count: int, order: int, orders: tuple[int, ...]) -> Value:
        part = _wide(value, orders)
        for _ in range(count):
            part = part.coefficient(order)
        part = Jet({p: c * factorial(order) ** count for p, c in part.parts.items()}, part.orders)
        return part if self.orders else part.value

    # --- counter-examples -----------------------------------------------------------------------------------

    def witness(self, left: Rows, right: Rows) -> Witness:
        """The sizes and entries, and both sides' values."""
        for digits in (6, 12, 24, 60):
            texts = _rows_text(left, digits), _rows_text(right, digits)
            if texts[0] != texts[1]:
                break
        used = {s for s in self.rational if not is_special(s)}
        letters = sorted(used, key=lambda s: (s.plain, repr(s)))[:_SHOWN]
        shown = [(s.plain, _fractions_text(self.rational[s])) for s in letters]
        shown += [
            (f"{s.plain} with chance {_CHANCES[k]}", _fractions_text(v))
            for (s, k), v in sorted(self.drawn.items(), key=lambda item: (item[0][0].plain, item[0][1]))
        ]
        sizes = [(side, str(n)) for side, n in sorted(self.sizes.items()) if not side.startswith("?")]
        names = {name for name, _ in shown}
        return Witness((*(pair for pair in sizes if pair[0] not in names), *shown), *texts)


def _sizes(shapes: Shapes, round_: int) -> dict[str, int]:
    """A small number for every unknown side, different for different sides as long as there are few."""
    letters = shapes.reading.letters.values()
    found = {shapes.find(s) for letter in letters for s in letter.shape}
    found |= {shapes.find(s) for s in shapes.sides.values()}
    found |= {shapes.find(s) for s in shapes.parent}
    unknown = sorted(s for s in found if isinstance(s, str))
    start = round_ if len(unknown) > 1 else 0
    if len(unknown) == 1:
        return {unknown[0]: (2, 3, 2, 1, 3)[round_ % 5]}
    turned = unknown[::-1] if round_ % 2 else unknown
    return {side: _SIZES[(k + start // 2) % len(_SIZES)] if len(unknown) <= 4 else 2 + (k + start) % 3
            for k, side in enumerate(turned)}  # fmt: skip


def _with_properties(properties: frozenset[str], rows: int, columns: int, random: Random) -> list[list[Fraction]]:
    """Entries with the declared properties."""
    entries = _entries(rows, columns, random)
    if not properties:
        return entries
    if "diagonal" in properties:
        signs = (1,) if "positive definite" in properties else (1, -1)
        sizes = [Fraction(random.randint(1, 6), 2) * random.choice(signs) for _ in range(rows)]
        if "orthogonal" in properties:
            sizes = [s / abs(s) for s in sizes]
        return [[sizes[i] if i == j else Fraction(0) for j in range(rows)] for i in range(rows)]
    if "orthogonal" in properties:
        return _orthogonal(rows, random, "symmetric" in properties)
    matrix = _exact(entries)
    if "positive definite" in properties:
        matrix = matrix.transpose() * matrix + _exact(_unit(rows))
    elif "symmetric" in properties:
        matrix = matrix + matrix.transpose()
    if "invertible" in properties and matrix.det() == 0:
        matrix = matrix + _exact(_unit(rows)) * fmpq(17)
    return _fractions(matrix)


def _shares(letter: Letter, rows: int, columns: int, random: Random, round_: int) -> list[list[Fraction]]:
    """Probabilities that sum to 1 in a vector and in every row of a matrix; in every fourth model a single 1."""
    many = rows * columns if letter.kind == "vector" else columns
    single = "one-hot" in letter.properties or round_ % 4 == 3
    drawn = [_row_of_shares(many, random, single) for _ in range(1 if letter.kind == "vector" else rows)]
    flat = iter([share for row in drawn for share in row])
    return [[next(flat) for _ in range(columns)] for _ in range(rows)]


def _row_of_shares(many: int, random: Random, single: bool) -> list[Fraction]:
    if single:
        place = random.randrange(many)
        return [Fraction(j == place) for j in range(many)]
    parts = [random.randint(1, 9) for _ in range(many)]
    return [Fraction(part, sum(parts)) for part in parts]


def _entries(rows: int, columns: int, random: Random) -> list[list[Fraction]]:
    return [[Fraction(random.randint(-12, 12), random.choice((1, 2, 4))) or Fraction(5, 2) for _ in range(columns)]
            for _ in range(rows)]  # fmt: skip


def _orthogonal(side: int, random: Random, symmetric: bool) -> list[list[Fraction]]:
    """Cayley's transform of a skew matrix; a reflection when it must be symmetric."""
    unit = _exact(_unit(side))
    if symmetric:
        v = _exact(_entries(side, 1, random))
        return _fractions(unit - v * v.transpose() * (fmpq(2) / (v.transpose() * v)[0, 0]))
    skew = _exact(_entries(side, side, random))
    skew = skew - skew.transpose()
    return _fractions((unit - skew) * (unit + skew).inv())


def _unit(side: int) -> list[list[Fraction]]:
    return [[Fraction(i == j) for j in range(side)] for i in range(side)]


def _exact(rows: list[list[Fraction]]) -> Any:
    return fmpq_mat([[fmpq(v.numerator, v.denominator) for v in row] for row in rows])


def _fractions(matrix: Any) -> list[list[Fraction]]:
    return [[Fraction(int(v.p), int(v.q)) for v in row] for row in matrix.tolist()]


# --- arithmetic on rows -------------------------------------------------------------------------------------


def _wide(value: Value, orders: tuple[int, ...]) -> Jet:
    if isinstance(value, Jet):
        return value.widened(orders)
    return Jet({(0,) * len(orders): value}, orders)


def _each(function: Callable[[Value], Value], rows: Rows) -> Rows:
    return [[function(v) for v in row] for row in rows]


def _scaled(rows: Rows, factor: Value) -> Rows:
    return _each(lambda v: multiplied(v, factor), rows)


def _grown(rows: Rows, height: int, width: int) -> Rows:
    return [[rows[0][0]] * width for _ in range(height)] if len(rows) == len(rows[0]) == 1 else rows


def _taken(values: list[Any], place: int) -> Any:
    if not 0 <= place < len(values):
        raise Undefined
    return values[place]


def _sum(values: list[Value]) -> Value:
    total = values[0]
    for value in values[1:]:
        total = added(total, value)
    return total


def _multiplied(a: Rows, b: Rows) -> Rows:
    if len(a[0]) != len(b):
        raise Undecidable("a product that does not fit")
    columns = list(zip(*b, strict=True))
    return [[_sum([multiplied(x, y) for x, y in zip(row, column, strict=True)]) for column in columns] for row in a]


def _raised(rows: Rows, n: int | None) -> Rows:
    if n is None or abs(n) > DERIVATIVE_ORDER:
        raise Undecidable("a power of a matrix that is no small whole number")
    if n < 0:
        rows, n = _inverse(rows), -n
    result = _identity(len(rows))
    for _ in range(n):
        result = _multiplied(result, rows)
    return result


def _identity(side: int) -> Rows:
    return [[arb(int(i == j)) for j in range(side)] for i in range(side)]


def _size_of(value: Value) -> float:
    middle = value.value if isinstance(value, Jet) else value
    return float(abs(middle).lower()) if not middle.contains(0) else 0.0


def _pivoted(rows: Rows, k: int) -> Iterator[int]:
    best = max(range(k, len(rows)), key=lambda i: _size_of(rows[i][k]))
    if _size_of(rows[best][k]) == 0.0:
        exact = all((v.value if isinstance(v, Jet) else v).is_zero() for v in (row[k] for row in rows[k:]))
        raise Undefined if exact else Unclear
    yield best


def _inverse(rows: Rows) -> Rows:
    """Gauss-Jordan elimination with the certainly largest pivot."""
    side = len(rows)
    if side > MATRIX_SIDE:
        raise TooLarge("too large")
    work = [[*row, *unit] for row, unit in zip(rows, _identity(side), strict=True)]
    for k in range(side):
        (best,) = _pivoted(work, k)
        work[k], work[best] = work[best], work[k]
        scale = reciprocal(work[k][k])
        work[k] = [multiplied(scale, v) for v in work[k]]
        for i in range(side):
            if i != k:
                factor = work[i][k]
                work[i] = [added(v, -multiplied(factor, u)) for v, u in zip(work[i], work[k], strict=True)]
    return [row[side:] for row in work]


def _determinant(rows: Rows) -> Value:
    """Expansion along the first row, which divides by nothing."""
    if len(rows) == 1:
        return rows[0][0]
    if len(rows) > 5:
        raise TooLarge("too large")
    terms = []
    for j, entry in enumerate(rows[0]):
        term = multiplied(entry, _determinant([row[:j] + row[j + 1 :] for row in rows[1:]]))
        terms.append(-term if j % 2 else term)
    return _sum(terms)


def _diagonal(rows: Rows) -> Rows:
    if len(rows[0]) == 1:
        return [[row[0] if i == j else arb(0) for j in range(len(rows))] for i, row in enumerate(rows)]
    return [[rows[i][i]] for i in range(len(rows))]


def _exponentials(model: Model, rows: Rows) -> Rows:
    return _each(lambda v: model._scalar(Power(E, _ARGUMENT), v), rows)


def _softmax(model: Model, rows: Rows, shape: Shape) -> Rows:
    """Of a matrix, that of every row."""
    top = _exponentials(model, rows)
    parts = [top] if shape[1] == 1 else [[row] for row in top]
    totals = [reciprocal(_sum([v for row in part for v in row])) for part in parts]
    return [[multiplied(v, share) for v in row] for part, share in zip(parts, totals, strict=True) for row in part]


def _log_sum_exp(model: Model, rows: Rows) -> Rows:
    total = _sum([v for row in _exponentials(model, rows) for v in row])
    return [[model._scalar(Call("log", (_ARGUMENT,)), total)]]


def _rank(model: Model, rows: Rows) -> Rows:
    if not all(not isinstance(v, Jet) and v.is_exact() for row in rows for v in row):
        raise Undecidable("the rank of rounded numbers")
    return [[arb(fmpq_mat([[v.fmpq() for v in row] for row in rows]).rank())]]


def _bars(model: Model, rows: Rows) -> Rows:
    return [[model._scalar(Root(_ARGUMENT), model._contracted(rows, rows))]]


def _extreme(sign: int) -> Callable[[Model, Rows], Rows]:
    return lambda model, rows: [[model._largest([v for row in rows for v in row], sign)]]


_OF_MATRICES: dict[str, Callable[[Model, Rows], Rows]] = {
    "tr": lambda model, rows: [[_sum([rows[i][i] for i in range(len(rows))])]],
    "det": lambda model, rows: [[_determinant(rows)]],
    "abs": _bars,
    "rank": _rank,
    "diag": lambda model, rows: _diagonal(rows),
    "logsumexp": _log_sum_exp,
    "max": _extreme(1),
    "min": _extreme(-1),
}
"""Functions that do not act entry by entry."""


@lru_cache(maxsize=256)
def _core(name: str, order: int) -> Node:
    """A known function of ``_ARGUMENT`` in the core language."""
    return Meaning(Context(), Clock(1.0)).unfold(Call(name, (_ARGUMENT,), order))


def has_unknown_functions(*nodes: Node) -> bool:
    """Whether functions occur of which nothing is known."""
    calls = (p for n in nodes for p in walk(n) if isinstance(p, Call))
    return any(c.name not in FUNCTIONS and c.name not in PRIMITIVES and c.name not in _OF_MATRICES for c in calls)


# --- text ---------------------------------------------------------------------------------------------------


def _rows_text(rows: Rows, digits: int) -> str:
    return _text([[decimal(v, digits) for v in row] for row in rows])


def _fractions_text(rows: list[list[Fraction]]) -> str:
    return _text([[decimal_text(v) for v in row] for row in rows])


def _text(rows: list[list[str]]) -> str:
    """``(1, 2)`` for a column, ``[1 2; 3 4]`` for a matrix."""
    if len(rows[0]) == 1:
        return rows[0][0] if len(rows) == 1 else f"({', '.join(row[0] for row in rows)})"
    return f"[{'; '.join(' '.join(row) for row in rows)}]"
