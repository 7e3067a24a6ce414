"""Definitions put into statements about whole vectors and matrices.

What :mod:`meaning` does for numbers: a defined name becomes its body, a call its function's body. Known functions
(``sigma``, ``softmax``) stay as they are, since they act on every entry; derivatives stay too, with the variable kept
as a letter whose value is put in behind them (:class:`derive.tree.At`). Called by :mod:`abstract`.
"""

from __future__ import annotations

from derive.declarations import declaration
from derive.steps import Context, Definition
from derive.tree import (
    At,
    Call,
    Component,
    Derivative,
    Gradient,
    GradientOf,
    Indexed,
    Node,
    Number,
    Symbol,
    bound_symbols,
    entries,
    free_symbols,
    map_children,
    substitute,
    walk,
)
from derive.verify.shapes import entry_labels, stem_of
from derive.verify.signals import TooLarge, Undecidable

_VISITS = 20_000


class Named:
    """The definitions of a context, put into statements with whole vectors and matrices."""

    def __init__(self, context: Context) -> None:
        self.values = {d.name: d.body for d in context.definitions if not d.parameters}
        self.functions = {d.name.plain: d for d in context.definitions if d.parameters}
        self.declared = {s: declaration(text) for s, text in context.domains.items()}
        self.open: tuple[str, ...] = ()
        self.visits = 0

    def reached(self, *nodes: Node) -> list[Node]:
        """The statement and the bodies of the definitions it uses, for looking at their letters."""
        if not self.values and not self.functions:
            return list(nodes)
        found, names = list(nodes), {s for n in nodes for s in self._names(n)}
        done: set[str] = set()
        bodies = {**{s.plain: b for s, b in self.values.items()}, **{k: d.body for k, d in self.functions.items()}}
        while names - done:
            name = next(iter(names - done))
            done.add(name)
            if name in bodies:
                found.append(bodies[name])
                names |= self._names(bodies[name])
        return found

    def _names(self, node: Node) -> set[str]:
        """The names that occur, an entry's by its letter, and the functions that are applied."""
        members = (self._member(s) for s in free_symbols(node))
        applied = {p.name for p in walk(node) if isinstance(p, (Call, Gradient))}
        return {m.plain for m in members} | applied

    def unfold(self, node: Node, blocked: frozenset[Symbol] = frozenset()) -> Node:
        """The node with every defined name put in, but those that are blocked."""
        self.visits += 1
        if self.visits > _VISITS:
            raise TooLarge("too large")
        match node:
            case Symbol():
                return self._symbol(node, blocked)
            case Indexed(base, indices):
                return self._entry(base, tuple(self.unfold(i, blocked) for i in indices), blocked)
            case Call() if node.name in self.functions:
                return self._call(node, self.functions[node.name], blocked)
            case Gradient():
                return self._gradient(node, blocked)
            case GradientOf(body, variables, order):
                made = GradientOf(self.unfold(body, blocked.union(variables)), variables, order)
                return self._with_values(made, variables, blocked)
            case Derivative(body, variable, order, partial):
                variable = self._member(variable)
                base = variable.base if isinstance(variable, Indexed) else variable
                inner = self.unfold(body, blocked | {base})
                return self._with_values(Derivative(inner, variable, order, partial), (base,), blocked)
            case At(body, where):
                inner = self.unfold(body, blocked.union(s for s, _ in where))
                return At(inner, tuple((s, self.unfold(v, blocked)) for s, v in where))
        inside = blocked | bound_symbols(node)
        return map_children(node, lambda c: self.unfold(c, inside))

    def _entry(self, base: Symbol, indices: tuple[Node, ...], blocked: frozenset[Symbol]) -> Node:
        """``P_{ij}`` of a defined P is an entry of what P stands for."""
        if base in blocked or base not in self.values:
            return Indexed(base, indices)
        return Component(self._opened(base.plain, self.values[base], blocked), indices)

    def _symbol(self, symbol: Symbol, blocked: frozenset[Symbol]) -> Node:
        if symbol in blocked:
            return symbol
        if symbol in self.values:
            return self._opened(symbol.plain, self.values[symbol], blocked)
        if symbol.plain in self.functions:
            function = self.functions[symbol.plain]
            return self._opened(symbol.plain, function.body, blocked)
        entry = self._member(symbol)
        return self._entry(entry.base, entry.indices, blocked) if isinstance(entry, Indexed) else symbol

    def _member(self, variable: Symbol | Indexed) -> Symbol | Indexed:
        """A labelled letter that is an entry of a defined vector or matrix."""
        if isinstance(variable, Indexed) or variable in self.values or (stem := stem_of(variable)) not in self.values:
            return variable
        if stem in self.declared:
            labels = entry_labels(variable, self.declared[stem])
        else:
            labels = self._labels(variable.sub, self.values[stem])
        if labels is None:
            return variable
        return Indexed(stem, tuple(Number(t) if t.isdigit() else Symbol(t) for t in labels))

    def _labels(self, label: str, value: Node) -> list[str] | None:
        """The indices in ``A_{ij}`` for an A that is defined by whole vectors or matrices and not declared."""
        large = {s for s, d in self.declared.items() if d.kind in ("vector", "matrix")}
        if not label or large.isdisjoint(free_symbols(value)):
            return None
        labels = label.split(",") if "," in label else list(label)
        if "," not in label and label.isdigit() and len(label) > 1:
            raise Undecidable(f"whether {label} is one index or several")
        return labels

    def _opened(self, name: str, body: Node, blocked: frozenset[Symbol]) -> Node:
        if name in self.open:
            raise Undecidable(f"{name} is defined by itself")
        before, self.open = self.open, (*self.open, name)
        try:
            return self.unfold(body, blocked)
        finally:
            self.open = before

    def _call(self, node: Call, function: Definition, blocked: frozenset[Symbol]) -> Node:
        if node.order:
            raise Undecidable("a prime on a function of vectors")
        given = [self.unfold(a, blocked) for a in node.args]
        body = self._opened(node.name, function.body, blocked.union(function.parameters))
        return self._put_in(body, function, given)

    def _put_in(self, body: Node, function: Definition, given: list[Node]) -> Node:
        parameters = function.parameters
        if len(given) == 1 and len(parameters) > 1:
            given = list(entries(given[0]) or given)
        if len(given) != len(parameters):
            raise Undecidable(f"{function.name.plain} takes {len(parameters)} arguments")
        return substitute(body, dict(zip(parameters, given, strict=True)))

    def _gradient(self, node: Gradient, blocked: frozenset[Symbol]) -> Node:
        """``∇C(x)`` for a function of one vector."""
        function = self.functions.get(node.name)
        if function is None or len(function.parameters) != 1:
            raise Undecidable(f"what the gradient of {node.name} is taken by")
        (parameter,) = function.parameters
        body = self._opened(node.name, function.body, blocked | {parameter})
        given = [self.unfold(a, blocked) for a in node.args] or [parameter]
        made = GradientOf(body, (parameter,))
        return made if given == [parameter] else At(made, ((parameter, given[0]),))

    def _with_values(self, node: Node, variables: tuple[Symbol, ...], blocked: frozenset[Symbol]) -> Node:
        """A derivative by a defined letter is taken by the letter; then its value is put in."""
        defined = [s for s in variables if s not in blocked and s in self.values]
        if not defined:
            return node
        return At(node, tuple((s, self._symbol(s, blocked)) for s in defined))

