r"""What a density looks like in the rules of arguments: p(x), p(x | θ), and the law behind a ``~``."""

from __future__ import annotations

from derive.tree import Call, Given, Node, Symbol, from_plain

DENSITY_NAMES = frozenset({"p", "q", "r", "f", "g", "hat_p", "hat_q", "p_sup_star", "P", "Q"})
"""Letters that stand for densities; the verifier knows which of them are declared to."""


def is_density(node: Node) -> bool:
    """Whether the node is the value of a density: p(x), p(x | θ)."""
    return isinstance(node, Call) and not node.order and node.name in DENSITY_NAMES


def variable_of(density: Node) -> Symbol | None:
    """The letter x in p(x) and p(x | θ)."""
    match density:
        case Call(_, (Symbol() as x,)) | Call(_, (Given((Symbol() as x,), _, "|" | ";"),)):
            return x
    return None


def value_at(density: Node, variable: Symbol) -> Node:
    """The value p(x) of a density that is given by its name or as a value."""
    return Call(density.plain, (variable,)) if isinstance(density, Symbol) else density


def law_of(density: Node) -> Node:
    """What stands behind the ~: the name of a law that depends on nothing, else the whole value."""
    match density:
        case Call(name, (Symbol(),)):
            return from_plain(name)
    return density


def density_of(law: Node, variable: Symbol) -> Node | None:
    """The value of the density of ``x ~ law`` at x; None for what is no density."""
    match law:
        case Symbol() if law.plain in DENSITY_NAMES:
            return Call(law.plain, (variable,))
        case Call() if is_density(law):
            return law
    return None
