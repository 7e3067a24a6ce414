r"""Derived formulas as fast NumPy programs: what is printed is what is run.

A program is what :class:`derive.backward.Backward` leaves behind: named formulas, each in names before it, and the
formulas of the gradients. No text is generated or evaluated: formulas become array operations
(:mod:`derive.numeric._formulas`) that write into memory allocated beforehand (:mod:`derive.numeric._schedule`).
:func:`derive.numeric.evaluate.compile` is for one formula of a few numbers; this module is for two other uses:

* :func:`over_data`: formulas of numbers, in which some names are columns of data and the others parameters; the mean
  of a loss and its gradient, as ``scipy.optimize.minimize`` takes them with ``jac=True``. The kind ``fit`` calls it.
* :class:`Network` and :class:`Training`: formulas with vectors and matrices; forward passes, and steps of gradient
  descent over batches. The kind ``train`` calls them.

Values are those of double precision: overflow is infinite, what has no value is NaN, nothing warns. Where a function
has a corner (ReLU and \|u\| at 0) the derivative is taken as libraries take it, 0 for both; ``0 ln 0`` is 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from derive.declarations import declaration
from derive.errors import DeriveError
from derive.numeric._formulas import NUMBER, Formulas, Value, spoken
from derive.numeric._operations import BEFORE, EACH, SUMS, Array, Operations
from derive.numeric._schedule import Call, Schedule
from derive.steps import Definition
from derive.tree import Node, Symbol

BLOCK = 4_096
"""Data computed at a time: its buffers stay in a core's cache, and BLAS takes no threads for a product this short."""

WINDOW = 256
"""Batches for which calls are bound at once."""

REMEMBERED = 16
"""Shapes for which a network keeps its calls and their memory."""


def _run(calls: Iterable[Call]) -> None:
    with np.errstate(all="ignore"):
        for call in calls:
            call()


# --- over data ----------------------------------------------------------------------------------------


class Objective:
    """The mean over data of a loss, with its gradient; made by :func:`over_data`.

    The sums of the blocks are added up exactly and rounded once. Threads over blocks were measured and do not pay: the
    interpreter begins every operation, and with blocks that fit into a cache they wait for it most of the time.
    """

    def __init__(
        self, program: Sequence[Definition], loss: Node, gradients: Mapping[Symbol, Node],
        data: Mapping[Symbol, Array],
    ) -> None:
        self.parameters = tuple(gradients)
        self._program = tuple(program)
        self._data = data
        self._loss, self._gradients = loss, tuple(gradients.values())
        self._plans: dict[tuple[Node, ...], _Means] = {}

    @property
    def samples(self) -> int:
        """How many data there are."""
        return len(next(iter(self._data.values())))

    def loss_and_gradient(self, theta: ArrayLike) -> tuple[float, Array]:
        """The mean loss and its gradient at ``theta``, the parameters in order, shape (d,); gradient (d,)."""
        values = self._means((self._loss, *self._gradients)).at(theta)
        return float(values[0]), values[1:]

    def loss(self, theta: ArrayLike) -> float:
        """The mean loss at ``theta``, shape (d,)."""
        return float(self._means((self._loss,)).at(theta)[0])

    def values(self, theta: ArrayLike, formula: Node) -> Array:
        """A formula's value for each datum, shape (n,), at ``theta``: a prediction by its name."""
        return _Each(self._program, formula, self.parameters, self._data).at(theta)

    def _means(self, formulas: tuple[Node, ...]) -> _Means:
        if formulas not in self._plans:
            self._plans[formulas] = _Means(self._program, formulas, self.parameters, self._data)
        return self._plans[formulas]


def over_data(
    program: Sequence[Definition],
    loss: Node,
    gradients: Mapping[Symbol, Node],
    data: Mapping[Symbol, ArrayLike],
) -> Objective:
    """The mean of ``loss`` over data and its gradient.

    ``program`` and ``gradients`` are those of a :class:`derive.backward.Backward`, ``loss`` its output (or a formula);
    ``data`` gives the columns, n numbers each. The parameters are the keys of ``gradients``, in that order.

    Errors: DeriveError for columns of different lengths or none, a name without a value, and what is no formula of
    numbers.
    """
    columns = {symbol: np.ascontiguousarray(column, dtype=float) for symbol, column in data.items()}
    lengths = {symbol.plain: column.shape for symbol, column in columns.items()}
    if not columns or any(len(shape) != 1 or shape[0] == 0 for shape in lengths.values()):
        raise DeriveError("data are columns of numbers, at least one of at least one number")
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {shape[0]}" for name, shape in lengths.items())
        raise DeriveError(f"the columns have different lengths: {told}")
    return Objective(program, loss, gradients, columns)


class _OverData:
    """Operations on data and parameters: inputs are numbered as they come."""

    def __init__(
        self, program: Sequence[Definition], formulas: Sequence[Node], parameters: Sequence[Symbol],
        data: Mapping[Symbol, Array], hoist: bool,
    ) -> None:  # fmt: skip
        self.samples = len(next(iter(data.values())))
        self.block = min(BLOCK, self.samples)
        self.make = make = Operations(hoist=hoist)
        self.parameters = [make.add_operation("input", form=(), detail=s) for s in parameters]
        self.columns = {make.add_operation("input", form=(self.block,), detail=s, stage=EACH): c
                        for s, c in data.items()}  # fmt: skip
        names = dict(zip((*parameters, *data), map(Value, (*self.parameters, *self.columns)), strict=True))
        reader = Formulas(make, names, {})
        reader.define(program, formulas)
        self.formulas = [reader.number(f) for f in formulas]
        self.theta = {at: np.zeros(()) for at in self.parameters}

    def put(self, theta: ArrayLike) -> None:
        """Write the parameters into their places."""
        values = np.asarray(theta, dtype=float)
        if values.shape != (len(self.parameters),):
            raise DeriveError(f"there are {len(self.parameters)} parameters, not {values.size}")
        for at, value in zip(self.parameters, values, strict=True):
            self.theta[at][...] = value

    def ranges(self) -> list[tuple[int, int]]:
        """Where each block begins and ends."""
        return list(pairwise([*range(0, self.samples, self.block), self.samples]))


class _Means(_OverData):
    """The means of some formulas over all data."""

    def __init__(
        self, program: Sequence[Definition], formulas: Sequence[Node], parameters: Sequence[Symbol],
        data: Mapping[Symbol, Array],
    ) -> None:  # fmt: skip
        super().__init__(program, formulas, parameters, data, hoist=True)
        make = self.make
        wanted = [self._mean(at) for at in self.formulas]
        early = [at for at, operation in enumerate(make.list) if operation.stage == BEFORE]
        after = Schedule(make, wanted, [*early, *(at for at, o in enumerate(make.list) if o.name in SUMS)])
        self.sums = [at for at in after.order if make[at].name in SUMS]
        each = Schedule(make, self.sums, early)
        before = Schedule(make, [at for at in {*each.order, *after.order} if make[at].stage == BEFORE])
        self.before, fixed = before.bind(before.memory(), self.theta)
        self.partial = np.zeros((len(self.sums), len(self.ranges())))
        memory = each.memory()
        self.each = [call for part in enumerate(self.ranges()) for call in self._block(each, memory, fixed, *part)]
        self.totals = {at: np.zeros(()) for at in self.sums}
        self.after, arrays = after.bind(after.memory(), {**fixed, **self.totals})
        self.results = [arrays[at] for at in wanted]

    def _mean(self, at: int) -> int:
        if self.make[at].stage != EACH:
            return at
        return self.make.entries("divide", self.make.total(at), self.make.constant(self.samples))

    def _block(
        self, each: Schedule, memory: list[Array], fixed: Mapping[int, Array], place: int, ends: tuple[int, int]
    ) -> list[Call]:
        given = {**fixed, **{at: column[slice(*ends)] for at, column in self.columns.items()}}
        out = [(at, self.partial[k, place : place + 1].reshape(())) for k, at in enumerate(self.sums)]
        return each.bind(memory, given, out, length=ends[1] - ends[0])[0]

    def at(self, theta: ArrayLike) -> Array:
        """The means at these parameters, in a new array."""
        self.put(theta)
        _run(self.before)
        _run(self.each)
        for at, row in zip(self.sums, self.partial, strict=True):
            self.totals[at][...] = _exact_sum(row)
        _run(self.after)
        return np.array([float(r) for r in self.results])


def _exact_sum(row: Array) -> float:
    """The rounded sum; with infinities or NaN among the terms, or too large, as NumPy has it."""
    try:
        return math.fsum(row)
    except (ValueError, OverflowError):
        with np.errstate(all="ignore"):
            return float(np.sum(row))


class _Each(_OverData):
    """The values of one formula, a number for each datum."""

    def __init__(
        self, program: Sequence[Definition], formula: Node, parameters: Sequence[Symbol], data: Mapping[Symbol, Array]
    ) -> None:
        super().__init__(program, (formula,), parameters, data, hoist=False)

    def at(self, theta: ArrayLike) -> Array:
        self.put(theta)
        found, (wanted,) = np.empty(self.samples), self.formulas
        schedule = Schedule(self.make, [wanted])
        memory = schedule.memory()
        for low, high in self.ranges():
            given = {**self.theta, **{at: column[low:high] for at, column in self.columns.items()}}
            calls, arrays = schedule.bind(memory, given, length=high - low)
            _run(calls)
            found[low:high] = arrays[wanted]
        return found


# --- with matrices --------------------------------------------------------------------------------------


class Network:
    r"""A program with vectors and matrices.

    ``domains`` declare the names as :class:`derive.steps.Context` does (``matrix n x d``, ``vector m``); a name that is
    not declared and has no formula is a number. Sides get their lengths from the arrays that are put in. ``loss`` is
    the name of the output, ``gradients`` the formulas of the gradients by parameter.
    """

    def __init__(
        self,
        program: Sequence[Definition],
        gradients: Mapping[Symbol, Node],
        domains: Mapping[Symbol, str],
        loss: Node,
    ) -> None:
        self.program = tuple(program)
        self.gradients = dict(gradients)
        self.domains = dict(domains)
        self.loss = loss
        self._bound: dict[Any, _Bound] = {}

    def values(self, arrays: Mapping[Symbol, ArrayLike], *formulas: Node) -> list[Array]:
        """The values of formulas (usually names: the loss, the output), with arrays put in for the other names.

        A vector comes as shape (m,), a matrix (r, c), a number (). DeriveError for shapes that do not fit.
        """
        given = {s: np.asarray(a, dtype=float) for s, a in arrays.items()}
        key = (formulas, tuple((s, a.shape) for s, a in given.items()))
        if key not in self._bound:
            if len(self._bound) >= REMEMBERED:
                self._bound.pop(next(iter(self._bound)))
            self._bound[key] = _Bound(_Built(self, {s: a.shape for s, a in given.items()}, formulas))
        return self._bound[key](given)

    def loss_and_gradients(self, arrays: Mapping[Symbol, ArrayLike]) -> tuple[float, dict[Symbol, Array]]:
        """The loss and its gradient by every parameter, in the parameter's shape."""
        loss, *found = self.values(arrays, self.loss, *self.gradients.values())
        pairs = zip(self.gradients, found, strict=True)
        return float(loss), {s: _repeated(g, np.shape(arrays[s])) for s, g in pairs}


class _Built:
    """The operations of a network for given shapes."""

    def __init__(self, network: Network, shapes: Mapping[Symbol, tuple[int, ...]], formulas: Sequence[Node]) -> None:
        sizes = side_lengths(network.domains, shapes)
        self.make = Operations()
        self.inputs: dict[Symbol, int] = {}
        names: dict[Symbol, Value] = {}
        for symbol, outer in shapes.items():
            shape = _two_sides(outer)
            self.inputs[symbol] = self.make.add_operation("input", form=shape or (), detail=symbol)
            names[symbol] = Value(self.inputs[symbol], shape)
        reader = Formulas(self.make, names, sizes)
        reader.define(network.program, formulas)
        self.results = [reader.value(f) for f in formulas]
        self.schedule = Schedule(self.make, [v.at for v in self.results])

    def given(self, arrays: Mapping[Symbol, Array]) -> dict[int, Array]:
        """The arrays of the inputs, as they are computed with."""
        return {at: arrays[s].reshape(self.make[at].form) for s, at in self.inputs.items()}

    @staticmethod
    def shape(value: Value) -> tuple[int, ...]:
        """The full shape, with what is repeated."""
        return tuple(1 if side is None else side for side in value.shape or ())

    def outer(self, value: Value) -> tuple[int, ...]:
        """The shape in which a value is handed out: a column as a vector, a single entry as a number."""
        shape = self.shape(value)
        if math.prod(shape) == 1:
            return ()
        return shape[:1] if shape[1] == 1 else shape


class _Bound:
    """The calls for given shapes, with memory of its own."""

    def __init__(self, built: _Built) -> None:
        self.built = built
        self.inputs = {at: np.empty(built.make[at].form) for at in built.inputs.values()}
        self.calls, self.places = built.schedule.bind(built.schedule.memory(), self.inputs)

    def __call__(self, arrays: Mapping[Symbol, Array]) -> list[Array]:
        for at, array in self.built.given(arrays).items():
            np.copyto(self.inputs[at], array)
        _run(self.calls)
        return [self._handed_out(value) for value in self.built.results]

    def _handed_out(self, value: Value) -> Array:
        full = np.broadcast_to(self.places[value.at], self.built.shape(value))
        return np.array(full).reshape(self.built.outer(value))


def _repeated(gradient: Array, shape: tuple[int, ...]) -> Array:
    """A gradient in the shape of its parameter, also one whose entries are all the same."""
    return gradient.reshape(shape) if gradient.size == math.prod(shape) else np.array(np.broadcast_to(gradient, shape))


def _two_sides(shape: tuple[int, ...]) -> tuple[int, int] | None:
    """The sides of an array; None for a number."""
    if not shape:
        return None
    return (shape[0], 1) if len(shape) == 1 else (shape[0], shape[1])


def side_lengths(domains: Mapping[Symbol, str], shapes: Mapping[Symbol, tuple[int, ...]]) -> dict[str, int]:
    """The length of every named side, from the arrays' shapes.

    DeriveError where an array has not the declared number of axes or length, or where two arrays disagree, naming both.
    """
    found: dict[str, tuple[int, Symbol]] = {}
    for symbol, shape in shapes.items():
        declared = declaration(domains.get(symbol, "real"))
        sides = declared.shape
        axes = {len(sides)} if sides or declared.kind == "number" else {1, 2}
        if len(shape) not in axes:
            raise DeriveError(f"{symbol.plain} is declared as {domains.get(symbol, 'a number')}, given: {_by(shape)}")
        for side, length in zip(sides, shape, strict=False):
            known, source = (int(side), symbol) if side.isdigit() else found.setdefault(_name(side), (length, symbol))
            if known != length:
                where = "" if source == symbol else f" as in {source.plain}"
                raise DeriveError(f"{symbol.plain} is {_by(shape)}, its side {side} should be {known}{where}")
    return {name: length for name, (length, _) in found.items()}


def _name(side: str) -> str:
    return side.replace("_", "")


def _by(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "a number"


class Training:
    """Gradient descent on a network, in batches.

    ``parameters`` are start values (copied); ``data`` the arrays with a row for each of the samples, all of the same
    number of rows; ``further`` what is the same for all (the weight of a penalty). ``theta`` and ``gradient`` hold all
    parameters and the last step's gradient in one vector each, shape (d,); ``values`` shows theta by name, and changes
    with it. Errors: DeriveError for shapes that do not fit and for a parameter without a gradient.
    """

    def __init__(
        self, network: Network, parameters: Mapping[Symbol, ArrayLike], data: Mapping[Symbol, ArrayLike], batch: int,
        further: Mapping[Symbol, ArrayLike] | None = None,
    ) -> None:
        self.network = network
        given = {s: np.asarray(parameters[s], dtype=float) for s in _checked(network, parameters)}
        self.theta = np.concatenate([a.reshape(-1) for a in given.values()])
        self.gradient = np.zeros_like(self.theta)
        self.values = _by_name(self.theta, given)
        self.gradients = _by_name(self.gradient, given)
        self.data = {s: np.ascontiguousarray(a, dtype=float) for s, a in data.items()}
        self.samples = _rows(self.data)
        if batch < 1:
            raise DeriveError(f"a batch has at least one sample, not {batch}")
        self.batch = min(batch, self.samples)
        self._further = {s: np.array(a, dtype=float) for s, a in (further or {}).items()}
        self._rows = min(self.samples, self.batch * WINDOW)
        self._window = {s: np.empty((self._rows, *a.shape[1:])) for s, a in self.data.items()}
        self._rate = np.zeros(())
        self._change = np.empty_like(self.theta)
        self._steps: dict[tuple[int, int], list[Call]] = {}
        self._built: dict[int, tuple[_Built, list[Array]]] = {}

    def epoch(
        self, rate: float, order: NDArray[np.intp] | None = None, update: Callable[[], Any] | None = None
    ) -> None:
        """One pass: a step ``theta <- theta - rate * gradient`` for each batch.

        ``order`` are the samples' numbers as they are to come, shape (k,), k up to the number of samples; None for all
        as they are. ``update`` replaces that step: it is called after each gradient, and changes ``theta`` in place.
        """
        self._rate[...] = rate
        rows: Any = np.arange(self.samples) if order is None else order
        with np.errstate(all="ignore"):
            for start in range(0, len(rows), self._rows):
                self._pass(rows[start : start + self._rows], update)

    def _pass(self, rows: Any, update: Callable[[], Any] | None) -> None:
        """The steps over the rows of one window."""
        for symbol, window in self._window.items():
            np.take(self.data[symbol], rows, 0, window[: len(rows)])
        for low in range(0, len(rows), self.batch):
            for call in self._step(low, min(low + self.batch, len(rows))):
                call()
            if update is None:
                np.multiply(self.gradient, self._rate, self._change)
                np.subtract(self.theta, self._change, self.theta)
            else:
                update()

    def _step(self, low: int, high: int) -> list[Call]:
        """Forward and backward for some rows of the window, bound once."""
        if (low, high) not in self._steps:
            built, memory = self._for(high - low)
            arrays = {**self.values, **self._further, **{s: w[low:high] for s, w in self._window.items()}}
            targets = zip(built.results, self.gradients.values(), strict=True)
            out = [(value.at, target.reshape(_two_sides(target.shape) or ())) for value, target in targets]
            self._steps[low, high] = built.schedule.bind(memory, built.given(arrays), out)[0]
        return self._steps[low, high]

    def _for(self, rows: int) -> tuple[_Built, list[Array]]:
        if rows not in self._built:
            shapes = {s: a.shape for s, a in (*self.values.items(), *self._further.items())}
            shapes |= {s: (rows, *a.shape[1:]) for s, a in self.data.items()}
            built = _Built(self.network, shapes, tuple(self.network.gradients.values()))
            _gradients_fit(built, self.values)
            self._built[rows] = built, built.schedule.memory()
        return self._built[rows]

    def outputs(self, data: Mapping[Symbol, ArrayLike], *formulas: Node) -> list[Array]:
        """Values of formulas with the parameters as they are, for any data."""
        return self.network.values({**self.values, **self._further, **data}, *formulas)

    def loss(self, data: Mapping[Symbol, ArrayLike] | None = None) -> float:
        """The loss over all data at once, or over others, with the parameters as they are."""
        return float(self.outputs(self.data if data is None else data, self.network.loss)[0])


def _checked(network: Network, parameters: Mapping[Symbol, ArrayLike]) -> list[Symbol]:
    if set(parameters) != set(network.gradients):
        wrong = ", ".join(sorted(s.plain for s in set(parameters) ^ set(network.gradients)))
        raise DeriveError(f"parameters and gradients are of different names: {wrong}")
    return list(network.gradients)


def _by_name(flat: Array, like: Mapping[Symbol, Array]) -> dict[Symbol, Array]:
    ends = np.cumsum([0, *(a.size for a in like.values())])
    parts = zip(like.items(), pairwise(ends), strict=True)
    return {s: flat[low:high].reshape(a.shape) for (s, a), (low, high) in parts}


def _rows(data: Mapping[Symbol, Array]) -> int:
    rows = {s.plain: len(a) if a.ndim else 0 for s, a in data.items()}
    if not rows or not all(rows.values()) or len(set(rows.values())) > 1:
        told = ", ".join(f"{name} has {count}" for name, count in rows.items()) or "there are none"
        raise DeriveError(f"data are arrays with the same number of rows: {told}")
    return next(iter(rows.values()))


def _gradients_fit(built: _Built, values: Mapping[Symbol, Array]) -> None:
    for value, (symbol, array) in zip(built.results, values.items(), strict=True):
        wanted = _two_sides(array.shape)
        sides = zip(value.shape or NUMBER, wanted or NUMBER, strict=True)
        if any(side not in (None, length) for side, length in sides):
            found = spoken(value.shape) if value.shape else "a number"
            raise DeriveError(f"the gradient by {symbol.plain} is {found}, {symbol.plain} is {_by(array.shape)}")
