r"""The divergence of two multivariate normal distributions: log densities, means of quadratic forms, the closed form.

Called by the kind ``kl-divergence``. With letters both are written ``'normal(\mu, \Sigma)'`` with the letters declared
(``vector k``, ``positive definite matrix k x k``); with numbers each is a table ``{mean = [...], covariance =
[[...], ...]}``, and every term of the closed form is worked out. Source of the formula: the mean of a quadratic form,
``E[(x - m)^T A (x - m)] = tr(A S) + (u - m)^T A (u - m)`` for the mean u and the covariance S of x.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from derive.declarations import Declaration, declaration
from derive.distributions import X, read_formula
from derive.errors import DeriveError
from derive.goals import end_of
from derive.kinds._by_hand import rounding, worked
from derive.kinds._determinants import determinant
from derive.kinds._divergence_named import Found, compared, expectation
from derive.kinds._divergence_table import divergence_of
from derive.kinds._entropy_exact import Quantity, powers_of, written
from derive.kinds._entropy_given import family_of, is_named
from derive.kinds._entropy_units import units
from derive.kinds._exact_matrices import as_column, as_fraction, as_matrix, exact_matrix
from derive.kinds._shared import listed
from derive.problem import Problem
from derive.read.fields import number as read_number
from derive.read.fields import type_name
from derive.rules.monomials import factors_of, join
from derive.steps import Chain, Context, Definition, Derivation, Formula, Heading, Level, Paragraph, Part, Prose, Step
from derive.tree import (
    ONE,
    ZERO,
    Call,
    Matrix,
    Negative,
    Node,
    Product,
    Quotient,
    Relation,
    Symbol,
    Vector,
    from_plain,
    number,
    numeric,
    substitute,
    times,
    total,
)
from derive.write.text import text

_PUT_IN = "The values are put in."
SIDE_MOST = 4  # rows of a covariance with numbers; more fill pages with products
_ENTRIES = {"mean", "covariance"}
_KINDS = (("vector", "vector k"), ("matrix", "positive definite matrix k x k"))


@dataclass(frozen=True)
class Normal:
    """One of the two: how it, its mean and its covariance are written, the dimension, and the numbers where given."""

    name: Symbol
    mean: Symbol
    covariance: Symbol
    side: Node
    numbers: tuple[Vector, Matrix] | None = None

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """What mean and covariance are as numbers."""
        if self.numbers is None:
            return ()
        return tuple(Definition(s, (), n) for s, n in zip((self.mean, self.covariance), self.numbers, strict=True))

    @property
    def moments(self) -> tuple[Definition, ...]:
        """What mean and covariance are as means under the distribution."""
        deviation = read_formula(r"(x - u)(x - u)^\top")
        spread = substitute(deviation, {Symbol("u"): self.mean})
        return (Definition(self.mean, (), expectation(X, self.name)),
                Definition(self.covariance, (), expectation(spread, self.name)))


# --- what is given -----------------------------------------------------------------------------------


def is_multivariate(problem: Problem) -> bool:
    """Whether one of the two is a multivariate normal distribution: a table of mean and covariance, or vectors."""
    return any(_is_table(given) or _has_vectors(given, problem.domains)
               for given in (problem.given["p"], problem.given["q"]))


def _is_table(given: Any) -> bool:
    return isinstance(given, Mapping) and not _ENTRIES.isdisjoint(given)


def _has_vectors(given: Any, domains: Mapping[Symbol, str]) -> bool:
    if not is_named(given):
        return False
    try:
        _, items = family_of(given, "")
    except DeriveError:
        return False  # the message for it is that of the named families
    return any(_declared(item, domains).kind in ("vector", "matrix") for item in items)


def _declared(item: Node, domains: Mapping[Symbol, str]) -> Declaration:
    return declaration(domains.get(item, "real") if isinstance(item, Symbol) else "real")


def _given(problem: Problem) -> tuple[Normal, Normal]:
    """Both distributions. DeriveError where one has letters and the other numbers, and where the sides differ."""
    keys, names = ("p", "q"), problem.given["names"]
    tables = [_is_table(problem.given[key]) for key in keys]
    if tables[0] != tables[1]:
        raise DeriveError("p and q: one is given with numbers, the other is not", "give both as tables of mean and "
                          r"covariance, or both with letters, 'normal(\mu_1, \Sigma_1)'")
    if all(tables):
        p, q = (_with_numbers(problem.given[key], name, key, k)
                for k, (key, name) in enumerate(zip(keys, names, strict=True), 1))
    else:
        p, q = (_with_letters(problem, key, name) for key, name in zip(keys, names, strict=True))
    sides = [text(n.side) if n.numbers is None else str(len(n.numbers[0].items)) for n in (p, q)]
    if sides[0] != sides[1]:
        raise DeriveError(f"p and q: the dimensions {sides[0]} and {sides[1]} differ",
                          "both must be about vectors of the same length")
    _check_letters(p, q)
    return p, q


def _check_letters(p: Normal, q: Normal) -> None:
    """DeriveError where a letter is both a distribution, or the outcome, and a mean, a covariance or a size."""
    taken = {p.name, q.name, X} & {p.mean, q.mean, p.covariance, q.covariance, p.side}
    if taken:
        raise DeriveError(f"names: {text(taken.pop())} stands for two things, a distribution or its outcome x, and a "
                          "mean, a covariance or a size", r"names = ['f', 'g']")


def _with_letters(problem: Problem, key: str, name: Symbol) -> Normal:
    given = problem.given[key]
    if not is_named(given):
        raise DeriveError(f"{key}: expected a multivariate normal distribution, found {type_name(given)}",
                          r"write 'normal(\mu_2, \Sigma_2)' with declared letters")
    family, items = family_of(given, key)
    if family.name != "normal":
        raise DeriveError(f"{key}: of vectors only normal distributions are known, not the {family.title}")
    found: list[Declaration] = []
    for item, (kind, example) in zip(items, _KINDS, strict=True):
        said = _declared(item, problem.domains)
        if said.kind != kind or not said.shape:
            raise DeriveError(f"{key}: {text(item)} is not declared as a {kind} with its size",
                              f'in [symbols]: {text(item)} = "{example}"')
        if said.shape[0].isdigit():
            raise DeriveError(f"{key}: {text(item)} is a {said.text}; with letters the derivation is for any size",
                              f'in [symbols]: {text(item)} = "{example}"')
        found.append(said)
    if "positive definite" not in found[1].properties:
        raise DeriveError(f"{key}: the covariance {text(items[1])} must be positive definite",
                          f'in [symbols]: {text(items[1])} = "{_KINDS[1][1]}"')
    if {*found[0].shape} != {*found[1].shape}:
        raise DeriveError(f"{key}: {text(items[0])} is a {found[0].text}, {text(items[1])} a {found[1].text}",
                          "their sizes must agree")
    mean, covariance = (item for item in items if isinstance(item, Symbol))
    return Normal(name, mean, covariance, read_formula(found[0].shape[0]))


def _with_numbers(given: Mapping[str, Any], name: Symbol, key: str, k: int) -> Normal:
    if set(given) != _ENTRIES:
        raise DeriveError(f"{key}: mean and covariance are needed, and nothing else; found {', '.join(given)}",
                          f"{key} = {{mean = [1, 0], covariance = [[2, 1], [1, 2]]}}")
    mean = _row(given["mean"], f"{key}: mean")
    rows = given["covariance"]
    if not isinstance(rows, list | tuple) or not rows:
        raise DeriveError(f"{key}: covariance: expected a list of rows, found {type_name(rows) if rows else 'none'}")
    matrix = Matrix(tuple(_row(row, f"{key}: covariance, row {i}") for i, row in enumerate(rows, 1)))
    _check_covariance(matrix, len(mean), f"{key}: covariance")
    mu, sigma = from_plain(f"mu_{k}"), from_plain(f"Sigma_{k}")
    return Normal(name, mu, sigma, Symbol("k"), (Vector(mean), matrix))


def _row(given: Any, where: str) -> tuple[Node, ...]:
    if isinstance(given, list | tuple) and not given:
        raise DeriveError(f"{where}: the list is empty")
    if not isinstance(given, list | tuple):
        raise DeriveError(f"{where}: expected a list of numbers, found {type_name(given)}")
    try:
        found = tuple(read_number(item) for item in given)
    except DeriveError as error:
        raise DeriveError(f"{where}: {error.message}", error.hint) from error
    for item in found:
        if numeric(item) is None:
            raise DeriveError(f"{where}: {text(item)} is no whole number, fraction or decimal")
    return found


def _check_covariance(matrix: Matrix, side: int, where: str) -> None:
    """DeriveError for a matrix that is no covariance of so many numbers."""
    rows = matrix.rows
    if side > SIDE_MOST or side < 2:
        raise DeriveError(f"{where}: the mean has {side} entries; 2 to {SIDE_MOST} are worked out")
    if len(rows) != side or any(len(row) != side for row in rows):
        found = " and ".join(sorted({str(len(row)) for row in rows}))
        raise DeriveError(f"{where}: {len(rows)} rows of {found} entries do not fit a mean of {side} entries",
                          f"{side} rows of {side} entries are needed")
    for i in range(side):
        for j in range(i):
            if numeric(rows[i][j]) != numeric(rows[j][i]):
                raise DeriveError(f"{where}: not symmetric, row {i + 1} column {j + 1} is {text(rows[i][j])}, row "
                                  f"{j + 1} column {i + 1} is {text(rows[j][i])}")
    for k in range(1, side + 1):
        minor = as_fraction(exact_matrix(Matrix(tuple(row[:k] for row in rows[:k]))).det())
        if minor <= 0:
            raise DeriveError(f"{where}: not positive definite, the determinant of its first {k} rows and columns is "
                              f"{minor}", "a density needs a positive definite covariance")


# --- the derivation ----------------------------------------------------------------------------------

_TEMPLATES = {
    "density": r"(2 \pi)^{-\frac{k}{2}} (\det S)^{-\frac{1}{2}} e^{-\frac{1}{2} (x - u)^\top S^{-1} (x - u)}",
    "log density": r"-\frac{k}{2} \log(2 \pi) - \frac{1}{2} \log(\det S) - \frac{1}{2} (x - u)^\top S^{-1} (x - u)",
    "own form": r"(x - u)^\top S^{-1} (x - u)",
    "other form": r"(x - m)^\top C^{-1} (x - m)",
    "own mean": r"\operatorname{tr}(S^{-1} S)",
    "unit": r"\operatorname{tr}(I)",
    "other mean": r"\operatorname{tr}(C^{-1} S) + (u - m)^\top C^{-1} (u - m)",
    "trace": r"\operatorname{tr}(C^{-1} S)",
    "distance": r"(u - m)^\top C^{-1} (u - m)",
    "logs": r"\log\frac{\det C}{\det S}",
}
"""Formulas of two normal distributions: mean u and covariance S of the first, m and C of the second; dimension k."""


_HALF = Quotient(ONE, number(2))


@cache
def _template(name: str) -> Node:
    return read_formula(_TEMPLATES[name])


def _formula(name: str, p: Normal, q: Normal, **more: Node) -> Node:
    """A template with the letters of the two."""
    put_in: dict[Node, Node] = {
        Symbol("u"): p.mean, Symbol("S"): p.covariance, Symbol("m"): q.mean, Symbol("C"): q.covariance,
        Symbol("k"): p.side, Symbol("I"): Symbol("I", sub=text(p.side)),
    }
    return substitute(_template(name), {**put_in, **{Symbol(key): node for key, node in more.items()}})


def _closed(p: Normal, q: Normal) -> Node:
    """The divergence with all that the two have in common left out."""
    terms: list[Node] = []
    if p.covariance != q.covariance:
        terms.append(_formula("trace", p, q))
    if p.mean != q.mean:
        terms.append(_formula("distance", p, q))
    if p.covariance != q.covariance:
        terms += [substitute(read_formula("-k"), {Symbol("k"): p.side}), _formula("logs", p, q)]
    whole = total(terms) if terms else ZERO
    return _halved(whole) if whole != ZERO else ZERO


def _log_density(p: Normal) -> Chain:
    step = Step(Call("log", (_formula("density", p, p),)), _formula("log density", p, p), "laws of logarithms",
                "Of a quotient, a root, a power and a product.", level=Level.ALGEBRA)
    return Chain((step,), Call("log", (Call(p.name.plain, (X,)),)))


def _log_ratio(p: Normal, q: Normal) -> Chain:
    minus = substitute(read_formula("a - (b)"), {Symbol("a"): _formula("log density", p, p),
                                                 Symbol("b"): _formula("log density", q, q)})
    ratio = _ratio(p, q, _formula("own form", p, q), _formula("other form", p, q))
    step = Step(minus, ratio, "collect", "What both share is gone.", level=Level.ALGEBRA)
    values = [Call(n.name.plain, (X,)) for n in (p, q)]
    return Chain((step,), Call("log", (Quotient(values[0], values[1]),)))


def _halved(node: Node) -> Node:
    return times([_HALF, *factors_of(node)])


def _ratio(p: Normal, q: Normal, own: Node, other: Node) -> Node:
    """The log ratio, or its mean, with what stands for the two quadratic forms."""
    logs = [] if p.covariance == q.covariance else [_halved(_formula("logs", p, q))]
    return total([*logs, Negative(_halved(own)), _halved(other)])


def _derived(p: Normal, q: Normal, again: bool) -> list[Part]:
    """From the mean of the log ratio to the closed form: with the moments, then with the inverse matrices alone.

    In larger steps where it is told ``again`` for the other direction.
    """
    own, other = (_formula(name, p, q) for name in ("own form", "other form"))
    start = expectation(_ratio(p, q, own, other), p.name)
    linear = _ratio(p, q, expectation(own, p.name), expectation(other, p.name))
    formed = _ratio(p, q, _formula("own mean", p, q), _formula("other mean", p, q))
    unit = substitute(formed, {_formula("own mean", p, q): _formula("unit", p, q)})
    counted = substitute(unit, {_formula("unit", p, q): p.side})
    forms = "The mean of a quadratic form is a trace with the covariance, plus the form at the mean."
    first: tuple[Step, ...] = (
        Step(start, linear, "linearity", "The mean of a sum is taken term by term; constants come out."),
        Step(linear, formed, "mean of a quadratic form", forms),
    )
    second: tuple[Step, ...] = (
        Step(formed, unit, "inverse matrix", "A matrix times its inverse is the unit matrix."),
        Step(unit, counted, "trace of the unit matrix", "As many ones as there are dimensions."),
        Step(counted, _closed(p, q), "collect", "One half comes out of all terms."),
    )
    if again:
        first = (Step(start, formed, "mean of a quadratic form", forms, steps=first),)
        second = (Step(formed, _closed(p, q), "trace of the unit matrix", "As before.", steps=second),)
    label = divergence_of(p.name, q.name)
    return [Chain(first, label, p.moments), Chain(second, label)]


# --- numbers -----------------------------------------------------------------------------------------


def _exactly(start: Node, value: Node) -> list[Step]:
    """The lines to an exact value; a single one where they would round."""
    steps = worked(start)
    if end_of(start, steps) == value or start == value:
        return steps
    return [Step(start, value, "work out", "Row times column, exactly.", level=Level.ARITHMETIC)]


class _Worked:
    """The terms of one direction as numbers: their chains, and their values."""

    def __init__(self, p: Normal, q: Normal) -> None:
        assert p.numbers is not None and q.numbers is not None
        self.p, self.q = p, q
        (self.mean, self.spread), (self.other, self.scale) = p.numbers, q.numbers
        self.side = len(self.mean.items)
        both = sorted((*p.definitions, *q.definitions), key=lambda d: d.name.plain)
        self.where = (*both, Definition(Symbol("k"), (), number(self.side)))
        self.inverse = as_matrix(exact_matrix(self.scale).inv())
        self.parts: list[Part] = []

    def chain(self, start: Node, *steps: Step) -> None:
        self.parts.append(Chain(steps, start if steps[0].before != start else None, self.where))

    def trace(self) -> Fraction:
        """``tr(C^-1 S)``."""
        power = _formula("trace", self.p, self.q)
        assert isinstance(power, Call)
        assert isinstance(power.args[0], Product)
        matrix = power.args[0].factors[0]
        self.chain(matrix, Step(matrix, self.inverse, "inverse matrix",
                                "The product of both is the unit matrix.", level=Level.ALGEBRA))
        made = as_matrix(exact_matrix(self.inverse) * exact_matrix(self.spread))
        put = Product((self.inverse, self.spread))
        self.chain(power.args[0], Step(power.args[0], put, "put in", _PUT_IN, level=Level.ARITHMETIC),
                   *_exactly(put, made))
        diagonal = total([row[i] for i, row in enumerate(made.rows)])
        value = sum((numeric(row[i]) or Fraction(0) for i, row in enumerate(made.rows)), Fraction(0))
        self.chain(power, Step(power, diagonal, "trace", "The sum of the diagonal.", level=Level.ALGEBRA),
                   *_exactly(diagonal, number(value)))
        return value

    def distance(self) -> Fraction:
        """``(u - m)^T C^-1 (u - m)``."""
        form = _formula("distance", self.p, self.q)
        gap = exact_matrix(as_column(self.mean.items)) - exact_matrix(as_column(self.other.items))
        column = as_matrix(gap)
        row = Matrix((tuple(entry for (entry,) in column.rows),))
        value = as_fraction((gap.transpose() * exact_matrix(self.inverse) * gap)[0, 0])
        put = Product((row, self.inverse, column))
        scaled = as_matrix(exact_matrix(self.inverse) * gap)
        half = Product((row, scaled))
        products = total([Product((a, b)) for (a,), (b,) in zip(column.rows, scaled.rows, strict=True)])
        steps = [Step(form, put, "put in", _PUT_IN, level=Level.ARITHMETIC),
                 Step(put, half, "matrix product", "Each entry is a row times a column.", level=Level.ALGEBRA),
                 Step(half, products, "matrix product", "A row times a column.", level=Level.ALGEBRA),
                 *_exactly(products, number(value))]
        self.chain(form, *steps)
        return value

    def ratio(self) -> Fraction:
        """``det C / det S``."""
        values = []
        for normal, matrix in ((self.p, self.spread), (self.q, self.scale)):
            whole = Call("det", (normal.covariance,))
            steps, value = determinant(matrix)
            self.chain(whole, Step(whole, Call("det", (matrix,)), "put in", _PUT_IN, level=Level.ARITHMETIC), *steps)
            values.append(numeric(value) or Fraction(0))
        return values[1] / values[0]


def _with_values(p: Normal, q: Normal) -> tuple[list[Part], Node, dict[int, Fraction] | None]:
    """The parts that work out the closed form, the value, and its primes where it is nothing but logarithms."""
    work = _Worked(p, q)
    trace, distance, ratio = work.trace(), work.distance(), work.ratio()
    put: list[Node] = [number(trace), number(distance), number(-Fraction(work.side))]
    logs = Call("log", (number(ratio),))
    inside = join([*put, logs])
    rest = (trace + distance - work.side) / 2
    powers = powers_of([(Fraction(1, 2), ratio)])
    short = written(powers) or Product((number(Fraction(1, 2)), logs))
    value = join([t for t in (number(rest), short) if t != ZERO]) if rest or short != ZERO else ZERO
    start, middle = _closed(p, q), Product((number(Fraction(1, 2)), inside))
    steps = [Step(start, middle, "put in", _PUT_IN, level=Level.ARITHMETIC),
             Step(middle, value, "simplify", "The numbers are added.", level=Level.ARITHMETIC)]
    if numeric(value) is None:
        steps.append(rounding(value))
    work.parts.append(Chain(tuple(steps), divergence_of(p.name, q.name), work.where))
    return work.parts, value, powers if not rest else None


# --- the whole ---------------------------------------------------------------------------------------


def solve_multivariate(problem: Problem) -> Derivation:
    """Both directions of two multivariate normal distributions.

    DeriveError for letters that are not declared, a covariance that is not symmetric or not positive definite, sizes
    that do not fit, and a parameter to minimise over.
    """
    if problem.given["minimise"] is not None:
        raise DeriveError("minimise: the least divergence of multivariate normal distributions is not derived here")
    p, q = _given(problem)
    context = _context(problem.domains, p, q)
    pairs = [(p, q), (q, p)] if problem.given["directions"] == "both" else [(p, q)]
    parts: list[Part] = [_density(n) for n in (p, q)]
    parts += [_log_density(p), _log_density(q)]
    found = [_direction(*pair, again=k > 0) for k, pair in enumerate(pairs)]
    for one in found:
        new = [part for part in one.parts if part not in parts]  # determinants are worked out once
        parts += [Heading((one.quantity.label,)), *new] if len(found) > 1 else new
    if len(found) > 1 and (p.numbers or p.covariance == q.covariance):
        parts += compared(found, (), context)
    parts += units([one.quantity for one in found])
    results = tuple(r for one in found for r in one.quantity.results(problem.given["base"]))
    asked = tuple((one.quantity.label,) for one in found)
    return Derivation(problem.title, problem.kind, tuple(_stated(n) for n in (p, q)), asked, tuple(parts), results,
                      context)


def _density(p: Normal) -> Formula:
    return Formula(Relation((Call(p.name.plain, (X,)), _formula("density", p, p)), ("=",)),
                   "density of the multivariate normal distribution")


def _direction(p: Normal, q: Normal, again: bool) -> Found:
    label = divergence_of(p.name, q.name)
    name = f"KL({text(p.name)} || {text(q.name)})"
    moments: Prose = ("Mean and covariance under ", p.name, " are ",
                      *listed([Relation((d.name, d.body), ("=",)) for d in p.moments]), ".")
    parts: list[Part] = [*([] if again else [_log_ratio(p, q)]), Paragraph(moments), *_derived(p, q, again)]
    if p.numbers is None:
        return Found(Quantity(label, name, _closed(p, q)), parts)
    more, value, powers = _with_values(p, q)
    told = Paragraph(("The terms of ", label, " with the numbers:"))
    return Found(Quantity(label, name, value, powers), [*parts, told, *more])


def _context(declared: Mapping[Symbol, str], p: Normal, q: Normal) -> Context:
    domains = dict(declared)
    for one in (p, q):
        side = text(one.side)
        domains |= {one.name: "density", one.mean: f"vector {side}", X: f"vector {side}",
                    one.covariance: f"positive definite matrix {side} x {side}"}
    return Context(domains)


def _stated(p: Normal) -> Prose:
    """``p is normal with mean (1, 0) and covariance ...`` in the list of what is given."""
    stated: list[Node] = [Relation((d.name, d.body), ("=",)) for d in p.definitions]
    if not stated:
        stated = [p.mean, p.covariance]
    return (p.name, " is normal with mean ", stated[0], " and covariance ", stated[1])
