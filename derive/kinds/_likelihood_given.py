r"""What a likelihood is given: a family or a density, its unknown parameters, the data; checked, as one value.

Called by the kind ``maximum-likelihood``. A family is a row of :mod:`derive.distributions`, written with the letters or
numbers of the problem, ``normal(\mu, 2)``; a density of its own is a formula with a support. Data outside the support
are refused with the number of the item.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from derive.declarations import Declaration, declaration
from derive.distributions import Family, X, family_named, read_formula
from derive.errors import DeriveError, MathError, about
from derive.goals import simple
from derive.kinds._shared import ROWS_GIVEN, listed
from derive.numeric.value import value_of
from derive.problem import Problem
from derive.read import fields
from derive.read.columns import read_columns
from derive.read.fields import Spelled, nearest, type_name
from derive.steps import Context, Definition, Prose, Status
from derive.tree import (
    INFINITY,
    TWO,
    Call,
    Indexed,
    Integral,
    Negative,
    Node,
    Number,
    Power,
    Quotient,
    Relation,
    Root,
    SumOver,
    Symbol,
    Vector,
    free_symbols,
    number,
    numeric,
    substitute,
)
from derive.verify import verify_step
from derive.write.text import text

INDEX = Symbol("i")
ITEMS_MOST = 10_000
_WRITTEN = re.compile(r"\s*([A-Za-z][A-Za-z -]*?)\s*(?:\((.*)\))?\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Support:
    """Where a density is positive: in words, as a test of a number, and the domains of a value and of the data's mean.

    ``mean`` is the domain in which the mean lies unless all data are at an end of the support.
    """

    words: str
    holds: Callable[[Fraction], bool]
    value: str
    mean: str


def _whole_from(low: int) -> Callable[[Fraction], bool]:
    return lambda x: x.denominator == 1 and x >= low


SUPPORTS: Mapping[str, Support] = {
    "real": Support("the real numbers", lambda x: True, "real", "real"),
    "positive": Support("the positive numbers", lambda x: x > 0, "positive", "positive"),
    "unit interval": Support("the numbers between 0 and 1", lambda x: 0 < x < 1, "(0, 1)", "(0, 1)"),
    "two values": Support("0 and 1", lambda x: x in (0, 1), "probability", "(0, 1)"),
    "counts": Support("the whole numbers from 0", _whole_from(0), "nonnegative integer", "positive"),
    "positive counts": Support("the whole numbers from 1", _whole_from(1), "positive integer", "(1, inf)"),
    "counts to n": Support("the whole numbers from 0 to the number of trials", _whole_from(0), "nonnegative integer",
                           "positive"),
    "interval": Support("the numbers between its ends", lambda x: True, "real", "real"),
}  # fmt: skip
"""The supports of the families, by the names that :data:`derive.distributions.SUPPORTS` gives them."""


@dataclass(frozen=True)
class Model:
    """A density with unknown parameters, and a sample of it.

    ``density`` is in ``variable`` and the parameters; ``unknown`` are those to estimate, ``domains`` those of all
    letters. ``size`` is the letter for the number of data, ``mean`` the letter for their mean. ``moments`` are mean and
    variance of the density, where they are known. ``data`` may be missing.
    """

    title: str
    family: Family | None
    density: Node
    support: Support
    unknown: tuple[Symbol, ...]
    parameters: tuple[Node, ...]
    domains: Mapping[Symbol, str]
    size: Symbol
    data: tuple[Node, ...] | None
    moments: tuple[Node, Node] | None
    words: str = ""
    variable: Symbol = X

    @property
    def member(self) -> Indexed:
        """``x_i``."""
        return Indexed(self.variable, (INDEX,))

    @property
    def mean(self) -> Symbol:
        """The letter for the mean of the data."""
        return Symbol(self.variable.name, accent="bar")

    @property
    def mean_defined(self) -> Definition:
        """What the mean of the data is."""
        return Definition(self.mean, (), Quotient(self.over(self.member), self.size))

    def over(self, body: Node) -> SumOver:
        """The sum of something over the data."""
        return SumOver(body, INDEX, Number("1"), self.size)

    @property
    def named(self) -> Call:
        """``f(x; θ)`` without its parameters: how the density is written."""
        return Call("f", (self.variable,))


def model(problem: Problem) -> Model:
    """The checked value.

    DeriveError for neither or both of a family and a density, parameters that do not fit, unknown names, data outside
    the support.
    """
    given = problem.given
    if (given["distribution"] is None) == (given["density"] is None):
        raise DeriveError("a likelihood needs a distribution or a density, one of them",
                          r"""distribution = 'Poisson(\lambda)', or density = 'f(x) = \theta x^{\theta - 1}'""")
    data, words = read_data(given["data"], problem.file)
    made = _by_family if given["density"] is None else _by_density
    found = made(problem, data, words)
    if data is not None:
        _inside(found, data)
    return found


# --- the density ------------------------------------------------------------------------------------


def written_family(written: str) -> tuple[Family, tuple[Node, ...]]:
    r"""A family and its parameters as a problem writes them: ``beta(2, \beta)``, or the name alone.

    DeriveError for an unknown family and for another number of parameters than it has.
    """
    found = _WRITTEN.fullmatch(written)
    if found is None:
        raise DeriveError(f"{written!r} is no distribution", r"write 'Poisson(\lambda)', or 'normal(\mu, 2)'")
    family = family_named(found[1])
    if found[2] is None:
        return family, tuple(p.symbol for p in family.parameters)
    inside = read_formula(f"({found[2]})")
    items = inside.items if isinstance(inside, Vector) else (inside,)
    if family.name == "normal":
        items = (*items[:1], *map(_deviation, items[1:]))
    if len(items) != len(family.parameters):
        wanted = ", ".join(f"{text(p.symbol)} ({p.title})" for p in family.parameters)
        raise DeriveError(f"the {family.title} has {len(family.parameters)} parameters, {len(items)} are given",
                          f"in this order: {wanted}")
    for parameter, item in zip(family.parameters, items, strict=True):
        _fits(family, parameter.title, parameter.domain, item)
    return family, items


def _deviation(item: Node) -> Node:
    """``σ`` for the variance ``σ^2``, as normal distributions are commonly written; what is no square stays."""
    return item.base if isinstance(item, Power) and item.exponent == TWO else item


def _fits(family: Family, title: str, domain: str, item: Node) -> None:
    """DeriveError for a parameter that is neither a letter, the root of one, nor a number of its domain."""
    if isinstance(item, Symbol) or (family.name == "normal" and letter_of(item) is not None):
        return
    if free_symbols(item):
        raise DeriveError(f"{family.name}: the {title} is {text(item)}", "a parameter is a letter or a number; a "
                          r"deviation also the square root of one, 'normal(\mu, \sqrt{v})'; a square is the variance")
    value = numeric(item)
    if not declaration(domain).allows(value_of(item) if value is None else value):
        raise DeriveError(f"{family.name}: the {title} is {text(item)}, which is not in its domain: {domain}")


def letter_of(item: Node) -> Symbol | None:
    """The letter that a parameter is, or is the square root of; None for a number."""
    inside = item.radicand if isinstance(item, Root) and item.degree == TWO else item
    return inside if isinstance(inside, Symbol) else None


def _by_family(problem: Problem, data: tuple[Node, ...] | None, words: str) -> Model:
    with about("distribution"):
        family, items = written_family(problem.given["distribution"])
    put_in: dict[Node, Node] = {p.symbol: item for p, item in zip(family.parameters, items, strict=True)}
    letters = [letter for item in items if (letter := letter_of(item)) is not None]
    if len(set(letters)) < len(letters) or X in letters:
        raise DeriveError("two parameters have the same letter, or one is called x like the data")
    domains = {letter: p.domain for p, item in zip(family.parameters, items, strict=True)
               if (letter := letter_of(item)) is not None}
    fixed = {item for p, item in zip(family.parameters, items, strict=True) if p.latex in family.fixed}
    unknown = _unknown(problem.given["estimate"], letters, fixed)
    return Model(
        family.title, family, _put_in(family.formula, put_in), SUPPORTS[family.support], unknown, items,
        {**domains, **problem.domains}, _size(letters), data,
        (_put_in(family.mean_formula, put_in), _put_in(family.variance_formula, put_in)), words,
    )


def _put_in(formula: Node, put_in: Mapping[Node, Node]) -> Node:
    """A formula of a family with the parameters of the problem; numbers and roots among them are worked out."""
    made = substitute(formula, put_in)
    return made if all(isinstance(item, Symbol) for item in put_in.values()) else simple(made)


def _by_density(problem: Problem, data: tuple[Node, ...] | None, words: str) -> Model:
    definition = problem.given["density"]
    if len(definition.parameters) != 1 and X not in definition.parameters:
        raise DeriveError("the density is a function of one quantity", r"density = 'f(x) = \theta x^{\theta - 1}'")
    variable = X if X in definition.parameters else definition.parameters[0]
    letters = sorted(free_symbols(definition.body) - {variable}, key=lambda s: s.plain)
    domain = problem.given["support"]
    declared = declaration(domain)
    if declared.kind != "number":
        raise DeriveError(f"support: {domain!r} is no domain of numbers", 'support = "positive", or "(0, 1)"')
    support = Support(domain, declared.allows, declared.text, _of_means(declared))
    _normalised(definition.body, variable, declared, dict(problem.domains))
    return Model(
        "given density", None, definition.body, support, _unknown(problem.given["estimate"], letters, set()),
        tuple(letters), dict(problem.domains), _size(letters), data, None, words, variable,
    )


def _of_means(declared: Declaration) -> str:
    """The domain of a mean of values: between the ends of theirs, but no whole number."""
    if not declared.whole:
        return declared.text
    low, high = ("-inf" if declared.low is None else declared.low), ("inf" if declared.high is None else declared.high)
    return f"({low}, {high})"


def _normalised(body: Node, variable: Symbol, domain: Declaration, domains: Mapping[Symbol, str]) -> None:
    """DeriveError for a density whose integral or sum over the support is certainly not 1, or that is negative."""
    low, high = (end if value is None else number(value) for end, value in
                 ((Negative(INFINITY), domain.low), (INFINITY, domain.high)))
    mass = SumOver(body, variable, low, high) if domain.whole else Integral(body, variable, low, high)
    verdict = verify_step(mass, Number("1"), "=", Context({**domains, variable: domain.text}))
    if verdict.status is Status.REFUTED:
        at = verdict.witness
        where = f" (where {', '.join(f'{k} = {v}' for k, v in at.point)} it is {at.left})" if at and at.point else ""
        raise DeriveError(f"density: {text(body)} does not integrate to 1 over {domain.text}{where}",
                          "divide by its integral, or give another support")


def _unknown(asked: Sequence[Symbol], letters: Sequence[Symbol], fixed: set[Node]) -> tuple[Symbol, ...]:
    """The parameters to estimate: those asked for, else all that are not known numbers."""
    for symbol in asked:
        if symbol not in letters:
            known = ", ".join(text(s) for s in letters) or "none"
            raise DeriveError(f"estimate: {text(symbol)} is no parameter that is a letter",
                              nearest(symbol.plain, (s.plain for s in letters)) or f"letters among them: {known}")
    chosen = tuple(s for s in letters if (s in asked if asked else s not in fixed))
    if not chosen:
        raise DeriveError("no parameter is left to estimate", "write a letter for the parameter that is not known")
    if any(s in fixed for s in chosen):
        raise DeriveError("a number of trials is known, not estimated by calculus: it is a whole number",
                          "leave it out of estimate")
    return chosen


def _size(letters: Sequence[Symbol]) -> Symbol:
    return Symbol(next(c for c in "nmNM" if Symbol(c) not in letters))


# --- the data ---------------------------------------------------------------------------------------


def read_data(given: Any, file: str, key: str = "data") -> tuple[tuple[Node, ...] | None, str]:
    """The numbers, exact, and in words where they come from: a list, or a column of a CSV file.

    DeriveError for an empty list, for an item that is no number, and for a table without file and column.
    """
    if given is None:
        return None, ""
    with about(key.partition(".")[0]):
        return _read_data(given, file, key)


def _read_data(given: Any, file: str, key: str) -> tuple[tuple[Node, ...], str]:
    words = ""
    if isinstance(given, Mapping):
        given, words = _column(given, file, key)
    if not isinstance(given, list | tuple):
        raise DeriveError(f"{key}: expected a list of numbers, found {type_name(given)}", f"{key} = [1, 0, 1, 1]")
    if not given:
        raise DeriveError(f"{key}: there are no numbers in the list", "an estimate needs data; leave the key out to "
                          "derive the estimator in letters")
    if len(given) > ITEMS_MOST:
        raise DeriveError(f"{key}: {len(given):,} numbers are too many: at most {ITEMS_MOST:,}")
    return tuple(data_item(item, k, key) for k, item in enumerate(given, 1)), words


def data_item(item: Any, k: int, key: str) -> Node:
    """A datum, the k-th of a list. DeriveError, naming the field and the item, for what is no exact number."""
    try:
        node = fields.number(item)
    except DeriveError as error:
        raise DeriveError(f"{key}: item {k}: {error.message}", error.hint) from error
    if numeric(node) is None:
        raise DeriveError(f"{key}: item {k} is {text(node)}", "data are whole numbers, decimals or fractions")
    return node


def _column(given: Mapping[str, Any], file: str, key: str) -> tuple[list[Spelled], str]:
    if set(given) != {"file", "column"} or not all(isinstance(v, str) for v in given.values()):
        raise DeriveError(f"{key}: a table has a file and a column", f'{key} = {{file = "data.csv", column = "x"}}')
    name = given["file"]
    path = Path(name) if Path(name).is_absolute() else Path(file).parent / name
    values = read_columns(path, [given["column"]]).column(given["column"])
    return [Spelled(repr(v)) for v in values], origin(given)


def origin(given: Any) -> str:
    """Where data come from, in words: a column of a file, or nothing for a list."""
    return f"the column “{given['column']}” of {Path(given['file']).name}" if isinstance(given, Mapping) else ""


def stated_data(name: str, values: Sequence[Node], words: str) -> Prose:
    """Data as they are given: one by one, or, where they are many, how many and where from."""
    where = f" ({words})" if words else ""
    if len(values) > ROWS_GIVEN:
        return (f"{name}: {len(values):,} numbers{where}",)
    return (f"{name}{where}: ", *listed(values))


def _inside(found: Model, data: Sequence[Node]) -> None:
    """DeriveError, naming the item, for a value at which the density is zero."""
    trials = _trials(found)
    for k, item in enumerate(data, 1):
        value = numeric(item)
        assert value is not None
        if not found.support.holds(value) or (trials is not None and value > trials):
            raise DeriveError(f"data: item {k} is {text(item)}, outside the support of the {found.title}: "
                              f"{found.support.words}", "leave it out, or choose another distribution")


def _trials(found: Model) -> Fraction | None:
    """The number of trials of a binomial distribution, where it is a number."""
    if found.family is None or found.family.support != "counts to n":
        return None
    return numeric(found.parameters[0])


def exactly(node: Node) -> Fraction:
    """A data item's value."""
    value = numeric(node)
    if value is None:
        raise MathError(f"{text(node)} is no number")
    return value


def median_of(data: Sequence[Node]) -> Node:
    """The middle datum, or the mean of the two in the middle."""
    ordered = sorted(data, key=exactly)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return number((exactly(ordered[middle - 1]) + exactly(ordered[middle])) / 2)


def equals(left: Node, right: Node) -> Relation:
    """``left = right``."""
    return Relation((left, right), ("=",))
