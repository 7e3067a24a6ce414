"""Statements whose sizes are numbers, written out: every entry of every letter a symbol of its own.

:class:`WrittenOut` gives an expression as one number or one explicit matrix in the core language, so that the exact
proof for numbers decides it for all entries at once. Operations on explicit matrices are those of :mod:`matrices`; here
are the letters with their properties, derivatives and sums over an index. Called by :mod:`abstract`.
"""

from __future__ import annotations

from derive.limits import MATRIX_SIDE
from derive.steps import Context
from derive.tree import (
    ONE,
    ZERO,
    At,
    Component,
    Derivative,
    GradientOf,
    Indexed,
    Matrix,
    Negative,
    Node,
    Number,
    Relation,
    Sum,
    SumOver,
    Symbol,
    map_children,
    number,
    substitute,
    total,
    whole,
)
from derive.verify.core import DerivativeAt, fresh
from derive.verify.matrices import written_out
from derive.verify.meaning import Meaning
from derive.verify.shapes import NUMBER, SHARES, Letter, Shapes
from derive.verify.signals import Clock, Undecidable

_NOT_WRITTEN = frozenset({"orthogonal", "family"})


def has_sizes(shapes: Shapes) -> bool:
    """Whether every side is a small number."""
    sides = {shapes.find(s) for letter in shapes.reading.letters.values() for s in letter.shape}
    sides |= {shapes.find(s) for s in shapes.sides.values()}
    return all(isinstance(s, int) and s <= MATRIX_SIDE for s in sides)


class WrittenOut:
    """Expressions over letters whose entries are symbols."""

    def __init__(self, shapes: Shapes, clock: Clock) -> None:
        self.shapes, self.meaning = shapes, Meaning(Context(), clock)
        self.values: dict[Node, Node] = {}
        self.count = 0

    def of(self, node: Node) -> Node:
        """The expression in the core language: one number, or one explicit matrix."""
        made = self.meaning.unfold(written_out(self._entries(node)))
        return made.rows[0][0] if isinstance(made, Matrix) and made.shape == (1, 1) else made

    def _entries(self, node: Node) -> Node:
        match node:
            case Symbol():
                return self._letter(node)
            case Indexed(base, indices):
                return self._member(base, indices)
            case Component(operand, indices):
                return _taken(written_out(self._entries(operand)), [self._index(i) for i in indices])
            case Sum(terms) if self.shapes.of(node) != NUMBER:
                return Sum(tuple(self._spread(t, self.shapes.of(node)) for t in terms))
            case SumOver():
                return self._over(node)
            case GradientOf() | Derivative():
                return self._derivative(node)
            case At():
                raise Undecidable("values put into a derivative")
        return map_children(node, self._entries)

    def _spread(self, term: Node, shape: tuple[object, object]) -> Node:
        """A number that is added to every entry."""
        inner = self._entries(term)
        if self.shapes.of(term) != NUMBER or shape == NUMBER:
            return inner
        rows, columns = shape
        assert isinstance(rows, int)
        assert isinstance(columns, int)
        return Matrix(((inner,) * columns,) * rows)

    def _letter(self, symbol: Symbol) -> Node:
        if symbol in self.values:
            return self.values[symbol]
        letter = self.shapes.reading.letters.get(symbol, Letter("number"))
        if letter.kind == "number":
            return symbol
        if letter.kind == "family" or "orthogonal" in letter.properties:
            raise Undecidable(f"the entries of {symbol.plain}")
        rows, columns = self.shapes.of(symbol)
        assert isinstance(rows, int)
        assert isinstance(columns, int)
        made = tuple(tuple(self._entry(symbol, letter, i, j) for j in range(columns)) for i in range(rows))
        return Matrix(_with_rest(made, letter.kind == "vector") if letter.properties & SHARES else made)

    @staticmethod
    def _entry(symbol: Symbol, letter: Letter, i: int, j: int) -> Node:
        match letter.kind:
            case "identity":
                return ONE if i == j else ZERO
            case "ones":
                return ONE
            case "zero":
                return ZERO
        if "diagonal" in letter.properties and i != j:
            return ZERO
        if letter.properties & {"symmetric", "positive definite"}:
            i, j = min(i, j), max(i, j)
        return entry_symbol(symbol, i, j if letter.kind == "matrix" else i + j, letter.kind == "matrix")

    def _index(self, index: Node) -> int:
        n = whole(self.values.get(index, index))
        if n is None:
            raise Undecidable("an index that is no number")
        return n - 1

    def _member(self, base: Symbol, indices: tuple[Node, ...]) -> Node:
        return _taken(self._letter(base), [self._index(i) for i in indices])

    def _over(self, node: SumOver) -> Node:
        side = self.shapes.side(node.index)
        assert isinstance(side, int)
        terms = []
        for k in range(1, side + 1):
            self.values[node.index] = Number(str(k))
            if node.where is None or self._is_other(node.where):
                terms.append(written_out(self._entries(node.body)))
        del self.values[node.index]
        return total(terms)

    def _is_other(self, where: Node) -> bool:
        assert isinstance(where, Relation)
        one, other = (self._index(s) for s in where.sides)
        return one != other

    # --- derivatives ----------------------------------------------------------------------------------------

    def _derivative(self, node: GradientOf | Derivative) -> Node:
        """By general entries, which get the letter's own as values."""
        variable = node.variables[0] if isinstance(node, GradientOf) else node.variable
        base = variable.base if isinstance(variable, Indexed) else variable
        own = written_out(self._letter(base))
        if not isinstance(own, Matrix) or (isinstance(node, GradientOf) and node.order > 1) or base in self.values:
            raise Undecidable("this derivative entry by entry")
        moving = Matrix(tuple(tuple(self._fresh() for _ in row) for row in own.rows))
        self.values[base] = moving
        body = self.of(node.body)
        del self.values[base]
        values = {m: o for r, s in zip(moving.rows, own.rows, strict=True) for m, o in zip(r, s, strict=True)}
        places = self._places(variable, own)
        slopes = [[_slope(body, moving.rows[i][j], values) for i, j in row] for row in places]
        if isinstance(variable, Indexed):
            return slopes[0][0]
        if not isinstance(body, Matrix):
            return Matrix(tuple(map(tuple, slopes)))
        columns = [s for row in slopes for s in row]
        return Matrix(tuple(zip(*([r[0] for r in c.rows] for c in columns if isinstance(c, Matrix)), strict=True)))

    def _places(self, variable: Symbol | Indexed, own: Matrix) -> list[list[tuple[int, int]]]:
        if isinstance(variable, Symbol):
            return [[(i, j) for j in range(len(own.rows[0]))] for i in range(len(own.rows))]
        places = [self._index(i) for i in variable.indices]
        return [[(places[0], places[1] if len(places) == 2 else 0)]]

    def _fresh(self) -> Symbol:
        self.count += 1
        return fresh(self.count, "entry")


def _with_rest(rows: tuple[tuple[Node, ...], ...], vector: bool) -> tuple[tuple[Node, ...], ...]:
    """The last probability is what the others leave of 1."""
    if not vector:
        return tuple((*row[:-1], Sum((ONE, *map(Negative, row[:-1]))) if row[1:] else ONE) for row in rows)
    turned = _with_rest((tuple(e for row in rows for e in row),), False)[0]
    return tuple((e,) for e in turned) if len(rows) > 1 else (turned,)


def entry_symbol(symbol: Symbol, i: int, j: int, matrix: bool) -> Symbol:
    """The symbol of an entry: ``x_1``, ``A_{1,2}``."""
    label = f"{i + 1},{j + 1}" if matrix else str(j + 1)
    return Symbol(symbol.name, f"{symbol.sub},{label}" if symbol.sub else label, symbol.sup, symbol.accent, symbol.font)


def _taken(node: Node, places: list[int]) -> Node:
    if not isinstance(node, Matrix):
        raise Undecidable("an entry of a number")
    if len(places) == 1:
        flat = [e for row in node.rows for e in row]
        rows, place = [flat], (0, places[0])
    else:
        rows, place = [list(r) for r in node.rows], (places[0], places[1])
    if not (0 <= place[0] < len(rows) and 0 <= place[1] < len(rows[0])):
        raise Undecidable("an entry beyond the last one")
    return rows[place[0]][place[1]]


def _slope(body: Node, entry: Node, values: dict[Node, Node]) -> Node:
    """The derivative of a number or of every entry of a matrix by one entry, at the letter's own entries."""
    if isinstance(body, Matrix):
        return Matrix(tuple(tuple(_slope(e, entry, values) for e in row) for row in body.rows))
    assert isinstance(entry, Symbol)
    rest = {m: o for m, o in values.items() if m != entry}
    return DerivativeAt(substitute(body, rest), entry, 1, values[entry]) if body != number(0) else ZERO
