r"""A regression with several inputs: the design matrix X, the targets y, and what is known of the rank of X.

Called by :mod:`_likelihood_least_squares` and :mod:`_likelihood_reweighted`. A row of X holds the inputs of a datum,
behind a 1 for the intercept unless the problem says ``intercept = false``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from derive.declarations import declaration
from derive.errors import DeriveError
from derive.kinds._by_hand import has_decimals, written
from derive.kinds._exact_matrices import as_column, null_vector
from derive.kinds._likelihood_given import exactly, origin, read_data, stated_data
from derive.kinds._likelihood_matrices import template
from derive.kinds._likelihood_points import WIDTH_MOST, Rows, are_rows, read_rows
from derive.problem import Problem
from derive.rules.shapes import UNIT, Shapes
from derive.steps import Context, Definition, Derivation, Formula, Paragraph, Part, Prose, Result
from derive.tree import ONE, Indexed, Matrix, Node, Number, Relation, Symbol, Vector
from derive.write.text import text

X, Y, W, SIGMA = Symbol("X"), Symbol("y"), Symbol("w"), Symbol("sigma")
ELL = Symbol("ell")
SHOWN = 12  # rows that are written out


@dataclass(frozen=True)
class Sides:
    """How many rows and columns X has, in letters."""

    rows: Symbol
    columns: Symbol

    def put(self, latex: str) -> Node:
        r"""A template in X, y, w, \sigma, n, d and \mathbf{I} (n x n) with these letters."""
        return template(latex, {Symbol("n"): self.rows, Symbol("d"): self.columns,
                                UNIT: Symbol("I", text(self.rows))})

    @property
    def shapes(self) -> Shapes:
        """The shapes of the letters, for the laws of gradients."""
        n, d = text(self.rows), text(self.columns)
        return Shapes({X: (n, d), Y: (n, 1), W: (d, 1)})

    def domains(self, problem: Problem, *more: tuple[str, str]) -> dict[Symbol, str]:
        """What the letters are; ``more`` are further ones with ``n`` or ``d`` for the length of a vector."""
        n, d = text(self.rows), text(self.columns)
        sizes = {"n": n, "d": d}
        own = {X: f"matrix {n} x {d}", Y: f"vector {n}", W: f"vector {d}", SIGMA: "positive",
               self.rows: "positive integer", self.columns: "positive integer"}
        vectors = {Symbol(name): f"vector {sizes[side]}" for name, side in more}
        return {**own, **vectors, **problem.domains}


@dataclass(frozen=True)
class Design:
    """``inputs`` has n rows as they were written, ``targets`` n numbers."""

    inputs: Rows
    targets: tuple[Node, ...]
    intercept: bool

    @property
    def size(self) -> int:
        """How many data there are."""
        return len(self.targets)

    @property
    def width(self) -> int:
        """How many columns X has."""
        return self.inputs.width + self.intercept

    @property
    def nodes(self) -> tuple[tuple[Node, ...], ...]:
        """The rows of X as they were written."""
        front = (ONE,) if self.intercept else ()
        return tuple((*front, *row) for row in self.inputs.nodes)

    @cached_property
    def rows(self) -> tuple[tuple[Fraction, ...], ...]:
        """The rows of X."""
        return tuple(tuple(map(exactly, row)) for row in self.nodes)

    @cached_property
    def values(self) -> tuple[Fraction, ...]:
        """The targets."""
        return tuple(map(exactly, self.targets))

    @property
    def decimals(self) -> bool:
        """Whether a number is written with a point."""
        return self.inputs.decimals or has_decimals(self.targets)

    @cached_property
    def dependent(self) -> tuple[Fraction, ...] | None:
        """A vector other than 0 that X takes to 0; None where X has full column rank."""
        return null_vector(self.rows)

    @property
    def matrix(self) -> Definition:
        """X with its numbers."""
        return Definition(X, (), Matrix(self.nodes))

    @property
    def column(self) -> Definition:
        """y with its numbers."""
        return Definition(Y, (), as_column(self.targets))

    @property
    def unknown(self) -> tuple[Symbol, ...]:
        """The names of the weights: the first is 0 for an intercept."""
        first = 0 if self.intercept else 1
        return tuple(Symbol("w", str(k)) for k in range(first, first + self.width))

    @property
    def headings(self) -> tuple[Node, ...]:
        """How the inputs are called in a table."""
        i = Symbol("i")
        return tuple(Indexed(Symbol("x"), (i, Number(str(k)))) for k in range(1, self.inputs.width + 1))

    def write(self, value: Fraction) -> Node:
        """A number as the data are written."""
        return written(value, self.decimals)

    def vector(self, values: Any) -> Vector:
        """Numbers as coordinates."""
        return Vector(tuple(map(self.write, values)))


def is_wanted(problem: Problem) -> bool:
    """Whether a regression has several inputs: rows are given, or X is declared as a matrix."""
    declared = problem.domains.get(X)
    return are_rows(problem.given["inputs"]) or (declared is not None and declaration(declared).kind == "matrix")


def sides(problem: Problem) -> Sides:
    """The letters of the shape. DeriveError where X is declared otherwise."""
    declared = problem.domains.get(X)
    if declared is None:
        return Sides(Symbol("n"), Symbol("d"))
    shape = declaration(declared).shape
    if len(shape) != 2 or any(side.isdigit() for side in shape) or shape[0] == shape[1]:
        raise DeriveError(f"X is declared as a {declared}", 'in [symbols]: X = "matrix n x d", with two letters')
    return Sides(Symbol(shape[0]), Symbol(shape[1]))


def given_design(problem: Problem) -> Design | None:
    """The numbers. DeriveError for inputs without data or the other way round, and for different numbers of both."""
    inputs, data = problem.given["inputs"], problem.given["data"]
    if inputs is None and data is None:
        return None
    if inputs is None or data is None:
        missing = "inputs" if inputs is None else "data"
        raise DeriveError(f"a regression with numbers needs both inputs and data, and {missing} is missing",
                          "inputs = [[0, 1], [1, 1]] and data = [0, 1], for instance")
    rows = read_rows(inputs, problem.file, "inputs", "row")
    targets, _ = read_data(data, problem.file)
    assert targets is not None
    if rows.size != len(targets):
        raise DeriveError(f"{rows.size} rows of inputs and {len(targets)} data", "give one datum for each row")
    design = Design(rows, targets, problem.given["intercept"])
    if design.width > WIDTH_MOST:
        raise DeriveError(f"inputs: with the intercept there are {design.width} weights",
                          f"at most {WIDTH_MOST} are worked out; take fewer inputs, or intercept = false")
    return design


def shown_data(design: Design) -> list[Part]:
    """The numbers of X and y, where there are few."""
    if design.size > SHOWN:
        return [Paragraph((f"There are {design.size} data with {design.width} columns of X.",))]
    first: Prose = ("The first column of ones belongs to the intercept ", design.unknown[0], ":")
    return [Paragraph(first if design.intercept else ("A row of ", X, " holds the inputs of a datum:")),
            Formula(Relation((X, design.matrix.body), ("=",))), Formula(Relation((Y, design.column.body), ("=",)))]


def finished(
    problem: Problem, model: Prose, design: Design | None, told: tuple[list[Part], list[Result]], domains: dict[
        Symbol, str],
) -> Derivation:
    """The derivation with what was given and asked."""
    given: list[Prose] = [model]
    if design is not None:
        given.append(stated_data("inputs", design.inputs.vectors, design.inputs.words))
        given.append(stated_data("data", design.targets, origin(problem.given["data"])))
    asked: Prose = ("the maximum-likelihood estimator of ", W)
    return Derivation(problem.title, problem.kind, tuple(given), (asked,), tuple(told[0]), tuple(told[1]),
                      Context(domains))
