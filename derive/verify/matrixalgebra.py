"""Statements about whole vectors and matrices in index notation.

:class:`Algebra` turns a prepared node, whose shapes are known, into a :class:`Entries`: the sum of terms
(:mod:`contractions`) that is the entry in some row and column. ``A B`` sums over a shared index, ``A^T`` exchanges two,
``tr`` closes a loop, ``⊙`` uses the same indices twice, ``∇`` differentiates entries (:mod:`matrixcalculus`).
:mod:`abstract` compares the results. A new operation is a case of :meth:`Algebra.of`, a new function a row of a table
in :mod:`matrixfunctions`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from derive.declarations import declaration
from derive.tree import (
    INFINITY,
    TWO,
    ZERO,
    At,
    Call,
    Component,
    Constant,
    Derivative,
    E,
    Entrywise,
    Expectation,
    GradientOf,
    Indexed,
    Inner,
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
    numeric,
    whole,
)
from derive.verify.contractions import FORMAL, Applied, Entries, Factor, Head, Mono, Networks, Poly, Scalar
from derive.verify.matrixcalculus import derived, replaced
from derive.verify.matrixexpectations import expected, random_letters
from derive.verify.matrixfunctions import OF_MATRICES, RULES, is_positive
from derive.verify.shapes import COLUMNS, NUMBER, SHARES, Letter, Shape, Shapes, Side, is_entrywise
from derive.verify.signals import Clock, Undecidable

INVERTIBLE = frozenset({"invertible", "positive definite", "orthogonal"})
"""Properties of a matrix by which its determinant is not zero."""
_LARGEST_POWER = 12


class Algebra:
    """Index notation for the statements of one reading."""

    def __init__(self, shapes: Shapes, domains: Mapping[Symbol, str], clock: Clock) -> None:
        self.shapes, self.domains, self.net = shapes, domains, Networks(clock)
        self.sides: dict[int, Side] = {}
        self.indices: dict[object, int] = {}
        self.moving: dict[Symbol, str] = {}
        self.inverted: dict[str, Node] = {}
        self.used: set[str] = set()
        self.needs: list[set[str]] = []
        self.divisors: dict[str, Poly] = {}
        letters = shapes.reading.letters.values()
        self.named = {s for letter in letters for s in map(shapes.find, letter.shape) if isinstance(s, str)}
        self.named |= {s for s in map(shapes.find, shapes.sides.values()) if isinstance(s, str)}

    def index(self, side: Side) -> int:
        """A fresh free index of that length."""
        made = self.net.fresh()
        self.sides[made] = self.shapes.find(side)
        return made

    def frame(self, shape: Shape) -> tuple[int | None, int | None]:
        """Fresh indices for the rows and columns of a shape."""
        rows, columns = shape
        return (None if rows == 1 else self.index(rows), None if columns == 1 else self.index(columns))

    def at(self, entries: Entries, row: int | None, column: int | None) -> Poly:
        """The entry at other indices."""
        names = {a: b for a, b in ((entries.row, row), (entries.column, column)) if a is not None and b is not None}
        return self.net.renamed(entries.poly, names)

    def of(self, node: Node) -> Entries:
        """The entries of a part of the statement."""
        match node:
            case Number():
                return Entries(self.net.constant(node.value))
            case Constant():
                return Entries(self.net.scalar(Scalar(f"c{node.name}", "symbol", node, positive=True)))
            case Symbol():
                return self._symbol(node)
            case Indexed(base, indices):
                return self._indexed(base, indices)
            case Sum(terms):
                return self._together([self.of(t) for t in terms], self.shapes.of(node))
            case Product(factors):
                return self._product(factors)
            case Negative(u):
                inner = self.of(u)
                return Entries(self.net.scaled(inner.poly, -1), inner.row, inner.column)
            case Transpose(u):
                inner = self.of(u)
                return Entries(inner.poly, inner.column, inner.row)
            case Quotient(top, bottom):
                return self._quotient(node, top, bottom)
            case Power(base, exponent):
                return self._power(node, base, exponent)
            case Root(u, degree):
                return self._root(u, degree)
            case Call():
                return self._call(node)
            case Norm(u, order):
                return self._norm(u, order)
            case Inner(u, v):
                return self._inner(u, v)
            case Entrywise(factors):
                return self._entrywise(node, factors)
            case Component(u, indices):
                return self._component(u, indices)
            case SumOver():
                return self._over(node)
            case Expectation(operator, args, over):
                return self._expectation(node, operator, args, over)
            case GradientOf() | Derivative():
                return self._derivative(node)
            case At(body, where):
                return self._put_in(body, where)
        raise Undecidable(f"{type(node).__name__} of whole vectors or matrices")

    def difference(self, before: Node, after: Node) -> tuple[Entries, Entries]:
        """Both sides at the same indices."""
        shape = self.shapes.equation(before, after)
        row, column = self.frame(shape)
        left, right = (Entries(self.at(self._noting(n), row, column), row, column) for n in (before, after))
        return left, right

    def _noting(self, node: Node) -> Entries:
        """The entries of one side, and which inverses it needs."""
        self.used = set()
        result = self.of(node)
        self.needs.append(self.used)
        return result

    # --- letters --------------------------------------------------------------------------------------------

    def _symbol(self, symbol: Symbol) -> Entries:
        letter = self.shapes.reading.letters.get(symbol, Letter("number"))
        if letter.kind == "number":
            return Entries(self._number(symbol))
        row, column = self.frame(self.shapes.of(symbol))
        key = self.moving.get(symbol)
        if key is not None:
            return Entries(self.net.entry(key, *(i for i in (row, column) if i is not None)), row, column)
        match letter.kind:
            case "identity":
                return Entries(self.delta(row, column), row, column)
            case "ones":
                return Entries(self.net.constant(1), row, column)
            case "zero":
                return Entries({}, row, column)
        if "diagonal" in letter.properties:
            name = f"diagonal {symbol.plain}{symbol.sup}{symbol.font}"
            key = self.net.head(Head(name, "letter", (self._find(letter.shape[0]),)))
            assert row is not None
            return Entries(self.net.times(self.delta(row, column), self.net.entry(key, row)), row, column)
        slots = tuple(i for i in (row, column) if i is not None)
        return Entries(self.net.entry(self.letter(symbol, letter), *slots), row, column)

    def letter(self, symbol: Symbol, letter: Letter) -> str:
        """The head of a letter's entries."""
        rows, columns = (self._find(s) for s in letter.shape)
        sides = self._sides(letter)
        mark = "" if symbol.font in ("", "bold") and symbol.accent != "vec" else f" {symbol.font}{symbol.accent}"
        key = symbol.plain + symbol.sup + mark  # the plain names of W^{(l+1)} and W^{(l-1)} are the same
        last = rows if letter.kind == "vector" else columns
        shares = bool(letter.properties & SHARES) and last != 1
        if len(sides) < 2:
            return self.net.head(Head(key, "letter", sides, letter=symbol, shares=shares))
        symmetric = bool(letter.properties & {"symmetric", "positive definite", "diagonal"})
        inverse = f"{key}⁻¹" if rows == columns and letter.kind == "matrix" else ""
        orthogonal, definite = ("orthogonal" in letter.properties), ("positive definite" in letter.properties)
        head = Head(key, "letter", sides, symmetric, orthogonal, False, definite, inverse, letter=symbol)
        return self.net.head(replace(head, shares=shares))

    def _sides(self, letter: Letter) -> tuple[Side, ...]:
        """The lengths of the indices of a letter's entries; where there is only one row there is no index."""
        return tuple(s for s in map(self._find, letter.shape) if s != 1)

    def _slots(self, letter: Letter, indices: tuple[Node, ...]) -> tuple[int, ...]:
        """Written indices as free ones."""
        pairs = zip(indices, letter.shape, strict=False)
        return tuple(self.place(i, side) for i, side in pairs if self._find(side) != 1)

    def _find(self, side: Side) -> Side:
        return self.shapes.find(side)

    def delta(self, row: int | None, column: int | None) -> Poly:
        """The entry of the identity."""
        if row is None or column is None:
            return self.net.constant(1)
        return self.net.entry(self.net.delta(self.sides[row]), row, column)

    def _number(self, symbol: Symbol) -> Poly:
        if symbol in self.indices:
            side = self.shapes.side(symbol)
            return self.net.entry(self.net.head(Head(f"#{side}", "position", (side,))), self.indices[symbol])
        if symbol.plain in self.named:
            return self.net.term(Fraction(1), {self.net.side(symbol.plain): 1}, [])
        key = self.moving.get(symbol) or f"x{symbol!r}"
        return self.net.scalar(Scalar(key, "symbol", symbol))

    def place(self, index: Node, side: Side) -> int:
        """The free index that a written index is; numbers count as indices of which nothing more is known."""
        key = index if isinstance(index, Symbol) else (index, self._find(side))
        if key not in self.indices:
            self.indices[key] = self.index(side)
        return self.indices[key]

    def _indexed(self, base: Symbol, indices: tuple[Node, ...]) -> Entries:
        letter = self.shapes.reading.letters[base]
        slots = self._slots(letter, indices)
        key = self.moving.get(base)
        if letter.kind == "family" and self._find(letter.shape[1]) != 1:
            row = self.index(letter.shape[1])
            return Entries(self.net.entry(key or self.letter(base, letter), *slots, row), row)
        if "diagonal" in letter.properties and key is None:
            whole_ = self._symbol(base)
            return Entries(self.at(whole_, *slots))
        return Entries(self.net.entry(key or self.letter(base, letter), *slots))

    def _component(self, u: Node, indices: tuple[Node, ...]) -> Entries:
        inner = self.of(u)
        rows, columns = self.shapes.of(u)
        sides = (rows, columns) if len(indices) == 2 else (columns if rows == 1 else rows,)
        slots = [self.place(i, side) for i, side in zip(indices, sides, strict=True)]
        if len(slots) == 2:
            return Entries(self.at(inner, slots[0], slots[1]))
        names = {i: slots[0] for i in (inner.row, inner.column) if i is not None}
        return Entries(self.net.renamed(inner.poly, names))

    # --- sums and products ----------------------------------------------------------------------------------

    def _together(self, terms: list[Entries], shape: Shape) -> Entries:
        row, column = self.frame(shape)
        result: Poly = {}
        for term in terms:
            result = self.net.plus(result, self.at(term, row, column))
        return Entries(result, row, column)

    def _product(self, factors: tuple[Node, ...]) -> Entries:
        result = self.of(factors[0])
        for factor in factors[1:]:
            result = self.multiplied(result, self.of(factor))
        return result

    def multiplied(self, a: Entries, b: Entries) -> Entries:
        """The matrix product; a 1×1 factor multiplies every entry."""
        columns = None is a.column is b.column and a.row is not None and b.row is not None
        if columns and self.shapes.reading.convention == COLUMNS:
            return Entries(self.net.times(a.poly, self.at(b, a.row, None)), a.row)
        if a == Entries(a.poly) or b == Entries(b.poly):
            larger = b if a == Entries(a.poly) else a
            return Entries(self.net.times(a.poly, b.poly), larger.row, larger.column)
        shared = a.column
        row = None if a.row is None else self.index(self.sides[a.row])
        column = None if b.column is None else self.index(self.sides[b.column])
        if shared is None:
            return Entries(self.net.times(self.at(a, row, None), self.at(b, None, column)), row, column)
        between = self.index(self.sides[shared])
        product = self.net.times(self.at(a, row, between), self.at(b, between, column))
        return Entries(self.net.summed(product, between, self.sides[between]), row, column)

    def _entrywise(self, node: Node, factors: tuple[Node, ...]) -> Entries:
        row, column = self.frame(self.shapes.of(node))
        result = self.net.constant(1)
        for factor in factors:
            result = self.net.times(result, self.at(self.of(factor), row, column))
        return Entries(result, row, column)

    def contracted(self, a: Entries, b: Entries) -> Poly:
        """The sum of the products of corresponding entries."""
        product = self.net.times(a.poly, self.at(b, a.row, a.column))
        for index in (a.row, a.column):
            if index is not None:
                product = self.net.summed(product, index, self.sides[index])
        return product

    def _inner(self, u: Node, v: Node) -> Entries:
        return Entries(self.contracted(self.of(u), self.of(v)))

    def _over(self, node: SumOver) -> Entries:
        index = self.indices[node.index] = self.index(self.shapes.side(node.index))
        body = self.of(node.body)
        result = self.net.summed(body.poly, index, self.sides[index])
        if node.where is not None:  # every one but j: the sum over all, less the term of j
            other = next(s for s in node.where.sides if s != node.index) if isinstance(node.where, Relation) else None
            assert other is not None
            result = self.net.minus(result, self.net.renamed(body.poly, {index: self.place(other, self.sides[index])}))
        return Entries(result, body.row, body.column)

    def _expectation(self, node: Node, operator: str, args: tuple[Node, ...], over: tuple[Node, ...]) -> Entries:
        """Linear in what is random; ``Cov(u, v) = E[(u - E u)(v - E v)^T]``."""
        random = random_letters(self.shapes.reading, over)
        values = [self.of(a) for a in args]
        if operator == "E":
            return Entries(expected(self, values[0].poly, random), values[0].row, values[0].column)
        row, column = self.frame(self.shapes.of(node))
        left, right = self.at(values[0], row, None), self.at(values[-1], column, None)
        mean = self.net.times(expected(self, left, random), expected(self, right, random))
        return Entries(self.net.minus(expected(self, self.net.times(left, right), random), mean), row, column)

    # --- quotients, powers, norms ---------------------------------------------------------------------------

    def _quotient(self, node: Node, top: Node, bottom: Node) -> Entries:
        above, below = self.of(top), self.of(bottom)
        row, column = self.frame(self.shapes.of(node))
        divisor = self.power(self.at(below, row, column), Fraction(-1))
        return Entries(self.net.times(self.at(above, row, column), divisor), row, column)

    def _root(self, u: Node, degree: Node) -> Entries:
        n = whole(degree)
        if n is None or n < 1:
            raise Undecidable("a root whose degree is no number")
        inner = self.of(u)
        return Entries(self.power(inner.poly, Fraction(1, n)), inner.row, inner.column)

    def _power(self, node: Node, base: Node, exponent: Node) -> Entries:
        if base == E:
            inner = self.of(exponent)
            return Entries(self.applied("exp", 0, inner.poly), inner.row, inner.column)
        value = numeric(exponent)
        if value is None:
            return self._symbolic_power(base, exponent)
        if value == 2 and isinstance(base, Norm) and base.order in (None, TWO, Symbol("F")):
            return self._inner(base.operand, base.operand)
        inner = self.of(base)
        if self.shapes.of(base) != NUMBER and 1 not in self.shapes.of(base) and not is_entrywise(base):
            return self._matrix_power(inner, int(value), base)
        return Entries(self.power(inner.poly, value), inner.row, inner.column)

    def _symbolic_power(self, base: Node, exponent: Node) -> Entries:
        if self.shapes.of(base) != NUMBER:
            raise Undecidable("a power of a matrix that is no whole number")
        inner, power = self.of(base).poly, self.of(exponent).poly
        return Entries(self.applied("exp", 0, self.net.times(power, self.applied("log", 0, inner))))

    def _matrix_power(self, base: Entries, n: int, node: Node) -> Entries:
        if abs(n) > _LARGEST_POWER:
            raise Undecidable("a power of a matrix that is no small number")
        if n < 0:
            base, n = self.inverse(base, node), -n
        if n == 0:
            return Entries(self.delta(base.row, base.column), base.row, base.column)
        result = base
        for _ in range(n - 1):
            result = self.multiplied(result, base)
        return result

    def power(self, p: Poly, exponent: Fraction) -> Poly:
        """A rational power at equal free indices."""
        if exponent < 0:
            self._note_divisor(p)
        if exponent.denominator == 1 and 0 <= exponent <= _LARGEST_POWER:
            return self.net.raised(p, int(exponent))
        if exponent == -1 and len(p) == 1:
            found = self._reciprocal(*next(iter(p.items())))
            if found is not None:
                return found
        if not p and exponent <= 0:
            raise Undecidable("a division by zero")
        if not self.net.free_in(p):
            return self._scalar_power(p, exponent)
        if exponent.denominator == 1 and exponent < -1:
            return self.net.raised(self.power(p, Fraction(-1)), -int(exponent))
        return self.net.function(Applied("power", p, exponent=exponent), self.sides, positive=is_positive(self, p))

    def _note_divisor(self, p: Poly) -> None:
        """What must not be zero, where that is not known."""
        inner, free = p, self.net.free_in(p)
        if free:
            inner = self.net.renamed(p, dict(zip(free, FORMAL, strict=False)))
        if (len(p) == 1 and all(self._is_nonzero(m) for m in p)) or is_positive(self, p):
            return
        key = self.net.interned("not zero ", tuple(sorted(inner.items())))
        self.divisors[key] = inner
        self.used.add(key)

    def _is_nonzero(self, mono: Mono) -> bool:
        heads = [self.net.heads[k] for k, _ in mono[1]]
        return all(self.never_zero(k) for k, _ in mono[0]) and all(h.positive for h in heads)

    def never_zero(self, key: str) -> bool:
        """Whether a scalar is declared, or known, not to be zero."""
        scalar = self.net.scalars[key]
        return scalar.positive or self._excludes_zero(scalar)

    def _excludes_zero(self, scalar: Scalar) -> bool:
        if not isinstance(scalar.node, Symbol):
            return False
        said = declaration(self.domains.get(scalar.node, "real"))
        if scalar.kind == "determinant":
            return bool(said.properties & INVERTIBLE)
        return said.kind == "number" and not said.allows(Fraction(0))

    def _scalar_power(self, p: Poly, exponent: Fraction) -> Poly:
        """A power of a number: whole powers of a root, of a single term factor by factor."""
        n, degree = exponent.numerator, exponent.denominator
        if degree > 1 or len(p) > 1:
            p = self.net.function(Applied("power", p, exponent=Fraction(1 if degree > 1 else -1, degree)), {})
            n = n if degree > 1 else -n
        ((scalars, _), c) = next(iter(p.items()))
        return self.net.term(c**n, {key: k * n for key, k in scalars}, [])

    def _reciprocal(self, mono: Mono, coefficient: Fraction) -> Poly | None:
        """The reciprocal of one term, factor by factor, where no index is summed over."""
        scalars, factors = mono
        summed = any(i >= 0 for _, slots in factors for i in slots)
        if summed or any(self.net.heads[k].kind == "delta" for k, _ in factors):
            return None
        result = self.net.term(1 / coefficient, {key: -n for key, n in scalars}, [])
        for key, slots in factors:
            result = self.net.times(result, self._factor_reciprocal(key, slots))
        return result

    def _factor_reciprocal(self, key: str, slots: tuple[int, ...]) -> Poly:
        applied = self.net.heads[key].applied
        if applied is not None and applied.name == "exp":
            names = dict(zip(FORMAL, slots, strict=False))
            return self.applied("exp", 0, self.net.scaled(self.net.renamed(applied.inner, names), -1))
        if applied is not None and applied.name == "power" and applied.exponent == -1:
            return self.net.renamed(applied.inner, dict(zip(FORMAL, slots, strict=False)))
        return self.net.function(Applied("power", self.net.entry(key, *slots), exponent=Fraction(-1)), self.sides)

    def _norm(self, u: Node, order: Node | None) -> Entries:
        inner = self.of(u)
        if order == Number("1"):
            sizes = Entries(self.applied("abs", 0, inner.poly), inner.row, inner.column)
            if sizes.column is not None and sizes.row is not None:
                raise Undecidable("a norm of a matrix of this order")
            return Entries(self._total(sizes))
        whole_matrix = 1 not in self.shapes.of(u)
        if order in (None, TWO, Symbol("F")) and not (whole_matrix and order == TWO):
            return Entries(self.power(self.contracted(inner, inner), Fraction(1, 2)))
        raise Undecidable("a norm of infinite order" if order == INFINITY else "a norm of this order")

    def _total(self, entries: Entries) -> Poly:
        result = entries.poly
        for index in (entries.row, entries.column):
            if index is not None:
                result = self.net.summed(result, index, self.sides[index])
        return result

    # --- inverses and determinants --------------------------------------------------------------------------

    def inverse(self, matrix: Entries, node: Node | None = None) -> Entries:
        """The inverse; of a product of square factors the product of their inverses the other way round."""
        if matrix.row is None or matrix.column is None:
            return Entries(self.power(matrix.poly, Fraction(-1)))
        if len(matrix.poly) == 1:
            ((mono, coefficient),) = matrix.poly.items()
            found = self._inverse_of_term(mono, coefficient, matrix.row, matrix.column)
            if found is not None:
                return Entries(found, matrix.row, matrix.column)
        made = self.net.inverse(matrix.poly, matrix.row, matrix.column, self.sides[matrix.row])
        key = str(next(iter(made))[1][0][0])
        self.used.add(key)
        if node is not None:
            self.inverted[key] = node
        return Entries(made, matrix.row, matrix.column)

    def _inverse_of_term(self, mono: Mono, coefficient: Fraction, row: int, column: int) -> Poly | None:
        scalars, factors = mono
        outside = {key: -n for key, n in scalars}
        diagonal = self._inverse_of_diagonal(factors, row, column)
        if diagonal is not None:
            return self.net.times(self.net.term(1 / coefficient, outside, []), diagonal)
        links = chain(factors, row, column)
        if links is None or not all(self._is_square(key) for key, _ in links):
            return None
        result: Poly | None = None
        start = row
        for k, (key, straight) in enumerate(reversed(links)):
            end = column if k == len(links) - 1 else self.index(self.sides[row])
            link = self._inverse_of_factor(key, *((start, end) if straight else (end, start)))
            result = link if result is None else self.net.times(result, link)
            if start != row:
                result = self.net.summed(result, start, self.sides[row])
            start = end
        assert result is not None
        return self.net.times(self.net.term(1 / coefficient, outside, []), result)

    def _is_square(self, key: str) -> bool:
        head = self.net.heads[key]
        return head.kind in ("letter", "inverse", "delta") and len(head.sides) == 2 and head.sides[0] == head.sides[1]

    def _inverse_of_factor(self, key: str, row: int, column: int) -> Poly:
        head = self.net.heads[key]
        if head.orthogonal:
            return self.net.entry(key, column, row)
        if head.kind == "delta":
            return self.net.entry(key, row, column)
        if head.kind == "inverse" and not head.inverse:
            return self.net.renamed(head.inner, {-1: row, -2: column})
        if head.inverse not in self.net.heads:
            inner = self.net.entry(key, -1, -2)
            made = Head(
                head.inverse, "inverse", head.sides, head.symmetric, definite=head.definite, inverse=key, inner=inner
            )
            self.net.head(made)
        if head.kind == "letter" and head.letter is not None:
            self.inverted[head.inverse] = head.letter
            self.used.add(head.inverse)
        return self.net.entry(head.inverse, row, column)

    def _inverse_of_diagonal(self, factors: tuple[Factor, ...], row: int, column: int) -> Poly | None:
        """``diag(a)^{-1} = diag(1/a)``."""
        deltas = [f for f in factors if self.net.heads[f[0]].kind == "delta" and set(f[1]) == {row, column}]
        others = [f for f in factors if f not in deltas]
        if len(deltas) != 1 or any(len(set(slots)) != 1 or slots[0] < 0 for _, slots in others):
            return None
        result = self.net.term(Fraction(1), {}, deltas)
        for key, slots in others:
            result = self.net.times(result, self._factor_reciprocal(key, slots))
        return result

    def determinant(self, matrix: Entries, node: Node) -> Poly:
        """``det``; of a product of square factors the product of their determinants."""
        if matrix.row is None or matrix.column is None:
            return matrix.poly
        if len(matrix.poly) == 1:
            ((mono, coefficient),) = matrix.poly.items()
            links = chain(mono[1], matrix.row, matrix.column)
            if links is not None and all(self._is_square(key) for key, _ in links):
                scale = self.net.term(coefficient, dict(mono[0]), [])
                result = self._to_the_side(scale, self.sides[matrix.row])
                for key, _ in links:
                    result = self.net.times(result, self._determinant_of(key))
                return result
        names = {matrix.row: -1, matrix.column: -2}
        straight, turned = (self.net.renamed(matrix.poly, n) for n in (names, {matrix.row: -2, matrix.column: -1}))
        inner = min(straight, turned, key=lambda p: repr(sorted(p.items())))
        key = self.net.interned("D", tuple(sorted(inner.items())))
        return self.net.scalar(Scalar(key, "determinant", node, inner=inner))

    def _to_the_side(self, scale: Poly, side: Side) -> Poly:
        if scale == self.net.constant(1):
            return scale
        if isinstance(side, int):
            return self.net.raised(scale, side)
        exponent = self.net.term(Fraction(1), {self.net.side(side): 1}, [])
        key = self.net.interned("p", (tuple(sorted(scale.items())), side))
        return self.net.scalar(Scalar(key, "side power", head=side, inner=scale)) if exponent else scale

    def _determinant_of(self, key: str) -> Poly:
        head = self.net.heads[key]
        if head.kind == "delta":
            return self.net.constant(1)
        if head.kind == "inverse":
            inner = self._determinant_of(head.inverse) if head.inverse else self._inner_determinant(head)
            return self.power(inner, Fraction(-1))
        letter = self.shapes.reading.letters.get(head.letter) if isinstance(head.letter, Symbol) else None
        positive = letter is not None and "positive definite" in letter.properties
        inner_ = self.net.entry(key, -1, -2)
        return self.net.scalar(Scalar(f"D{key}", "determinant", head.letter, inner=inner_, positive=positive))

    def _inner_determinant(self, head: Head) -> Poly:
        key = self.net.interned("D", tuple(sorted(head.inner.items())))
        return self.net.scalar(Scalar(key, "determinant", inner=head.inner))

    # --- functions ------------------------------------------------------------------------------------------

    def _call(self, node: Call) -> Entries:
        name, args = node.name, node.args
        shapes = [self.shapes.of(a) for a in args]
        rule = OF_MATRICES.get(name)
        if rule is not None and len(args) == 1 and shapes[0] != NUMBER:
            return rule(self, args[0])
        if name == "max" and len(args) == 2 and ZERO in args:
            other = args[0] if args[1] == ZERO else args[1]
            return self._call(Call("relu", (other,)))
        if name == "log" and len(args) == 2:
            return self.of(Quotient(Call("log", args[:1]), Call("log", args[1:])))
        if name in ("tr", "det", "logsumexp") and shapes == [NUMBER]:
            return self.of(args[0])
        if len(args) != 1:
            raise Undecidable(f"{name} of several things")
        inner = self.of(args[0])
        return Entries(self.applied(name, node.order, inner.poly), inner.row, inner.column)

    def applied(self, name: str, order: int, p: Poly) -> Poly:
        """A function of one number at every entry."""
        rule = RULES.get(name)
        found = None if rule is None else rule(self, order, p)
        if found is not None:
            return found
        positive = order == 0 and name in ("exp", "sigma", "softplus")
        return self.net.function(Applied(name, p, order), self.sides, positive)

    def derivative_of(self, applied: Applied, sides: tuple[Side, ...]) -> Poly:
        """The derivative of a function at its inner expression, at formal indices."""
        self.sides.update(zip(FORMAL, sides, strict=False))
        if applied.name == "power":
            lower = self.power(applied.inner, applied.exponent - 1)
            return self.net.scaled(lower, applied.exponent)
        return self.applied(applied.name, applied.order + 1, applied.inner)

    def reapplied(self, applied: Applied, inner: Poly) -> Poly:
        """The same function of another expression."""
        if applied.name == "power":
            return self.power(inner, applied.exponent)
        return self.applied(applied.name, applied.order, inner)

    def split(self, p: Poly) -> tuple[Poly, Poly]:
        """The terms with free indices, and the others."""
        free = {m: c for m, c in p.items() if any(i < 0 for _, slots in m[1] for i in slots)}
        return free, {m: c for m, c in p.items() if m not in free}

    # --- derivatives ----------------------------------------------------------------------------------------

    def _derivative(self, node: GradientOf | Derivative) -> Entries:
        variable = node.variables[0] if isinstance(node, GradientOf) else node.variable
        base = variable.base if isinstance(variable, Indexed) else variable
        before = self.moving.get(base)
        key, original = self._set_moving(base)
        body = self.of(node.body)
        if before is None:
            del self.moving[base]
        else:
            self.moving[base] = before
        by = self._by(variable)
        poly, places = body.poly, [by]
        for k in range(node.order):
            if k:
                places.append(self._by(variable))
            poly = derived(self, poly, key, places[-1])
        poly = replaced(self, poly, key, original)
        self._forget(key)
        return self._as_matrix(node, body, poly, places)

    def _set_moving(self, base: Symbol) -> tuple[str, Callable[[tuple[int, ...]], Poly]]:
        """A general letter in place of the variable, and the variable's own entries to be put back."""
        letter = self.shapes.reading.letters.get(base, Letter("number"))
        before = self.moving.get(base)
        key = f"{base.plain}{base.sup}{base.font}{base.accent}~{len(self.moving)}{before or ''}"
        original = self._own_entries(base, letter, before)
        if letter.kind != "number":
            sides = self._sides(letter)
            inverse = f"{key}⁻¹" if len(sides) == 2 and sides[0] == sides[1] else ""
            self.net.head(Head(key, "letter", sides, inverse=inverse, letter=base))
        self.moving[base] = key
        return key, original

    def _own_entries(self, base: Symbol, letter: Letter, before: str | None) -> Callable[[tuple[int, ...]], Poly]:
        if letter.kind == "number":
            if before is not None:
                return lambda slots: self.net.scalar(Scalar(before, "symbol", base))
            return lambda slots: self._number(base)
        if before is not None:
            return lambda slots: self.net.entry(before, *slots)
        if letter.kind == "family":
            head = self.letter(base, letter)
            return lambda slots: self.net.entry(head, *slots)
        own = self._symbol(base)
        row_only = own.column is None

        def entries(slots: tuple[int, ...]) -> Poly:
            if not slots:
                return own.poly
            if own.row is None:
                return self.at(own, None, slots[0])
            return self.at(own, slots[0], None if row_only else slots[1])

        return entries

    def _by(self, variable: Symbol | Indexed) -> tuple[int, ...]:
        """The indices of the entry that the derivative is taken by."""
        if isinstance(variable, Symbol):
            return tuple(self.index(s) for s in self.shapes.of(variable) if s != 1)
        letter = self.shapes.reading.letters[variable.base]
        slots = self._slots(letter, variable.indices)
        if letter.kind == "family" and self._find(letter.shape[1]) != 1:
            return (*slots, self.index(letter.shape[1]))
        return slots

    def _as_matrix(
        self, node: GradientOf | Derivative, body: Entries, poly: Poly, places: list[tuple[int, ...]]
    ) -> Entries:
        variable = node.variables[0] if isinstance(node, GradientOf) else node.variable
        if self.shapes.of(variable) == NUMBER or not places[0]:
            return Entries(poly, body.row, body.column)
        if isinstance(node, GradientOf) and node.order == 2:
            return Entries(poly, places[0][0], places[1][0])
        own = places[0][-1:] if isinstance(variable, Indexed) else places[0]
        if self.shapes.of(node.body) != NUMBER:
            return Entries(poly, body.row, own[0])
        if len(own) == 2:
            return Entries(poly, own[0], own[1])
        flat = self.shapes.of(variable)[0] == 1
        return Entries(poly, None if flat else own[0], own[0] if flat else None)

    def _put_in(self, body: Node, where: tuple[tuple[Symbol, Node], ...]) -> Entries:
        """The body with values put in for letters, after everything in it was done."""
        keys = [self._set_moving(s)[0] for s, _ in where]
        result = self.of(body)
        for symbol, _ in where:
            del self.moving[symbol]
        poly = result.poly
        for key, (_, value) in zip(keys, where, strict=True):
            inner = self.of(value)

            def entries(slots: tuple[int, ...], inner: Entries = inner) -> Poly:
                names = [i for i in (inner.row, inner.column) if i is not None]
                return self.net.renamed(inner.poly, dict(zip(names, slots, strict=True)))

            poly = replaced(self, poly, key, entries)
            self._forget(key)
        return Entries(poly, result.row, result.column)

    def _forget(self, key: str) -> None:
        """What must not be zero of a letter that has got its value: the same was noted of the value."""
        self.used -= {k for k in self.used if k in self.divisors and self._mentions(self.divisors[k], key)}

    def _mentions(self, p: Poly, key: str) -> bool:
        return any(self._mono_mentions(mono, key) for mono in p)

    def _mono_mentions(self, mono: Mono, key: str) -> bool:
        heads = [self.net.heads[k] for k, _ in mono[1]]
        scalars = [self.net.scalars[k] for k, _ in mono[0]]
        applied = [part.applied for part in heads] + [part.applied for part in scalars]
        inner = [part.inner for part in heads] + [part.inner for part in scalars]
        closed = [((), scalar.factors) for scalar in scalars if scalar.factors]
        return (
            key in {part.key for part in heads} | {part.key for part in scalars}
            or any(self._mentions(p, key) for p in (*inner, *(a.inner for a in applied if a is not None)))
            or any(self._mono_mentions(m, key) for m in closed)
        )


def chain(factors: tuple[Factor, ...], row: int, column: int) -> list[tuple[str, bool]] | None:
    """The factors in the order of a matrix product from row to column, and whether each stands straight."""
    times = Counter(i for _, slots in factors for i in slots)
    if any(len(slots) != 2 for _, slots in factors) or times[row] != 1 or times[column] != 1:
        return None
    if any(n != 2 for i, n in times.items() if i not in (row, column)):
        return None
    left, here, links = list(factors), row, []
    while left:
        found = next((f for f in left if here in f[1]), None)
        if found is None or (here < 0 and here != row):
            return None
        left.remove(found)
        straight = found[1][0] == here
        links.append((found[0], straight))
        here = found[1][1 if straight else 0]
    return links if here == column else None
