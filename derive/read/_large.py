r"""Large operators: integrals, sums and products over an index, limits.

A sum, a product or a limit takes in the product that follows; an integral everything up to its differential. A sum over
a set or with a condition has no bounds but a relation that restricts its index.
"""

from __future__ import annotations

from derive.read import _ranges as ranges
from derive.read import _reach as reach
from derive.read._parser import Parser
from derive.read._scripts import lone_sign
from derive.read._symbols import variable
from derive.read.tokens import Token
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
    if any(bound is not None and name in free_symbols(bound) for bound in (lower, upper)):
        raise p.fail(f"the variable {name.plain} occurs in its own limit", "give one of them another letter", start)
    if empty and p.starts_factor():
        raise p.fail("the integrand stands behind its differential", "write it before the differential", start)
    return Integral(body, name, lower, upper)


_SIGNS = {r"\iint": 2, r"\iiint": 3}
"""The signs of several integrals at once, and how many."""


def several_integrals(p: Parser) -> Node:
    r"""``\iint u \,dx\,dy``: the first differential is that of the innermost."""
    start = p.take()
    if p.token.key in ("_", "^"):
        hint = "write one \\int with its limits for each variable"
        raise p.fail("a multiple integral over a region is not read", hint, start)
    count, since = _SIGNS[start.key], len(p.undeclared)
    outer, p.differential = p.differential, None
    p.integrals += count
    body = ONE if p.at_differential() else p.sum()
    p.integrals -= count
    if isinstance(body, Relation):
        raise p.fail("a relation cannot be integrated", token=start)
    for _ in range(count):
        name, p.differential = _closing_differential(p, body), None
        p.binds(name, since)
        body = Integral(body, name)
    p.differential = outer
    return body


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
    start, since = p.take(), len(p.undeclared)
    found = ranges.Range()
    upper = None
    while p.token.key in ("_", "^"):
        if p.take().key == "_":
            found = ranges.below(p)
        else:
            upper = p.argument()
    if not found.names:
        hint = r"write \sum_{i=1}^{n}" if node is SumOver else r"write \prod_{i=1}^{n}"
        raise p.fail("expected the index below the sign", hint, start)
    _check_limits(p, found, upper, start)
    body = _body(p, found.names)
    for name in found.names:
        p.binds(name, since)
    if node is SumOver:
        _refuse_further_terms(p, found.names)
    where = found.where
    for index, lower in zip(reversed(found.names), reversed(found.lowers), strict=True):
        body = node(body, index, lower, upper, where)
        where = None
    return body


def _check_limits(p: Parser, found: ranges.Range, upper: Node | None, start: Token) -> None:
    for index, lower in zip(found.names, found.lowers, strict=True):
        for bound in (lower, upper):
            if bound is not None and index in free_symbols(bound):
                raise p.fail(f"the index {index.plain} occurs in its own limit", token=start)
    if found.where is not None and upper is not None and found.lowers[-1] is None:
        raise p.fail("a bound above the sign needs one below", "write i = 1 below it", start)


def _refuse_further_terms(p: Parser, names: list[Symbol]) -> None:
    """``\\sum_i x_i + y_i``: a term behind the sum that still uses its index."""
    for place in reach.further_terms(p):
        for name in names:
            uses = reach.uses(p, place, name)
            if uses[:1] == ["bound"]:  # the next sum over this index looks at the terms behind it
                return
            if "index" in uses:
                hint = "put the terms of the sum in brackets, or give the other index another letter"
                raise p.fail(f"the index {name.plain} is used behind its sum", hint, p.tokens[place[0]])


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
