r"""How far an operator without brackets reaches: which of the terms that follow belong to it.

A sum over an index takes in one product; what follows and still uses the index is refused. An optimum takes in the
terms that use its variable. Decided by the tokens alone, before the terms are read, one term after another.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.read import _brackets as brackets
from derive.read._parser import RELATIONS, Parser
from derive.tree import Symbol

Place = tuple[int, int]
"""The first token of a term, its sign, and the one behind it."""


def further_terms(p: Parser) -> Iterator[Place]:
    """The places of the terms that follow here in the same sum."""
    at = p.at
    while p.tokens[at].key in ("+", "-"):
        end = _term_end(p, at + 1)
        yield at, end
        at = end


def term_end(p: Parser) -> int:
    """The number of the token behind the term in which the parser stands."""
    return _term_end(p, p.at)


def _term_end(p: Parser, at: int) -> int:
    depth = 0
    while at < len(p.tokens) - 1:
        key = p.tokens[at].key
        sign = key in ("+", "-") and p.tokens[at - 1].key not in _SIGNS
        if depth == 0 and (sign or key in _ENDS or key in RELATIONS or _closes(p, at)):
            return at
        depth += (key in brackets.OPENING) - (key in brackets.CLOSERS)
        at += 1
    return at


def _closes(p: Parser, at: int) -> bool:
    """Whether a token closes bars or an integral that are open around."""
    key = p.tokens[at].key
    if key == "|" or key == r"\|":
        return p.bars > 0 if key == "|" else p.norms > 0
    return p.integrals > 0 and p.tokens[at].text == "d" and p.names_something(at + 1)


_SIGNS = frozenset({"+", "-", "*", "/", "^", "_"})
_ENDS = frozenset({
    "end", ",", ";", "text", "gap", "\\\\", "&", ")", "]", "}", r"\}", r"\right", "close", r"\Rightarrow", "given",
    r"\Leftrightarrow", "divides", r"\rangle", r"\wedge", r"\vee", "differential",
})  # fmt: skip


def uses(p: Parser, place: Place, name: Symbol) -> list[str]:
    """How a name occurs in a term, in order: ``alone``, as a ``family`` with an index, as ``index``, or ``bound``."""
    begin, end = place
    return [_use(p, at, begin) for at in range(begin, end) if _is(p, at, name)]


def _is(p: Parser, at: int, name: Symbol) -> bool:
    token = p.tokens[at]
    if token.key == "end" or (p.tokens[at + 1].key == "'") != (name.sup == "'"):
        return False
    return (token.text == name.name and token.key in ("letter", "word")) or token.key == f"\\{name.name}"


def _use(p: Parser, at: int, begin: int) -> str:
    sign = at - 1 if p.tokens[at - 1].key == "_" else _subscript(p, at, begin)
    if sign > 0:
        return "bound" if _binds(p, sign - 1) else "index"
    return "family" if p.tokens[at + 1].key == "_" else "alone"


def _subscript(p: Parser, at: int, begin: int) -> int:
    """The sign of the subscript in whose braces a token stands; -1 when it stands in none."""
    depth = 0
    for i in range(at - 1, begin, -1):
        key = p.tokens[i].key
        depth += (key in brackets.CLOSERS) - (key in brackets.OPENING)
        if depth < 0:
            return i - 1 if key == "{" and p.tokens[i - 1].key == "_" else -1
    return -1


def _binds(p: Parser, at: int) -> bool:
    """Whether the sign that ends at a token binds what stands below it."""
    token = p.tokens[at]
    if token.key != "}":
        return token.key in _BINDERS or (token.key == "word" and token.text in _BINDERS)
    while at > 0 and p.tokens[at].key != "{":
        at -= 1
    return p.tokens[at - 1].key in (r"\operatorname", r"\mathrm", r"\mathbb")


_BINDERS = frozenset({
    r"\sum", r"\prod", r"\max", r"\min", r"\sup", r"\inf", r"\argmin", r"\argmax", r"\lim", "max", "min", "argmin",
    "argmax", "sup", "inf",
})  # fmt: skip
