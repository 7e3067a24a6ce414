r"""Gradients: partial derivatives one by one, Hessian, stationary points, directional derivatives, values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derive.errors import DeriveError
from derive.goals import end_of, simplify, through
from derive.kinds._partials import (
    Partial,
    Point,
    assembled,
    at_point,
    called,
    column,
    coordinates_of,
    exceptions,
    partial_by,
    plain_name,
    points_of,
    second_by,
    spoken,
    value_at,
    value_part,
)
from derive.kinds._shared import context_of, stated
from derive.kinds._stationary import ASCENDING, Stationary, Subject, stationary
from derive.limits import MATRIX_SIDE
from derive.problem import Field, Problem
from derive.rules import algebra
from derive.steps import Chain, Definition, Derivation, Figure, Heading, Level, Paragraph, Part, Prose, Result, Step
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    Gradient,
    Matrix,
    Node,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Symbol,
    Transpose,
    free_symbols,
    numeric,
    total,
)

SUMMARY = "gradient of a function of several variables, with Hessian, stationary points and directional derivatives"

FIELDS = (
    Field("function", "function", "the function to differentiate", required=True,
          example=r"'f(x, y) = x^2 + 3xy + y^2'"),
    Field("variables", "symbols", "the variables; the function's own when not given", default=(), example="['x', 'y']"),
    Field("at", "points", "points at which the function and its derivatives are evaluated", default=(),
          example="[[1, 2]]"),
    Field("hessian", "boolean", "whether to derive the second partial derivatives", default=False, example="true"),
    Field("stationary", "boolean", "whether to find the stationary points and their nature", default=False,
          example="true"),
    Field("direction", "numbers", "the direction of a directional derivative, of any length", default=(),
          example="[3, 4]"),
    Field("direction_at", "numbers", "the point of the directional derivative; the first of at when not given",
          default=(), example="[1, 2]"),
    Field("figure", "boolean", "whether to draw level lines where there are two variables", default=True,
          example="true"),
)


def solve(problem: Problem) -> Derivation:
    """Partial derivatives and gradient, then what is asked beside them.

    DeriveError for points or directions of the wrong length and for functions that no rule differentiates;
    MathError where a value does not exist.
    """
    given = problem.given
    function: Definition = given["function"]
    variables = _variables(function, tuple(given["variables"]))
    function = Definition(function.name, function.parameters or variables, function.body)
    context = context_of(dict(problem.domains), function)
    partials, found = _first(function, variables)
    gradient = column(p.value for p in partials)
    hessian = _Hessian(function, variables, partials)
    if given["hessian"] or given["stationary"]:
        found += hessian.derived()
    drawn = Stationary()
    if given["stationary"]:
        drawn = stationary(Subject(function, variables, gradient, hessian.matrix, hessian.name, context))
        found += (drawn.parts, drawn.results)
    second = hessian if given["hessian"] else None
    for point in given["at"]:
        found += _values(function, variables, gradient, second, point)
    if given["direction"]:
        found += _directional(function, variables, gradient, given)
    if given["figure"]:
        found.parts += _figure(function, variables, drawn)
    asked = _asked(function, variables, given, any(r.convention == ASCENDING for r in found.results))
    return Derivation(problem.title, problem.kind, ((stated(function),),), asked, tuple(found.parts),
                      tuple(found.results), context)


class _Found:
    """Parts and results as they come together."""

    def __init__(self, parts: list[Part], results: list[Result]) -> None:
        self.parts, self.results = parts, results

    def __iadd__(self, other: _Found | tuple[list[Part], list[Result]]) -> _Found:
        parts, results = (other.parts, other.results) if isinstance(other, _Found) else other
        self.parts += parts
        self.results += results
        return self


def _variables(function: Definition, asked: tuple[Symbol, ...]) -> tuple[Symbol, ...]:
    """The variables asked for, else the function's own."""
    known = function.parameters or tuple(sorted(free_symbols(function.body), key=lambda s: s.plain))
    variables = tuple(dict.fromkeys(asked)) or known
    if unknown := [v.plain for v in variables if v not in known and v not in free_symbols(function.body)]:
        raise DeriveError(f"{', '.join(unknown)} does not occur in the function",
                          f"its variables are {', '.join(s.plain for s in known)}")
    if not variables:
        raise DeriveError("the function has no variables", "write them in brackets: f(x, y) = …")
    if len(variables) > MATRIX_SIDE:
        raise DeriveError(f"{len(variables)} variables are too many to differentiate one by one: at most {MATRIX_SIDE}")
    return variables


def _asked(
    function: Definition, variables: tuple[Symbol, ...], given: Mapping[str, Any], by_eigenvalues: bool,
) -> tuple[Prose, ...]:
    asked: list[Prose] = [("the partial derivatives and the gradient ", Gradient(function.name.plain, variables))]
    if given["hessian"]:
        asked.append(("the Hessian matrix",))
    if given["stationary"]:
        how = f", by the eigenvalues of the Hessian {ASCENDING}" if by_eigenvalues else ""
        asked.append((f"the stationary points and their nature{how}",))
    if given["at"]:
        asked.append(("the values at ", *points_of(variables, given["at"])))
    if given["direction"]:
        where = given["direction_at"] or (given["at"][0] if given["at"] else ())
        spot: Prose = (" at the point ", coordinates_of(tuple(where))) if where else ()
        asked.append(("the directional derivative in the direction ", coordinates_of(tuple(given["direction"])), *spot))
    return tuple(asked)


# --- first derivatives ------------------------------------------------------------------------------


def _first(function: Definition, variables: tuple[Symbol, ...]) -> tuple[list[Partial], _Found]:
    """The partial derivatives, one chain each, and the gradient assembled from them."""
    several = len(variables) > 1 or len(function.parameters) > 1
    partials = [partial_by(function, v, several) for v in variables]
    values = column(p.value for p in partials)
    left = Gradient(function.name.plain, variables)
    parts: list[Part] = [
        Heading(("Partial derivatives",)),
        Paragraph((_HELD if len(variables) > 1 else "The only variable is differentiated.",)),
        *(p.chain for p in partials),
        *exceptions(partials),
        Heading(("Gradient",)),
        Chain((assembled(column(p.name for p in partials), values, "gradient"),), left),
    ]
    results = [Result(plain_name(p.name), p.value, p.name, shown=False) for p in partials]
    return partials, _Found(parts, [*results, Result("gradient", values, left)])


_HELD = "In each partial derivative all other variables are held fixed, so they count as constants."


# --- second derivatives -----------------------------------------------------------------------------


class _Hessian:
    """The second partial derivatives: those on and above the diagonal derived, the others equal to them."""

    def __init__(self, function: Definition, variables: tuple[Symbol, ...], first: list[Partial]) -> None:
        self.function, self.variables, self.first = function, variables, first
        self.name = Symbol("H", sub=function.name.name if _taken(function, variables, "H") else "")
        self.matrix = Matrix(((ZERO,),))

    def derived(self) -> _Found:
        """The chains, Schwarz's theorem, and the matrix assembled."""
        n = range(len(self.variables))
        upper = {(i, j): second_by(self.first[j], self.variables[i]) for i in n for j in n if i <= j}
        lower = {(j, i): second_by(self.first[i], self.variables[j]).name for i in n for j in n if i < j}
        self.matrix = Matrix(tuple(tuple(upper[min(i, j), max(i, j)].value for j in n) for i in n))
        names = Matrix(tuple(tuple(upper[i, j].name if i <= j else lower[i, j] for j in n) for i in n))
        symmetric = [
            Chain((
                Step(lower[j, i], upper[i, j].name, "Schwarz's theorem",
                     "Continuous second derivatives do not depend on the order.", level=Level.ARGUMENT),
                Step(upper[i, j].name, upper[i, j].value, "derived above", "", level=Level.ARITHMETIC),
            ))
            for i, j in upper if i < j
        ]
        kinks = exceptions(upper.values())
        parts: list[Part] = [Heading(("Hessian",)), *(p.chain for p in upper.values()), *kinks]
        if symmetric:
            parts += [Paragraph((("Away from the kinks, t" if kinks else "T") + _SCHWARZ,)), *symmetric]
        parts.append(Chain((assembled(names, self.matrix, "Hessian"),), self.name))
        results = [Result(plain_name(p.name), p.value, p.name, shown=False) for p in upper.values()]
        return _Found(parts, [*results, Result("Hessian", self.matrix, self.name)])


_SCHWARZ = ("he second partial derivatives are continuous, so the order of differentiation does not matter "
            "(Schwarz's theorem) and the matrix is symmetric:")


def _taken(function: Definition, variables: tuple[Symbol, ...], letter: str) -> bool:
    names = {s.name for s in free_symbols(function.body)} | {v.name for v in variables} | {function.name.name}
    return letter in names


# --- values -----------------------------------------------------------------------------------------


def _values(
    function: Definition, variables: tuple[Symbol, ...], gradient: Matrix, hessian: _Hessian | None, point: Point
) -> _Found:
    """The function, its gradient and where derived its Hessian at a point."""
    where = at_point(variables, point)
    spot, name = spoken(point), function.name.plain
    shown: list[tuple[str, Node, Node]] = [
        (f"{name}{spot}", called(name, point), function.body),
        (f"gradient at {spot}", Gradient(name, point), gradient),
    ]
    if hessian is not None:
        shown.append((f"Hessian at {spot}", called(hessian.name.plain, point), hessian.matrix))
    found = _Found([Heading(("Values at ", Relation((coordinates_of(variables), coordinates_of(point)), ("=",))))], [])
    for title, left, body in shown:
        part, value = value_part(left, body, where)
        found.parts.append(part)
        found.results.append(Result(title, value, left))
    return found


# --- directional derivative -------------------------------------------------------------------------


def _directional(
    function: Definition, variables: tuple[Symbol, ...], gradient: Matrix, given: Mapping[str, Any]
) -> _Found:
    """The direction brought to length one, and its product with the gradient."""
    direction: Point = tuple(given["direction"])
    point: Point = tuple(given["direction_at"]) or (given["at"][0] if given["at"] else ())
    at_point(variables, direction)
    if all(numeric(d) == 0 for d in direction):
        raise DeriveError("the zero vector has no direction", "give at least one coordinate that is not 0")
    letters = [Symbol(next(c for c in choices if not _taken(function, variables, c))) for choices in ("vdp", "unq")]
    found = _Found([Heading(("Directional derivative",))], [])
    unit = _unit(direction, letters[0], letters[1], found)
    value: Node = gradient
    left: Node = Gradient(function.name.plain, point or variables)
    if point:
        steps = value_at(gradient, at_point(variables, point))
        value = end_of(gradient, steps)
        if point not in given["at"]:
            found.parts.append(Chain(tuple(steps), left))
    assert isinstance(value, Matrix)
    product = Product((Transpose(left), letters[1]))
    steps = _dot_product(value, unit)
    found.parts += [Paragraph(("The directional derivative is the product of the gradient with the unit vector:",)),
                    Chain(tuple(steps), product)]
    where = f" at {spoken(point)}" if point else ""
    found.results.append(Result(f"directional derivative{where}", end_of(product, steps), product))
    return found


def _unit(direction: Point, name: Symbol, unit_name: Symbol, found: _Found) -> Matrix:
    """The direction divided by its length, shown."""
    vector = column(direction)
    start: Node = Root(total([Power(d, TWO) for d in direction]))
    steps = simplify(start)
    length = end_of(start, steps)
    found.parts += [Paragraph(("The direction is ", Relation((name, vector), ("=",)), ". Its length is",)),
                    Chain(tuple(steps), Call("abs", (name,)))]
    if length == ONE:
        found.parts.append(Paragraph(("so it is a unit vector already, ", Relation((unit_name, name), ("=",)), ".")))
        return vector
    scaled = Product((Quotient(ONE, length), vector))
    steps = [*through(scaled, (algebra.VECTORS,))]
    steps += simplify(end_of(scaled, steps))
    unit = end_of(scaled, steps)
    assert isinstance(unit, Matrix)
    found.parts += [Paragraph(("so that the unit vector in this direction is",)), Chain(tuple(steps), unit_name)]
    return unit


def _dot_product(a: Matrix, b: Matrix) -> list[Step]:
    """The product of a transposed column with a column, entry by entry."""
    start = Product((Transpose(a), b))
    products = total([Product((x[0], y[0])) for x, y in zip(a.rows, b.rows, strict=True)])
    steps = [Step(start, products, "scalar product", "Entries are multiplied in pairs and added.", level=Level.ALGEBRA)]
    return steps + simplify(products)


# --- figure -----------------------------------------------------------------------------------------


def _figure(function: Definition, variables: tuple[Symbol, ...], drawn: Stationary) -> list[Part]:
    """Level lines around the stationary points of a function of two variables; nothing where there are none."""
    from derive.figures.contour_path import describe
    from derive.numeric.value import value_of

    marks = [(value_of(x), value_of(y), nature) for (x, y), nature in _numeric(drawn)] if len(variables) == 2 else []
    if not marks or free_symbols(function.body) - set(variables):
        return []
    data = {"function": function.body, "variables": variables, "path": [], "name": function.name.plain,
            "stationary": [m for m in marks if m[2]]}
    if not data["stationary"]:
        return []
    caption: Prose = ("Level lines of ", called(function.name.plain, variables), " and its stationary points.")
    return [Figure("contour_path", data, caption, describe(data), "level-lines")]


def _numeric(drawn: Stationary) -> list[tuple[Point, str]]:
    return [(point, nature) for point, nature in drawn.points if not any(map(free_symbols, point))]



