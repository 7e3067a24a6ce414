r"""Brackets: round, square, braces, ``\left … \right``.

A bracket around one expression is that expression; with commas it is coordinates, in braces a set. A bracket is
closed by its own partner; only behind the sign of membership may an interval be closed by another
(:mod:`derive.read._collections`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from derive.errors import FormulaError
from derive.read._parser import Parser
from derive.read.tokens import Token
from derive.tree import Call, Node, Relation, Set, Symbol, Vector, walk

T = TypeVar("T")

CLOSING = {"(": ")", "[": "]", r"\{": r"\}"}
OPENING = frozenset({"(", "[", r"\{", "{", "begin", r"\langle", r"\lvert", r"\lVert", r"\lfloor", r"\lceil"})
CLOSERS = frozenset({")", "]", r"\}", "}", "close", r"\rangle", r"\rvert", r"\rVert", r"\rfloor", r"\rceil"})


def opens(p: Parser, at: int, *, braces: bool = False) -> bool:
    r"""Whether a bracket begins at a token, ``\left`` or not; with ``braces`` also ``\{``."""
    key = p.tokens[at].key
    if key == r"\left":
        key = p.tokens[at + 1].key
    return key in ("(", "[") or (braces and key == r"\{")


def partner(tokens: list[Token], opening: int) -> int:
    """The number of the token that closes a bracket, whatever it is; of the last token when none does."""
    depth = 0
    for i in range(opening, len(tokens)):
        depth += (tokens[i].key in OPENING) - (tokens[i].key in CLOSERS)
        if depth <= 0:
            return i
    return len(tokens) - 1


def partners(tokens: list[Token]) -> dict[int, int]:
    """For each token that opens a bracket, the one that closes it; the last token when none does."""
    found: dict[int, int] = {}
    stack: list[int] = []
    for i, token in enumerate(tokens):
        if token.key in OPENING:
            stack.append(i)
        elif token.key in CLOSERS and stack:
            found[stack.pop()] = i
    return found | dict.fromkeys(stack, len(tokens) - 1)


def outermost(tokens: list[Token], start: int, end: int) -> Iterator[Token]:
    """The tokens between two places that stand in no further bracket, the closing signs of these included."""
    depth = 0
    for token in tokens[start:end]:
        depth += (token.key in OPENING) - (token.key in CLOSERS)
        if depth == 0:
            yield token


def enclosed(p: Parser, read: Callable[[Parser], T]) -> T:
    r"""What a reader makes of a bracket's content; the parser stands on ``\left`` or the bracket."""
    sized = p.accept(r"\left")
    opening = p.take()
    found = p.enclosed(lambda: read(p))
    close(p, opening, sized)
    return found


def items(p: Parser, *, relations: bool = False) -> tuple[Node, ...]:
    r"""What stands between brackets, separated by commas; the parser stands on ``\left`` or the bracket."""
    start = p.token
    found = enclosed(p, lambda p: _items(p, relations))
    if len(found) > 1 and isinstance(found[0], Relation):
        raise p.fail("a relation cannot be a coordinate", token=start)
    return found


def _items(p: Parser, relations: bool) -> tuple[Node, ...]:
    found = [p.statement() if relations else p.expression()]
    while p.accept(","):
        found.append(p.expression())
    return tuple(found)


def close(p: Parser, opening: Token, sized: bool) -> None:
    """Take the partner of a bracket."""
    if p.token.key == "end":
        raise p.fail(f"a bracket is not closed: expected '{CLOSING[opening.key]}' before the end of the formula")
    if sized and not p.accept(r"\right"):
        raise p.unexpected(f"\\right{CLOSING[opening.key]}")
    if p.token.key != CLOSING[opening.key]:
        raise _mismatch(p, opening)
    p.take()


def _mismatch(p: Parser, opening: Token) -> FormulaError:
    closing = CLOSING[opening.key]
    if p.token.key in CLOSING.values() or p.tokens[p.at - 1].key == r"\right":
        hint = f"intervals are read behind \\in only; write {closing}"
        return p.fail(f"the bracket '{opening.key}' is closed by {p.found()}", hint)
    if p.token.key == ";":
        return p.fail("expected a comma between the coordinates, found ';'")
    return p.unexpected(f"'{closing}'")


def bracket(p: Parser) -> Node:
    """Round or square brackets."""
    start = p.token
    found = items(p, relations=True)
    if p.names.functions and opens(p, p.at) and _is_of_functions(p, found[0]):
        raise p.fail("a bracket of functions is applied", "write f(x) + g(x)", start)
    return found[0] if len(found) == 1 else Vector(found)


def _is_of_functions(p: Parser, node: Node) -> bool:
    """``(f + g)(x)``: whether all names in a bracket are names of functions, and there are some."""
    names = [part for part in walk(node) if isinstance(part, Symbol)]
    return bool(names) and all(map(p.names.applies, names)) and not any(isinstance(part, Call) for part in walk(node))


def braces(p: Parser) -> Node:
    r"""``\{a + b\}`` is a bracket, ``\{1, 2\}`` a set."""
    found = items(p)
    return found[0] if len(found) == 1 else Set(found)
