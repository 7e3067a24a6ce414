"""Solving ``f(x) = 0`` in steps: where a derivative vanishes, where a curve bends.

Each step is an equivalence between equations. An equation is brought to a product of polynomials in one
*atom* (the variable, an exponential, a logarithm, a root); a factor that is never zero is dropped; a linear
or quadratic factor is solved for its atom, and the atom is inverted. What this does not reach is said not to be
solved, never guessed. Called by kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from derive.declarations import declaration
from derive.engine import once
from derive.errors import DeriveError, LimitError, MathError
from derive.goals import shape, simple, through
from derive.numeric.value import value_of
from derive.rules import algebra, forms, rational
from derive.rules.monomials import Monomial, build, is_exponential, split
from derive.steps import Level, Step
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    E,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Set,
    Sum,
    Symbol,
    children,
    free_symbols,
    numeric,
)


@dataclass(frozen=True, slots=True)
class Solved:
    """The solutions of an equation, each with the chain of equivalences that leads to it.

    ``opening`` are the steps from the equation to a product of factors; ``branches`` one chain for each factor that
    has solutions; ``solutions`` all of them, in increasing order where they are numbers. ``dropped`` are those that the
    chains name but at which the expression has no value, or that lie outside the domain.
    """

    equation: Relation
    opening: list[Step]
    branches: list[list[Step]]
    solutions: tuple[Node, ...]
    dropped: tuple[Node, ...] = ()


class UnsolvedError(DeriveError):
    """The rules do not lead to the solutions; says at which equation."""


def solve_for_zero(node: Node, variable: Symbol, domain: str = "real") -> Solved:
    """Every real ``x`` of the domain with ``node = 0``. UnsolvedError when the laws of this module do not suffice.

    A point at which the expression has no value is no solution, even where a later line of the chain names it.
    """
    solved = _solve(node, variable)
    kept = tuple(x for x in solved.solutions if free_symbols(x) or _counts(node, variable, x, domain))
    dropped = tuple(x for x in solved.solutions if x not in kept)
    return Solved(solved.equation, solved.opening, solved.branches, kept, dropped)


def _counts(node: Node, variable: Symbol, x: Node, domain: str) -> bool:
    """Whether a value lies in the domain and the expression has a value there."""
    try:
        place = value_of(x)
        value_of(node, {variable: place} | dict.fromkeys(free_symbols(node) - {variable}, 1.5))
    except (MathError, ZeroDivisionError):
        return False
    return inside(domain, place)


def interval(domain: str) -> tuple[Fraction, Fraction] | None:
    """The ends of a domain declared as an interval, ``(0, 1)``; None for one that is not bounded on both sides."""
    declared = declaration(domain)
    return None if declared.low is None or declared.high is None else (declared.low, declared.high)


def inside(domain: str, value: float) -> bool:
    """Whether a number lies in a declared domain."""
    return declaration(domain).allows(value)


def _solve(node: Node, variable: Symbol) -> Solved:
    equal_logarithms = _equal_logarithms(node)
    if equal_logarithms is not None:
        return _after_logarithms(node, variable, *equal_logarithms)
    opening: list[Step] = []
    current = _unfolded(node)
    equation = _equation(node)
    if current != node:
        opening.append(equivalent(equation, _equation(current), "definition", "Functions are written out."))
    parts = _factors(current, variable)
    product = _equation(build(_product(parts)))
    if parts and shape(product.sides[0]) == shape(current):
        product = _equation(current)
    elif parts and product != _equation(current):
        opening.append(equivalent(_equation(current), product, *_to_product(current, parts, variable)))
    vanishing = [p for p in parts if not never_zero(p, variable)]
    if len(vanishing) < len(parts) and vanishing:
        rest = _equation(build(_product(vanishing)))
        opening.append(equivalent(product, rest, "divide by what is never zero", "Exponentials are positive."))
    branches = [_branch(p, variable) for p in vanishing]
    found = list(dict.fromkeys(s for _, solutions in branches for s in solutions))
    if not any(map(free_symbols, found)):
        found.sort(key=value_of)
    return Solved(equation, opening, [steps for steps, _ in branches], tuple(found))


def _to_product(node: Node, parts: list[Node], variable: Symbol) -> tuple[str, str]:
    """What is done, and why it is right, where an expression becomes the product of its different factors."""
    powers = {b: e for b, e in split(node).powers.items() if variable in free_symbols(b)}
    apart = not all(any(_is_multiple(part, base, variable) for base in powers) for part in parts)
    below = list(_denominators(node))
    if any(variable in free_symbols(denominator) for denominator in below):
        reason = "A fraction is zero where its numerator is"
        return ("factor", f"{reason}, here written as a product.") if apart else ("numerator is zero", f"{reason}.")
    if apart:
        return "factor", "The left side is written as a product."
    if any(e != 1 for b, e in powers.items() if not is_exponential(b)):
        return "zero of a power", "A power or a root is zero where its base is; a factor in front is not zero."
    if below:
        return "clear denominators", "Both sides are multiplied by what is below the bars; factors in front go."
    return "divide by a factor", "Both sides are divided by a factor that is not zero."


def _denominators(node: Node) -> Iterator[Node]:
    """What stands below the bars of sums and products, not in exponents and functions."""
    match node:
        case Call():
            return
        case Power(base):
            yield from _denominators(base)
            return
        case Quotient(_, bottom):
            yield bottom
    for part in children(node):
        yield from _denominators(part)


def _is_multiple(node: Node, of: Node, variable: Symbol) -> bool:
    """Whether the variable does not occur in the quotient of two expressions; exponentials are taken as they are."""
    if is_exponential(node) or is_exponential(of):
        return split(node).powers.keys() == split(of).powers.keys()
    step = once(Quotient(node, of), forms.FACTORS)
    return variable not in free_symbols(step.after if step else Quotient(node, of))


def _equal_logarithms(node: Node) -> tuple[Node, Node] | None:
    """``u`` and ``v`` when the expression is a multiple of ``log(u) - log(v)``."""
    match node:
        case Sum((first, second)):
            one, other = split(first), split(second)
            if one.coefficient == -other.coefficient and len(one.powers) == len(other.powers) == 1:
                (a, m), (b, n) = next(iter(one.powers.items())), next(iter(other.powers.items()))
                if m == n == 1 and isinstance(a, Call) and isinstance(b, Call) and a.name == b.name in ("log", "ln"):
                    return (a.args[0], b.args[0]) if len(a.args) == len(b.args) == 1 else None
    return None


def _after_logarithms(node: Node, variable: Symbol, u: Node, v: Node) -> Solved:
    """Equal logarithms have equal arguments; the equation between those is solved."""
    equation, logs = _equation(node), _equation(Call("log", (u,)), Call("log", (v,)))
    plain, difference = _equation(u, v), simple(Sum((u, Negative(v))))
    rest = _solve(difference, variable)
    opening = [
        equivalent(equation, logs, "bring to the other side", "The same is added on both sides."),
        equivalent(logs, plain, "equal logarithms", "The logarithm takes each value once."),
        equivalent(plain, _equation(difference), "bring to the other side", "The same is subtracted on both sides."),
    ]
    return Solved(equation, [*opening, *rest.opening], rest.branches, rest.solutions)


def _product(parts: list[Node]) -> Monomial:
    made = Monomial()
    for part in parts:
        made = made.times(split(part))
    return made


def _equation(left: Node, right: Node = ZERO) -> Relation:
    return Relation((left, right), ("=",))


def equivalent(before: Node, after: Node, rule: str, reason: str) -> Step:
    """A step from an equation to one with the same solutions."""
    return Step(before, after, rule, reason, "<=>", Level.ALGEBRA)


def _unfolded(node: Node) -> Node:
    steps = through(node, (forms.DEFINITIONS, algebra.ARITHMETIC, algebra.SUMS))
    return steps[-1].after if steps else node


def _factors(node: Node, variable: Symbol) -> list[Node]:
    """The different factors of the numerator that contain the variable."""
    try:
        step = once(node, forms.FACTORS)
    except LimitError as error:
        raise UnsolvedError(str(error)) from error
    monomial = split(step.after if step else node)
    parts = [
        build(Monomial(powers={b: e})) if is_exponential(b) else b
        for b, e in monomial.powers.items()
        if variable in free_symbols(b) and (is_exponential(b) or not (isinstance(e, Fraction) and e < 0))
    ]
    if not parts and (monomial.coefficient == 0 or any(free_symbols(b) for b, e in monomial.powers.items() if e != 0
                                                       and variable not in free_symbols(b))):
        raise UnsolvedError("the equation does not depend on the variable")
    return parts


def never_zero(node: Node, variable: Symbol) -> bool:
    """Whether an expression is certainly not zero for any real value: an exponential, or a sum of positive terms."""
    if is_exponential(node) or numeric(node) not in (None, 0):
        return True
    if isinstance(node, Call) and node.name in _NEVER_ZERO:
        return True
    if isinstance(node, Sum):
        return all(_nonnegative(t) for t in node.terms) and any(never_zero(t, variable) for t in node.terms)
    monomial = split(node)
    if monomial.coefficient == 0 or node in monomial.powers:
        return False
    return all(never_zero(b, variable) for b in monomial.powers)


_NEVER_ZERO = frozenset({"exp", "cosh", "sigma", "softplus", "sign", "sec", "csc"})
"""Functions that are zero nowhere they have a value."""


def _nonnegative(term: Node) -> bool:
    monomial = split(term)
    if monomial.coefficient < 0:
        return False
    return all(is_exponential(b) or (isinstance(e, Fraction) and e % 2 == 0) for b, e in monomial.powers.items())


def _branch(part: Node, variable: Symbol) -> tuple[list[Step], list[Node]]:
    """One factor set to zero and solved: the steps and the solutions."""
    steps: list[Step] = []
    equation = _equation(part)
    atom, exponent, values = _for_atom(part, variable)
    unknown = build(Monomial(powers={atom: exponent}))
    solutions = [s for v in values for s in _inverted(unknown, v, variable)]
    if not (unknown == part and values == [ZERO]):
        isolated = _listed(unknown, values)
        if isolated is not None and isolated != equation:
            steps.append(equivalent(equation, isolated, *_how(part, variable, values)))
            equation = isolated
    final = _listed(variable, solutions)
    if final is not None and final != equation:
        steps.append(equivalent(equation, final, *_inverse_name(unknown)))
    return steps, solutions


def _how(part: Node, variable: Symbol, values: list[Node]) -> tuple[str, str]:
    """The name of the law that gave the unknown's values."""
    found = rational.coefficients(part, variable)
    if found is not None and 1 not in found[2]:
        return "take roots", "The numbers with that power."
    if len(values) == 1:
        return "isolate", "Solved for the unknown."
    return "quadratic formula", "The two roots of a quadratic equation."


def _listed(unknown: Node, values: list[Node]) -> Relation | None:
    if not values:
        return None
    return _equation(unknown, values[0]) if len(values) == 1 else Relation((unknown, Set(tuple(values))), ("in",))


def _for_atom(part: Node, variable: Symbol) -> tuple[Node, Fraction, list[Node]]:
    """The atom of a factor, to which power it is the unknown, and the unknown's values."""
    coefficients = rational.coefficients(part, variable)
    if coefficients is None:
        raise UnsolvedError("an equation in more than one function of the variable is left")
    atom, step, by_degree = coefficients
    degrees = sorted(by_degree)
    if degrees in ([1], [2]):
        return atom, step, [ZERO]
    if degrees == [0, 1]:
        return atom, step, [simple(Negative(Quotient(by_degree[0], by_degree[1])))]
    if degrees == [0, 2]:
        roots = _square_roots(simple(Negative(Quotient(by_degree[0], by_degree[2]))))
        if roots is not None:
            return atom, step, roots
    if len(degrees) == 2 and degrees[0] == 0:
        power, ratio = degrees[1], simple(Negative(Quotient(by_degree[0], by_degree[degrees[1]])))
        return atom, step, _roots(ratio, power)
    if degrees == [0, 1, 2]:
        return atom, step, _quadratic(by_degree[2], by_degree[1], by_degree[0])
    raise UnsolvedError("an equation of higher degree is left")


def _square_roots(square: Node) -> list[Node] | None:
    value = numeric(square)
    if value is None:
        return None
    if value < 0:
        return []
    root = simple(Root(square))
    return [ZERO] if value == 0 else [simple(Negative(root)), root]


def _roots(value: Node, power: int) -> list[Node]:
    """The real numbers whose power is a number."""
    number_ = numeric(value)
    if number_ is None:
        raise UnsolvedError("a power of a letter is left")
    if number_ == 0:
        return [ZERO]
    if number_ < 0 and power % 2 == 0:
        return []
    root = simple(Root(value if number_ > 0 else simple(Negative(value)), Number(str(power))))
    if power % 2:
        return [root if number_ > 0 else Negative(root)]
    return [Negative(root), root]


def _quadratic(a: Node, b: Node, c: Node) -> list[Node]:
    """The real roots of ``a u^2 + b u + c``, smaller one first for positive ``a``."""
    inside = simple(Sum((Power(b, TWO), Negative(Product((Number("4"), a, c))))))
    value = numeric(inside)
    if value is None:
        raise UnsolvedError("a quadratic equation with letters in it is left")
    if value < 0:
        return []
    middle, reach = Quotient(Negative(b), Product((TWO, a))), Quotient(Root(inside), Product((TWO, a)))
    if value == 0:
        return [simple(middle)]
    return [simple(Sum((middle, Negative(reach)))), simple(Sum((middle, reach)))]


def _inverse_name(unknown: Node) -> tuple[str, str]:
    if is_exponential(unknown):
        return "take logarithms", "The logarithm undoes the exponential."
    return "solve for the variable", "The function is undone."


def _inverted(unknown: Node, value: Node, variable: Symbol) -> list[Node]:
    """The values of the variable at which the unknown has a value; none where it never has it."""
    if unknown == variable:
        return [value]
    match unknown:
        case Power(base, exponent) if base == E:
            return _linear(exponent, simple(Call("log", (value,))), variable) if value_of(value) > 0 else []
        case Call("log" | "ln", (argument,), 0):
            return _linear(argument, Power(E, value), variable)
        case Root(radicand, degree) if numeric(degree) == 2:
            return _linear(radicand, simple(Power(value, TWO)), variable) if value_of(value) >= 0 else []
        case Power(base, exponent) if base == variable and numeric(exponent) is not None:
            return _powers(value, numeric(exponent) or Fraction(1))
    inverse = _INVERSES.get(unknown.name) if isinstance(unknown, Call) else None
    if inverse is None or not isinstance(unknown, Call):
        raise UnsolvedError("an equation with a function that is not undone by a law is left")
    return _linear(unknown.args[0], inverse(value), variable)


_INVERSES: dict[str, Callable[[Node], Node]] = {
    "arctan": lambda v: simple(Call("tan", (v,))),
    "arcsin": lambda v: simple(Call("sin", (v,))),
    "erf": lambda v: v if v == ZERO else Call("erfinv", (v,)),
}


def _powers(value: Node, exponent: Fraction) -> list[Node]:
    if value == ZERO:
        return [ZERO]
    if exponent == 2:
        return _square_roots(value) or []
    if exponent == -1:
        return [simple(Quotient(ONE, value))]
    raise UnsolvedError("a power is left")


def _linear(inner: Node, value: Node, variable: Symbol) -> list[Node]:
    """Solve ``inner = value`` for the variable by solving ``inner - value = 0`` again."""
    coefficients = rational.coefficients(inner, variable)
    if coefficients is None:
        raise UnsolvedError("an equation in more than one function of the variable is left")
    atom, step, by_degree = coefficients
    if atom == variable and step == 1 and set(by_degree) <= {0, 1}:
        constant = by_degree.get(0, ZERO)
        top = simple(Sum((value, Negative(constant)))) if constant != ZERO else value
        return [simple(Quotient(top, by_degree[1]))]
    if atom == variable and set(by_degree) == {2}:
        return _square_roots(simple(Quotient(value, by_degree[2]))) or []
    raise UnsolvedError("an equation that is not linear is left inside a function")


