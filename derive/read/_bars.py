r"""Bars: absolute values, determinants, norms, inner products, rounding, the bar with a place below it.

``|u|``, ``|A|`` of a matrix, ``\|x\|_2``, ``||x||``, ``\langle x, y\rangle``, ``\lfloor u\rfloor``,
``\left.u\right|_{x=0}``. What single bars mean around a name is decided by what the name stands for
(:mod:`derive.read._shapes`).
"""

from __future__ import annotations

from derive.read import _brackets as brackets
from derive.read import _evidence as evidence
from derive.read._parser import RELATIONS, Parser
from derive.read._scripts import places
from derive.read._shapes import shape
from derive.read.tokens import Token
from derive.tree import At, Call, Inner, Matrix, Node, Norm, Set, Symbol, Vector


def absolute(p: Parser) -> Node:
    r"""``|u|``, ``\lvert u \rvert``, or a norm when two bars stand together on both sides."""
    if _is_norm(p):
        return _double_barred(p)
    opening = p.take()
    single = opening.key == "|"
    bars, norms, integrals = p.bars, p.norms, p.integrals
    p.bars, p.norms, p.integrals = (bars + 1, norms, 0) if single else (0, 0, 0)
    inside = p.expression()
    p.bars, p.norms, p.integrals = bars, norms, integrals
    if not p.accept("|" if single else r"\rvert"):
        hint = "a bar that means given stands in a function's brackets, p(x | y)"
        raise p.fail(f"expected | to close the absolute value, found {p.found()}", hint)
    if single and _goes_on_to_bar(p):
        hint = r"write \lvert … \rvert, or \cdot between the factors"
        raise p.fail("these bars can be paired in two ways", hint, opening)
    return _size(p, inside, opening)


def _goes_on_to_bar(p: Parser) -> bool:
    """``|a| b |c|``: behind a bar a factor, and behind that another bar in the same product."""
    if p.bars or p.token.key not in ("letter", "word"):
        return False
    depth = 0
    for token in p.tokens[p.at :]:
        if depth == 0 and (token.key in _PARTING or token.key in RELATIONS):
            return False
        if depth == 0 and token.key == "|":
            return True
        depth += (token.key in brackets.OPENING) - (token.key in brackets.CLOSERS)
    return False


_PARTING = frozenset({
    "+", "-", "*", "/", ",", "end", ")", "]", "}", r"\}", r"\right", "given", "divides", "&", "\\\\", "text",
})  # fmt: skip


def _is_norm(p: Parser) -> bool:
    """Whether two bars stand here and the next bars outside brackets stand together too."""
    if p.token.key != "|" or p.key() != "|":
        return False
    depth = 0
    for i in range(p.at + 2, len(p.tokens) - 1):
        key = p.tokens[i].key
        depth += (key in brackets.OPENING) - (key in brackets.CLOSERS)
        if depth < 0:
            return False
        if depth == 0 and key == "|" and i > p.at + 2:
            return p.tokens[i + 1].key == "|"
    return False


def _double_barred(p: Parser) -> Node:
    """``||x||``."""
    p.take()
    p.take()
    bars, integrals = p.bars, p.integrals
    p.bars, p.integrals = bars + 1, 0
    inside = p.expression()
    p.bars, p.integrals = bars, integrals
    p.expect("|")
    p.expect("|")
    return Norm(inside, _order(p))


def norm(p: Parser) -> Node:
    r"""``\|x\|_2`` and ``\left\| x \right\|``."""
    sized = p.accept(r"\left")
    closing = r"\rVert" if p.take().key == r"\lVert" else r"\|"
    norms, bars, integrals = p.norms, p.bars, p.integrals
    p.norms, p.bars, p.integrals = norms + 1 if closing == r"\|" else 0, 0, 0
    inside = p.expression()
    p.norms, p.bars, p.integrals = norms, bars, integrals
    if sized:
        p.expect(r"\right")
    if not p.accept(closing):
        raise p.fail(f"expected {closing} to close the norm, found {p.found()}")
    return Norm(inside, _order(p))


def _order(p: Parser) -> Node | None:
    """What is written below a norm, before its exponent or behind it."""
    if p.token.key == "^" and p.tokens[p.argument_end(p.at + 1)].key == "_":
        middle = p.argument_end(p.at + 1)
        end = p.argument_end(middle + 1)
        p.tokens[p.at : end] = p.tokens[middle:end] + p.tokens[p.at : middle]
        p.go(p.at)
    if not p.accept("_"):
        return None
    if p.token.key == "number" and len(p.token.text) > 1:
        raise p.fail(f"an index of more than one digit needs braces: {{{p.token.text}}}")
    order = p.argument()
    return Symbol(order.name) if isinstance(order, Symbol) and order.font == "rm" else order


def _sized_bars(p: Parser) -> Node:
    opening = p.take()
    p.take()
    inside = p.enclosed(p.expression)
    p.expect(r"\right")
    if not (p.accept("|") or p.accept(r"\rvert")):
        raise p.unexpected(r"\right|")
    if p.token.key == "_":
        raise p.fail(r"a bar with a place below it begins with \left.", r"write \left. … \right|_{x = 0}", opening)
    return _size(p, inside, opening)


def _size(p: Parser, inside: Node, opening: Token) -> Node:
    """The absolute value of a number, the determinant of a matrix."""
    match inside:
        case Vector() | Set():
            raise p.fail("bars around coordinates", r"the length of a vector is written \|x\|", opening)
        case Matrix():
            return Call("det", (inside,))
        case Symbol(font="cal") if not p.names.declares(inside.plain):
            hint = "give the number of its elements a name of its own"
            raise p.fail("the size of a set is not read", hint, opening)
    kind = shape(inside, p.names)
    if kind == "vector":
        raise p.fail("bars around a vector", r"its length is written \|x\|, with single bars numbers only", opening)
    is_matrix = kind == "matrix" or (isinstance(inside, Symbol) and evidence.is_matrix(p, inside))
    return Call("det" if is_matrix else "abs", (inside,))


def _evaluated(p: Parser) -> Node:
    r"""``\left. u \right|_{x = 0}``."""
    p.take()
    p.take()
    body = p.enclosed(p.expression)
    p.expect(r"\right")
    if not p.accept("|"):
        raise p.unexpected(r"\right| with the place below it")
    return At(body, places(p))


# --- inner products, rounding ----------------------------------------------------------------------------------------


def inner(p: Parser) -> Node:
    r"""``\langle x, y \rangle``."""
    sized = p.accept(r"\left")
    opening = p.take()
    left = p.enclosed(p.expression)
    if not p.accept(","):
        hint = r"an inner product is written \langle x, y \rangle"
        raise p.fail(f"expected a comma in the inner product, found {p.found()}", hint)
    right = p.enclosed(p.expression)
    if sized:
        p.expect(r"\right")
    if not p.accept(r"\rangle"):
        raise p.fail(f"the inner product is not closed: expected \\rangle, found {p.found()}", token=opening)
    return Inner(left, right)


_ROUNDING = {r"\lfloor": ("floor", r"\rfloor"), r"\lceil": ("ceil", r"\rceil")}


def rounding(p: Parser) -> Node:
    r"""``\lfloor u \rfloor``, ``\lceil u \rceil``."""
    sized = p.accept(r"\left")
    function, closing = _ROUNDING[p.take().key]
    inside = p.enclosed(p.expression)
    if sized:
        p.expect(r"\right")
    p.expect(closing)
    return Call(function, (inside,))


# --- \left -----------------------------------------------------------------------------------------------------------


def left(p: Parser) -> Node:
    r"""What begins with ``\left``."""
    reader = _AFTER_LEFT.get(p.key())
    if reader is None:
        p.take()
        raise p.unexpected("a bracket after \\left")
    return reader(p)


_AFTER_LEFT = {
    "(": brackets.bracket, "[": brackets.bracket, r"\{": brackets.braces, "|": _sized_bars, r"\lvert": _sized_bars,
    ".": _evaluated, r"\|": norm, r"\lVert": norm, r"\langle": inner, r"\lfloor": rounding, r"\lceil": rounding,
}  # fmt: skip
