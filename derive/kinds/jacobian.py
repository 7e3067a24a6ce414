r"""Jacobians: every partial derivative, the matrix assembled, its values, determinant and rank at points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from derive.errors import DeriveError, LimitError
from derive.goals import free_letter
from derive.kinds._components import Written, in_components
from derive.kinds._determinants import tidy_determinant, vanishing_sums
from derive.kinds._partials import (
    Partial,
    Point,
    assembled,
    at_point,
    called,
    coordinates_of,
    exceptions,
    partial_by,
    plain_name,
    points_of,
    spoken,
    value_part,
)
from derive.kinds._rank import rank
from derive.kinds._shared import context_of, stated
from derive.limits import MATRIX_SIDE
from derive.problem import Field, Problem
from derive.steps import (
    Chain,
    Context,
    Definition,
    Derivation,
    Figure,
    Formula,
    Heading,
    Paragraph,
    Part,
    Prose,
    Result,
    Step,
)
from derive.tree import (
    ZERO,
    Call,
    Matrix,
    Node,
    Relation,
    Symbol,
    Vector,
    entries,
    free_symbols,
    number,
)

SUMMARY = "Jacobian of a map, with values, determinant and rank at points"

FIELDS = (
    Field("functions", "functions", "the components of the map", default=(),
          example="['u(x, y) = x^2 - y^2', 'w(x, y) = 2xy + e^x']"),
    Field("map", "function", "the map as one vector formula, instead of its components",
          example=r"'F(r, \phi) = (r\cos(\phi), r\sin(\phi))'"),
    Field("variables", "symbols", "the variables; those of the functions when not given", default=(),
          example="['x', 'y']"),
    Field("at", "points", "points at which the Jacobian is evaluated", default=(), example="[[1, 1], [0, 0]]"),
    Field("determinant", "boolean", "whether to find the determinant of a square Jacobian", default=True,
          example="true"),
    Field("rank", "boolean", "whether to find the rank at the points", default=True, example="true"),
    Field("in_components", "boolean", "whether to write the Jacobian with the components of the map where that works",
          default=False, example="true"),
    Field("figure", "boolean", "whether to draw a map of the plane at the first point", default=True, example="true"),
)


def solve(problem: Problem) -> Derivation:
    """The partial derivatives row by row, the matrix, then determinant, values and rank.

    DeriveError for a map without components and for points of the wrong length; MathError where a value does not
    exist.
    """
    given = problem.given
    functions = _components(given)
    variables = _variables(functions, tuple(given["variables"]))
    context = context_of(dict(problem.domains), *functions)
    name = free_letter(Vector((*(f.body for f in functions), *(f.name for f in functions), *variables)), Symbol("J"))
    parts, results, matrix = _matrix(functions, variables, name)
    square = len(functions) == len(variables)
    written: Written | None = None
    if given["in_components"]:
        written, more = _shorter(functions, matrix, name)
        parts += more
    if written is not None:
        context = context.including(*written.definitions)
        results.append(Result(f"{name.plain} in terms of the components", written.matrix, name))
    if given["determinant"]:
        more, found = _general_determinant(matrix, written, variables, name, context)
        parts, results = parts + more, results + found
    points: Sequence[Point] = given["at"] or _anywhere(matrix)
    for point in points:
        more, found = _at(matrix, variables, name, point, given, context)
        parts, results = parts + more, results + found
    if given["figure"]:
        parts += _figure(functions, variables, given["at"])
    return Derivation(
        problem.title, problem.kind, tuple((stated(f),) for f in functions), _asked(name, variables, given, square),
        tuple(parts), tuple(results), context,
    )


# --- what is given ----------------------------------------------------------------------------------


def _components(given: Mapping[str, Any]) -> tuple[Definition, ...]:
    """The components as functions, each with all variables of the map."""
    functions: tuple[Definition, ...] = given["functions"]
    vector: Definition | None = given["map"]
    if bool(functions) == (vector is not None):
        raise DeriveError("a map is given either by its functions or by one vector formula",
                          "functions = ['u(x, y) = …', 'w(x, y) = …'] or map = 'F(x, y) = (…, …)'")
    if vector is not None:
        functions = _from_vector(vector)
    if len(functions) > MATRIX_SIDE:
        raise DeriveError(f"a map with {len(functions)} components is too large: at most {MATRIX_SIDE}")
    names = [f.name.plain for f in functions]
    if repeated := next((n for n in names if names.count(n) > 1), None):
        raise DeriveError(f"two components have the same name {repeated}", "give each component its own name")
    return functions


def _from_vector(vector: Definition) -> tuple[Definition, ...]:
    items = entries(vector.body)
    if items is None:
        raise DeriveError("the map is not a vector formula", "write its components in brackets: F(x, y) = (…, …)")
    return tuple(
        Definition(Symbol(vector.name.name, sub=str(i)), vector.parameters, item) for i, item in enumerate(items, 1)
    )


def _variables(functions: Sequence[Definition], asked: tuple[Symbol, ...]) -> tuple[Symbol, ...]:
    """The variables asked for, else those of all functions together."""
    variables = tuple(dict.fromkeys(asked)) or tuple(dict.fromkeys(p for f in functions for p in f.parameters))
    if not variables:
        raise DeriveError("the map has no variables", "write them in brackets: u(x, y) = …")
    if len(variables) > MATRIX_SIDE:
        raise DeriveError(f"{len(variables)} variables are too many: at most {MATRIX_SIDE}")
    return variables


def _asked(name: Symbol, variables: tuple[Symbol, ...], given: Mapping[str, Any], square: bool) -> tuple[Prose, ...]:
    asked: list[Prose] = [("the Jacobian matrix ", name)]
    if given["determinant"] and square:
        asked.append(("its determinant",))
    if given["at"]:
        asked.append(("its values at ", *points_of(variables, given["at"])))
    return tuple(asked)


# --- the matrix -------------------------------------------------------------------------------------


def _matrix(
    functions: Sequence[Definition], variables: tuple[Symbol, ...], name: Symbol
) -> tuple[list[Part], list[Result], Matrix]:
    """The matrix of names, every partial derivative derived, and the matrix of what they are."""
    several = len(variables) > 1
    partials = [[partial_by(f, v, several) for v in variables] for f in functions]
    names = Matrix(tuple(tuple(p.name for p in row) for row in partials))
    values = Matrix(tuple(tuple(p.value for p in row) for row in partials))
    every = [p for row in partials for p in row]
    parts: list[Part] = [
        Paragraph(("The Jacobian has a row for each component and a column for each variable:",)),
        Formula(Relation((name, names), ("=",))),
        Heading(("Partial derivatives",)),
        Paragraph((_HELD if several else "Each component is differentiated by the only variable.",)),
        *(p.chain for p in every),
        *exceptions(every),
        Heading(("Jacobian",)),
        Chain((assembled(names, values, "Jacobian"),), name),
    ]
    return parts, [*_partial_results(every), Result(name.plain, values, name)], values


_HELD = "In each partial derivative all other variables are held fixed, so they count as constants."


def _partial_results(partials: Sequence[Partial]) -> list[Result]:
    return [Result(plain_name(p.name), p.value, p.name, shown=False) for p in partials]


def _shorter(functions: Sequence[Definition], matrix: Matrix, name: Symbol) -> tuple[Written | None, list[Part]]:
    """The entries written with the components of the map where the rules lead there."""
    heading = Heading(("In terms of the components",))
    written = in_components(functions, matrix)
    if written is None:
        return None, [heading, Paragraph(("No entry is shorter when it is written with the components of the map.",))]
    step = Step(matrix, written.matrix, "put in", "Entry by entry, as derived above.")
    return written, [heading, *written.parts, Chain((step,), name)]


# --- determinant ------------------------------------------------------------------------------------


def _general_determinant(
    matrix: Matrix, written: Written | None, variables: tuple[Symbol, ...], name: Symbol, context: Context
) -> tuple[list[Part], list[Result]]:
    """The determinant as a function of the variables, or of the components where the matrix is written with them."""
    rows, columns = matrix.shape
    if rows != columns:
        words = f"This Jacobian has {_count(rows, 'row')} and {_count(columns, 'column')}. It is not square, so it has "
        return [Paragraph((words + "no determinant.",))], []
    if rows == 1:
        return [], []
    left = Call("det", (name,))
    heading = Heading(("Determinant",))
    parts: list[Part]
    ones: tuple[Symbol, ...] = ()
    if written is not None and not free_symbols(written.matrix) & set(variables):
        matrix, ones = written.matrix, written.sum_is_one
    if rows > 2 and (dependent := vanishing_sums(matrix, context, ones)):
        sums = [Chain(tuple(steps)) for steps in dependent]
        zero = Formula(Relation((left, ZERO), ("=",)))
        parts = [heading, Paragraph((_SUMS,)), *sums, Paragraph((_DEPENDENT,)), zero]
        return parts, [Result(f"det {name.plain}", ZERO, left)]
    try:
        steps, value = tidy_determinant(matrix)
    except LimitError as error:
        return [heading, Paragraph((f"It is not written out: {error.message}.",))], []
    parts = [heading, Chain(tuple(steps), left)]
    if value == ZERO:
        parts.append(Paragraph(("The determinant is zero everywhere: the components depend on each other.",)))
    return parts, [Result(f"det {name.plain}", value, left)]


_SUMS = "The entries of each column are added:"
_DEPENDENT = "The rows add up to zero everywhere, so they are linearly dependent and the determinant is zero:"


def _count(number_: int, word: str) -> str:
    return f"{number_} {word}{'s' if number_ > 1 else ''}"


# --- at points --------------------------------------------------------------------------------------


def _anywhere(matrix: Matrix) -> tuple[Point, ...]:
    """A constant Jacobian has its rank everywhere: the empty point stands for that."""
    return () if free_symbols(matrix) else ((),)


def _at(
    matrix: Matrix, variables: tuple[Symbol, ...], name: Symbol, point: Point, given: Mapping[str, Any],
    context: Context,
) -> tuple[list[Part], list[Result]]:
    """The Jacobian at a point, its determinant and its rank there."""
    parts: list[Part] = []
    results: list[Result] = []
    left: Node = name
    value: Node = matrix
    spot = ""
    if point:
        where = at_point(variables, point)
        left, spot = called(name.plain, point), spoken(point)
        part, value = value_part(left, matrix, where)
        parts += [Heading(("At ", Relation((coordinates_of(variables), coordinates_of(point)), ("=",)))), part]
        results.append(Result(f"{name.plain}{spot}", value, left))
    assert isinstance(value, Matrix)
    numeric = not free_symbols(value)
    known: Node | None = None
    if given["determinant"] and value.shape[0] == value.shape[1] > 1:
        with suppress(LimitError):
            steps, known = tidy_determinant(value)
        if point and known is not None:
            parts.append(Chain(tuple(steps), Call("det", (left,))))
            results.append(Result(f"det {name.plain}{spot}", known, Call("det", (left,))))
    if given["rank"] and numeric:
        found = rank(value, left, context, known)
        if not point:
            parts.append(Heading(("Rank",)))
        parts += [*found.parts, *_invertible(known, found.value, value, bool(point))]
        results.append(Result(f"rank {name.plain}{spot}", number(found.value), Call("rank", (left,))))
    elif given["rank"]:
        parts.append(_no_rank(value, left))
    return parts, results


def _no_rank(value: Matrix, left: Node) -> Part:
    """Why there is no rank: it may change with the letters that have no value."""
    letters = sorted(free_symbols(value), key=lambda s: s.plain)
    words = [w for s in letters for w in (", ", s)][1:]
    of = "value of " if len(letters) == 1 else "values of "
    return Paragraph(("The rank of ", left, " is not given: it may depend on the " + of, *words, "."), remark=True)


def _invertible(known: Node | None, found: int, matrix: Matrix, at_a_point: bool) -> list[Part]:
    """What the rank of a square Jacobian says about the map."""
    rows, columns = matrix.shape
    if rows != columns or known is None or not at_a_point:
        return []
    return [Paragraph((_REGULAR if found == rows else _SINGULAR,), remark=True)]


_REGULAR = "The Jacobian is invertible here, so the map can be inverted near this point (inverse function theorem)."
_SINGULAR = "The Jacobian is singular here, so the inverse function theorem says nothing about this point."


# --- figure -----------------------------------------------------------------------------------------


def _figure(functions: Sequence[Definition], variables: tuple[Symbol, ...], points: Sequence[Point]) -> list[Part]:
    """A square around the first point and its image, for a map of the plane without further letters."""
    from derive.figures.map_grid import describe
    from derive.numeric.value import value_of

    if len(functions) != 2 or len(variables) != 2 or not points:
        return []
    if any(free_symbols(f.body) - set(variables) for f in functions):
        return []
    data = {"map": [f.body for f in functions], "variables": variables, "point": [value_of(c) for c in points[0]],
            "names": [f.name for f in functions]}
    caption: Prose = ("What the map and its Jacobian make of a small square around ", coordinates_of(points[0]), ".")
    return [Figure("map_grid", data, caption, describe(data), "map")]
