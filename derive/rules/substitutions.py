r"""Changes of variable as rules of arguments: ``u = g(x)`` with ``du = g'(x) dx``, and means under a normal law.

Part of the table of :mod:`derive.rules.arguments`, whose conventions hold here. The affine maps ``u = k x + c`` are in
:mod:`derive.rules.interchange`; here g is any part of the integrand whose derivative stands beside it as a factor. The
limits go with the variable; infinite ones where g is known to take them to a limit (:data:`AT_INFINITY`).

Sources: Apostol, Mathematical Analysis (2nd ed., 1974), theorem 7.36; Kingma and Welling, Auto-Encoding Variational
Bayes (2014), section 2.4 (reparametrisation).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from derive.rules import Action, Rule
from derive.rules.algebra import ARITHMETIC, FACTORING, SUBSTITUTION, SUMS
from derive.rules.calculus import CALCULUS
from derive.steps import Level
from derive.tree import (
    INFINITY,
    ONE,
    TWO,
    ZERO,
    Call,
    Derivative,
    E,
    Expectation,
    Integral,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    free_symbols,
    map_children,
    number,
    numeric,
    size,
    substitute,
    times,
    walk,
)

NAME = "change of variable"
LETTERS = (Symbol("u"), Symbol("v"), Symbol("s"), Symbol("t"))
AT_INFINITY: Mapping[str, tuple[Node, Node]] = {"e": (ZERO, INFINITY), "x": (Negative(INFINITY), INFINITY)}
"""Where the exponential function and the letter itself go at minus and plus infinity."""
_NORMAL = frozenset({"N", "Normal"})
_MAPS = 8
_ROUNDS = 24
_LARGEST = 24


def _substituted(letters: Sequence[Symbol]) -> Action:
    def apply(node: Node) -> Node | None:
        match node:
            case Integral(body, x, Node() as lower, Node() as upper):
                u = next((s for s in letters if s not in free_symbols(body)), None)
                inner = dict.fromkeys(p for p in walk(body) if p != x and x in free_symbols(p) and size(p) <= _LARGEST)
                maps = sorted(inner, key=size)[:_MAPS]
                made = (_with_map(body, g, x, u, (lower, upper)) for g in maps if u is not None)
                return next((m for m in made if m is not None), None)
        return None

    return apply


def _with_map(body: Node, g: Node, x: Symbol, u: Symbol, ends: tuple[Node, Node]) -> Node | None:
    """The integral over ``u = g(x)``, where the derivative of g is a factor of what stands beside ``f(g(x))``."""
    if any(isinstance(p, Integral) for p in walk(g)):
        return None
    slope = _worked_out(Derivative(g, x))
    rest = _divided(body, slope)
    limits = [_image(g, x, end) for end in ends]
    if rest is None or None in limits:
        return None
    made = substitute(rest, {g: u})
    return None if x in free_symbols(made) else Integral(made, u, *limits)


def _worked_out(node: Node) -> Node:
    """Derivatives taken and numbers put together, by the tables of these, again and again until nothing changes."""
    for _ in range(_ROUNDS):
        made = node
        for table in (CALCULUS, SUBSTITUTION, ARITHMETIC, SUMS, FACTORING):
            made = _rewritten(made, table)
        if made == node:
            break
        node = made
    return node


def _rewritten(node: Node, table: Sequence[Rule]) -> Node:
    node = map_children(node, lambda part: _rewritten(part, table))
    made = (rule.apply(node) for rule in table)
    return next((m for m in made if m is not None), node)


def _divided(body: Node, slope: Node) -> Node | None:
    """The integrand without the factors of the derivative, which must all stand in it; numbers may be left over."""
    (top, bottom, number_), (by, under, scale) = _factors(body), _factors(slope)
    if by - top or under - bottom:
        return None
    above = list((top - by).elements())
    below = list((bottom - under).elements())
    factor = number_ / scale
    numbers = [] if factor == 1 and (above or below) else [number(factor)]
    made = times([*numbers, *above])
    return Quotient(made, times(below)) if below else made


def _factors(node: Node) -> tuple[Counter[Node], Counter[Node], Fraction]:
    """The factors above and below the line, without numbers, and the number before them."""
    value = numeric(node)
    if value is not None and value:
        return Counter(), Counter(), value
    match node:
        case Negative(operand):
            top, bottom, factor = _factors(operand)
            return top, bottom, -factor
        case Product(factors):
            top, bottom, factor = Counter[Node](), Counter[Node](), Fraction(1)
            for each in factors:
                above, below, part = _factors(each)
                top, bottom, factor = top + above, bottom + below, factor * part
            return top, bottom, factor
        case Quotient(above_, below_):
            first, second = _factors(above_), _factors(below_)
            return first[0] + second[1], first[1] + second[0], first[2] / second[2]
    return Counter({node: 1}), Counter(), Fraction(1)


def _image(g: Node, x: Symbol, end: Node) -> Node | None:
    """Where the map takes a limit of the integral."""
    if end in (INFINITY, Negative(INFINITY)):
        known = AT_INFINITY.get("e" if g == Power(E, x) else "x" if g == x else "")
        return None if known is None else known[end == INFINITY]
    if g == Call("log", (x,)) and end == ZERO:
        return Negative(INFINITY)
    return _worked_out(substitute(g, {x: end}))


def _standardised(letters: Sequence[Symbol]) -> Action:
    def apply(node: Node) -> Node | None:
        """E_{x ~ N(m, s^2)}[f(x)] as a mean under the standard normal law."""
        match node:
            case Expectation("E", (body,), (Relation((Symbol() as x, Call(name, (mean, variance))), ("~",)),)) if (
                name in _NORMAL and (scale := _root(variance)) is not None and (mean, variance) != (ZERO, ONE)
            ):
                taken = free_symbols(body) | free_symbols(mean) | free_symbols(variance)
                z = next((s for s in letters if s not in taken - {x}), None)
                if z is None:
                    return None
                shift = z if scale == ONE else Product((scale, z))
                moved = shift if mean == ZERO else Sum((mean, shift))
                law = Call(name, (ZERO, ONE))
                return Expectation("E", (substitute(body, {x: moved}),), (Relation((z, law), ("~",)),))
        return None

    return apply


def _root(variance: Node) -> Node | None:
    match variance:
        case Power(base, exponent) if exponent == TWO:
            return base
        case Number("1"):
            return ONE
    return None


_INCREASING = "g has a derivative and is increasing or decreasing between the limits, or f is continuous"


def rules(letters: Iterable[Symbol] = ()) -> Iterator[Rule]:
    """The rows, for new variables with these letters before the usual ones."""
    names = tuple(dict.fromkeys((*letters, *LETTERS)))
    yield Rule(NAME, r"\int_a^b f(g(x)) g'(x) \, dx = \int_{g(a)}^{g(b)} f(u) \, du",
               "With u = g(x) there is du = g'(x) dx, and the limits go with it.", _substituted(names), Level.CALCULUS,
               _INCREASING)
    letters = tuple(dict.fromkeys((*names, Symbol("epsilon"), Symbol("z"))))
    yield Rule("reparametrisation", r"\mathbb{E}_{x \sim N(\mu, \sigma^2)}[f(x)] = "
               r"\mathbb{E}_{z \sim N(0, 1)}[f(\mu + \sigma z)]",
               "A normal variable is its mean plus its standard deviation times a standard normal one.",
               _standardised(letters), Level.ARGUMENT, "σ > 0")


SUBSTITUTIONS: tuple[Rule, ...] = tuple(rules())
"""The rows, with the usual letters."""
