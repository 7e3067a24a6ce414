r"""Names where no function can stand: constants, symbols, members of families with their index expressions.

``x_i``, ``\theta_{t-1}``, ``x_{ij}``, ``x^{(i)}``, ``x_j^{(i)}``, ``w^{[l]}``.
"""

from __future__ import annotations

from derive.read import _brackets as brackets
from derive.read._families import as_indices
from derive.read._parser import Parser
from derive.read._shapes import shape
from derive.read._symbols import is_constant, superscript_label, symbol, unmarked
from derive.read.tokens import Token
from derive.tree import PI, E, Indexed, Node, Number, Symbol


def bare(p: Parser) -> Node:
    """A name as TeX takes it for an argument: without its subscript."""
    token = p.token
    if token.key == "word":
        raise p.fail(f"an argument of more than one letter needs braces: {{{token.text}}}")
    return constant_or_known(p, unmarked(p), token)


def constant_or_known(p: Parser, found: Symbol, token: Token) -> Node:
    if is_constant(p, found):
        return E if found.name == "e" else PI
    if p.names.strict and not _may_occur(p, found):
        p.undeclared.append((found, token))
    return found


def _may_occur(p: Parser, found: Symbol) -> bool:
    known = p.names
    return found.plain in (known.symbols or ()) or known.applies(found) or found.name in p.bound


def indexed(p: Parser, found: Symbol, token: Token) -> Node:
    """``x_i``, ``x^{(i)}`` and ``x_j^{(i)}`` with indices that are expressions; the one above stands first."""
    p.families = True
    if p.names.strict and found.plain not in (p.names.symbols or frozenset()) and not p.names.counts(found):
        p.undeclared.append((found, token))
    lower: tuple[Node, ...] = ()
    if found.name in _LARGE and any(t.key == "=" for t in p.tokens[p.at : p.argument_end(p.at + 1)]):
        raise p.fail(f"{found.name} is a letter here", f"write {_LARGE[found.name]}", token)
    if p.accept("_"):
        lower = _entry(p, found)
    if p.token.key == "^" and not found.sup:
        label = superscript_label(p, found)
        found = found if label is None else Symbol(found.name, found.sub, label, found.accent, found.font)
    upper = _upper(p) if found.sup in ("()", "[]") else ()
    if upper and found.sub and (below := as_indices(found.sub)):
        return Indexed(Symbol(found.name, "", found.sup, found.accent, found.font), (*upper, *below))
    return Indexed(found, (*upper, *lower))


_LARGE = {"Sigma": r"\sum for a sum", "Pi": r"\prod for a product"}
"""Letters that are written for large operators."""


def member(p: Parser) -> Symbol | Indexed:
    """A name that something is derived by, or a member of a family."""
    token = p.token
    found = symbol(p)
    if p.token.key == "_" or found.sup in ("()", "[]"):
        node = indexed(p, found, token)
        assert isinstance(node, Indexed)
        return node
    if is_constant(p, found):
        raise p.fail(f"{found.plain} is a constant here", "declare it in [symbols], or use another letter", token)
    return found


def _upper(p: Parser) -> tuple[Node, ...]:
    """The index in ``^{(i)}``."""
    p.expect("^")
    p.expect("{")
    opening = p.take()
    index = p.enclosed(p.expression)
    p.expect(brackets.CLOSING[opening.key])
    p.expect("}")
    return (index,)


def indices(p: Parser) -> tuple[Node, ...]:
    """The index expressions behind ``_``: one sign, or several in braces."""
    if p.token.key != "{":
        return (p.argument(),)
    found: list[Node] = []

    def read() -> None:
        p.expect("{")
        while not found or p.accept(",") or p.starts_factor():
            found.append(_index(p))

    p.enclosed(read)
    p.expect("}")
    return tuple(found)


def _entry(p: Parser, found: Symbol) -> tuple[Node, ...]:
    """The indices of a member; in ``W_{12}`` of a matrix each digit is one."""
    if [p.token.key, p.key(1), p.key(2)] != ["{", "number", "}"] or shape(found, p.names) != "matrix":
        return indices(p)
    token = p.tokens[p.at + 1]
    if len(token.text) < 2:
        return indices(p)
    if len(token.text) > 2 or not token.text.isdigit():
        raise p.fail("the indices of the entry can be read in several ways", "put a comma between them", token)
    p.go(p.at + 3)
    return tuple(Number(digit) for digit in token.text)


def _index(p: Parser) -> Node:
    """One index; in ``x_{ij}`` each letter is one."""
    if p.token.key == "letter" and p.key() == "letter":
        return bare(p)
    return p.expression()
