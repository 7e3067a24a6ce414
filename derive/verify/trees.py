"""An element of the field written as a tree again; needed where something is put in for a symbol."""

from __future__ import annotations

from fractions import Fraction

from derive.tree import (
    ONE,
    PI,
    Call,
    E,
    Indexed,
    Integral,
    Negative,
    Node,
    Number,
    Optimum,
    Power,
    Product,
    ProductOver,
    Relation,
    Root,
    SumOver,
    Symbol,
    number,
    times,
    total,
)
from derive.verify.core import Bracket, Density, DerivativeAt, fresh, quotient
from derive.verify.field import Element, Field, Kernel, Poly


def tree(field: Field, element: Element) -> Node:
    """The element as an expression in the core language."""
    return quotient(_polynomial(field, element.top), _polynomial(field, element.bottom))


def _polynomial(field: Field, p: Poly) -> Node:
    pairs = sorted(zip(p.monoms(), p.coeffs(), strict=True), key=lambda pair: pair[1] < 0)
    return total([_term(field, powers, int(c)) for powers, c in pairs])


def _term(field: Field, powers: tuple[int, ...], coefficient: int) -> Node:
    factors = [raised(kernel_tree(field, field.kernels[i]), n) for i, n in enumerate(powers) if n]
    if abs(coefficient) != 1 or not factors:
        factors.insert(0, Number(str(abs(coefficient))))
    return Negative(times(factors)) if coefficient < 0 else times(factors)


def raised(base: Node, n: int) -> Node:
    """A power with a whole exponent; the first is not written."""
    return base if n == 1 else Power(base, Number(str(n)))


def kernel_tree(field: Field, kernel: Kernel) -> Node:
    """What a generator stands for, as an expression in the core language."""
    inner = [tree(field, e) for e in kernel.inner]
    match kernel.kind:
        case "symbol":
            node: Node = kernel.data
        case "pi":
            node = PI
        case "exp":
            node = Power(E, _multiple(kernel.unit, inner[0]))
        case "log":
            node = Call("log", (Call("abs", (inner[0],)),))
        case "root":
            node = Root(inner[0], Number(str(kernel.unit.denominator)))
        case "parity":
            node = Power(Negative(Number("1")), inner[0])
        case "sin" | "cos":
            node = Call(kernel.kind, (_multiple(kernel.unit, inner[0]),))
        case "indexed":
            node = Indexed(kernel.data, tuple(inner))
        case "call":
            node = _unknown(kernel.data[0], kernel.data[1], inner)
        case "sum":
            node = _sum(kernel.data, inner)
        case "product":
            name, space = kernel.data
            bounds = (inner[0], inner[1], None) if space is None else (None, None, _within(name, space))
            node = ProductOver(inner[2], name, *bounds)
        case "size":
            name = fresh(0, "n")
            node = SumOver(ONE, name, None, None, _within(name, kernel.data))
        case "bracket":
            node = Bracket(inner[0], kernel.data)
        case "optimum":
            sign, names, where = kernel.data
            node = Optimum("min" if sign > 0 else "max", inner[0], names, where)
        case "density":
            name, slots, orders = kernel.data
            node = _density(name, slots, orders, inner)
        case "integral":
            node = Integral(inner[2], kernel.data, inner[0], inner[1])
        case "antiderivative":
            node = Integral(inner[0], kernel.data)
        case "opaque":
            node = kernel.data
        case name:
            node = Call(name, tuple(inner))
    return node


def _within(name: Symbol, space: Node) -> Node:
    return Relation((name, space), ("in",))


def _sum(binders: tuple[tuple[Symbol, Node | None], ...], inner: list[Node]) -> Node:
    """A sum over several indices, one within another; each runs from 1 or over a set."""
    node = inner[2]
    for (name, space), upper in zip(binders, [inner[1], *inner[3:]], strict=True):
        bounds = (inner[0], upper, None) if space is None else (None, None, _within(name, space))
        node = SumOver(node, name, *bounds)
    return node


def _density(name: str, slots: tuple[tuple[str, Symbol], ...], orders: tuple[int, ...], inner: list[Node]) -> Node:
    """A partial derivative of a density, as nested derivatives at its values and parameters."""
    letters = [fresh(k, "a") if n else value for k, (n, value) in enumerate(zip(orders, inner, strict=True))]
    node: Node = Density(name, slots, tuple(letters[: len(slots)]), tuple(letters[len(slots) :]))
    for letter, n, value in zip(letters, orders, inner, strict=True):
        if n and isinstance(letter, Symbol):
            node = DerivativeAt(node, letter, n, value)
    return node


def _multiple(unit: Fraction, node: Node) -> Node:
    return node if unit == 1 else Product((number(unit), node))


def _unknown(name: str, orders: tuple[int, ...], arguments: list[Node]) -> Node:
    """A partial derivative of an unknown function, as nested derivatives at its arguments."""
    if len(orders) == 1:
        return Call(name, tuple(arguments), orders[0])
    variables = [fresh(k, "a") for k in range(len(arguments))]
    node: Node = Call(name, tuple(v if n else a for v, n, a in zip(variables, orders, arguments, strict=True)))
    for variable, n, argument in zip(variables, orders, arguments, strict=True):
        if n:
            node = DerivativeAt(node, variable, n, argument)
    return node


