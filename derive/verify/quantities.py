r"""The stored quantities of a context, and the derivatives of one by another through its direct users.

A computation is defined name by name: ``z_2 = w_2 h_1``, ``h_2 = \sigma(z_2)``, …, ``L``; letters stand for derivatives
of a name, ``\delta_2 = \partial L/\partial z_2``. :class:`Quantities` writes every such derivative by the multivariate
chain rule, :math:`\partial L/\partial v = \sum_u \nabla_v \langle \partial L/\partial u, f_u \rangle` over the direct
users u of v, with the derivatives by the users as letters of their own: one short formula for every quantity, however
deep the computation is. For vectors of vectors it is the product of Jacobians. Names with marks (``z_2``, ``\bar v``)
get plain ones here, so that nothing takes them for members of a family.

:mod:`chainrule` decides statements with these formulas. What cannot be written so is Undecidable.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import count

from derive.declarations import declaration
from derive.errors import DeriveError
from derive.functions import FUNCTIONS
from derive.graph import Graph, graph
from derive.steps import Context, Definition
from derive.tree import (
    ONE,
    ZERO,
    At,
    Call,
    Component,
    Derivative,
    Expectation,
    Gradient,
    GradientOf,
    Indexed,
    Inner,
    Integral,
    Limit,
    Matrix,
    Node,
    Number,
    Optimum,
    Product,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    Vector,
    children,
    free_symbols,
    map_children,
    number,
    substitute,
    times,
    total,
    walk,
    whole,
)
from derive.verify.core import counted, member
from derive.verify.shapes import (
    NUMBER,
    Clash,
    Preparation,
    Shape,
    entry_labels,
    fitting,
    is_abstract,
    is_special,
    stem_of,
)
from derive.verify.signals import TooLarge, Undecidable

Pair = tuple[Symbol, Symbol]
"""A quantity and what it is differentiated by."""

_OTHERS = (At, Expectation, Gradient, Integral, Limit, Optimum)
_LONG = 6  # quantities, from which on statements about them are looked at without putting them into each other
_WRITTEN_OUT = 50  # terms of a sum between numbers that are written out
_NOT_DECLARED = declaration("real")
_DIGITS = "abcdefghij"


def slope_of(node: Node) -> tuple[Node, Symbol | Indexed] | None:
    """What is differentiated once, and by what; None for anything else."""
    match node:
        case Derivative(body, variable, 1):
            return body, variable
        case GradientOf(body, (variable,), 1):
            return body, variable
    return None


def concerned(before: Node, after: Node, definitions: Iterable[Definition]) -> bool:
    """Whether a statement differentiates something defined, uses a letter for that, or a name in a long computation."""
    bodies = {d.name: d.body for d in definitions if not d.parameters}
    long = len(bodies) >= _LONG
    for part in (p for n in (before, after) for p in walk(n)) if bodies else ():
        body = bodies.get(part, part) if isinstance(part, Symbol) else part
        if (found := slope_of(body)) is not None and not bodies.keys().isdisjoint(free_symbols(found[0])):
            return True
        if long and body is not part and not bodies.keys().isdisjoint(free_symbols(body)):
            return True
    return False


class Quantities:
    """The quantities that a context defines. Undecidable for definitions that are no computation in order."""

    def __init__(self, context: Context) -> None:
        self.bases: set[str] = set()
        self.marked: set[str] = set()
        self.functions = tuple(d for d in context.definitions if d.parameters)
        self.domains: dict[Symbol, str] = dict(context.domains)
        self.declared = {s: declaration(text) for s, text in context.domains.items()}
        self.sizes = {side for d in self.declared.values() for side in d.shape}
        self.names: dict[Symbol, Symbol] = {}
        self.written_as: dict[Symbol, Symbol] = {}
        self.fresh = (f"q{''.join(_DIGITS[int(c)] for c in str(k))}" for k in count())
        bodies = {d.name: self._spelled(d.body) for d in context.definitions if not d.parameters}
        self._refuse_functions(bodies)
        self._refuse_members((*bodies, *bodies.values()), remembering=True)
        large = any(d.kind in ("vector", "matrix") for d in self.declared.values())
        written = any(isinstance(p, (Matrix, Vector)) for b in bodies.values() for p in walk(b))
        self.scalar = not (large or written or is_abstract(tuple(bodies.values()), {}))
        self._refuse_entries(bodies.values(), bodies)
        letters = _letters(bodies)
        self.graph = self._graph({s: b for s, b in bodies.items() if s not in letters and not _differentiates(b)})
        self.derived = {self.new(s): self.renamed(b) for s, b in bodies.items() if _differentiates(b)}
        self.letters = {self.new(s): (self.new(f), self.new(v)) for s, (f, v) in letters.items()}
        self.shapes: dict[Symbol, Shape] = {}
        self.known: dict[Symbol, str] = {}
        if not self.scalar:
            self._find_shapes()
        self.values: dict[Symbol, Node] = dict(self.graph.formulas)
        self.pairs: dict[Pair, Symbol] = {}
        self.of: dict[Symbol, Pair] = {}
        self.named: dict[Node, Symbol] = {}
        self.below: dict[Symbol, frozenset[Symbol]] = {}
        self.above: dict[Symbol, frozenset[Symbol]] = {}

    # --- names ----------------------------------------------------------------------------------------------

    def _refuse_functions(self, bodies: Mapping[Symbol, Node]) -> None:
        """What may depend on a quantity without naming it: a function that uses it, a label, ``p_\\theta(x)``."""
        calls = {p.name for b in bodies.values() for p in walk(b) if isinstance(p, Call)}
        if any("_" in name and name not in FUNCTIONS for name in calls - {f.name.plain for f in self.functions}):
            raise Undecidable("a function with a label may depend on it")
        for function in self.functions:
            if not bodies.keys().isdisjoint(free_symbols(function.body) - set(function.parameters)):
                raise Undecidable(f"{function.name.plain} depends on defined quantities")

    def _spelled(self, node: Node) -> Node:
        """Sums between numbers written out, and ``g_i`` at a number as the name ``g_2``."""
        match node:
            case SumOver(body, index, lower, upper, None) if lower is not None and upper is not None:
                first, last = whole(lower), whole(upper)
                if first is None or last is None:
                    return SumOver(self._spelled(body), index, lower, upper)
                if last - first >= _WRITTEN_OUT:
                    raise TooLarge("too large")
                return total([self._spelled(substitute(body, {index: number(k)})) for k in range(first, last + 1)])
            case Indexed(base, indices) if self.declared.get(base, _NOT_DECLARED).kind == "number":
                made = tuple(counted(i) for i in indices)
                return member(base, made) or Indexed(base, made)
        return map_children(node, self._spelled)

    def _refuse_members(self, nodes: Iterable[Node], remembering: bool = False) -> None:
        """``x_1`` may be one of the ``x_i`` whose index is a letter."""
        parts = [p for n in nodes for p in walk(n)]
        bases = {p.base.name for p in parts if isinstance(p, Indexed) and p.base not in self.declared} | self.bases
        marked = {p.name for p in parts if isinstance(p, Symbol) and p.sub} | self.marked
        if bases & marked:
            raise Undecidable(f"members of {', '.join(sorted(bases & marked))} beside the whole family")
        if remembering:
            self.bases, self.marked = bases, marked

    def new(self, symbol: Symbol) -> Symbol:
        """The name of a quantity here."""
        if symbol not in self.names:
            marked = symbol.sub or symbol.sup or symbol.accent or symbol.font
            plain = not marked or symbol.plain in self.sizes or is_special(_prepared(symbol))
            self.names[symbol] = symbol if plain else Symbol(next(self.fresh))
            self.written_as[self.names[symbol]] = symbol
        return self.names[symbol]

    def renamed(self, node: Node) -> Node:
        """A formula in the names of this module; an entry ``x_1`` of a declared vector as one."""
        match node:
            case Symbol():
                entry = self._entry(node)
                return self.names.get(node, node) if entry is None else entry
            case Indexed(base, indices) if base in self.names:
                return Indexed(self.names[base], tuple(self.renamed(i) for i in indices))
            case GradientOf(body, variables, order):
                made = [self.renamed(v) for v in variables]
                if len(made) == 1 and isinstance(made[0], Indexed):
                    return Derivative(self.renamed(body), made[0], order)
                return GradientOf(self.renamed(body), tuple(v for v in made if isinstance(v, Symbol)), order)
        return map_children(node, self.renamed)

    def _entry(self, symbol: Symbol) -> Indexed | None:
        stem = stem_of(symbol)
        if symbol in self.names or stem == symbol or stem not in self.declared:
            return None
        labels = entry_labels(symbol, self.declared[stem])
        if labels is None:
            return None
        return Indexed(self.new(stem), tuple(Number(t) if t.isdigit() else Symbol(t) for t in labels))

    def original(self) -> dict[str, Symbol]:
        """The written symbol for every name that was made here; a derivative's is its letter where it has one."""
        found = {new.name: old for old, new in self.names.items() if new != old}
        letters = {pair: symbol for symbol, pair in self.letters.items()}
        for symbol, pair in self.of.items():
            letter = letters.get(pair)
            if letter is not None:
                found[symbol.name] = found.get(letter.name, letter)
        return found

    def _refuse_entries(self, nodes: Iterable[Node], defined: Container[Symbol]) -> None:
        """``p_1`` may be an entry of a defined p that nobody declared."""
        if self.scalar:
            return
        for symbol in {p for n in nodes for p in walk(n) if isinstance(p, Symbol) and p.sub}:
            stem = stem_of(symbol)
            if symbol not in defined and stem in defined and stem not in self.declared:
                raise Undecidable(f"{symbol.plain} may be an entry of {stem.plain}")

    # --- the computation ------------------------------------------------------------------------------------

    def _graph(self, bodies: Mapping[Symbol, Node]) -> Graph:
        for symbol in dict.fromkeys(s for name, body in bodies.items() for s in (name, *_in_order(body))):
            self.new(symbol)
        entries = {s for s in self.names if s not in bodies and self._is_entry(s)}
        for symbol in entries:
            del self.names[symbol]
        if not bodies:
            raise Undecidable("nothing is computed")
        try:
            return graph([Definition(self.names[s], (), self.renamed(b)) for s, b in bodies.items()])
        except DeriveError as error:
            raise Undecidable(error.message) from error

    def _is_entry(self, symbol: Symbol) -> bool:
        stem = stem_of(symbol)
        return stem != symbol and stem in self.declared and entry_labels(symbol, self.declared[stem]) is not None

    def _find_shapes(self) -> None:
        """The shape of every quantity, by the declared ones; undeclared letters are numbers."""
        domains = {self.names.get(s, s): text for s, text in self.domains.items()}
        domains = {s: text for s, text in domains.items() if s not in self.graph.formulas}
        formulas = self.graph.formulas
        for symbol in (*self.graph.inputs, *self.letters, *(v for _, v in self.letters.values())):
            if symbol not in formulas and not is_special(_prepared(symbol)):
                domains.setdefault(symbol, "real")
        self.known = domains
        self.preparation = Preparation(domains)
        self._declare_inputs()
        for name, body in formulas.items():
            self._declare(name, self._shape(body))

    def _shape(self, node: Node) -> Shape:
        try:
            prepared = self.preparation.prepared(node)
            found, _ = fitting([prepared], self.preparation)
        except Clash as clash:
            raise Undecidable(clash.detail) from clash
        if not found:
            raise Undecidable("shapes that do not fit")
        return found[0][1].of(prepared)

    def _declare_inputs(self) -> None:
        for symbol in self.graph.inputs:
            if symbol not in self.shapes and not is_special(_prepared(symbol)):
                self._declare(symbol, _shape_of(self.known.get(symbol, "real")), self.known.get(symbol, "real"))

    def _declare(self, symbol: Symbol, shape: Shape, text: str = "") -> None:
        if any(str(side).startswith("?") for side in shape):
            raise Undecidable(f"the shape of {symbol.plain}")
        rows, columns = shape
        made = "real" if shape == NUMBER else f"vector {rows}" if columns == 1 else f"matrix {rows} x {columns}"
        self.shapes[symbol] = shape
        self.known[symbol] = text or made
        self.preparation.declared[symbol.plain] = declaration(self.known[symbol])

    def shape(self, symbol: Symbol) -> Shape:
        """Rows and columns of a quantity."""
        return self.shapes.get(symbol, NUMBER)

    def reached_from(self, symbol: Symbol) -> frozenset[Symbol]:
        """The quantities that depend on one, itself among them."""
        if symbol not in self.below:
            found, open_ = {symbol}, [symbol]
            while open_:
                new = set(self.graph.users.get(open_.pop(), ())) - found
                found |= new
                open_ += new
            self.below[symbol] = frozenset(found)
        return self.below[symbol]

    def needed_for(self, symbol: Symbol) -> frozenset[Symbol]:
        """What a quantity depends on, itself among it."""
        if symbol not in self.above:
            self.above[symbol] = self.graph.reaching(symbol)
        return self.above[symbol]

    # --- derivatives ----------------------------------------------------------------------------------------

    def derivative(self, of: Symbol, by: Symbol) -> Node:
        """The derivative of a quantity as a letter, whose formula stands in ``values``; 0 or 1 where it is that."""
        if of == by:
            return self._itself(of)
        between = self.reached_from(by) & self.needed_for(of)
        if of not in between:
            if self.shape(of) != NUMBER:
                raise Undecidable("a Jacobian that is zero")
            return ZERO if self.shape(by) == NUMBER else Product((ZERO, by))
        for name in [*reversed([n for n in self.graph.formulas if n in between and n not in (of, by)]), by]:
            if (of, name) not in self.pairs:
                self._make(of, name)
        return self.pairs[of, by]

    def _itself(self, of: Symbol) -> Node:
        if self.shape(of) != NUMBER:
            raise Undecidable("the derivative of a vector by itself")
        return ONE

    def _make(self, of: Symbol, by: Symbol) -> None:
        users = [u for u in self.graph.users[by] if u in self.needed_for(of)]
        jacobian = self.shape(of) != NUMBER
        rule = self._row if jacobian else self._gradient
        value = total([rule(of, user, by) for user in users])
        symbol = self.pairs[of, by] = Symbol(next(self.fresh))
        self.of[symbol] = of, by
        self.values[symbol] = value
        if not self.scalar:
            rows, columns = self.shape(by)
            self._declare(symbol, (self.shape(of)[0], rows) if jacobian else (rows, columns))

    def _gradient(self, of: Symbol, user: Symbol, by: Symbol) -> Node:
        """What a user of a quantity adds to the derivative of a number by it."""
        body = self.graph.formulas[user]
        if self.shape(user) != NUMBER:
            return self._slope(Inner(self.pairs[of, user], body), by)
        slope = self._slope(body, by)
        return slope if user == of else times([self.pairs[of, user], slope])

    def _slope(self, body: Node, by: Symbol) -> Node:
        """The derivative of a formula, the other names held constant; numbers without the terms that do not change."""
        if self.scalar and body == by:
            return ONE
        if self.scalar and isinstance(body, (Sum, Product)):
            moving = [part for part in children(body) if by in free_symbols(part)]
            if isinstance(body, Sum) and len(moving) < len(body.terms):
                return self._slope(total(moving), by)
            if isinstance(body, Product) and len(moving) == 1:
                rest = [f for f in body.factors if f is not moving[0]]
                return times([*rest, self._slope(moving[0], by)])
        return Derivative(body, by) if self.shape(by) == NUMBER else GradientOf(body, (by,))

    def _row(self, of: Symbol, user: Symbol, by: Symbol) -> Node:
        """The same for a vector: a product of Jacobians."""
        if any(self.shape(s)[1] != 1 for s in (of, user, by)):
            raise Undecidable("a Jacobian of matrices")
        slope: Node = Derivative(self.graph.formulas[user], by)
        if self.shape(user) == NUMBER != self.shape(by):
            slope = Transpose(slope)
        return slope if user == of else Product((self.pairs[of, user], slope))

    # --- statements -----------------------------------------------------------------------------------------

    def opened(self, node: Node) -> Node:
        """A side of a statement with a letter for every derivative of a quantity. Undecidable where it has others."""
        node = self._spelled(node)
        self._refuse_entries([node], self.names)
        self._refuse_members([node])
        return self._opened(self.renamed(node))

    def _opened(self, node: Node) -> Node:
        if isinstance(node, Symbol):
            if node in self.letters:
                return self.derivative(*self.letters[node])
            return self._opened(self.derived[node]) if node in self.derived else node
        if isinstance(node, _OTHERS):
            raise Undecidable(f"{type(node).__name__} beside derivatives of quantities")
        if isinstance(node, (Derivative, GradientOf)):
            return self._derivative(node)
        if isinstance(node, Indexed) and node.base in self.letters:
            return Component(self._opened(node.base), node.indices)
        return map_children(node, self._opened)

    def _derivative(self, node: Derivative | GradientOf) -> Node:
        found = slope_of(node)
        if found is None:
            raise Undecidable("a higher derivative of quantities")
        body, variable = found
        base = variable.base if isinstance(variable, Indexed) else variable
        if isinstance(variable, Indexed) and self.shape(base) == NUMBER:
            raise Undecidable("a derivative by a member of a family")
        value = self.derivative(self._name(body), base)
        return Component(value, variable.indices) if isinstance(variable, Indexed) else value

    def _name(self, body: Node) -> Symbol:
        """The name of what is differentiated; an expression becomes a quantity of its own."""
        if isinstance(body, Symbol) and body in self.graph.formulas:
            return body
        if body not in self.named:
            if _differentiates(body) or any(s in self.letters or s in self.derived for s in free_symbols(body)):
                raise Undecidable("a derivative of a derivative")
            name = self.named[body] = Symbol(next(self.fresh))
            self.graph = Graph((*self.graph.quantities, Definition(name, (), body)))
            self.below.clear()
            self.values[name] = body
            if not self.scalar:
                self._declare_inputs()
                self._declare(name, self._shape(body))
        return self.named[body]


def _letters(bodies: Mapping[Symbol, Node]) -> dict[Symbol, Pair]:
    """The names that stand for the derivative of a defined quantity."""
    found: dict[Symbol, Pair] = {}
    for name, body in bodies.items():
        match slope_of(body):
            case (Symbol() as of, Symbol() as by) if of in bodies and slope_of(bodies[of]) is None:
                found[name] = of, by
    return found


def _differentiates(node: Node) -> bool:
    return any(isinstance(p, (Derivative, GradientOf, Gradient)) for p in walk(node))


def _in_order(node: Node) -> Iterator[Symbol]:
    free = free_symbols(node)
    return (p for p in walk(node) if isinstance(p, Symbol) and p in free)


def _prepared(symbol: Symbol) -> Symbol:
    """The symbol, marked where it is an identity, a zero or a column of ones."""
    made = Preparation({}).prepared(symbol)
    return made if isinstance(made, Symbol) else symbol


def _shape_of(text: str) -> Shape:
    found = declaration(text)
    sides: list[int | str] = [int(s) if s.isdigit() else s for s in found.shape]
    match found.kind, sides:
        case "number", _:
            return NUMBER
        case "vector", [side]:
            return side, 1
        case "matrix", [rows, columns]:
            return rows, columns
    raise Undecidable(f"the shape of what is declared {text}")
