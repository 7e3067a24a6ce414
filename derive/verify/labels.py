"""Subscripts that are parameters: ``p_theta(x)``, ``f_w(x)`` and ``L_theta`` depend on what is written below them.

A statement that differentiates or minimises by theta would else take ``p_theta(x)`` for a constant. :func:`labelled`
writes the parameter as an argument of a function or a law wherever its subscript is a variable that is differentiated
or minimised by; of a mere letter (``L_theta``) where it is minimised by.
"""

from __future__ import annotations

from collections.abc import Collection

from derive.tree import (
    Call,
    Derivative,
    Expectation,
    Given,
    GradientOf,
    Indexed,
    Node,
    Optimum,
    Relation,
    Symbol,
    kinds,
    map_children,
    walk,
)

_DIVERGENCES = frozenset({"KL", "D_KL", "H"})
_ACCENTS = frozenset({"hat", "bar", "tilde", "vec", "dot"})


def labelled(*nodes: Node, but: Collection[Symbol] = ()) -> list[Node]:
    """The sides of a statement with parameters as arguments; names in ``but`` are defined and stay."""
    if all(kinds(n).isdisjoint(_BY_VARIABLES) for n in nodes):
        return list(nodes)
    parts = [p for n in nodes for p in walk(n)]
    variables = {v.plain: v for p in parts for v in _variables(p)}
    if not variables:
        return list(nodes)
    minimised = frozenset(v.plain for p in parts if isinstance(p, Optimum) for v in p.variables)
    labels = _Labels(variables, minimised, frozenset(s.plain for s in but))
    return [labels.written(n) for n in nodes]


_BY_VARIABLES = (Derivative, GradientOf, Optimum)


def _variables(node: Node) -> tuple[Symbol, ...]:
    match node:
        case Derivative(_, Symbol() as variable):
            return (variable,)
        case GradientOf(_, variables) | Optimum(_, _, variables):
            return variables
    return ()


class _Labels:
    def __init__(self, variables: dict[str, Symbol], minimised: frozenset[str], defined: frozenset[str]) -> None:
        self.variables, self.minimised, self.defined = variables, minimised, defined

    def written(self, node: Node) -> Node:
        match node:
            case Call(name, args, order) if (v := self._of_name(name)) is not None:
                inner = tuple(self.written(a) for a in args)
                match inner:
                    case (Given(items, given, sign),) if sign != "||":
                        return Call(name, (Given(items, (*given, v), sign),), order)
                return Call(name, (Given(inner, (v,), ";"),), order)
            case Call(name, (Given(items, given, "||"),)) if name in _DIVERGENCES:
                return Call(name, (Given(tuple(map(self._law, items)), tuple(map(self._law, given)), "||"),))
            case Relation((head, law), ("~",)):
                return Relation((head, self._drawn(head, law)), ("~",))
            case Expectation(operator, args, over):
                return Expectation(operator, tuple(map(self.written, args)), tuple(map(self._over, over)))
            case Symbol() if (v := self._of_symbol(node)) is not None and v.plain in self.minimised:
                return Call(node.plain, (v,))
            case Indexed() | Derivative() | Optimum() | GradientOf():
                return self._inside(node)
        return map_children(node, self.written)

    def _inside(self, node: Node) -> Node:
        """The variables of an operator, and the name of a family, stay names."""
        match node:
            case Indexed(base, indices):
                return Indexed(base, tuple(self.written(i) for i in indices))
            case Derivative(body, variable, order, partial):
                return Derivative(self.written(body), variable, order, partial)
            case Optimum(operator, body, variables, where):
                return Optimum(operator, self.written(body), variables, where)
            case GradientOf(body, variables, order):
                return GradientOf(self.written(body), variables, order)
        return node

    def _of_name(self, name: str) -> Symbol | None:
        parts = name.split("_")
        start = 2 if parts[0] in _ACCENTS else 1
        return None if name in self.defined else self.variables.get("_".join(parts[start:]))

    def _of_symbol(self, symbol: Symbol) -> Symbol | None:
        if symbol.plain in self.variables or symbol.plain in self.defined:
            return None
        return self.variables.get(symbol.sub)

    def _law(self, node: Node) -> Node:
        """A density without arguments: with its parameter, at the letter that stands for all values."""
        if isinstance(node, Symbol) and (v := self._of_symbol(node)) is not None:
            return Call(node.plain, (Given((Symbol("x"),), (v,), ";"),))
        return self.written(node)

    def _drawn(self, head: Node, law: Node) -> Node:
        if isinstance(law, Symbol) and (v := self._of_symbol(law)) is not None:
            return Call(law.plain, (Given((head,), (v,), ";"),))
        return self.written(law)

    def _over(self, node: Node) -> Node:
        if isinstance(node, Symbol) and self._of_symbol(node) is not None:
            return self._law(node)
        return self.written(node)
