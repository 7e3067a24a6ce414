r"""What stands in a function's brackets: arguments, relations, and the sign that parts what is given from them.

``p(x \mid \theta)``, ``p(x|\theta)``, ``p(x; \theta)``, ``\mathrm{KL}(p \| q)``, ``KL(p || q)``. Which bar parts and
which begins or ends an absolute value is decided by where the bars of one bracket stand, before anything in it is read:
:func:`mark` gives those that part a key of their own. Called for every bracket that something is applied to.
"""

from __future__ import annotations

from derive.read import _brackets as brackets
from derive.read._parser import RELATIONS, Parser
from derive.read.tokens import Token
from derive.tree import Given, Node

SIGNS = {"given": "|", "divides": "||", ";": ";"}
"""The keys of tokens that part, and how :class:`derive.tree.Given` names them."""


def arguments(p: Parser) -> tuple[Node, ...]:
    r"""A bracket's content; the parser stands on ``\left`` or the bracket. A relation is allowed as an argument."""
    opening = p.at + (p.token.key == r"\left")
    mark(p.tokens, opening + 1, brackets.partner(p.tokens, opening))
    return brackets.enclosed(p, content)


def content(p: Parser) -> tuple[Node, ...]:
    """Arguments up to where something else stands: one :class:`derive.tree.Given` when a bar parts them."""
    found = several(p)
    if p.token.key == "unclear":
        raise p.fail("bars that part or bars of an absolute value", r"write \cdot before an absolute value")
    sign = SIGNS.get(p.token.key)
    if sign is None:
        return found
    start = p.take()
    p.accept("skipped")
    behind = several(p)
    if p.token.key in SIGNS:
        raise p.fail("a second sign parts what is given", "one bar or semicolon can stand in a bracket", start)
    return (Given(found, behind, sign),)


def several(p: Parser) -> tuple[Node, ...]:
    """Expressions or relations with commas between them."""
    found = [p.relation()]
    while p.accept(","):
        found.append(p.relation())
    return tuple(found)


def parts(p: Parser, opening: int) -> bool:
    """Whether what stands in the bracket at a token is parted: then something is applied to it."""
    opening += p.tokens[opening].key == r"\left"
    end = brackets.partner(p.tokens, opening)
    mark(p.tokens, opening + 1, end)
    return any(token.key in SIGNS for token in brackets.outermost(p.tokens, opening + 1, end))


def parted(tokens: list[Token]) -> tuple[frozenset[int], frozenset[int]]:
    """The brackets that would be parted were they applied to something, by their first token; and the double bars.

    Takes time in proportion to the tokens, however deep they are nested.
    """
    copy = list(tokens)
    inside: dict[int, list[int]] = {}
    stack: list[int] = []
    for i, token in enumerate(tokens):
        if token.key in brackets.OPENING:
            stack.append(i)
        elif token.key in brackets.CLOSERS and stack:
            stack.pop()
        elif stack and token.key in _PARTING:
            inside.setdefault(stack[-1], []).append(i)
    for bars in inside.values():
        for sign in ("|", r"\|"):
            _mark(copy, [i for i in bars if tokens[i].key == sign and tokens[i - 1].key not in (r"\left", r"\right")])
    found = {opening for opening, bars in inside.items() if any(_parts(copy[i].key) for i in bars)}
    divided = {i for bars in inside.values() for i in bars if copy[i].key in ("divides", "skipped")}
    return frozenset(found), frozenset(divided)


_PARTING = frozenset({"|", r"\|", r"\mid", *SIGNS})


def _parts(key: str) -> bool:
    return key in SIGNS or key == r"\mid"


# --- which bar parts -------------------------------------------------------------------------------------------------


def mark(tokens: list[Token], start: int, end: int) -> None:
    """Give the bars between two tokens that part what is given the key ``given`` or ``divides``."""
    bars: dict[str, list[int]] = {"|": [], r"\|": []}
    depth = 0
    for i in range(start, end):
        key = tokens[i].key
        depth += (key in brackets.OPENING) - (key in brackets.CLOSERS)
        if depth or key[-1:] not in ("|", "d"):
            continue
        if key == r"\mid":
            tokens[i] = tokens[i]._replace(key="given")
        elif key in bars and tokens[i - 1].key not in (r"\left", r"\right"):
            bars[key].append(i)
    for found in bars.values():
        if found:
            _mark(tokens, found)


def _mark(tokens: list[Token], bars: list[int]) -> None:
    """Walk over the bars of one sort with those that are open; an odd one behind an operand parts."""
    is_open: list[int] = []  # with how many bars each is written
    begins = -1  # the token behind the last bar that opened
    at = 0
    while at < len(bars):
        i, left = bars[at], len(bars) - at
        width = 1 + _stand_together(bars, at)
        behind_operand = i != begins and not _begins_operand(tokens, i)
        if behind_operand and is_open:
            width = min(width, is_open.pop())
        elif behind_operand and (left % 2 or (left == 2 == width)):
            width = 1 if left % 2 else 2
            _part(tokens, i, width)
        elif behind_operand and tokens[i].key == "|" and _between_names(tokens, i, bars[at + width]):
            tokens[i] = tokens[i]._replace(key="unclear")
        else:
            width = width if _stand_together(bars, at + 2) else 1
            is_open.append(width)
            begins = i + width
        at += width


def _begins_operand(tokens: list[Token], i: int) -> bool:
    """Whether an operand begins at a token; behind the star of ``p^*`` none does."""
    return tokens[i - 1].key in _PREFIX and tokens[i - 2].key != "^"


def _between_names(tokens: list[Token], i: int, closing: int) -> bool:
    """Whether bars have an operand on both outer sides, as in ``p(x|y|z)``."""
    return tokens[i - 1].key != "number" and tokens[closing + 1].key in ("letter", "word", "number")


def _stand_together(bars: list[int], at: int) -> bool:
    return at + 1 < len(bars) and bars[at + 1] == bars[at] + 1


def _part(tokens: list[Token], i: int, width: int) -> None:
    is_divergence = width == 2 or tokens[i].key == r"\|"
    tokens[i] = tokens[i]._replace(key="divides" if is_divergence else "given")
    if width == 2:
        tokens[i + 1] = tokens[i + 1]._replace(key="skipped")


_PREFIX = frozenset({
    "(", "[", r"\{", "{", ",", ";", "+", "-", "*", "/", "given", "divides", "skipped", "^", "_", *RELATIONS,
})  # fmt: skip
"""Behind these an operand begins."""
