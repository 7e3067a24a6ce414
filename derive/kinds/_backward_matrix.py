r"""The reverse sweep over vectors and matrices: the gradient of a number by every quantity, the output first.

:func:`backward` makes the :class:`~derive.backward.Backward` of a graph whose quantities are vectors and matrices
(``vector 3``, ``matrix n x d``). The gradient by a quantity is the sum, over the quantities that use it, of what the
laws of :mod:`derive.rules.matrices` make of the gradient by these. A gradient that is needed more than once gets a
letter (``\delta``, else the quantity with a bar) and stands by it from then on, so that nothing is nested.

A layer by itself has no number to differentiate: :func:`with_upstream` adds ``L = \langle U, Y \rangle``, whose
gradient by the output ``Y`` is the given ``U``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from derive.backward import Backward, Found
from derive.declarations import declaration
from derive.errors import DeriveError
from derive.goals import end_of
from derive.graph import Graph
from derive.kinds._backward_entries import shortened
from derive.kinds._graph_reverse import accented
from derive.rules.matrices import Law, multiplied, pulled_back, stored
from derive.rules.shapes import NUMBER, Shape, Shapes, ShapesError, domain_of, shape_of, spoken
from derive.steps import Definition, Level, Step
from derive.tree import (
    ONE,
    Derivative,
    GradientOf,
    Inner,
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    number,
    size,
    substitute,
    total,
    unsigned,
    walk,
)
from derive.write.text import text

SHORT = 8  # parts of a gradient that is written out again rather than named
MANY = 4  # places in which even a short one stands by its letter
LONG = 9  # parts of one that is named although it is needed only once
PUT_IN = "put in what was found"
SAME = "is the same"
STORED = "in stored outputs"


def backward(
    graph: Graph,
    domains: Mapping[Symbol, str],
    output: Symbol,
    by: Sequence[Symbol],
    letters: Mapping[Symbol, Symbol] | None = None,
    ones: Sequence[Symbol] = (),
) -> Backward:
    """The gradients of a number, ``output``, by the names ``by`` and all that lies between.

    ``letters`` name the gradients of some quantities; others get their own where they need one. ``ones`` are vectors
    whose entries, matrices whose rows add up to 1; what is declared as probabilities is so anyway. DeriveError, naming
    the quantity and both shapes, where the shapes of a formula do not fit, where a formula has another shape than was
    declared, where the output is no number, and where no law differentiates a formula.
    """
    shapes = shapes_in(graph, domains)
    if not shapes.is_number(output):
        raise DeriveError(f"{text(output)} is a {spoken(shapes.of(output))}, and gradients are those of a number",
                          "give a loss, or a letter for the gradient by it")
    if unknown := next((s for s in by if s not in graph.reaching(output)), None):
        raise DeriveError(f"{text(output)} does not depend on {text(unknown)}",
                          f"names are {', '.join(text(s) for s in graph.names)}")
    summing = frozenset(ones) | _probabilities(domains)
    sweep = _Sweep(graph, output, tuple(by), dict(shapes.names), dict(letters or {}), summing, _wholes(domains))
    for symbol in (*reversed(graph.formulas), *graph.inputs):
        if symbol != output and symbol in sweep.concerned:
            sweep.find(symbol)
    named = {f.letter: domain_of(shapes.of(f.of)) for f in sweep.found.values() if f.letter is not None}
    known = {s: domain_of(shape) for s, shape in shapes.names.items()}
    return Backward(graph, output, tuple(sweep.found.values()), tuple(by), {**known, **domains, **named})


def with_upstream(
    graph: Graph, domains: Mapping[Symbol, str], output: Symbol, letter: Symbol, loss: Symbol
) -> tuple[Graph, dict[Symbol, str]]:
    """The graph with a number behind it, ``loss``, whose gradient by the output is ``letter``, and the declarations."""
    shape = shapes_in(graph, domains).of(output)
    formula = Product((letter, output)) if shape == NUMBER else Inner(letter, output)
    return Graph((*graph.quantities, Definition(loss, (), formula))), {**domains, letter: domain_of(shape)}


# --- shapes -------------------------------------------------------------------------------------------


def shapes_in(graph: Graph, domains: Mapping[Symbol, str]) -> Shapes:
    """The shape of every letter: inputs as declared, quantities as their formulas make them.

    DeriveError, naming the quantity and both shapes, where something does not fit.
    """
    names: dict[Symbol, Shape] = {}
    for symbol, domain in domains.items():
        shape = shape_of(domain)
        if shape is not None:
            names[symbol] = shape
        elif symbol not in graph.formulas:
            raise DeriveError(f"{text(symbol)} is declared {domain} without its sides", "for instance 'matrix n x d'")
    for quantity in graph.quantities:
        names[quantity.name] = _of_formula(quantity, names, domains)
    return Shapes(names)


def _of_formula(quantity: Definition, names: Mapping[Symbol, Shape], domains: Mapping[Symbol, str]) -> Shape:
    name = text(quantity.name)
    try:
        found = Shapes(names).of(quantity.body)
    except ShapesError as error:
        (a, b), (first, second) = error.parts, error.shapes
        raise DeriveError(
            f"{name} = {text(quantity.body)}: {error.what} does not fit: {text(a)} is a {spoken(first)}, {text(b)} a "
            f"{spoken(second)}", "change the formula or the shapes declared in [symbols]",
        ) from error
    declared = names.get(quantity.name) if quantity.name in domains else None
    if declared is not None and not all(a is None or a == b for a, b in zip(found, declared, strict=True)):
        raise DeriveError(f"{name} is declared a {spoken(declared)}, but {text(quantity.body)} is a {spoken(found)}",
                          "change the declaration or the formula")
    return declared or found


def _probabilities(domains: Mapping[Symbol, str]) -> frozenset[Symbol]:
    """The letters declared as probability vectors, or matrices with such rows."""
    return frozenset(s for s, domain in domains.items() if domain.startswith(("probability ", "one-hot ")))


def _wholes(domains: Mapping[Symbol, str]) -> frozenset[Symbol]:
    """The letters declared as vectors and matrices, also those with a single entry."""
    return frozenset(s for s, domain in domains.items() if declaration(domain).kind in ("vector", "matrix"))


# --- the sweep ----------------------------------------------------------------------------------------


@dataclass
class _Sweep:
    graph: Graph
    output: Symbol
    by: tuple[Symbol, ...]
    names: dict[Symbol, Shape]
    letters: dict[Symbol, Symbol]
    probabilities: frozenset[Symbol]
    wholes: frozenset[Symbol]
    found: dict[Symbol, Found] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.shapes = Shapes(self.names)
        wanted = frozenset(self.by)
        useful = self.graph.reaching(self.output)
        self.concerned = frozenset(
            s for s in self.graph.names if s in useful and not wanted.isdisjoint(self.graph.reaching(s))
        )
        self.stored: dict[Node, Symbol] = {
            q.body: q.name for q in self.graph.quantities if not isinstance(q.body, Symbol | Number)
        }

    def find(self, symbol: Symbol) -> None:
        """The gradient by one name, from those by the quantities that use it."""
        users = [u for u in self.graph.users[symbol] if u in self.concerned]
        name = self.name(symbol)
        raw, laws = self._sum(symbol, users, self._upstream)
        steps = [Step(name, raw, ", ".join(_named(laws)), _reason(users, laws), level=Level.CALCULUS)]
        put, _ = self._sum(symbol, users, self._value)
        if put != raw:
            steps.append(Step(raw, put, PUT_IN, ""))
        kept = stored(end_of(name, steps), self.shapes, self.stored)
        if kept != end_of(name, steps):
            steps.append(Step(end_of(name, steps), kept, STORED, "The derivative in terms of the stored output."))
        steps += shortened(end_of(name, steps), self.shapes, self.probabilities)
        value = end_of(name, steps)
        letter = self._letter(symbol, value)
        if letter is not None:
            self.names[letter] = self.shapes.of(symbol)
        self.found[symbol] = Found(symbol, name, letter, value, tuple(steps))

    def name(self, symbol: Symbol) -> Node:
        """The gradient as it is written: ``\\nabla_W L``; by a number, the partial derivative."""
        if self.shapes.is_number(symbol) and symbol not in self.wholes:
            return Derivative(self.output, symbol, 1, True)
        return GradientOf(self.output, (symbol,))

    def _sum(
        self, symbol: Symbol, users: Sequence[Symbol], upstream: Callable[[Symbol], Node]
    ) -> tuple[Node, tuple[Law, ...]]:
        """What the users pass on, added up, and the laws by which they do."""
        terms: list[Node] = []
        laws: dict[str, Law] = {}
        for user in users:
            body = self.graph.formulas[user]
            pulled = pulled_back(body, upstream(user), symbol, self.shapes)
            if pulled is None:
                raise DeriveError(f"no law differentiates {text(user)} = {text(body)} by {text(symbol)}",
                                  "split it into simpler nodes; a square of a vector is written x ⊙ x")
            terms += pulled.terms
            laws |= {law.name: law for law in pulled.laws}
        return self._kept(_added(terms, self.shapes), users), tuple(laws.values())

    def _kept(self, node: Node, users: Sequence[Symbol]) -> Node:
        """The users' formulas by their names: softmax(z) as p."""
        return substitute(node, {self.graph.formulas[u]: u for u in users if self.graph.formulas[u] in self.stored})

    def _upstream(self, user: Symbol) -> Node:
        """What stands for the gradient by a user: its letter, a letter that it equals, else its name."""
        if user == self.output:
            return ONE
        found = self.found[user]
        return found.letter or (found.value if _is_plain(found.value) else found.name)

    def _value(self, user: Symbol) -> Node:
        """The same with the formulas of gradients without a letter."""
        return ONE if user == self.output else self.found[user].letter or self.found[user].value

    def _letter(self, symbol: Symbol, value: Node) -> Symbol | None:
        """The letter of a gradient: the one given, or one of its own where it is long and needed again."""
        if symbol in self.letters:
            return self.letters[symbol]
        if symbol not in self.graph.formulas or _is_plain(value):
            return None
        if self._uses(symbol) >= MANY:
            return self._barred(symbol)
        product = self._has_product(value)
        if (self._uses(symbol) < 2 and not (product and size(value) > LONG)) or (size(value) <= SHORT and not product):
            return None
        return self._barred(symbol)

    def _barred(self, symbol: Symbol) -> Symbol:
        """The quantity with a bar, or with another accent where that is a name already."""
        letters = (f.letter for f in self.found.values() if f.letter is not None)
        taken = frozenset((*self.graph.names, *self.letters.values(), *letters))
        return accented(symbol, "bar", taken)

    def _uses(self, symbol: Symbol) -> int:
        """In how many places of later gradients this one stands."""
        return len([a for a in self.graph.arguments[symbol] if a in self.concerned])

    def _has_product(self, node: Node) -> bool:
        return any(isinstance(n, Product) and sum(not self.shapes.is_number(f) for f in n.factors) > 1
                   for n in walk(node))


def _is_plain(node: Node) -> bool:
    inner = unsigned(node)
    return isinstance(inner, Symbol | Number)


_PLAIN = frozenset({"sum", "minus sign", "product of numbers", "multiple"})


def _named(laws: Sequence[Law]) -> list[str]:
    """The names of the laws, the plain ones only where there are no others."""
    names = [law.name for law in laws]
    return [n for n in names if n not in _PLAIN] or names or [SAME]


def _reason(users: Sequence[Symbol], laws: Sequence[Law]) -> str:
    if len(users) == 1:
        return laws[-1].reason if laws else ""
    return f"It is used in {len(users)} places: a term for each of them."


def _added(terms: Sequence[Node], shapes: Shapes) -> Node:
    """The sum, without sums as terms, equal terms taken together."""
    parts = Counter(t for term in terms for t in (term.terms if isinstance(term, Sum) else (term,)))
    return total([part if n == 1 else multiplied(shapes, number(n), part) for part, n in parts.items()])
