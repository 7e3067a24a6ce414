r"""Large operators: integrals, sums and products over an index, limits.

A sum, a product or a limit takes in the product that follows; an integral everything up to its differential.
"""

from __future__ import annotations

from derive.read._parser import Parser
from derive.read._scripts import lone_sign
from derive.read._symbols import variable
from derive.tree import ONE, Integral, Limit, Node, ProductOver, Relation, Sum, SumOver, Symbol, free_symbols


def integral(p: Parser) -> Node:
    r"""``\int_0^1 u \,dx``, ``\int \frac{dx}{x}``."""
    start = p.take()
    lower, upper = _limits(p)
    since = len(p.undeclared)
    outer, p.differential = p.differential, None
    p.integrals += 1
    empty = p.at_differential()
    body = ONE if empty else p.sum()
    p.integrals -= 1
    name, p.differential = _closing_differential(p, body), outer
    p.binds(name, since)
    if isinstance(body, Relation):
        raise p.fail("a relation cannot be integrated", token=start)
    if empty and p.starts_factor():
        raise p.fail("the integrand stands behind its differential", "write it before the differential", start)
    return Integral(body, name, lower, upper)


def _limits(p: Parser) -> tuple[Node | None, Node | None]:
    lower = upper = None
    while p.token.key in ("_", "^"):
        if p.take().key == "_":
            lower = p.argument()
        else:
            upper = p.argument()
    return lower, upper


def _closing_differential(p: Parser, body: Node) -> Symbol:
    """The variable of the differential behind the integrand, or of the one met above a fraction bar."""
    if p.differential is not None:
        if isinstance(body, Sum):
            raise p.fail("it is not clear how far the integral reaches", "write the differential behind it")
        return p.differential
    p.integrals += 1
    found = p.at_differential()
    p.integrals -= 1
    if not found:
        raise p.fail(f"expected the differential, such as dx, that ends the integral, found {p.found()}")
    p.take()
    return variable(p)


# --- sums and products over an index -----------------------------------------------------------------------------


def sum_over(p: Parser) -> Node:
    r"""``\sum_{i=1}^{n} u``; with several indices sums inside each other."""
    return _over(p, SumOver)


def product_over(p: Parser) -> Node:
    r"""``\prod_{i=1}^{n} u``."""
    return _over(p, ProductOver)


def _over(p: Parser, node: type[SumOver] | type[ProductOver]) -> Node:
    start = p.take()
    ranges: list[tuple[Symbol, Node | None]] = []
    upper = None
    while p.token.key in ("_", "^"):
        if p.take().key == "_":
            ranges = _ranges(p)
        else:
            upper = p.argument()
    if not ranges:
        raise p.fail("expected the index below the sign", token=start)
    for index, lower in ranges:
        for bound in (lower, upper):
            if bound is not None and index in free_symbols(bound):
                raise p.fail(f"the index {index.plain} occurs in its own limit", token=start)
    body = _body(p, [index for index, _ in ranges])
    for index, lower in reversed(ranges):
        body = node(body, index, lower, upper)
    return body


def _body(p: Parser, bound: list[Symbol]) -> Node:
    """The term behind the sign, in which the indices are bound."""
    since = len(p.undeclared)
    p.bound += [index.name for index in bound]
    body = p.term()
    del p.bound[len(p.bound) - len(bound) :]
    for index in bound:
        p.binds(index, since)
    if isinstance(body, Relation):
        raise p.fail("a relation cannot stand inside an expression")
    return body


def _ranges(p: Parser) -> list[tuple[Symbol, Node | None]]:
    r"""``i=1``, ``i``, ``i,j=1``: each index with its lower bound."""
    if p.token.key != "{":
        return [(variable(p), None)]
    found: list[tuple[Symbol, Node | None]] = []

    def read() -> Node:
        p.take()
        while not found or p.accept(","):
            found.append(_range(p))
        return ONE

    p.enclosed(read)
    if p.token.key != "}":
        raise p.fail(f"expected an index such as i = 1, found {p.found()}", "sums over sets are not read")
    p.take()
    if len(found) > 1 and found[-1][1] is not None:
        found = [(index, lower if lower is not None else found[-1][1]) for index, lower in found]
    return found


def _range(p: Parser) -> tuple[Symbol, Node | None]:
    index = variable(p)
    return index, p.expression() if p.accept("=") else None


# --- limits ------------------------------------------------------------------------------------------------------


def limit(p: Parser) -> Node:
    r"""``\lim_{x \to 0^+} u``."""
    p.take()
    if not p.accept("_"):
        raise p.fail("expected the variable below the limit: \\lim_{x \\to 0}")
    p.expect("{")
    name, point, side = _approach(p)
    p.expect("}")
    return Limit(_body(p, [name]), name, point, side)


def _approach(p: Parser) -> tuple[Symbol, Node, str]:
    name = variable(p)
    if p.token.key not in TENDS_TO:
        raise p.fail(f"expected \\to after the variable of the limit, found {p.found()}")
    side = TENDS_TO[p.take().key]

    def read() -> Node:
        p.approaching = True
        return p.expression()

    p.accept("+")
    point = p.enclosed(read)
    return name, point, lone_sign(p) or side


TENDS_TO = {r"\to": "", r"\downarrow": "+", r"\searrow": "+", r"\uparrow": "-", r"\nearrow": "-"}
"""How a variable tends to its point, and from which side."""
