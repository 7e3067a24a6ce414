"""Formulas of numbers, vectors and matrices as array operations; :mod:`derive.numeric.programs` calls it.

Everything has a :class:`Value`: an operation and, for a vector or matrix, its sides. A vector is a column. A side of
None is as long as it has to be (``\\mathbf{1}``), and a side that NumPy stores with length 1 is repeated: so ``1 b^T``
costs nothing, and ``1^T D`` is a sum. Within a sum over entries an index is an axis, so that ``P_{ij}`` is P itself.
A new kind of node is a ``case`` in :meth:`Formulas._made`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

from derive import limits
from derive.errors import DeriveError
from derive.functions import FUNCTIONS
from derive.numeric._operations import Operations, ufunc
from derive.numeric.evaluate import COMPARISONS, CONSTANTS, FORMS, plain
from derive.steps import Definition
from derive.tree import (
    INFINITY,
    ONE,
    TWO,
    At,
    Call,
    Cases,
    Component,
    Constant,
    E,
    Entrywise,
    Indexed,
    Inner,
    Matrix,
    Negative,
    Node,
    Norm,
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
    Transpose,
    Vector,
    free_symbols,
    numeric,
    walk,
)

Side = int | None
Shape = tuple[Side, Side]
NUMBER: Shape = (1, 1)
"""A matrix with one entry, which is taken for a number where it does not fit as a matrix."""
Frame = tuple[Symbol, ...]
"""The indices of the sums that one is in; the k-th is axis k."""

_AXES = 2


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a formula. ``shape`` is None for a number, also for one of each entry or each datum."""

    at: int
    shape: Shape | None = None


class Formulas:
    """Makes operations of formulas in known names. ``values`` are those of the names, ``sizes`` the sides' lengths."""

    def __init__(self, operations: Operations, values: Mapping[Symbol, Value], sizes: Mapping[str, int]) -> None:
        self.operations = operations
        self.values = dict(values)
        self.sizes = sizes
        self._known: dict[tuple[Node, Frame], Value] = {}

    def define(self, program: Sequence[Definition], wanted: Sequence[Node]) -> None:
        """The formulas of the names on which wanted ones depend, in order.

        DeriveError, naming the name, where a formula has no value.
        """
        for definition in needed(program, wanted):
            try:
                self.values[definition.name] = self.value(definition.body)
            except DeriveError as error:
                raise DeriveError(f"{definition.name.plain}: {error.message}", error.hint) from error

    def value(self, node: Node, frame: Frame = ()) -> Value:
        """The value of a formula, the same for the same formula."""
        key = (node, frame)
        if key not in self._known:
            self._known[key] = self._made(node, frame)
        return self._known[key]

    def number(self, node: Node, frame: Frame = ()) -> int:
        """The operation of a formula that has to be a number."""
        value = self.value(node, frame)
        if value.shape == NUMBER:
            return self._flat(value.at)
        if value.shape is not None:
            raise DeriveError("a vector or matrix stands where a number is needed")
        return value.at

    def _made(self, node: Node, frame: Frame) -> Value:
        match node:
            case Number():
                return Value(self.operations.constant(float(node.value)))
            case Constant(name):
                return Value(self.operations.constant(CONSTANTS[name]))
            case Symbol():
                return self._symbol(node)
            case Sum(terms):
                return reduce(self._add, (self.value(t, frame) for t in terms))
            case Product(factors):
                return self._product([self.value(f, frame) for f in factors])
            case Entrywise(factors):
                return reduce(self._entrywise, (self.value(f, frame) for f in factors))
            case Quotient(top, bottom):
                return self._quotient(self.value(top, frame), self.value(bottom, frame))
            case Negative(operand):
                inner = self.value(operand, frame)
                return Value(self.operations.negative(inner.at), inner.shape)
            case Power(base, exponent):
                return self._power(base, exponent, frame)
            case Root(radicand, degree):
                return self._root(self.value(radicand, frame), degree, frame)
            case Call():
                return self._call(node, frame)
            case Cases(branches):
                return self._cases(branches, frame)
            case Transpose(operand):
                return self._transpose(self.value(operand, frame))
            case Norm(operand, order):
                return self._norm(self.value(operand, frame), order)
            case Inner(left, right):
                return self._total(self._entrywise(self.value(left, frame), self.value(right, frame)))
            case SumOver():
                return self._sum_over(node, frame)
            case ProductOver() | At():
                return self.value(plain(node), frame)
            case Indexed(base, indices):
                return self._entry(self._symbol(base), indices, frame)
            case Component(operand, indices):
                return self._entry(self.value(operand), indices, frame)
            case Vector() | Matrix():
                raise DeriveError("a vector or matrix of expressions is not run as an array; give it a name")
        raise DeriveError(f"a {type(node).__name__.lower()} has no numeric value; derive it first")

    # --- names ----------------------------------------------------------------------------------------

    def _symbol(self, symbol: Symbol) -> Value:
        found = self.values.get(symbol) or self._special(symbol) or self._labelled(symbol)
        if found is None:
            raise DeriveError(f"{symbol.plain} has no value")
        return found

    def _special(self, symbol: Symbol) -> Value | None:
        """A side as a number, a vector of ones, zeros, the identity matrix."""
        size = self.side(symbol.plain)
        if size is not None and symbol.name.isalpha():
            return Value(self.operations.constant(size))
        length = self.side(symbol.sub) if symbol.sub else None
        name = {"one": "1", "ones": "1", "zero": "0"}.get(symbol.name, symbol.name)
        if name in ("0", "1") and symbol.font in ("bold", "bb"):
            at = self.operations.constant(float(name))
            return Value(at, (length, 1)) if name == "1" else Value(at, (length, None))
        if name == "I" and not symbol.sup and not symbol.accent and length is not None:
            return Value(self.operations.add_operation("unit", form=(length, length)), (length, length))
        return None

    def _labelled(self, symbol: Symbol) -> Value | None:
        """``v_2`` and ``A_{32}`` where v is a vector and A a matrix."""
        of = self.values.get(stem(symbol))
        if of is None or of.shape is None or not symbol.sub.replace(",", "").isdigit():
            return None
        labels = symbol.sub.split(",") if "," in symbol.sub or of.shape[1] == 1 else list(symbol.sub)
        return self._entry(of, tuple(map(Number, labels)), ())

    def side(self, text: str) -> int | None:
        """The length of a side that is written as a number or as a declared name."""
        return int(text) if text.isdigit() else self.sizes.get(text.replace("_", ""))

    # --- sums, products -------------------------------------------------------------------------------

    def _joined(self, a: Value, b: Value, what: str) -> Shape | None:
        """The shape of something done entry by entry to two values; a number goes with every entry."""
        if a.shape is None or b.shape is None:
            return a.shape or b.shape
        if all(None in pair or pair[0] == pair[1] for pair in zip(a.shape, b.shape, strict=True)):
            return a.shape[0] or b.shape[0], a.shape[1] or b.shape[1]
        if NUMBER in (a.shape, b.shape):
            return b.shape if a.shape == NUMBER else a.shape
        raise DeriveError(f"{what}: {spoken(a.shape)} and {spoken(b.shape)} do not fit")

    def _add(self, a: Value, b: Value) -> Value:
        shape = self._joined(a, b, "a sum")
        return Value(self.operations.add(a.at, b.at), shape)

    def _entrywise(self, a: Value, b: Value) -> Value:
        shape = self._joined(a, b, "a product entry by entry")
        return Value(self.operations.multiply(a.at, b.at), shape)

    def _quotient(self, a: Value, b: Value) -> Value:
        shape = self._joined(a, b, "a division entry by entry")
        return Value(self.operations.divide(a.at, b.at), shape)

    def _product(self, factors: list[Value]) -> Value:
        """Numbers first, then the matrices: from the right when they end in a column, else from the left."""
        numbers = [f for f in factors if f.shape is None]
        matrices = [f for f in factors if f.shape is not None]
        scale = reduce(self._entrywise, numbers) if numbers else None
        if not matrices:
            assert scale is not None  # a product has factors
            return scale
        if matrices[-1].shape and matrices[-1].shape[1] == 1:
            whole = reduce(lambda right, left: self._times(left, right), reversed(matrices))
        else:
            whole = reduce(self._times, matrices)
        return whole if scale is None else self._entrywise(scale, whole)

    def _times(self, a: Value, b: Value) -> Value:
        """A matrix product. What is repeated along the inner side comes out of the sum."""
        if a.shape is None or b.shape is None:
            return self._entrywise(a, b)
        (rows, inner), (other, columns) = a.shape, b.shape
        if None not in (inner, other) and inner != other:
            if NUMBER in (a.shape, b.shape):
                return self._entrywise(a, b)
            raise DeriveError(f"{spoken(a.shape)} cannot be multiplied by {spoken(b.shape)}")
        forms = self.operations[a.at].form or (1, 1), self.operations[b.at].form or (1, 1)
        if 1 in (forms[0][1], forms[1][0]) and 1 not in (inner, other):
            at = self._with_ones(a.at, b.at, (forms[0][1], forms[1][0]), inner or other)
        elif math.prod(forms[0]) == 1 or math.prod(forms[1]) == 1:
            at = self.operations.multiply(a.at, b.at)
        elif forms[0][0] == forms[1][1] == 1 and self.operations.is_(b.at, "log"):
            return self._total(self._entrywise(self._transpose(a), b))  # so that 0 ln 0 is 0 here too
        else:
            at = self.operations.matmul(a.at, b.at)
        return Value(at, (rows, columns))

    def _with_ones(self, left: int, right: int, stored: tuple[int, int], length: Side) -> int:
        """A product in which the rows of the right matrix, or the columns of the left, are all the same."""
        if length is None:
            raise DeriveError("how long a vector of ones is cannot be told from the formula")
        if stored[0] > 1:
            left = self.operations.sum(left, (1,))
        elif stored[1] > 1:
            right = self.operations.sum(right, (0,))
        else:
            left = self.operations.multiply(self.operations.constant(length), left)
        return self.operations.multiply(left, right)

    def _matrix(self, at: int) -> int:
        """A value with two axes."""
        form = self.operations[at].form
        return at if len(form) == 2 else self.operations.view("turn", at, (1, 1), (1, 1))

    def _flat(self, at: int) -> int:
        operation = self.operations[at]
        if operation.form == ():
            return at
        if operation.name == "turn" and self.operations[operation.args[0]].form == ():
            return operation.args[0]
        return self.operations.view("number", at, ())

    def _transpose(self, a: Value) -> Value:
        if a.shape is None:
            return a
        if self.operations[a.at].form == ():
            return Value(a.at, a.shape[::-1])
        form = self.operations[a.at].form
        return Value(self.operations.view("transpose", a.at, form[::-1]), a.shape[::-1])

    def _total(self, a: Value) -> Value:
        """The sum of all entries."""
        if a.shape is None:
            return a
        at = self._matrix(a.at)
        repeated = 1
        for side, stored in zip(a.shape, self.operations[at].form, strict=True):
            if side is None:
                raise DeriveError("how long a vector of ones is cannot be told from the formula")
            repeated *= side // stored
        total = self._flat(self.operations.sum(at, (0, 1)))
        return Value(self.operations.multiply(self.operations.constant(repeated), total))

    def _norm(self, a: Value, order: Node | None) -> Value:
        make = self.operations
        match order:
            case None | Number("2") | Symbol("F"):
                return Value(make.entries("sqrt", self._squared_norm(a).at))
            case Number("1"):
                return self._total(Value(make.entries("abs", a.at), a.shape))
        if order == INFINITY and a.shape is not None:
            at = self._matrix(make.entries("abs", a.at))
            return Value(self._flat(make.add_operation("largest", at, form=(1, 1), detail=(0, 1))))
        raise DeriveError("only norms of order 1, 2, infinity and F have a value")

    def _squared_norm(self, a: Value) -> Value:
        return self._total(Value(self.operations.multiply(a.at, a.at), a.shape))

    # --- powers and functions --------------------------------------------------------------------------

    def _power(self, base: Node, exponent: Node, frame: Frame) -> Value:
        make = self.operations
        value = numeric(exponent)
        if base == E:
            inner = self.value(exponent, frame)
            return Value(make.entries("exp", inner.at), inner.shape)
        if isinstance(base, Norm) and value == 2 and base.order in (None, TWO, Symbol("F")):
            return self._squared_norm(self.value(base.operand, frame))
        under = self.value(base, frame)
        if under.shape is not None and 1 not in under.shape and not isinstance(base, (Call, Entrywise, Power)):
            raise DeriveError("a power of a matrix could be of the matrix or of its entries", "write H ⊙ H")
        if value is not None and value.denominator == 1 and abs(value) <= limits.NUMBER_EXPONENT:
            return Value(make.power(under.at, int(value)), under.shape)
        if value is not None and value.denominator == 2 and value.numerator == 1:
            return Value(make.entries("sqrt", under.at), under.shape)
        return Value(make.entries("power", under.at, self.number(exponent, frame)), under.shape)

    def _root(self, under: Value, degree: Node, frame: Frame) -> Value:
        make, value = self.operations, numeric(degree)
        if value == 2:
            return Value(make.entries("sqrt", under.at), under.shape)
        if value == 3:
            return Value(make.entries("cbrt", under.at), under.shape)
        inverse = make.divide(make.constant(1), self.number(degree, frame))
        if value is not None and value.denominator == 1 and value.numerator % 2 == 1:
            size = make.entries("power", make.entries("abs", under.at), inverse)
            return Value(make.entries("copysign", size, under.at), under.shape)
        return Value(make.entries("power", under.at, inverse), under.shape)

    def _call(self, node: Call, frame: Frame) -> Value:
        name, args = node.name, node.args
        if node.order > 1 or name not in (_SLOPES if node.order else FUNCTIONS):
            marks = "'" * node.order
            raise DeriveError(f"the function {name}{marks} has no numeric value: it is not defined here")
        if node.order:
            inner = self.value(args[0], frame)
            return Value(_SLOPES[name](self.operations, inner.at), inner.shape)
        if name == "indicator":
            return self._condition(args[0], frame, truth=False)
        values = [self.value(a, frame) for a in args]
        if len(values) == 1 and name in _OF_A_MATRIX:
            return _OF_A_MATRIX[name](self, values[0])
        shape = reduce(lambda a, b: Value(0, self._joined(a, b, f"{name} entry by entry")), values).shape
        return Value(self._applied(name, [v.at for v in values]), shape)

    def _applied(self, name: str, args: list[int]) -> int:
        """A function of numbers, applied to every entry."""
        make = self.operations
        if name in ("log", "ln"):
            first = make.entries("log", args[0])
            return first if len(args) == 1 else make.divide(first, make.entries("log", args[1]))
        if name in _WRITTEN and len(args) == 1:
            return _WRITTEN[name](make, args[0])
        if name in ("max", "min"):
            return reduce(lambda a, b: make.entries(f"{name}imum", a, b), args)
        if ufunc(name) is not None:
            return make.entries(name, *args)
        if name in FORMS:
            form = make.form(*args)
            return make.add_operation("function", *args, form=form, detail=name)
        raise DeriveError(f"the function {name} has no numeric form for arrays")

    def _softmax(self, a: Value) -> Value:
        """Row by row; of a column, over the column. Shifted by the largest, which changes nothing but overflow."""
        shifted, axis = self._shifted(a, "softmax")
        make = self.operations
        weights = make.entries("exp", shifted)
        return Value(make.divide(weights, make.sum(weights, (axis,))), a.shape)

    def _logsumexp(self, a: Value) -> Value:
        """Row by row; of a vector, one number."""
        shifted, axis = self._shifted(a, "logsumexp")
        make = self.operations
        summed = make.entries("log", make.sum(make.entries("exp", shifted), (axis,)))
        at = make.add(self._largest(self._matrix(a.at), axis), summed)
        return Value(at, (a.shape[0], 1)) if a.shape and axis == 1 else Value(self._flat(at))

    def _largest(self, at: int, axis: int) -> int:
        form = self.operations[at].form
        return self.operations.add_operation(
            "largest", at, form=(1, form[1]) if axis == 0 else (form[0], 1), detail=(axis,)
        )

    def _shifted(self, a: Value, name: str) -> tuple[int, int]:
        if a.shape is None or None in a.shape:
            raise DeriveError(f"{name} needs a vector or a matrix")
        axis = 0 if a.shape[1] == 1 else 1
        at = self._matrix(a.at)
        return self.operations.subtract(at, self._largest(at, axis)), axis

    def _trace(self, a: Value) -> Value:
        """The sum along the diagonal."""
        if a.shape is None or None in a.shape or self.operations[a.at].form != (a.shape[0],) * 2:
            raise DeriveError("tr needs a square matrix")
        form = (self.operations[a.at].form[0], 1)
        return self._total(Value(self.operations.view("along", a.at, form), form))

    def _diagonal(self, a: Value) -> Value:
        if a.shape is None or a.shape[1] != 1 or a.shape[0] is None or self.operations[a.at].form != a.shape:
            raise DeriveError("diag needs a vector")
        side = a.shape[0]
        return Value(self.operations.add_operation("diagonal", a.at, form=(side, side)), (side, side))

    def _cases(self, branches: tuple[tuple[Node, Node | None], ...], frame: Frame) -> Value:
        """The first branch whose condition holds; NaN where none does.

        At the corner of a function written with ``u > c`` and ``u < c`` the derivative does not exist; there the last
        branch is taken: 0 for ReLU, as in every library.
        """
        result = Value(self.operations.constant(math.nan))
        corner = _is_corner(branches)
        for place, (formula, condition) in enumerate(reversed(branches)):
            chosen = self.value(formula, frame)
            alone = condition is None or (corner and place == 0)
            result = chosen if alone else self._either(condition, chosen, result, frame)  # type: ignore[arg-type]
        return result

    def _either(self, condition: Node, yes: Value, no: Value, frame: Frame) -> Value:
        make = self.operations
        if make.known(yes.at) == 1 and make.known(no.at) == 0:
            return self._condition(condition, frame, truth=False)
        test = self._condition(condition, frame, truth=True)
        shape = self._joined(test, Value(0, self._joined(yes, no, "cases")), "cases")
        return Value(make.add_operation("where", test.at, yes.at, no.at, form=make.form(test.at, yes.at, no.at)), shape)

    def _condition(self, node: Node, frame: Frame, truth: bool) -> Value:
        """A comparison as true and false, or as 1 and 0."""
        if not isinstance(node, Relation) or not set(node.signs) <= set(COMPARISONS):
            raise DeriveError("the condition of a case must be a comparison")
        make, sides = self.operations, [self.value(s, frame) for s in node.sides]
        truth_of_each = truth or len(node.signs) > 1
        shapes = [self._joined(a, b, "a comparison") for a, b in pairwise(sides)]
        tests = [
            Value(make.entries(sign, a.at, b.at, truth=truth_of_each), shape)
            for sign, (a, b), shape in zip(node.signs, pairwise(sides), shapes, strict=True)
        ]
        return reduce(
            lambda a, b: Value(make.entries("and", a.at, b.at, truth=truth), self._joined(a, b, "a comparison")), tests
        )

    # --- sums over entries ------------------------------------------------------------------------------

    def _sum_over(self, node: SumOver, frame: Frame) -> Value:
        """A sum over an index that names entries, done as a sum over an axis; any other is written out."""
        if node.index not in free_symbols(node.body) and node.where is None:
            terms = Value(self.operations.constant(self._length(node)))
            return self._entrywise(terms, self.value(node.body, frame))
        if not _names_entries(node.body, node.index):
            return self.value(plain(node), frame)
        if node.where is not None or len(frame) == _AXES:
            raise DeriveError(f"a sum over {node.index.plain} of this kind is not run as an array")
        axis = len(frame)
        body = self.number(node.body, (*frame, node.index))
        length = self._length(node)
        make = self.operations
        at = self._matrix(body)
        stored = make[at].form[axis]
        if stored not in (1, length):
            raise DeriveError(f"the sum over {node.index.plain} has {length} terms, its entries are {stored}")
        at = make.sum(at, (axis,))
        if stored != length:
            at = make.multiply(make.constant(length), at)
        return Value(at if frame else self._flat(at))

    def _length(self, node: SumOver) -> int:
        """The number of terms; entries are counted from 1."""
        upper = None if node.upper is None else numeric(node.upper)
        if isinstance(node.upper, Symbol):
            upper = self.side(node.upper.plain)  # type: ignore[assignment]
        if upper is None or upper.denominator != 1 or node.lower is None or numeric(node.lower) != 1:
            raise DeriveError(f"the sum over {node.index.plain} must run from 1 to the side of a vector or matrix")
        return int(upper)

    def _entry(self, value: Value, indices: tuple[Node, ...], frame: Frame) -> Value:
        """``P_{ij}``: within a sum over i and j all entries at once."""
        if value.shape is None:
            raise DeriveError("only vectors and matrices have entries")
        places = indices if len(indices) == _AXES else (*indices, ONE)
        make, at = self.operations, self._matrix(value.at)
        if len(places) != _AXES or (len(indices) == 1 and value.shape[1] not in (1, None)):
            raise DeriveError("a vector has one index, a matrix has two")
        for axis, index in enumerate(places):
            if not (isinstance(index, Symbol) and index in frame):
                at = self._at_place(at, axis, index, value.shape)
        axes = [frame.index(p) for p in places if isinstance(p, Symbol) and p in frame]
        if len(axes) != len(set(axes)):
            raise DeriveError("entries on the diagonal are not run as an array")
        turned = (axes or [0])[0] == 1 if isinstance(places[0], Symbol) and places[0] in frame else axes == [0]
        form = make[at].form
        at = make.view("transpose", at, form[::-1]) if turned else at
        return Value(at if frame else self._flat(at))

    def _at_place(self, at: int, axis: int, index: Node, shape: Shape) -> int:
        place, side = numeric(index), shape[axis]
        if place is None or place.denominator != 1:
            raise DeriveError("an index must be a number or the index of a sum")
        if place < 1 or (side is not None and place > side):
            raise DeriveError(f"there is no entry {place} in {spoken(shape)}")
        form = self.operations[at].form
        if form[axis] == 1:
            return at
        new = (1, form[1]) if axis == 0 else (form[0], 1)
        return self.operations.view("place", at, new, (axis, int(place) - 1))


def stem(symbol: Symbol) -> Symbol:
    """The letter without the label below it."""
    return Symbol(symbol.name, "", symbol.sup, symbol.accent, symbol.font)


def needed(program: Sequence[Definition], wanted: Sequence[Node]) -> list[Definition]:
    """The definitions on which some formulas depend, in order."""
    names = {name for formula in wanted for s in free_symbols(formula) for name in (s, stem(s))}
    kept = []
    for definition in reversed(program):
        if definition.name in names:
            names.update(name for s in free_symbols(definition.body) for name in (s, stem(s)))
            kept.append(definition)
    return kept[::-1]


def spoken(shape: Shape) -> str:
    """A shape in words."""
    rows, columns = ("?" if side is None else side for side in shape)
    if columns == 1:
        return f"a column of {rows}"
    return f"a row of {columns}" if rows == 1 else f"a {rows}×{columns} matrix"


def _names_entries(body: Node, index: Symbol) -> bool:
    return any(
        isinstance(part, (Indexed, Component)) and any(index in free_symbols(i) for i in part.indices)
        for part in walk(body)
    )


def _is_corner(branches: tuple[tuple[Node, Node | None], ...]) -> bool:
    """Whether two cases leave out nothing but one point: ``u > c`` and ``u < c``."""
    match [condition for _, condition in branches]:
        case [Relation(sides, (one,)), Relation(others, (other,))]:
            return sides == others and {one, other} == {"<", ">"}
    return False


def _half_sum(make: Operations, u: int) -> int:
    return make.multiply(u, make.entries("Phi", u))


def _leaky(make: Operations, u: int) -> int:
    return make.entries("maximum", u, make.multiply(make.constant(0.01), u))


def _elu(make: Operations, u: int) -> int:
    zero = make.constant(0)
    below = make.entries("expm1", make.entries("minimum", u, zero))
    test = make.entries(">", u, zero, truth=True)
    return make.add_operation("where", test, u, below, form=make.form(u))


_WRITTEN: dict[str, Callable[[Operations, int], int]] = {
    "sigma": Operations.sigma,
    "softplus": lambda make, u: make.entries("logaddexp", make.constant(0), u),
    "swish": lambda make, u: make.multiply(u, make.sigma(u)),
    "relu": lambda make, u: make.entries("maximum", make.constant(0), u),
    "lrelu": _leaky,
    "elu": _elu,
    "gelu": _half_sum,
    "logit": lambda make, u: make.subtract(make.entries("log", u), make.entries("log1p", make.negative(u))),
    "cot": lambda make, u: make.entries("reciprocal", make.entries("tan", u)),
    "sec": lambda make, u: make.entries("reciprocal", make.entries("cos", u)),
    "csc": lambda make, u: make.entries("reciprocal", make.entries("sin", u)),
    "coth": lambda make, u: make.entries("reciprocal", make.entries("tanh", u)),
}
"""Functions that are made of operations, so that they share them: a swish and its derivative one sigmoid."""

def _leaky_slope(make: Operations, u: int) -> int:
    test = make.entries(">", u, make.constant(0), truth=True)
    return make.add_operation("where", test, make.constant(1), make.constant(0.01), form=make.form(u))


def _gelutanh_slope(make: Operations, u: int) -> int:
    """``(1 + t)/2 + u (1 - t^2) v'/2`` with ``t = tanh(v)``, ``v = c (u + 0.044715 u^3)``."""
    one, c, square = make.constant(1), make.constant(math.sqrt(2 / math.pi)), make.power(u, 2)
    cubic = make.add(u, make.multiply(make.constant(0.044715), make.multiply(square, u)))
    t = make.entries("tanh", make.multiply(c, cubic))
    slope = make.multiply(c, make.add(one, make.multiply(make.constant(3 * 0.044715), square)))
    rest = make.multiply(u, make.multiply(make.subtract(one, make.power(t, 2)), slope))
    return make.multiply(make.constant(0.5), make.add(make.add(one, t), rest))


def _sigma_slope(make: Operations, u: int) -> int:
    value = make.sigma(u)
    return make.multiply(value, make.subtract(make.constant(1), value))


def _swish_slope(make: Operations, u: int) -> int:
    """``s (1 + u (1 - s))``."""
    value, one = make.sigma(u), make.constant(1)
    return make.multiply(value, make.add(one, make.multiply(u, make.subtract(one, value))))


def _normal_density(make: Operations, u: int) -> int:
    power = make.entries("exp", make.multiply(make.constant(-0.5), make.power(u, 2)))
    return make.multiply(make.constant(1 / math.sqrt(2 * math.pi)), power)


_SLOPES: dict[str, Callable[[Operations, int], int]] = {
    "relu": lambda make, u: make.entries(">", u, make.constant(0)),
    "lrelu": _leaky_slope,
    "elu": lambda make, u: make.entries("exp", make.entries("minimum", u, make.constant(0))),
    "gelutanh": _gelutanh_slope,
    "sigma": _sigma_slope,
    "tanh": lambda make, u: make.subtract(make.constant(1), make.power(make.entries("tanh", u), 2)),
    "softplus": Operations.sigma,
    "swish": _swish_slope,
    "Phi": _normal_density,
    "gelu": lambda make, u: make.add(make.entries("Phi", u), make.multiply(u, _normal_density(make, u))),
    "exp": lambda make, u: make.entries("exp", u),
    "ln": lambda make, u: make.entries("reciprocal", u),
    "sin": lambda make, u: make.entries("cos", u),
    "cos": lambda make, u: make.negative(make.entries("sin", u)),
    "abs": lambda make, u: make.entries("sign", u),
}
"""Derivatives that are written ``f'(u)``: of activations, and what stands in them."""

_OF_A_MATRIX: dict[str, Callable[[Formulas, Value], Value]] = {
    "softmax": Formulas._softmax,
    "logsumexp": Formulas._logsumexp,
    "diag": Formulas._diagonal,
    "tr": Formulas._trace,
}
"""Functions of a whole vector or matrix."""
