r"""The data put into the estimators: sums, estimates, the log-likelihood at its maximum, and its picture.

Called by the kind ``maximum-likelihood`` after the estimators are found. Numbers are exact as long as they are short,
then rounded. An estimate that lies at an end of its domain, where the likelihood has no largest value, is refused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from derive.declarations import declaration
from derive.errors import DeriveError
from derive.goals import end_of, simple, simplify, through
from derive.kinds._by_hand import EXACT, Style, digits, has_decimals, is_worked, rounded, rounding, worked
from derive.kinds._likelihood_given import Model, equals, exactly, median_of
from derive.kinds._likelihood_log import Work, called
from derive.kinds._likelihood_stage import estimated
from derive.kinds._shared import listed, value_steps
from derive.numeric.exact import exact
from derive.numeric.value import value_of
from derive.rules import algebra
from derive.steps import Chain, Definition, Figure, Formula, Heading, Level, Paragraph, Part, Prose, Result, Step
from derive.tree import (
    Call,
    Given,
    Negative,
    Node,
    Number,
    Product,
    Quotient,
    Relation,
    Root,
    Sum,
    SumOver,
    Symbol,
    contains,
    decimal,
    free_symbols,
    number,
    numeric,
    substitute,
    total,
    walk,
    whole,
)
from derive.write.numbers import approximate
from derive.write.text import text

SHOWN = 12  # data that are written out one by one
SHORT = 10  # digits of an exact number that is worth showing
FACTORIALS = 20
VALUES_MOST = 3  # different values of discrete data that are told one by one
DIGITS = 12  # of a sum over more data than that


@dataclass
class Numbers:
    """The values of the letters, exact or (where there are too many data) to :data:`DIGITS` digits."""

    work: Work
    data: tuple[Node, ...]
    style: Style
    values: dict[Symbol, Node] = field(default_factory=dict)

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """The values as definitions, for a chain."""
        return tuple(Definition(name, (), value) for name, value in self.values.items())

    def needed(self, *nodes: Node) -> tuple[Definition, ...]:
        """Those that occur in some expressions."""
        return tuple(d for d in self.definitions if any(contains(n, d.name) for n in nodes))

    def members(self, node: Node) -> tuple[Definition, ...]:
        """The data one by one, where a sum over them is left in an expression."""
        if not any(isinstance(n, SumOver) for n in walk(node)):
            return ()
        letter = self.work.model.variable.name
        return tuple(Definition(Symbol(letter, str(k)), (), item) for k, item in enumerate(self.data, 1))

    def put_in(self, node: Node) -> Node:
        """The values in place of the letters."""
        values: dict[Node, Node] = dict(self.values.items())
        return substitute(node, values)


def with_data(work: Work, body: Node) -> Numbers | None:
    """Estimates in numbers; ``body`` is the log-likelihood in all parameters."""
    model = work.model
    if model.data is None:
        return None
    style = Style(decimals=True) if has_decimals(model.data) else EXACT
    numbers = Numbers(work, model.data, style, {model.size: Number(str(len(model.data)))})
    work.add(Heading(("With the data",)), Paragraph(_announced(model, model.data)))
    if work.median is not None:
        numbers.values[work.median] = median_of(model.data)
        work.add(Paragraph(("In order they are ", *listed(sorted(model.data, key=exactly)), "; the median is ",
                            equals(work.median, numbers.values[work.median]), ".")))
        work.add(*_least_distance(numbers))
    for statistic in work.statistics:
        _statistic(numbers, statistic)
    for variable, estimate in work.estimates.items():
        _estimate(numbers, variable, estimate)
    _at_maximum(numbers, body)
    return numbers


def _least_distance(numbers: Numbers) -> list[Part]:
    """That no other place has a smaller sum of distances than the median, shown for these data."""
    centre = next((s for s, e in numbers.work.estimates.items() if e == numbers.work.median), None)
    if centre is None or len(numbers.data) > SHOWN:
        return []
    at = numbers.values[numbers.work.estimates[centre]]  # type: ignore[index]
    distances = [exactly(item) - exactly(at) for item in numbers.data]
    start = total([Call("abs", (Sum((item, Negative(centre))),)) for item in numbers.data])
    least = as_number(sum(map(abs, distances), Fraction(0)), numbers.style)
    step = Step(start, least, "smallest at the median", "A sum of distances, piece by piece.", ">=", Level.ARGUMENT)
    return [Paragraph(("For every ", centre)), Chain((step,)), Paragraph(("with equality at the median.",))]


def _announced(model: Model, data: Sequence[Node]) -> Prose:
    origin = f" ({model.words})" if model.words else ""
    if len(data) > SHOWN:
        return ("There are ", equals(model.size, Number(str(len(data)))), f" data{origin}.")
    return ("The ", equals(model.size, Number(str(len(data)))), f" data{origin} are ", *listed(data), ".")


# --- sums -------------------------------------------------------------------------------------------


def _statistic(numbers: Numbers, statistic: Definition) -> None:
    """The value of a sum over the data, or of their mean, with the steps to it."""
    model, data = numbers.work.model, numbers.data
    start = _over_data(numbers, statistic.body)
    steps = _one_logarithm(start)
    first = end_of(start, steps)
    steps += [] if is_worked(first) else worked(first, numbers.style)
    value = end_of(start, steps)
    if steps and steps[-1].relation == "~=":
        value = steps[-1].before if len(data) <= SHOWN else rounded(start, DIGITS)
    if len(data) <= SHOWN or statistic.name == model.mean:
        chain: Part = Chain(tuple(steps), statistic.name) if steps else Formula(equals(statistic.name, start))
    else:
        chain = Formula(equals(statistic.name, rounded(start)))
    numbers.values[statistic.name] = value
    if any(contains(e, statistic.name) for e in numbers.work.estimates.values()):
        _inside(numbers.work, statistic, value)
    numbers.work.add(chain)


def _one_logarithm(node: Node) -> list[Step]:
    """Logarithms of numbers as the logarithm of their product, where that is short."""
    terms = node.terms if isinstance(node, Sum) else ()
    logs = [t.args for t in terms if isinstance(t, Call) and t.name in ("log", "ln")]
    values = [_whole_or_exact(args[0]) for args in logs if len(args) == 1]
    known = [v for v in values if v is not None]
    if not terms or len(known) != len(terms) or len({len(a) for a in logs}) != 1:
        return []
    product = math.prod(known, start=Fraction(1))
    made = Call("log", (as_number(product, EXACT if not has_decimals([node]) else Style(decimals=True)),))
    if digits(made) > SHORT:
        return []
    return [Step(node, made, "logarithm of a product", "A sum of logarithms is the logarithm of the product.")]


def _whole_or_exact(node: Node) -> Fraction | None:
    """The exact value of a number, or of a small factorial."""
    match node:
        case Call("factorial", (inner,)) if (value := whole(inner)) is not None and 0 <= value <= FACTORIALS:
            return Fraction(math.factorial(value))
    return exact(node, {})


def _over_data(numbers: Numbers, node: Node) -> Node:
    """Sums over the data written out, with the letters whose values are known."""
    model = numbers.work.model
    sums: dict[Node, Node] = {}
    for part in (n for n in walk(node) if isinstance(n, SumOver)):
        if part.body == model.member and len(numbers.data) > SHOWN:
            sums[part] = as_number(sum(map(exactly, numbers.data), Fraction(0)), numbers.style)
        else:
            sums[part] = total([substitute(part.body, {model.member: item}) for item in numbers.data])
    return numbers.put_in(substitute(node, sums))


def as_number(value: Fraction, style: Style) -> Node:
    """A fraction, or its decimal where the data are decimals and it ends."""
    return (decimal(value) if style.decimals else None) or number(value)


def _inside(work: Work, statistic: Definition, value: Node) -> None:
    """DeriveError where a sum has a value for which the likelihood has no largest value."""
    domain = declaration(work.domains.get(statistic.name, "real"))
    known = numeric(value)
    if domain.allows(value_of(value) if known is None else known):
        return
    assert work.model.data is not None
    found = text(Relation((statistic.name, statistic.body, value), ("=", "=")))
    if work.what != "log-likelihood":
        raise DeriveError(f"data: {found}: the estimator does not exist, because the posterior density has no largest "
                          "value in the domain of the parameter", "give other data, or another prior")
    if len(work.model.data) == 1:
        raise DeriveError(f"data: with one data point {found}: the estimator does not "
                          "exist, because the likelihood has no largest value", "give at least two different numbers")
    raise DeriveError(
        f"data: {found}: the estimator does not exist, because the likelihood has no "
        "largest value in the domain of the parameter",
        "all data lie at one end of the support; give others, or a prior" if statistic.name ==
        work.model.mean else "all data are the same; give at least two different numbers",
    )


# --- estimates --------------------------------------------------------------------------------------


def _estimate(numbers: Numbers, variable: Symbol, estimate: Node) -> None:
    """The estimator with numbers, exact, then as a decimal."""
    work = numbers.work
    start = numbers.put_in(estimate)
    steps = [Step(estimate, start, "put in the data", "The sums with their values.", level=Level.ALGEBRA)]
    steps += value_lines(start, numbers.style)
    value = end_of(estimate, steps)
    if steps[-1].relation == "~=":
        value = steps[-1].before
    elif isinstance(value, Quotient):
        steps.append(_as_decimal(value))
        value = steps[-1].after if numbers.style.decimals and steps[-1].relation == "=" else value
    work.add(Chain(tuple(steps), estimated(variable), numbers.needed(estimate)))
    numbers.values[variable] = value
    work.results.append(Result(f"{variable.plain} from the data", value, estimated(variable)))


def value_lines(node: Node, style: Style) -> list[Step]:
    """Lines to the value; under a root the number first, which stays under it unless it is a square."""
    if not isinstance(node, Root):
        return worked(node, style)
    inside = exact(node.radicand, {})
    if inside is None:
        return worked(node, style)
    short = Root(as_number(inside, style), node.degree)
    steps = [] if short == node else [Step(node, short, "work out the root's content", "The number under the root.")]
    whole = exact(short, {})
    if whole is None:
        return [*steps, rounding(short)]
    return [*steps, Step(short, as_number(whole, style), "root of a number", "The root comes out even.")]


def _as_decimal(value: Node) -> Step:
    """A fraction as a decimal: exact where that is short, else rounded."""
    known = numeric(value)
    ended = None if known is None else decimal(known)
    if ended is None or digits(ended) > SHORT:
        return rounding(value)
    return Step(value, ended, "as a decimal", "The division ends.", level=Level.ARITHMETIC)


def _at_maximum(numbers: Numbers, body: Node) -> None:
    """The log-likelihood with the data, and its largest value."""
    work = numbers.work
    unknown = work.model.unknown
    known = {s: v for s, v in numbers.values.items() if s not in unknown}
    with_numbers = substitute(Numbers(work, numbers.data, numbers.style, known).put_in(_sums(numbers, body)), {})
    steps = simplify(with_numbers) if len(numbers.data) <= SHOWN else []
    end = end_of(with_numbers, steps)
    point = [(s, numbers.values[s]) for s in unknown]
    if free_symbols(end) - set(unknown):
        return
    if len(numbers.data) <= SHOWN:
        work.add(Paragraph((f"The {work.what} of these data is",)))
        opening = [Step(body, with_numbers, "put in the data", "The sums with their values.", level=Level.ALGEBRA)]
        where = (*(d for d in numbers.needed(body) if d.name not in unknown), *numbers.members(body))
        work.add(Chain((*opening, *steps), called(work.name, unknown), where))
    work.add(Paragraph(("and its largest value",) if len(numbers.data) <= SHOWN else
                       (f"The largest value of the {work.what} is",)))
    left = Call(work.name.plain, tuple(v if is_worked(v) else estimated(s) for s, v in point))
    largest = value_of(substitute(end, dict(point)))
    if len(numbers.data) <= SHOWN:
        lines = value_steps(end, point)
        last = end_of(end, lines)
        if numeric(last) is None or isinstance(last, Quotient):
            lines.append(rounding(last))
        work.add(Chain(tuple(lines), left))
        work.results.append(Result(f"largest {work.what}", last, left))
    else:
        work.add(Formula(equals(left, approximate(largest))))
        work.results.append(Result(f"largest {work.what}", approximate(largest), left, number=largest))
    _average(numbers, end, point, largest)
    work.results.append(Result(f"{work.what} of the data", end, None, shown=False))


def _sums(numbers: Numbers, body: Node) -> Node:
    """The sums over the data that hold unknown parameters, written out."""
    kept = Numbers(numbers.work, numbers.data, numbers.style)
    return _over_data(kept, body)


def _average(numbers: Numbers, body: Node, point: Sequence[tuple[Symbol, Node]], largest: float) -> None:
    """Minus the average log-likelihood: the cross-entropy of the data and the model, in nats."""
    work = numbers.work
    count = numbers.values[work.model.size]
    average = Quotient(Negative(body), count)
    if len(numbers.data) > SHOWN or len(work.model.unknown) > 1 or work.what != "log-likelihood":
        return
    steps = through(average, (algebra.ARITHMETIC, algebra.SUMS, algebra.EXPAND, algebra.FACTORING))
    end = end_of(average, steps)
    name = Symbol("J")
    work.add(
        Paragraph((("Divided by minus the number of data it is the average negative log-likelihood, the cross-entropy "
                   "of the data and the model in nats, which is smallest at the same place:"),)),
        Chain(tuple(steps), Call(name.plain, work.model.unknown)),
    )
    work.results.append(Result("average negative log-likelihood", end, Call(name.plain, work.model.unknown)))
    _divergence(numbers, end, name)
    value = -largest / len(numbers.data)
    work.results.append(Result("least average negative log-likelihood", approximate(value), shown=False, number=value))


def _divergence(numbers: Numbers, average: Node, name: Symbol) -> None:
    """For few different values: the divergence of the data from the model is the same but for their entropy."""
    model = numbers.work.model
    different = sorted(set(map(exactly, numbers.data)))
    if model.family is None or not model.family.discrete or not 2 <= len(different) <= VALUES_MOST:
        return
    size = Fraction(len(numbers.data))
    values = list(map(exactly, numbers.data))
    shares = [number(values.count(v) / size) for v in different]
    masses = [simple(substitute(model.density, {model.variable: number(v)})) for v in different]
    start = Sum(tuple(Product((s, Call("log", (Quotient(s, m),)))) for s, m in zip(shares, masses, strict=True)))
    entropy = Sum(tuple(Product((s, Call("log", (s,)))) for s in shares))
    apart = Sum((*entropy.terms, *(Negative(Product((s, Call("log", (m,))))) for s, m in
                                   zip(shares, masses, strict=True))))
    end = Sum((*entropy.terms, Call(name.plain, model.unknown)))
    left = Call("KL", (Given((Symbol("p", accent="hat"),), (Symbol("f"),), "||"),))
    definition = Definition(name, model.unknown, average)
    numbers.work.add(
        Paragraph((f"The {'two' if len(different) == 2 else len(different)} values have the shares ", *listed(shares),
                   (" in the data. The divergence of this distribution from the model differs from the cross-entropy "
                   "by the entropy of the data, which no parameter changes, so it is smallest at the same place:"))),
        Chain((Step(start, apart, "logarithm of a quotient", "A quotient becomes a difference."),
               Step(apart, end, "cross-entropy of the data", "The other terms are the average found above.")),
              left, (definition,)),
    )
    numbers.work.results.append(Result("divergence of the data from the model", start, left))


# --- the picture ------------------------------------------------------------------------------------


def picture(numbers: Numbers, body: Node) -> Figure | None:
    """The log-likelihood with its maximum: a curve for one parameter, level lines for two."""
    work = numbers.work
    unknown = work.model.unknown
    shown = substitute(_sums(numbers, body), {s: v for s, v in numbers.values.items() if s not in unknown})
    if free_symbols(shown) - set(unknown) or len(unknown) > 2:
        return None
    at = [value_of(numbers.values[s]) for s in unknown]
    top = value_of(substitute(shown, {s: numbers.values[s] for s in unknown}))
    caption: Prose = (f"The {work.what} of the data and its maximum at ",
                      *listed([equals(estimated(s), approximate(v)) for s, v in zip(unknown, at, strict=True)]), ".")
    if len(unknown) == 1:
        marked = equals(estimated(unknown[0]), approximate(at[0], 4))
        data: Mapping[str, object] = {
            "curves": [{"node": shown, "label": called(work.name, unknown)}], "variable": unknown[0],
            "range": _range(work, unknown[0], at[0], len(numbers.data)),
            "points": [{"x": at[0], "y": top, "label": marked}],
        }
        return Figure("function_plot", data, caption, f"The {work.what} with its maximum marked.", "log-likelihood")
    data = {"function": shown, "variables": unknown, "path": [], "name": text(work.name),
            "stationary": [(*at, "maximum")]}
    return Figure("contour_path", data, caption, f"Level lines of the {work.what} with its maximum marked.",
                  "log-likelihood")


def _range(work: Work, variable: Symbol, at: float, count: int) -> list[float]:
    """A range around the maximum inside the parameter's domain."""
    domain = declaration(work.domains.get(variable, "real"))
    low, high = domain.low, domain.high
    if low is not None and high is not None:
        room = 0.02 * float(high - low)
        return [float(low) + room, float(high) - room]
    if low is not None:
        away = at - float(low)
        return [float(low) + 0.15 * away, float(low) + 3 * away]
    width = max(abs(at), 1.0)
    return [at - 2 * width, at + 2 * width]

