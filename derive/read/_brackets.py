r"""Brackets: round, square, braces of sets, ``\left … \right``, absolute values, the bar with a place below it.

A bracket around one expression is that expression; with commas it is coordinates, in braces a set. A bracket is
closed by its own partner, so intervals are refused.
"""

from __future__ import annotations

from derive.errors import FormulaError
from derive.read._parser import Parser
from derive.read._scripts import places
from derive.read.tokens import Token
from derive.tree import At, Call, Matrix, Node, Relation, Set, Vector

CLOSING = {"(": ")", "[": "]", r"\{": r"\}"}


def opens(p: Parser, at: int, *, braces: bool = False) -> bool:
    r"""Whether a bracket begins at a token, ``\left`` or not; with ``braces`` also ``\{``."""
    key = p.tokens[at].key
    if key == r"\left":
        key = p.tokens[at + 1].key
    return key in ("(", "[") or (braces and key == r"\{")


def items(p: Parser, *, relations: bool = False) -> tuple[Node, ...]:
    r"""What stands between brackets, separated by commas; the parser stands on ``\left`` or the bracket."""
    sized = p.accept(r"\left")
    opening = p.take()
    found: list[Node] = []

    def read() -> Node:
        found.append(p.statement() if relations else p.expression())
        while p.accept(","):
            found.append(p.expression())
        return found[0]

    p.enclosed(read)
    if len(found) > 1 and isinstance(found[0], Relation):
        raise p.fail("a relation cannot be a coordinate", token=opening)
    _close(p, opening, sized)
    return tuple(found)


def _close(p: Parser, opening: Token, sized: bool) -> None:
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
        hint = f"intervals are not read; write {closing}"
        return p.fail(f"the bracket '{opening.key}' is closed by {p.found()}", hint)
    if p.token.key == ";":
        return p.fail("expected a comma between the coordinates, found ';'")
    return p.unexpected(f"'{closing}'")


def bracket(p: Parser) -> Node:
    """Round or square brackets."""
    found = items(p, relations=True)
    return found[0] if len(found) == 1 else Vector(found)


def braces(p: Parser) -> Node:
    r"""``\{a + b\}`` is a bracket, ``\{1, 2\}`` a set."""
    found = items(p)
    return found[0] if len(found) == 1 else Set(found)


def collection(p: Parser) -> Node:
    r"""The right side of ``\in``: a set, or the name of one."""
    opening = p.token
    if opening.key == r"\{" or (opening.key == r"\left" and p.key() == r"\{"):
        return Set(items(p))
    found = p.expression()
    if isinstance(found, Vector):
        raise p.fail("intervals are not read", r"write them as inequalities, 0 \le x \le 1", opening)
    return found


def left(p: Parser) -> Node:
    r"""What begins with ``\left``."""
    reader = _AFTER_LEFT.get(p.key())
    if reader is None:
        p.take()
        raise p.unexpected("a bracket after \\left")
    return reader(p)


# --- bars ----------------------------------------------------------------------------------------------


def absolute(p: Parser) -> Node:
    r"""``|u|`` and ``\lvert u \rvert``."""
    opening = p.take()
    bars, integrals = p.bars, p.integrals
    p.bars, p.integrals = (bars + 1, 0) if opening.key == "|" else (0, 0)
    inside = p.expression()
    p.bars, p.integrals = bars, integrals
    if not p.accept("|" if opening.key == "|" else r"\rvert"):
        raise p.fail(
            f"expected | to close the absolute value, found {p.found()}", "conditions such as p(x | y) are not read"
        )
    if isinstance(inside, Call) and inside.name == "abs":
        raise p.fail("norms are not read", token=opening)
    return _size(p, inside, opening)


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
    if isinstance(inside, (Vector, Set)):
        raise p.fail("norms are not read", token=opening)
    return Call("det" if isinstance(inside, Matrix) else "abs", (inside,))


def _evaluated(p: Parser) -> Node:
    r"""``\left. u \right|_{x = 0}``."""
    p.take()
    p.take()
    body = p.enclosed(p.expression)
    p.expect(r"\right")
    if not p.accept("|"):
        raise p.unexpected(r"\right| with the place below it")
    return At(body, places(p))


_AFTER_LEFT = {
    "(": bracket, "[": bracket, r"\{": braces, "|": _sized_bars, r"\lvert": _sized_bars, ".": _evaluated,
}  # fmt: skip
