"""The steps of an iteration written out: substitute, evaluate, scale, subtract; one block a step.

:class:`Walk` puts numbers into the formulas of :mod:`derive.kinds._methods`, chain by chain, and remembers every value
under its letter: these are the definitions with which the verifier checks the chains. :func:`traces` runs the same
derived gradient with floats and, where the method allows, with fractions: the numbers of the table, of the figures and
of the steps that are not written out. Called by the gradient-descent kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from derive.errors import LimitError, MathError
from derive.goals import end_of
from derive.kinds._by_hand import Style, is_rounded, is_worked, number_of, parts_of, rounded, rounding, worked
from derive.kinds._descent_given import Setup
from derive.kinds._methods import RECIPES, Labels, Names, at, point_value
from derive.kinds._partials import Partial
from derive.rules import Rule
from derive.steps import Chain, Definition, Formula, Heading, Level, Paragraph, Part, Step
from derive.tree import (
    ONE,
    ZERO,
    Call,
    Cases,
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
    Transpose,
    Vector,
    free_symbols,
    number,
    substitute,
    times,
    total,
    walk,
)

if TYPE_CHECKING:
    from derive.numeric.optimisers import Trace

EXACT_STEPS = 12  # steps run with fractions: as many as a table shows


@dataclass(frozen=True, slots=True)
class Slope:
    """The derived derivatives: the partials in order, and the rows of the Hessian as expressions."""

    partials: tuple[Partial, ...]
    hessian: tuple[tuple[Node, ...], ...]

    @property
    def gradient(self) -> tuple[Node, ...]:
        """The gradient's entries."""
        return tuple(p.value for p in self.partials)

    @property
    def is_constant(self) -> bool:
        """Whether the Hessian is the same everywhere, without kinks: the cost is quadratic."""
        kinked = any(isinstance(n, Call | Cases) and free_symbols(n) for entry in self.gradient for n in walk(entry))
        return not kinked and not any(free_symbols(entry) for row in self.hessian for entry in row)


# --- the same iteration with numbers ----------------------------------------------------------------


def traces(setup: Setup, slope: Slope) -> tuple[Trace, Trace | None]:
    """The iteration with floats, and its beginning with fractions where that is possible.

    MathError when the gradient does not exist at the start.
    """
    from derive.numeric import evaluate, optimisers

    variables, body = setup.variables, setup.function.body
    gradient, hessian = Vector(slope.gradient), Matrix(slope.hessian)
    matrix, side = evaluate.compile(hessian, variables), len(variables)
    start = [number_of(x) for x in setup.start]
    method = _method(setup)
    floats = optimisers.run(
        method, evaluate.compile(gradient, variables), [float(x) for x in start], setup.steps,
        cost=evaluate.compile(body, variables), hessian=lambda *x: matrix(*x).reshape(side, side),
    )
    exactly = _exact_trace(setup, method, (gradient, hessian), start)
    return _up_to_kink(_with_costs(floats), exactly, setup, slope), exactly


def _up_to_kink(floats: Trace, exactly: Trace | None, setup: Setup, slope: Slope) -> Trace:
    """The iteration up to a point that has no gradient, which floats may miss by a rounding."""
    import numpy as np

    if exactly is None or exactly.stopped is None or exactly.stopped.what != "gradient":
        return floats
    n = exactly.steps
    if n > floats.steps or _has_gradient(setup, slope, exactly.points[n]):
        return floats
    points, gradients = (rows[: n + 1].copy() for rows in (floats.points, floats.gradients))
    points[n], gradients[n] = [float(x) for x in exactly.points[n]], np.nan
    states = {name: rows[: n + 1] for name, rows in floats.states.items()}
    costs = None if floats.costs is None else floats.costs[: n + 1]
    return replace(floats, points=points, gradients=gradients, costs=costs, states=states,
                   step_sizes=floats.step_sizes[:n], stopped=exactly.stopped)


def _has_gradient(setup: Setup, slope: Slope, point: Sequence[Fraction]) -> bool:
    from derive.kinds._shared import defined_at

    where = [(v, number(x)) for v, x in zip(setup.variables, point, strict=True)]
    try:
        for node in slope.gradient:
            defined_at(node, where)
    except MathError:
        return False
    return True


def _with_costs(trace: Trace) -> Trace:
    """The iteration up to the first point at which the cost has no value."""
    import numpy as np

    from derive.numeric.optimisers import Stopped

    if trace.costs is None or np.isfinite(trace.costs).all():
        return trace
    t = int(np.argmin(np.isfinite(trace.costs)))
    stopped = Stopped(t, "point", trace.points[t], "the cost has no finite value at the new point")
    states = {name: rows[:t] for name, rows in trace.states.items()}
    return replace(trace, points=trace.points[:t], gradients=trace.gradients[:t], costs=trace.costs[:t],
                   states=states, step_sizes=trace.step_sizes[: t - 1], stopped=stopped)


def _exact_trace(
    setup: Setup, method: Any, derivatives: tuple[Node, Node], start: Sequence[Fraction | float]
) -> Trace | None:
    from derive.numeric import exact, optimisers

    gradient, hessian = (exact.function(node, setup.variables) for node in derivatives)
    if not method.exact:
        return None
    try:
        return optimisers.run(
            method, gradient, start, min(setup.steps, EXACT_STEPS), exact=True,
            cost=exact.function(setup.function.body, setup.variables), hessian=hessian,
        )
    except (MathError, LimitError):
        return None


def _method(setup: Setup) -> Any:
    """The method of :mod:`derive.numeric.optimisers` with its parameters as numbers."""
    from derive.numeric import optimisers

    arguments: dict[str, Any] = {key: number_of(node) for key, node in setup.parameters.items()}
    step = setup.step
    if step is not None and step.formula is not None:
        arguments["step_size"] = optimisers.FormulaStep(step.formula, step.counter)
    elif step is not None and step.fixed is not None:
        arguments["step_size"] = number_of(step.fixed)
    elif step is not None:
        arguments["step_size"] = tuple(number_of(size) for size in step.listed)
    return optimisers.METHODS[setup.method](**arguments)


# --- written out ------------------------------------------------------------------------------------

SUBSTITUTED = "The numbers are put in."


def _inverse(node: Node) -> Node | None:
    """The inverse of a two by two matrix."""
    match node:
        case Power(Matrix(((a, b), (c, d))), Negative(Number("1"))):
            determinant = Sum((Product((a, d)), Negative(Product((b, c)))))
            return Product((Quotient(ONE, determinant), Matrix(((d, Negative(b)), (Negative(c), a)))))
    return None


INVERSE = Rule(
    "inverse of a 2×2 matrix",
    r"\begin{bmatrix} a & b \\ c & d \end{bmatrix}^{-1}"
    r" = \frac{1}{a d - b c} \begin{bmatrix} d & -b \\ -c & a \end{bmatrix}",
    "The diagonal changes places, the others change sign, all over the determinant.", _inverse, Level.ALGEBRA,
)


class Walk:
    """An iteration being written out.

    ``values`` holds what every letter so far stands for (and every gradient that was evaluated), ``points`` the point
    after each step; ``parts`` is what has been told. Once a number was rounded, all that follows from it is.
    """

    def __init__(self, setup: Setup, slope: Slope, names: Names) -> None:
        self.setup, self.slope, self.names = setup, slope, names
        self.recipe = RECIPES[setup.method]
        self.values: dict[Node, Node] = {}
        self.alias: dict[Node, Node] = {}
        self.parts: list[Part] = []
        self.points: list[Node] = []
        self.costs: list[Node] = []
        self.rounded = False

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """What the letters stand for, for the verifier."""
        return tuple(Definition(s, (), value) for s, value in self.values.items() if isinstance(s, Symbol))

    # --- labels ---------------------------------------------------------------------------------------

    @property
    def _counted(self) -> bool:
        """Whether the number of the step stands in the formulas, so that a step leads from t - 1 to t."""
        step = self.setup.step
        return self.recipe.counted or step is None or step.fixed is None

    def general(self) -> Labels:
        """The letters of the general formulas."""
        old, new = ("t-1", "t") if self._counted else ("t", "t+1")
        return self._labels(old, new, Symbol("t"), "t", "i" if self.recipe.entrywise and self.names.several else "")

    def _of_step(self, t: int) -> Labels:
        return self._labels(str(t - 1), str(t), number(t), str(t), "")

    def _labels(self, old: str, new: str, count: Node, label: str, entry: str) -> Labels:
        hessian = self.names["hessian"] if self.slope.is_constant else at(self.names["hessian"], old)
        return Labels(self.names, old, new, count, self._rate(label), hessian, entry)

    def _rate(self, label: str) -> Node:
        """The step size in formulas: a letter, with the number of the step where it changes."""
        step, letter = self.setup.step, self.names["rate"]
        if step is not None and step.fixed is not None:
            return ONE if self.setup.method == "newton" and step.fixed == ONE else letter
        return Symbol(letter.name, label)

    def rules(self) -> list[Part]:
        """The general formulas of the method."""
        labels = self.general()
        parts: list[Part] = []
        for key, node in self.recipe.updates(labels):
            if key == "gradient":
                whole = replace(labels, entry="")
                parts.append(Formula(Relation((whole.after(key), whole.gradient), ("=",))))
                parts += [Paragraph(("and for each entry ", Symbol("i"), ":"))] if labels.entry else []
            else:
                parts.append(Formula(Relation((labels.after(key), node), ("=",))))
        return [*parts, *_searched(labels, self.slope.is_constant)] if self.setup.method == "line-search" else parts

    # --- the steps ------------------------------------------------------------------------------------

    def start(self) -> None:
        """The start, its cost, and what the method remembers, which is zero."""
        zero = point_value(self.names, (ZERO,) * len(self.setup.variables))
        self.let(at(self.names["point"], 0), point_value(self.names, self.setup.start))
        for key in self.recipe.state:
            self.let(at(self.names[key], 0), zero)
            self.parts.append(Formula(Relation((at(self.names[key], 0), zero), ("=",))))
        for key, node in self.setup.parameters.items():
            self.let(self.names[key], node)
        if self.setup.step is not None and self.setup.step.fixed is not None:
            self.let(self.names["rate"], self.setup.step.fixed)
        self.points.append(self.values[at(self.names["point"], 0)])
        if not is_worked(self.points[0]):
            self._round_start()
        self._cost()

    def _round_start(self) -> None:
        symbol, exact = at(self.names["point"], 0), self.points[0]
        value = rounded(exact)
        self.parts.append(Chain((Step(exact, value, "round", "To six significant digits.", "~=", Level.ARITHMETIC),),
                                symbol))
        self.rounded = True
        self.let(symbol, value)
        self.points[0] = value

    def step(self, t: int, line: Any = None) -> None:
        """Write step t out. ``line`` is the step size found along the line where no formula gives it.

        MathError where an expression has no value.
        """
        self.parts.append(Heading((f"Step {t}",)))
        labels = self._of_step(t)
        self._step_size(t)
        prepare = _PREPARED.get(self.setup.method)
        if prepare is not None:
            prepare(self, labels, line)
        for key, formula in self.recipe.updates(labels):
            self._update(labels, key, formula)
        self.points.append(self.values[labels.after("point")])
        self._cost()

    def _update(self, labels: Labels, key: str, formula: Node) -> None:
        left = labels.after(key)
        if key == "gradient":
            self.gradient_at(labels.before("point"), left)
            return
        for part in walk(formula):
            if isinstance(part, Gradient | Call) and isinstance(part.args[0], Symbol) and part not in self.values:
                self.gradient_at(part.args[0], None, part)
        if self.recipe.entrywise and self.names.several:
            self._entrywise(labels, left, key)
        else:
            self.derive(left, substitute(formula, self.alias), direct=self.recipe.entrywise and key == "point")

    def derive(self, left: Symbol, formula: Node, direct: bool = False) -> None:
        """A chain from a formula in letters to its value, which becomes what ``left`` stands for."""
        put = substitute(formula, self.values)
        steps = [Step(formula, put, "substitute", SUBSTITUTED, level=Level.ARITHMETIC)] if put != formula else []
        self.chain(left, put, steps, direct)

    def _entrywise(self, labels: Labels, left: Symbol, key: str) -> None:
        """A chain of coordinates: the formula for each entry with its numbers put in, then the values."""
        entries = []
        for i in range(len(self.setup.variables)):
            entry = Labels(labels.names, labels.old, labels.new, labels.count, labels.rate, labels.hessian, f"{i + 1}")
            formula = dict(self.recipe.updates(entry))[key]
            entries.append(substitute(formula, self._entry_values(i)))
        self.chain(left, Vector(tuple(entries)), [], key == "point")

    def _entry_values(self, i: int) -> Mapping[Node, Node]:
        found: dict[Node, Node] = {}
        for symbol, value in self.values.items():
            if isinstance(value, Vector) and isinstance(symbol, Symbol):
                found[Symbol(symbol.name, f"{i + 1}", symbol.sup, symbol.accent, symbol.font)] = value.items[i]
            else:
                found[symbol] = value
        return found

    def chain(self, left: Symbol, start: Node, steps: list[Step], direct: bool = False) -> None:
        """A chain from numbers, after the steps that led to them, to the value that ``left`` then has."""
        steps = [*steps, *self.worked_out(start, direct)]
        self.note_rounding(steps)
        if steps:
            self.parts.append(Chain(tuple(steps), left))
        else:
            self.parts.append(Formula(Relation((left, start), ("=",))))
        self.let(left, end_of(start, steps))

    def worked_out(self, node: Node, direct: bool = False) -> list[Step]:
        """The lines to a value in the style of this walk; ``direct`` goes there in one line and rounds."""
        if direct and not is_worked(node):
            return [rounding(node)]
        exactly = not (self.recipe.entrywise and self.setup.decimals)
        return worked(node, Style(self.setup.decimals, exactly, self.rounded))

    def note_rounding(self, steps: Sequence[Step]) -> None:
        """Remember whether a number was rounded."""
        self.rounded = self.rounded or is_rounded(steps)

    def let(self, symbol: Node, value: Node) -> None:
        """From now on a letter (or a gradient at a lettered point) has a value."""
        self.values[symbol] = value

    # --- gradients, Hessians, costs --------------------------------------------------------------------

    def gradient_at(self, point: Symbol, left: Symbol | None, node: Node | None = None) -> None:
        """The gradient (or, for a second prime, the second derivative) at a point that has a letter."""
        order = node.order if isinstance(node, Call) else 1
        coordinates = parts_of(self.values[point])
        start, put = self._slope_at(coordinates, order)
        steps = [Step(start, put, "substitute", SUBSTITUTED, level=Level.ARITHMETIC), *self.worked_out(put)]
        fresh = is_rounded(steps) or (self.rounded and left is None)
        self.note_rounding(steps)
        value = end_of(put, steps)
        if left is None and fresh and node is not None:
            left = self._gradient_letter(point, order)
            self.alias[node] = left
        if left is not None:
            self.let(left, value)
        if node is not None:
            self.let(node, value)
        self.parts.append(Chain(tuple(steps), left))

    def _gradient_letter(self, point: Symbol, order: int) -> Symbol:
        base = self.names["gradient"] if order == 1 else self.names["hessian"]
        return Symbol(base.name, base.sub, point.sup, point.accent, base.font)

    def _where(self, coordinates: tuple[Node, ...]) -> Mapping[Node, Node]:
        return dict(zip(self.setup.variables, coordinates, strict=True))

    def _slope_at(self, coordinates: tuple[Node, ...], order: int) -> tuple[Node, Node]:
        """``C'(2)`` or ``\nabla C(1, 9)``, and the derivatives with the numbers put in."""
        name, where = self.names.cost.plain, self._where(coordinates)
        if self.names.several:
            return Gradient(name, coordinates), substitute(Vector(self.slope.gradient), where)
        body = self.slope.gradient[0] if order == 1 else self.slope.hessian[0][0]
        return Call(name, coordinates, order), substitute(body, where)

    def hessian_at(self, labels: Labels) -> Node:
        """The Hessian's value at the old point of a step, with a chain where it changes from point to point."""
        symbol = labels.hessian
        if symbol not in self.values:
            where = self._where(parts_of(self.values[labels.before("point")]))
            rows = Matrix(tuple(tuple(substitute(e, where) for e in row) for row in self.slope.hessian))
            if self.slope.is_constant:
                self.let(symbol, rows)
            else:
                assert isinstance(symbol, Symbol)
                self.chain(symbol, rows, [])
        return self.values[symbol]

    def _cost(self) -> None:
        point = parts_of(self.points[-1])
        start = Call(self.names.cost.plain, point)
        put = substitute(self.setup.function.body, self._where(point))
        steps = [Step(start, put, "substitute", SUBSTITUTED, level=Level.ARITHMETIC), *self.worked_out(put)]
        self.costs.append(end_of(put, steps))
        self.parts.append(Chain(tuple(steps)))

    def _step_size(self, t: int) -> None:
        """The step size of step t, where it is not the same always."""
        step, letter = self.setup.step, self._rate(str(t))
        if step is None or step.fixed is not None:
            return
        assert isinstance(letter, Symbol)
        if step.formula is not None:
            self.chain(letter, substitute(step.formula, {step.counter: number(t)}), [])
        else:
            self.chain(letter, step.listed[t - 1], [])


# --- what some methods need first -------------------------------------------------------------------


def _prepare_newton(walk_: Walk, labels: Labels, line: Any) -> None:
    """The inverse of the Hessian (or, in more than two dimensions, the direction that solves the system)."""
    if not walk_.names.several:
        return
    matrix = walk_.hessian_at(labels)
    inverse = Power(labels.hessian, Negative(ONE))
    if inverse in walk_.values:
        return
    put = Power(matrix, Negative(ONE))
    made = INVERSE.apply(put)
    if made is None:
        made = _inverse_of(matrix)
        steps = [Step(inverse, put, "substitute", SUBSTITUTED, level=Level.ARITHMETIC),
                 Step(put, made, "inverse matrix", "By elimination: the product of both is the unit matrix.")]
    else:
        steps = [Step(inverse, put, "substitute", SUBSTITUTED, level=Level.ARITHMETIC),
                 Step(put, made, INVERSE.name, INVERSE.reason)]
        steps += walk_.worked_out(made)
    walk_.note_rounding(steps)
    walk_.parts.append(Chain(tuple(steps)))
    walk_.let(inverse, end_of(made, steps))


def _inverse_of(matrix: Node) -> Node:
    """The inverse of a matrix of numbers by elimination. MathError when there is none."""
    rows = matrix.rows if isinstance(matrix, Matrix) else ()
    side = len(rows)
    work = [[Fraction(number_of(e)) for e in row] + [Fraction(i == j) for j in range(side)]
            for i, row in enumerate(rows)]
    for i in range(side):
        pivot = next((j for j in range(i, side) if work[j][i]), None)
        if pivot is None:
            raise MathError("the Hessian is singular")
        work[i], work[pivot] = work[pivot], work[i]
        work[i] = [x / work[i][i] for x in work[i]]
        for j in range(side):
            if j != i:
                work[j] = [x - work[j][i] * y for x, y in zip(work[j], work[i], strict=True)]
    return Matrix(tuple(tuple(number(x) for x in row[side:]) for row in work))


def _searched(labels: Labels, is_quadratic: bool) -> list[Part]:
    """What exact line search asks for."""
    a, g = Symbol("a"), labels.names["gradient"]
    inside = Sum((labels.before("point"), Negative(Product((a, labels.gradient)))))
    parts: list[Part] = [Paragraph(("where ", labels.rate, " is the ", a, " for which ",
                                    Call(labels.names.cost.plain, (inside,)), " is smallest."))]
    if is_quadratic:
        here = Relation((g, labels.gradient), ("=",))
        parts.append(Paragraph(("The cost is quadratic along this line; with ", here,
                                " its derivative there vanishes for")))
        over = (Product((Transpose(g), g)), Product((Transpose(g), labels.hessian, g)))
        parts.append(Formula(Relation((labels.rate, Quotient(*over)), ("=",))))
    return parts


def _prepare_line_search(walk_: Walk, labels: Labels, line: Any) -> None:
    """The best step size: by its formula on a quadratic cost, else as it was found by numbers."""
    point = labels.before("point")
    slope = labels.gradient
    if slope not in walk_.values:
        walk_.gradient_at(point, None, slope)
    rate = labels.rate
    assert isinstance(rate, Symbol)
    if walk_.values[slope] == point_value(walk_.names, (ZERO,) * len(walk_.setup.variables)):
        walk_.parts.append(Paragraph(("The gradient is zero: the point is stationary and stays where it is, ",
                                      Relation((rate, ZERO), ("=",)), ".")))
        walk_.let(rate, ZERO)
        return
    if not walk_.slope.is_constant:
        value = rounded(number(Fraction(float(line))))
        walk_.rounded = True
        walk_.parts.append(Paragraph(("Along this line the cost is smallest for ", Relation((rate, value), ("~=",)),
                                      ", where its derivative along the line changes sign.")))
        walk_.let(rate, value)
        return
    gradient = parts_of(walk_.values[slope])
    matrix = walk_.hessian_at(labels)
    image = at(walk_.names["image"], labels.old)
    if isinstance(matrix, Matrix) and walk_.names.several:
        walk_.derive(image, Product((labels.hessian, slope)))
        images = parts_of(walk_.values[image])
    else:
        images = parts_of(end_of(put := Product((parts_of(matrix)[0], gradient[0])), walk_.worked_out(put)))
    top = total([Product((x, x)) for x in gradient])
    bottom = total([times((x, y)) for x, y in zip(gradient, images, strict=True)])
    walk_.chain(rate, Quotient(top, bottom), [])


_PREPARED: dict[str, Callable[[Walk, Labels, Any], None]] = {
    "newton": _prepare_newton,
    "line-search": _prepare_line_search,
}


def checked_start(setup: Setup, slope: Slope) -> None:
    """MathError, naming the point, where the cost or its gradient does not exist at the start."""
    from derive.kinds._shared import defined_at

    where = list(zip(setup.variables, setup.start, strict=True))
    for node in (setup.function.body, *slope.gradient):
        defined_at(node, where)
