"""An oracle for sums and expectations that shares nothing with the verifier: exact fractions on finite models.

``value`` computes a written expression in a model by counting out every sum and every outcome. ``about_sums`` and
``about_moments`` draw expressions, ``rewritten`` applies laws that keep the value, ``mutated`` changes one part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from derive.tree import (
    ONE,
    TWO,
    Expectation,
    Given,
    Indexed,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    SumOver,
    Symbol,
    children,
    part_at,
    replace_at,
    substitute,
)

A, B, C, N = (Symbol(s) for s in "abcn")
INDICES = tuple(Symbol(s) for s in "ijk")
X, Y = Symbol("X"), Symbol("Y")
FAMILIES = (Symbol("x"), Symbol("y"))
RANDOM = (X, Y)


@dataclass(frozen=True)
class Model:
    """Values of letters and of members of families, and the outcomes of (X, Y) with their probabilities."""

    letters: Mapping[Symbol, Fraction]
    members: Mapping[tuple[Symbol, int], Fraction]
    outcomes: tuple[tuple[Fraction, Fraction, Fraction], ...]


def model(seed: int) -> Model:
    """The model with a number."""
    random = Random(f"finite {seed}")
    letters = {s: Fraction(random.randint(-5, 5), random.randint(1, 3)) for s in (A, B, C)}
    letters[N] = Fraction(random.randint(1, 4))
    members = {(f, k): Fraction(random.randint(-6, 6), random.randint(1, 2)) for f in FAMILIES for k in range(-3, 9)}
    xs, ys = (random.sample(range(-3, 4), random.randint(2, 3)) for _ in range(2))
    weights = [(x, y, random.randint(1, 7)) for x in xs for y in ys]
    total = sum(w for _, _, w in weights)
    return Model(letters, members, tuple((Fraction(x), Fraction(y), Fraction(w, total)) for x, y, w in weights))


def value(node: Node, at: Model, bound: Mapping[Symbol, Fraction] | None = None) -> Fraction:
    """The exact value in a model, where the letters in ``bound`` have values already."""
    bound = bound or {}

    def of(part: Node) -> Fraction:
        return value(part, at, bound)

    match node:
        case Number():
            return node.value
        case Symbol():
            return bound[node] if node in bound else at.letters[node]
        case Indexed(base, (index,)):
            return at.members[base, int(of(index))]
        case Sum(terms):
            return sum(map(of, terms), Fraction(0))
        case Product(factors):
            result = Fraction(1)
            for factor in factors:
                result *= of(factor)
            return result
        case Negative(u):
            return -of(u)
        case Quotient(u, v):
            return of(u) / of(v)
        case Power(u, n):
            return of(u) ** int(of(n))
        case SumOver(body, index, lower, upper, where):
            assert lower is not None and upper is not None
            steps = range(int(of(lower)), int(of(upper)) + 1)
            rows = ({**bound, index: Fraction(k)} for k in steps)
            return sum((value(body, at, row) for row in rows if _holds(where, at, row)), Fraction(0))
        case Expectation(operator, args):
            return _expectation(operator, args, at, bound)
    raise NotImplementedError(type(node).__name__)


def _holds(where: Node | None, at: Model, bound: Mapping[Symbol, Fraction]) -> bool:
    if where is None:
        return True
    assert isinstance(where, Relation) and where.signs == ("!=",)
    return value(where.sides[0], at, bound) != value(where.sides[1], at, bound)


def _expectation(operator: str, args: tuple[Node, ...], at: Model, bound: Mapping[Symbol, Fraction]) -> Fraction:
    items, given = (args[0].items, args[0].given) if isinstance(args[0], Given) else (args, ())
    rows = [({**bound, X: x, Y: y}, w) for x, y, w in at.outcomes
            if all((x if g == X else y) == bound[g] for g in given if isinstance(g, Symbol))]
    whole = sum(w for _, w in rows)

    def mean(u: Node) -> Fraction:
        return sum((w * value(u, at, row) for row, w in rows), Fraction(0)) / whole

    if operator == "E":
        return mean(items[0])
    first, last = items[0], items[-1]
    return mean(Product((first, last))) - mean(first) * mean(last)


# --- drawing ------------------------------------------------------------------------------------------------


def about_sums(random: Random) -> Node:
    """A sum, or a combination of sums, of polynomials in two families and two letters."""
    sums = [_sum(random, INDICES[k % 3]) for k in range(random.randint(1, 2))]
    return _combined(random, sums)


def _sum(random: Random, index: Symbol) -> Node:
    body = _polynomial(random, [*(Indexed(f, (index,)) for f in FAMILIES), A, B])
    lower, upper = random.choice([(ONE, N), (ONE, N), (Number("0"), N), (ONE, Sum((N, ONE)))])
    return SumOver(body, index, lower, upper)


def about_moments(random: Random) -> Node:
    """A combination of means, variances and covariances of polynomials in X, Y and two letters."""
    return _combined(random, [_moment(random) for _ in range(random.randint(1, 2))])


def _moment(random: Random) -> Node:
    def u() -> Node:
        return _polynomial(random, [X, Y, A])

    match random.randrange(4):
        case 0:
            return Expectation("Var", (_polynomial(random, [X, A], 1),))
        case 1:
            return Expectation("Cov", (X, _polynomial(random, [Y, B], 1)))
        case 2:
            inner = Expectation("E", (Given((u(),), (Y,), "|"),))
            return Expectation("E", (Product((Y, inner)),))
    return Expectation("E", (u(),))


def _polynomial(random: Random, letters: list[Node], degree: int = 2) -> Node:
    terms = []
    for _ in range(random.randint(1, 2)):
        factors = [random.choice(letters) for _ in range(random.randint(1, degree))]
        if random.random() < 0.4:
            factors.insert(0, Number(str(random.randint(2, 4))))
        term: Node = Product(tuple(factors)) if len(factors) > 1 else factors[0]
        terms.append(Negative(term) if random.random() < 0.25 else term)
    return Sum(tuple(terms)) if len(terms) > 1 else terms[0]


def _combined(random: Random, parts: list[Node]) -> Node:
    if len(parts) == 1:
        return parts[0]
    return random.choice([Sum(tuple(parts)), Product((A, *parts)), Sum((parts[0], Negative(parts[1])))])


# --- laws that keep the value -------------------------------------------------------------------------------


def _paths(node: Node) -> Iterator[tuple[int, ...]]:
    yield ()
    for k, child in enumerate(children(node)):
        yield from ((k, *path) for path in _paths(child))


def rewritten(node: Node, random: Random, times: int = 3) -> Node:
    """The expression after a few laws, applied somewhere."""
    for _ in range(times):
        found = [(path, law) for path in _paths(node) for law in LAWS if law(part_at(node, path)) is not None]
        if found:
            path, law = random.choice(found)
            new = law(part_at(node, path))
            assert new is not None
            node = replace_at(node, path, new)
    return node


def _apart(node: Node) -> Node | None:
    match node:
        case SumOver(Sum(terms), index, lower, upper, where):
            return Sum(tuple(SumOver(t, index, lower, upper, where) for t in terms))
        case Expectation("E", (Sum(terms),), ()):
            return Sum(tuple(Expectation("E", (t,)) for t in terms))
    return None


def _in_front(node: Node) -> Node | None:
    match node:
        case SumOver(Product((Number() as c, *rest)), index, lower, upper, where) if rest:
            inner = Product(tuple(rest)) if len(rest) > 1 else rest[0]
            return Product((c, SumOver(inner, index, lower, upper, where)))
        case Expectation("E", (Negative(u),), ()):
            return Negative(Expectation("E", (u,)))
    return None


def _first_term(node: Node) -> Node | None:
    match node:
        case SumOver(body, index, Number() as lower, upper, None):
            rest = SumOver(body, index, Sum((lower, ONE)), upper)
            return Sum((substitute(body, {index: lower}), rest))
    return None


def _shifted(node: Node) -> Node | None:
    match node:
        case SumOver(body, index, lower, upper, None) if lower is not None and upper is not None:
            moved = substitute(body, {index: Sum((index, ONE))})
            return SumOver(moved, index, Sum((lower, Negative(ONE))), Sum((upper, Negative(ONE))))
    return None


def _renamed(node: Node) -> Node | None:
    last = INDICES[-1]
    match node:
        case SumOver(body, index, lower, upper, None) if index != last and not any(p == last for p in _parts(body)):
            return SumOver(substitute(body, {index: last}), last, lower, upper)
    return None


def _by_moments(node: Node) -> Node | None:
    match node:
        case Expectation("Var", (u,), ()):
            return Sum((Expectation("E", (Power(u, TWO),)), Negative(Power(Expectation("E", (u,)), TWO))))
        case Expectation("Cov", (u, v), ()):
            means = Product((Expectation("E", (u,)), Expectation("E", (v,))))
            return Sum((Expectation("E", (Product((u, v)),)), Negative(means)))
        case Expectation("E", (u,), ()) if not isinstance(u, Given) and not _has_operator(u):
            return Expectation("E", (Expectation("E", (Given((u,), (Y,), "|"),)),))
    return None


def _parts(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from _parts(child)


def _has_operator(node: Node) -> bool:
    return any(isinstance(p, Expectation) for p in _parts(node))


Law = Callable[[Node], "Node | None"]
LAWS: tuple[Law, ...] = (_apart, _in_front, _first_term, _shifted, _renamed, _by_moments)


# --- changes --------------------------------------------------------------------------------------------------


def mutated(node: Node, random: Random) -> Node:
    """The expression with one part changed; one more where nothing else can be changed."""
    found = [(path, change) for path in _paths(node) for change in CHANGES if change(part_at(node, path)) is not None]
    if not found:
        return Sum((node, ONE))
    path, change = random.choice(found)
    new = change(part_at(node, path))
    assert new is not None
    return replace_at(node, path, new)


def _more(node: Node) -> Node | None:
    return Number(str(int(node.value) + 1)) if isinstance(node, Number) and node.value > 1 else None


def _without(node: Node) -> Node | None:
    match node:
        case Sum((first, _, *rest)):
            return Sum((first, *rest)) if rest else first
        case Negative(u):
            return u
    return None


def _other_letter(node: Node) -> Node | None:
    return {A: B, FAMILIES[0]: FAMILIES[1]}.get(node) if isinstance(node, Symbol) else None


def _other_family(node: Node) -> Node | None:
    return Indexed(FAMILIES[1], node.indices) if isinstance(node, Indexed) and node.base == FAMILIES[0] else None


def _other_operator(node: Node) -> Node | None:
    match node:
        case Expectation("Var", (u,), ()):
            return Expectation("E", (Power(u, TWO),))
        case Expectation("Cov", (u, v), ()):
            return Expectation("E", (Product((u, v)),))
        case Expectation("E", (Product((u, v)),), ()) if not _has_operator(node.args[0]):
            return Product((Expectation("E", (u,)), Expectation("E", (v,))))
    return None


def _apart_wrongly(node: Node) -> Node | None:
    match node:
        case SumOver(Product((u, v)), index, lower, upper, None):
            return Product((SumOver(u, index, lower, upper), SumOver(v, index, lower, upper)))
        case SumOver(body, index, Number() as lower, upper, None):
            return SumOver(body, index, Number(str(int(lower.value) + 1)), upper)
    return None


CHANGES: tuple[Law, ...] = (_more, _without, _other_letter, _other_family, _other_operator, _apart_wrongly)
