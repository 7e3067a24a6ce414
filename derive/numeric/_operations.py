"""Array operations as a list in which nothing is computed twice: what formulas become before they run.

:mod:`derive.numeric._formulas` adds operations, :mod:`derive.numeric._schedule` gives them memory and runs them. An
operation is a name, the numbers of earlier operations, and the NumPy shape of its value. Adding one that is there
already gives the old number; the makers below also use what is true of every number (``a + (-b) = a - b``) and move
numbers that are the same for all data out of what is done for each datum.

A new operation on entries is a row of :data:`UFUNCS`, any other a row of :data:`KERNELS`; both write into memory that
they are given.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.errors import DeriveError
from derive.numeric.evaluate import COMPARISONS, FORMS

Array = NDArray[np.float64]
Form = tuple[int, ...]
"""The NumPy shape of a value: ``()`` a number, ``(n,)`` a number for each datum, ``(r, c)`` a matrix."""

BEFORE, EACH, AFTER = 0, 1, 2
"""When an operation is done: once before the data, for each block of data, once after them."""

LARGE = 4_096
"""Entries from which on a sigmoid by NumPy's exponential, vectorised where the processor can, beats SciPy's."""


@dataclass(frozen=True, slots=True)
class Operation:
    """``name`` applied to earlier operations. ``detail`` is what else it needs: a number, axes, a place."""

    name: str
    args: tuple[int, ...]
    form: Form
    detail: Any = None
    stage: int = BEFORE
    truth: bool = False


UFUNCS: dict[str, Callable[..., Any]] = {
    **{name: ufunc for name, ufunc in FORMS.items() if isinstance(ufunc, np.ufunc)},
    **COMPARISONS,
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide, "negative": np.negative,
    "reciprocal": np.reciprocal, "square": np.square, "sqrt": np.sqrt, "cbrt": np.cbrt, "power": np.power,
    "log": np.log, "maximum": np.maximum, "minimum": np.minimum, "log1p": np.log1p, "expm1": np.expm1,
    "logaddexp": np.logaddexp, "sign": np.sign, "and": np.logical_and, "copysign": np.copysign,
}  # fmt: skip
"""Operations on entries that NumPy does in place."""

SPECIAL = {"sigma": "expit", "xlogy": "xlogy", "erf": "erf", "Phi": "ndtr"}
"""Operations on entries that SciPy does in place; it is imported when one is used, not before."""


def ufunc(name: str) -> Callable[..., Any] | None:
    """The function behind an operation on entries."""
    if name in SPECIAL:
        from scipy import special

        return getattr(special, SPECIAL[name])  # type: ignore[no-any-return]
    return UFUNCS.get(name)


# --- operations that are none of NumPy's on entries ---------------------------------------------------


def _where(condition: Any, yes: Any, no: Any, out: Array) -> None:
    np.copyto(out, no)
    np.copyto(out, yes, where=condition)


def _inner(a: Array, b: Array, out: Array) -> None:
    np.dot(a.reshape(-1), b.reshape(-1), out)


def _diagonal(a: Array, out: Array) -> None:
    out.fill(0)
    np.copyto(out.reshape(-1)[:: out.shape[1] + 1], a.reshape(-1))


def _unit(out: Array) -> None:
    out.fill(0)
    out.reshape(-1)[:: out.shape[1] + 1] = 1


def _fill(operation: Operation) -> Callable[..., Any]:
    """A function of derive.numeric.evaluate that makes a new array, which is then copied."""
    function = FORMS[operation.detail]

    def run(*arguments: Any) -> None:
        arguments[-1][...] = function(*arguments[:-1])

    return run


def _total(a: Array, out: Array) -> None:
    np.add.reduce(a, 0, out=out)


def _reduced(reduce: Callable[..., Any]) -> Callable[[Operation], Callable[..., Any]]:
    def made(operation: Operation) -> Callable[..., Any]:
        axes = operation.detail

        def run(a: Array, out: Array) -> None:
            reduce(a, axes, None, out, True)

        return run

    return made


KERNELS: dict[str, Callable[[Operation], Callable[..., Any]]] = {
    "matmul": lambda _: np.dot,
    "where": lambda _: _where,
    "inner": lambda _: _inner,
    "diagonal": lambda _: _diagonal,
    "unit": lambda _: _unit,
    "sum": _reduced(np.add.reduce),
    "largest": _reduced(np.maximum.reduce),
    "function": _fill,
    "dot": lambda _: np.dot,
    "total": lambda _: _total,
}
"""What does an operation: called with the values of its arguments and the array for its own."""

VIEWS: dict[str, Callable[[Array, Any], Array]] = {
    "transpose": lambda a, _: a.T,
    "number": lambda a, _: a.reshape(()),
    "place": lambda a, place: a[place[1] : place[1] + 1] if place[0] == 0 else a[:, place[1] : place[1] + 1],
    "along": lambda a, _: a.diagonal()[:, None],
    "turn": lambda a, form: a.reshape(form),
}
"""Operations that compute nothing: another look at the same memory."""

SUMS = ("total", "dot")
"""Over all data: added up block by block."""


class Operations:
    """Operations in an order in which they can be done.

    ``hoist`` moves factors that do not depend on data out of products over data: right when what is wanted are means.
    """

    def __init__(self, hoist: bool = False) -> None:
        self.list: list[Operation] = []
        self.hoist = hoist
        self._known: dict[Operation, int] = {}

    def __getitem__(self, at: int) -> Operation:
        return self.list[at]

    def add_operation(self, name: str, *args: int, form: Form, detail: Any = None, stage: int = BEFORE,
                      truth: bool = False) -> int:  # fmt: skip
        """The number of an operation, a new one or the one that is there."""
        stage = max(stage, *(self.list[a].stage for a in args)) if args else stage
        made = Operation(name, args, form, detail, stage, truth)
        if made not in self._known:
            self._known[made] = len(self.list)
            self.list.append(made)
        return self._known[made]

    def form(self, *args: int) -> Form:
        """The shape to which values broadcast."""
        try:
            return np.broadcast_shapes(*(self.list[a].form for a in args))
        except ValueError:
            shapes = " and ".join("×".join(map(str, self.list[a].form)) for a in args)
            raise DeriveError(f"shapes {shapes} do not fit entry by entry") from None

    def is_(self, at: int, name: str) -> bool:
        """Whether an operation is of this name."""
        return self.list[at].name == name

    def args(self, at: int) -> tuple[int, ...]:
        """The arguments of an operation."""
        return self.list[at].args

    def fixed(self, at: int) -> bool:
        """Whether a value is a number that is known before the data."""
        return self.list[at].form == () and self.list[at].stage == BEFORE

    def known(self, at: int) -> float | None:
        """The number that a constant is."""
        operation = self.list[at]
        return operation.detail if operation.name == "constant" and operation.form == () else None

    # --- makers -------------------------------------------------------------------------------------

    def constant(self, value: float) -> int:
        """A number that never changes. NaN is one number."""
        return self.add_operation("constant", form=(), detail=math.nan if math.isnan(value) else float(value))

    def entries(self, name: str, *args: int, truth: bool = False) -> int:
        """An operation on entries; on constants it is done now."""
        values = [self.known(a) for a in args]
        function = ufunc(name)
        if function is not None and not truth and all(v is not None for v in values):
            with np.errstate(all="ignore"):
                return self.constant(float(function(*(np.float64(v) for v in values))))
        return self.add_operation(name, *args, form=self.form(*args), truth=truth)

    def add(self, a: int, b: int) -> int:
        """``a + b``."""
        if self.known(a) == 0 and self.form(a, b) == self[b].form:
            return b
        if self.known(b) == 0 and self.form(a, b) == self[a].form:
            return a
        if self.is_(b, "negative"):
            return self.subtract(a, self.args(b)[0])
        if self.is_(a, "negative"):
            return self.subtract(b, self.args(a)[0])
        return self.entries("add", a, b)

    def subtract(self, a: int, b: int) -> int:
        """``a - b``."""
        if self.is_(b, "negative"):
            return self.add(a, self.args(b)[0])
        return self.entries("subtract", a, b)

    def negative(self, a: int) -> int:
        """``-a``."""
        scale, rest = self.scaled(a)
        if scale is not None:
            return self.scale(self.negative(scale), rest)
        if self.is_(a, "negative"):
            return self.args(a)[0]
        if self.is_(a, "subtract"):
            first, second = self.args(a)
            return self.subtract(second, first)
        return self.entries("negative", a)

    def scaled(self, a: int) -> tuple[int | None, int]:
        """The factor that is known before the data, and the rest; None where there is no such factor."""
        if self.is_(a, "multiply") and self[a].form != ():
            first, second = self.args(a)
            if self.fixed(first):
                return first, second
        return None, a

    def scale(self, factor: int, a: int) -> int:
        """A number times something."""
        value = self.known(factor)
        if value == 1:
            return a
        if value == -1:
            return self.entries("negative", a) if not self.is_(a, "negative") else self.args(a)[0]
        return self.entries("multiply", factor, a)

    def multiply(self, a: int, b: int) -> int:
        """``a b`` entry by entry."""
        if self.is_(a, "negative"):
            return self.negative(self.multiply(self.args(a)[0], b))
        if self.is_(b, "negative"):
            return self.negative(self.multiply(a, self.args(b)[0]))
        if self.fixed(b) and not self.fixed(a):
            a, b = b, a
        if self.fixed(a):
            return self._scaled_again(a, b)
        (s, u), (t, v) = self.scaled(a), self.scaled(b)
        if not self.hoist or (s is None and t is None):
            return self._plain_product(a, b)
        return self._scaled_again(self._both(s, t), self._plain_product(u, v))

    def _both(self, s: int | None, t: int | None) -> int:
        found = [x for x in (s, t) if x is not None]
        return found[0] if len(found) == 1 else self.multiply(*found)

    def _scaled_again(self, factor: int, a: int) -> int:
        inner, rest = self.scaled(a)
        if inner is not None and (self.hoist or (self.known(inner) is not None and self.known(factor) is not None)):
            return self.scale(self.multiply(factor, inner), rest)
        return self.scale(factor, a)

    def _plain_product(self, a: int, b: int) -> int:
        """A product; ``0 log 0`` is 0, its limit, as everywhere in statements about probabilities."""
        if a == b:
            return self.entries("square", a)
        if self.is_(b, "log"):
            return self.entries("xlogy", a, self.args(b)[0])
        if self.is_(a, "log"):
            return self.entries("xlogy", b, self.args(a)[0])
        return self.entries("multiply", a, b)

    def divide(self, a: int, b: int) -> int:
        """``a / b`` entry by entry."""
        if self.known(b) == 1 and self.form(a, b) == self[a].form:
            return a
        if self.is_(a, "negative"):
            return self.negative(self.divide(self.args(a)[0], b))
        scale, rest = self.scaled(a)
        if scale is not None and self.known(scale) is not None and self.known(b) is not None:
            return self.scale(self.divide(scale, b), rest)
        if self.hoist and self.fixed(b) and not self.fixed(a):
            return self.multiply(self.divide(self.constant(1), b), a)
        if self.known(a) == 1:
            return self.entries("reciprocal", b)
        return self.entries("divide", a, b)

    def power(self, a: int, exponent: int) -> int:
        """A whole power by multiplication, which is exact at signs."""
        if exponent < 0:
            return self.entries("reciprocal", self.power(a, -exponent))
        if exponent <= 1:
            return a if exponent else self.constant(1)
        if exponent > 4:
            return self.entries("power", a, self.constant(exponent))
        half = self.power(a, exponent // 2)
        even = self.multiply(half, half)
        return even if exponent % 2 == 0 else self.multiply(even, a)

    def sigma(self, a: int) -> int:
        """The logistic function, to full relative precision in the left tail and without NaN in either."""
        if self[a].stage == EACH or math.prod(self[a].form) >= LARGE:
            denominator = self.add(self.constant(1), self.entries("exp", self.negative(a)))
            return self.entries("reciprocal", denominator)
        return self.entries("sigma", a)

    def matmul(self, a: int, b: int) -> int:
        """The matrix product of two matrices whose inner sides are equal."""
        return self.add_operation("matmul", a, b, form=(self[a].form[0], self[b].form[1]))

    def view(self, name: str, a: int, form: Form, detail: Any = None) -> int:
        """Another look at a value."""
        if name == "transpose" and self.is_(a, "transpose"):
            return self.args(a)[0]
        return self.add_operation(name, a, form=form, detail=detail)

    def sum(self, a: int, axes: tuple[int, ...]) -> int:
        """The sum over some axes of a matrix, which stay with length 1."""
        if axes == (0,) and self._sums_rows(a):
            return self.sum(self.args(a)[0], (0, 1))
        axes = tuple(k for k in axes if self[a].form[k] > 1)
        if self.is_(a, "negative"):
            return self.negative(self.sum(self.args(a)[0], axes))
        match axes:
            case ():
                return a
            case (0,):  # a product with ones takes half as long for small matrices
                return self.matmul(self.filled(1, (1, self[a].form[0])), a)
            case (1,):
                return self.matmul(a, self.filled(1, (self[a].form[1], 1)))
        return self._inner(a) or self.add_operation("sum", a, form=(1, 1), detail=axes)

    def _sums_rows(self, a: int) -> bool:
        """Whether a value is a column of the sums of something's rows."""
        if not self.is_(a, "matmul"):
            return False
        summed, ones = self.args(a)
        return ones == self.filled(1, (self[summed].form[1], 1))

    def _inner(self, a: int) -> int | None:
        """The sum of all products of entries; None for another sum."""
        if self[a].name not in ("square", "multiply"):
            return None
        pair = self.args(a) * 2 if self.is_(a, "square") else self.args(a)
        if any(self[p].form != self[a].form or self.is_(p, "transpose") for p in pair):
            return None
        return self.view("turn", self.add_operation("inner", *pair, form=()), (1, 1), (1, 1))

    def filled(self, value: float, form: Form) -> int:
        """A matrix of equal numbers."""
        return self.add_operation("constant", form=form, detail=value)

    def total(self, a: int) -> int:
        """The sum over all data of what is computed for each."""
        if self.is_(a, "negative"):
            return self.negative(self.total(self.args(a)[0]))
        scale, rest = self.scaled(a)
        if scale is not None:
            return self.entries("multiply", scale, self.total(rest))
        if self.is_(a, "square"):
            return self.add_operation("dot", *self.args(a) * 2, form=(), stage=AFTER)
        if self.is_(a, "multiply"):
            first, second = self.args(a)
            if self[first].form == self[second].form:
                return self.add_operation("dot", first, second, form=(), stage=AFTER)
        return self.add_operation("total", a, form=(), stage=AFTER)
