"""A written expression as a fast function of NumPy arrays.

:func:`compile` turns a tree into a list of instructions on numbered slots, each instruction one NumPy operation:
no text is generated and none is evaluated. Equal subexpressions share a slot, so they are computed once, and what
depends on no variable is computed when compiling. Figures and optimisers call it.

Values are real. Where an expression has no real value the result is NaN, and where it has a pole it is infinite;
nothing warns. A new kind of node is a ``case`` in :class:`_Compiler`; a new function of ``derive.functions`` works
from its definition at once and may get a stable form of its own as a row of :data:`FORMS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, partial, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive import limits
from derive.errors import DeriveError, LimitError
from derive.functions import FUNCTIONS
from derive.tree import (
    INFINITY,
    ONE,
    TWO,
    ZERO,
    At,
    Call,
    Cases,
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
    entries,
    free_symbols,
    kinds,
    map_children,
    number,
    numeric,
    substitute,
    times,
    total,
    unsigned,
)

Array = NDArray[np.float64]
Operation = Callable[..., Any]
Shape = tuple[int, int] | None
"""Rows and columns of a matrix value; None for a scalar."""

CONSTANTS = {"e": math.e, "pi": math.pi, "infinity": math.inf}

COMPARISONS: dict[str, Operation] = {
    "=": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}

# --- stable forms of the functions ------------------------------------------------------------------

_erf_object = np.frompyfunc(math.erf, 1, 1)
_erfc_object = np.frompyfunc(math.erfc, 1, 1)


def _erf(u: Any) -> Any:
    """The error function by the C library: SciPy's import takes longer than a plot's worth of values."""
    return np.asarray(_erf_object(u), dtype=float)


def _normal(u: Any) -> Any:
    return np.asarray(_erfc_object(-np.asarray(u) / math.sqrt(2)), dtype=float) / 2


def _sigma(u: Any) -> Any:
    """``1/(1 + e^-u)`` without overflow and with full relative precision in the left tail."""
    return np.exp(-np.logaddexp(0.0, -u))


def _sign(u: Any) -> Any:
    """``u/|u|``, which has no value at 0."""
    return np.where(u == 0, np.nan, np.sign(u))


def _gelutanh(u: Any) -> Any:
    return u / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (u + 0.044715 * u**3)))


def _gamma_function(u: Any) -> Any:
    """The gamma function; SciPy is imported by those who use it."""
    from scipy.special import gamma

    return gamma(np.where(np.equal(np.floor(u), u) & np.less_equal(u, 0), np.nan, u))


def _digamma(u: Any) -> Any:
    from scipy.special import digamma

    return digamma(u)


def _trigamma(u: Any) -> Any:
    from scipy.special import polygamma

    return polygamma(1, u)


def _gamma_or_nan(u: float) -> float:
    try:
        return math.gamma(u) if u == math.floor(u) else math.nan
    except (ValueError, OverflowError):
        return math.nan if u <= 0 else math.inf


_gamma_object = np.frompyfunc(_gamma_or_nan, 1, 1)


def _gamma(u: Any) -> Any:
    """``(u - 1)!`` of whole numbers; NaN of all others, of which nobody writes a factorial."""
    return np.asarray(_gamma_object(u), dtype=float)


def _log(u: Any, base: Any = None) -> Any:
    return np.log(u) if base is None else np.log(u) / np.log(base)


def _fold(ufunc: Operation, *values: Any) -> Any:
    return reduce(ufunc, values)


FORMS: dict[str, Operation] = {
    "exp": np.exp,
    "log": _log,
    "ln": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "cot": lambda u: 1 / np.tan(u),
    "sec": lambda u: 1 / np.cos(u),
    "csc": lambda u: 1 / np.sin(u),
    "arcsin": np.arcsin,
    "arccos": np.arccos,
    "arctan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "coth": lambda u: 1 / np.tanh(u),
    "arsinh": np.arcsinh,
    "arcosh": np.arccosh,
    "artanh": np.arctanh,
    "max": partial(_fold, np.maximum),
    "min": partial(_fold, np.minimum),
    "abs": np.abs,
    "erf": _erf,
    "Phi": _normal,
    "gelu": lambda u: u * _normal(u),
    "gelutanh": _gelutanh,
    "sigma": _sigma,
    "softplus": lambda u: np.logaddexp(0.0, u),
    "swish": lambda u: u * _sigma(u),
    "relu": lambda u: np.maximum(0.0, u),
    "lrelu": lambda u: np.where(u > 0, u, 0.01 * u),
    "elu": lambda u: np.where(u > 0, u, np.expm1(np.minimum(u, 0.0))),
    "logit": lambda u: np.log(u) - np.log1p(-u),
    "sign": _sign,
    "gammafunction": _gamma_function,
    "digamma": _digamma,
    "trigamma": _trigamma,
    "factorial": lambda u: _gamma(u + 1),
    "binom": lambda n, k: np.rint(_gamma(n + 1) / (_gamma(k + 1) * _gamma(n - k + 1))),
    "floor": np.floor,
    "ceil": np.ceil,
}
"""A function's value from its arguments' arrays, by its name in :class:`derive.tree.Call`."""


# --- matrices: components first, so that scalars broadcast into them ---------------------------------


def _multiply(a: Array, b: Array) -> Array:
    return np.asarray(np.einsum("ij...,jk...->ik...", a, b))


def _stack(shape: tuple[int, int], *values: Any) -> Array:
    if not any(map(np.ndim, values)):
        return np.array(values, dtype=float).reshape(shape)  # one point: no broadcasting, which takes longer
    parts = np.broadcast_arrays(*values)
    return np.stack(parts).reshape(*shape, *parts[0].shape).astype(float)


def _transpose(a: Array) -> Array:
    return np.swapaxes(a, 0, 1)


def _last(function: Operation, a: Array) -> Any:
    """Apply a linear-algebra function, which wants the two matrix axes last."""
    return function(np.moveaxis(a, (0, 1), (-2, -1)))


def _inverse(a: Array) -> Array:
    try:
        return np.asarray(np.moveaxis(_last(np.linalg.inv, a), (-2, -1), (0, 1)))
    except np.linalg.LinAlgError:
        return np.full_like(a, np.nan)


def _matrix_power(exponent: int, a: Array) -> Array:
    base = _inverse(a) if exponent < 0 else a
    unit = np.eye(a.shape[0]).reshape(a.shape[0], a.shape[0], *(1,) * (a.ndim - 2))
    return reduce(_multiply, [base] * abs(exponent), np.broadcast_to(unit, a.shape))


def _logsumexp(a: Array) -> Any:
    return np.logaddexp.reduce(a.reshape(-1, *a.shape[2:]), axis=0)


def _softmax(a: Array) -> Array:
    return np.asarray(np.exp(a - _logsumexp(a)))


def _diagonal(a: Array) -> Array:
    made = np.zeros((len(a), len(a), *a.shape[2:]))
    made[range(len(a)), range(len(a))] = a[:, 0]
    return made


MATRIX_FORMS: dict[str, Operation] = {
    "det": partial(_last, np.linalg.det),
    "tr": partial(np.trace, axis1=0, axis2=1),
    "rank": partial(_last, np.linalg.matrix_rank),
    "logsumexp": _logsumexp,
}
"""Scalar functions of a matrix, of shape (rows, columns, ...)."""

_NORMS: dict[Node | None, Operation] = {
    None: lambda a: np.sqrt(np.sum(a * a, axis=(0, 1))),
    TWO: lambda a: np.sqrt(np.sum(a * a, axis=(0, 1))),
    ONE: lambda a: np.sum(np.abs(a), axis=(0, 1)),
    INFINITY: lambda a: np.max(np.abs(a), axis=(0, 1)),
}

_SQUARE = frozenset({"det", "tr"})

VECTOR_FORMS: dict[str, tuple[Operation, Callable[[int], tuple[int, int]]]] = {
    "softmax": (_softmax, lambda n: (n, 1)),
    "diag": (_diagonal, lambda n: (n, n)),
}
"""Functions of a column of shape (n, 1, ...), and the shape of their value."""

_NO_NUMBER = {
    "KL": "a divergence between densities; write it as a sum or an integral",
    "D_KL": "a divergence between densities; write it as a sum or an integral",
    "vec": "the entries of a matrix in one column",
}
"""Functions that are derived with, not evaluated."""


# --- powers and roots -------------------------------------------------------------------------------


def _whole_power(exponent: int, u: Any) -> Any:
    """An integer power of any real number; the first few by multiplication, which is exact at signs."""
    if exponent < 0:
        return 1 / _whole_power(-exponent, u)
    return u * u if exponent == 2 else u * u * u if exponent == 3 else np.power(u, float(exponent))


def _odd_root(degree: float, u: Any) -> Any:
    """The real root of odd degree, negative for negative numbers."""
    return np.cbrt(u) if degree == 3 else np.copysign(np.power(np.abs(u), 1 / degree), u)


def _float(node: Number) -> float:
    try:
        return float(node.value)
    except OverflowError:
        return math.inf


# --- rewriting what is not arithmetic ---------------------------------------------------------------


def _counted(node: SumOver | ProductOver) -> list[Node]:
    """The terms of a sum or product over whole numbers between written bounds."""
    low, high = (None if bound is None else numeric(bound) for bound in (node.lower, node.upper))
    if low is None or high is None or low.denominator != 1 or high.denominator != 1:
        raise DeriveError(f"a sum or product over {node.index.plain} has no value without whole-number bounds")
    if high - low >= limits.EXPANSION_TERMS:
        raise LimitError(f"a sum or product of more than {limits.EXPANSION_TERMS} terms is too large to evaluate")
    return [substitute(node.body, {node.index: number(i)}) for i in range(int(low), int(high) + 1)]


def _member(node: Indexed) -> Node:
    """``x_i`` with its index known is the symbol ``x_3``."""
    values = [numeric(index) for index in node.indices]
    if any(value is None for value in values):
        return node
    return Symbol(node.base.name, ",".join(map(str, values)), node.base.sup, node.base.accent, node.base.font)


_NOT_PLAIN = frozenset({At, SumOver, ProductOver, Indexed, Call, Inner})


def plain(node: Node) -> Node:
    """The expression with bars, indexed families and counted sums written out.

    Errors: DeriveError for a sum without whole-number bounds, LimitError for one with too many terms.
    """
    if kinds(node).isdisjoint(_NOT_PLAIN):
        return node
    match node:
        case At(body, where):
            return plain(substitute(body, dict(where)))
        case SumOver():
            return total([plain(term) for term in _counted(node)])
        case ProductOver():
            return times([plain(term) for term in _counted(node)])
        case Indexed():
            return _member(node)
        case Call("indicator", (condition,)):
            return Cases(((ONE, plain(condition)), (ZERO, None)))
        case Inner(left, right):
            return plain(Product((Transpose(left), right)))
    return map_children(node, plain)


@cache
def _definition(name: str) -> tuple[tuple[Symbol, ...], Node] | None:
    """The parameters and body of a function's definition, read once."""
    row = FUNCTIONS.get(name)
    if row is None or not row.definition:
        return None
    from derive.read.latex import read  # the reader is needed only by functions without a form of their own

    return tuple(Symbol(letter) for letter in "uvw"[: max(row.arity, 1)]), read(row.definition)


# --- compiling --------------------------------------------------------------------------------------


class _Compiler:
    """Emits instructions for a tree; every distinct subexpression gets one slot."""

    def __init__(self, variables: Sequence[Symbol]) -> None:
        self.values: list[Any] = [None] * len(variables)
        self.slots: dict[Node, int] = {v: i for i, v in enumerate(variables)}
        self.shapes: list[Shape] = [None] * len(variables)
        self.program: list[tuple[Operation, tuple[int, ...], int]] = []

    def slot(self, node: Node) -> int:
        """The slot that holds the value of ``node``."""
        if node not in self.slots:
            self.slots[node] = self._make(node)
        return self.slots[node]

    def emit(self, operation: Operation, *slots: int, shape: Shape = None) -> int:
        """Append one operation; with constant arguments it is done now."""
        if slots and all(self.values[i] is not None for i in slots):
            with np.errstate(all="ignore"):
                return self.constant(operation(*[self.values[i] for i in slots]), shape)
        out = self.constant(None, shape)
        self.program.append((operation, slots, out))
        return out

    def constant(self, value: Any, shape: Shape = None) -> int:
        """A slot with a value known now; None for one that is computed."""
        self.values.append(np.asarray(value, dtype=float)[()] if value is not None else None)
        self.shapes.append(shape)
        return len(self.values) - 1

    def _make(self, node: Node) -> int:
        match node:
            case Number():
                return self.constant(_float(node))
            case Constant(name):
                return self.constant(CONSTANTS[name])
            case Sum(terms):
                return reduce(self._add, terms[1:], self.slot(terms[0]))
            case Product(factors):
                return reduce(self._times, map(self.slot, factors))
            case Quotient(top, bottom):
                return self._same(np.divide, self.slot(top), self._scalar(bottom))
            case Negative(operand):
                return self._same(np.negative, self.slot(operand))
            case Power(base, exponent):
                return self._power(base, exponent)
            case Root(radicand, degree):
                return self._root(self._scalar(radicand), degree)
            case Call():
                return self._call(node)
            case Cases(branches):
                return self._cases(branches)
            case Transpose(operand):
                inner = self.slot(operand)
                rows, columns = self._matrix_shape(inner)
                return self.emit(_transpose, inner, shape=(columns, rows))
            case Vector() | Matrix():
                return self._matrix(node)
            case Entrywise(factors):
                return reduce(self._entrywise, map(self.slot, factors))
            case Norm(operand, order):
                return self._norm(self.slot(operand), order)
        raise DeriveError(f"a {type(node).__name__.lower()} has no numeric value; derive it first")

    def _scalar(self, node: Node) -> int:
        slot = self.slot(node)
        if self.shapes[slot] is not None:
            raise DeriveError("a vector or matrix stands where a number is needed")
        return slot

    def _matrix_shape(self, slot: int) -> tuple[int, int]:
        return self.shapes[slot] or (1, 1)

    def _same(self, operation: Operation, first: int, *others: int) -> int:
        return self.emit(operation, first, *others, shape=self.shapes[first])

    def _add(self, left: int, term: Node) -> int:
        subtract = isinstance(term, Negative)
        right = self.slot(unsigned(term))
        if self.shapes[left] != self.shapes[right]:
            raise DeriveError("the terms of a sum have different shapes")
        return self._same(np.subtract if subtract else np.add, left, right)

    def _times(self, left: int, right: int) -> int:
        a, b = self.shapes[left], self.shapes[right]
        if a is None or b is None:
            return self.emit(np.multiply, left, right, shape=a or b)
        if a[1] != b[0]:
            raise DeriveError(f"a {a[0]}x{a[1]} matrix cannot be multiplied by a {b[0]}x{b[1]} matrix")
        return self.emit(_multiply, left, right, shape=(a[0], b[1]))

    def _entrywise(self, left: int, right: int) -> int:
        if self.shapes[left] != self.shapes[right]:
            raise DeriveError("the factors of an entrywise product have different shapes")
        return self._same(np.multiply, left, right)

    def _norm(self, inner: int, order: Node | None) -> int:
        """The Euclidean norm of a vector, or the one of the order written below it."""
        found = _NORMS.get(order)
        if self._matrix_shape(inner)[1] != 1 or found is None:
            raise DeriveError("only the norms of vectors of order 1, 2 and infinity have a value")
        return self.emit(found, inner)

    def _power(self, base: Node, exponent: Node) -> int:
        if base == E:
            return self.emit(np.exp, self._scalar(exponent))
        value, under = numeric(exponent), self.slot(base)
        whole = value is not None and value.denominator == 1 and abs(value) <= limits.NUMBER_EXPONENT
        if self.shapes[under] is not None:
            return self._matrix_power(under, int(value) if whole and value is not None else None)
        if whole and value is not None:
            return self.emit(partial(_whole_power, int(value)), under)
        if value is not None and value.denominator == 2 and value.numerator == 1:
            return self.emit(np.sqrt, under)
        return self.emit(np.power, under, self._scalar(exponent))

    def _matrix_power(self, base: int, exponent: int | None) -> int:
        shape = self._matrix_shape(base)
        if exponent is None or abs(exponent) > limits.MATRIX_SIDE or shape[0] != shape[1]:
            raise DeriveError("only small integer powers of a square matrix have a value")
        return self.emit(partial(_matrix_power, exponent), base, shape=shape)

    def _root(self, under: int, degree: Node) -> int:
        value = numeric(degree)
        if value == 2:
            return self.emit(np.sqrt, under)
        if value is not None and value.denominator == 1 and value.numerator % 2 == 1:
            return self.emit(partial(_odd_root, float(value)), under)
        return self.emit(lambda u, n: np.power(u, 1 / n), under, self._scalar(degree))

    def _call(self, node: Call) -> int:
        name, args = node.name, node.args
        if node.order or name not in FUNCTIONS:
            marks = "'" * node.order
            raise DeriveError(f"the function {name}{marks} has no numeric value: it is not defined here")
        if name in MATRIX_FORMS:
            return self._matrix_call(name, args)
        if name in VECTOR_FORMS:
            return self._vector_call(name, args)
        if name in _NO_NUMBER:
            raise DeriveError(f"{name} is {_NO_NUMBER[name]}")
        if name in FORMS:
            return self.emit(FORMS[name], *map(self._scalar, args))
        definition = _definition(name)
        if definition is None:
            raise DeriveError(f"the function {name} has no numeric form")
        parameters, body = definition
        return self.slot(substitute(body, dict(zip(parameters, args, strict=True))))

    def _matrix_call(self, name: str, args: tuple[Node, ...]) -> int:
        inner = self.slot(args[0])
        rows, columns = self._matrix_shape(inner)
        if self.shapes[inner] is None or (rows != columns and name in _SQUARE):
            raise DeriveError(f"{name} needs a {'square ' if name in _SQUARE else ''}matrix")
        return self.emit(MATRIX_FORMS[name], inner)

    def _vector_call(self, name: str, args: tuple[Node, ...]) -> int:
        """A function of a vector, given as one or by its entries."""
        inner = self.slot(args[0] if len(args) == 1 else Vector(args))
        rows, columns = self._matrix_shape(inner)
        if self.shapes[inner] is None or columns != 1:
            raise DeriveError(f"{name} needs a vector")
        operation, shape = VECTOR_FORMS[name]
        return self.emit(operation, inner, shape=shape(rows))

    def _cases(self, branches: tuple[tuple[Node, Node | None], ...]) -> int:
        """The first branch whose condition holds; NaN where none does."""
        result = self.constant(math.nan)
        for value, condition in reversed(branches):
            chosen = self._scalar(value)
            result = chosen if condition is None else self.emit(np.where, self._condition(condition), chosen, result)
        return result

    def _condition(self, node: Node) -> int:
        if not isinstance(node, Relation) or not set(node.signs) <= set(COMPARISONS):
            raise DeriveError("the condition of a case must be a comparison")
        sides = list(map(self._scalar, node.sides))
        tests = zip(node.signs, sides, sides[1:], strict=False)
        return reduce(
            lambda a, b: self.emit(np.logical_and, a, b),
            [self.emit(COMPARISONS[sign], left, right) for sign, left, right in tests],
        )

    def _matrix(self, node: Vector | Matrix) -> int:
        items = entries(node)
        shape = (len(items), 1) if items is not None else node.shape  # type: ignore[union-attr]
        parts = items if items is not None else [p for row in node.rows for p in row]  # type: ignore[union-attr]
        return self.emit(partial(_stack, shape), *map(self._scalar, parts), shape=shape)


def _unknown(node: Node, variables: Sequence[Symbol]) -> None:
    missing = sorted(s.plain for s in free_symbols(node) - set(variables))
    if missing:
        known = ", ".join(v.plain for v in variables) or "nothing"
        raise DeriveError(f"{', '.join(missing)} has no value: the function is of {known}")


def compile(node: Node, variables: Sequence[Symbol]) -> Callable[..., Array]:
    """The expression as a function of its variables, one argument each.

    The arguments are numbers or arrays that broadcast against one another to a shape S. The value has shape S for
    a scalar, (n, *S) for a vector (coordinates or a one-column matrix) and (r, c, *S) for another matrix; it is a
    new float64 array. It is NaN where the expression has no real value and infinite at a pole; a root of odd degree
    of a negative number is the real one.

    Errors: DeriveError for a symbol that is not among the variables, for a function without a definition, and for
    what has to be derived first (derivatives, integrals, limits); LimitError for a sum of too many terms.
    """
    variables = tuple(variables)
    node = plain(node)
    _unknown(node, variables)
    compiler = _Compiler(variables)
    result = compiler.slot(node)
    shape = compiler.shapes[result]
    lead = () if shape is None else shape[:1] if shape[1] == 1 else shape
    template, program, arity = compiler.values, tuple(compiler.program), len(variables)

    def function(*arguments: Any) -> Array:
        if len(arguments) != arity:
            raise DeriveError(f"the function takes {arity} numbers, not {len(arguments)}")
        slots = template.copy()
        slots[:arity] = [a if type(a) is np.float64 else np.asarray(a, dtype=float)[()] for a in arguments]
        with np.errstate(all="ignore"):
            for operation, places, out in program:
                slots[out] = operation(*[slots[i] for i in places])
        shapes = [a.shape for a in slots[:arity]]
        return _shaped(slots[result], shape, lead, np.broadcast_shapes(*shapes) if any(shapes) else ())

    return function


def _shaped(value: Any, shape: Shape, lead: tuple[int, ...], outer: tuple[int, ...]) -> Array:
    """A new array with every argument's shape, even where the expression does not depend on them."""
    array = np.array(value, dtype=float)
    if shape is not None and array.ndim < 2 + len(outer):
        array = array.reshape(*array.shape[:2], *(1,) * (2 + len(outer) - array.ndim), *array.shape[2:])
    full = (*(shape or ()), *outer)
    if array.shape != full:
        array = np.array(np.broadcast_to(array, full))
    return array.reshape((*lead, *outer))
