r"""The right side of a membership: an interval, a finite set, or the name of a set.

``[0, 1)``, ``\left(0, \infty\right)``, ``]0, 1[``, ``\{1, \dots, n\}``, ``\mathbb{R}^{m \times n}``, ``[0, 1]^d``.
"""

from __future__ import annotations

from derive.read import _brackets as brackets
from derive.read._parser import Parser
from derive.tree import Interval, Node, Power, Set, Vector


def collection(p: Parser) -> Node:
    r"""The right side of ``\in``."""
    at = p.at + (p.token.key == r"\left")
    if p.tokens[at].key == r"\{":
        return _raised(p, Set(brackets.items(p)))
    if p.tokens[at].key in _ENDS and p.tokens[at].key != ")" and _commas(p, at) == 1:
        return _raised(p, interval(p))
    return p.expression()


def _raised(p: Parser, found: Node) -> Node:
    """``[0, 1]^d``."""
    if p.token.key != "^":
        return found
    p.take()
    return Power(found, p.argument())


def _commas(p: Parser, at: int) -> int:
    """How many commas stand in the bracket at a token, up to the first sign that can end an interval."""
    count = depth = 0
    for token in p.tokens[at + 1 :]:
        if depth == 0 and token.key in _ENDS and (token.key in (")", "]") or count):
            break
        depth += (token.key in brackets.OPENING) - (token.key in brackets.CLOSERS)
        count += depth == 0 and token.key == ","
    return count


def interval(p: Parser) -> Node:
    """Two ends in brackets of any sort; the parser stands on the first."""
    p.accept(r"\left")
    _turn_closing(p)
    opening = p.take()
    ends: list[Node] = []

    def read() -> Node:
        ends.append(p.expression())
        p.expect(",")
        ends.append(p.expression())
        return ends[0]

    p.enclosed(read)
    p.accept(r"\right")
    if p.token.key not in _ENDS:
        raise p.unexpected("the end of the interval, ) or ]")
    closing = p.take()
    return Interval(ends[0], ends[1], opening.key in ("(", "]"), closing.key in (")", "["))


_ENDS = frozenset({"(", ")", "[", "]"})


def _turn_closing(p: Parser) -> None:
    """``]0, 1[`` and ``[0, 1[``: a bracket that opens to the right of the comma, and is not closed, closes."""
    comma = next((i for i in range(p.at, len(p.tokens)) if p.tokens[i].key == ","), len(p.tokens))
    for i in range(comma + 1, len(p.tokens)):
        if p.tokens[i].key in (")", "]"):
            return
        if p.tokens[i].key == "[":
            if not any(token.key == "]" for token in p.tokens[i:]):
                p.tokens[i] = p.tokens[i]._replace(key=")")
            return


def space(p: Parser, base: Node) -> Node | None:
    r"""``\mathbb{R}^{m \times n}``, the parser standing behind the caret; None when the exponent is none of shapes."""
    if p.token.key != "{":
        return None
    end = p.argument_end(p.at)
    if not any(token.key == "*" for token in brackets.outermost(p.tokens, p.at + 1, end - 1)):
        return None
    p.take()
    sides = [p.enclosed(p.factor)]
    while p.accept("*"):
        sides.append(p.enclosed(p.factor))
    p.expect("}")
    return Power(base, Vector(tuple(sides)))
