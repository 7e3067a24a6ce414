r"""Several statements in one formula: ``x = 1, y = 2``, ``x = 1 \text{ or } x = 2``, lines of their own.

Called by :mod:`derive.read.latex` for every formula. Words before a formula and behind it are left out; between two
statements they must be a row of :data:`CONNECTIVES`. Each part of a list must be a relation: values in a row are
refused, they could be coordinates, solutions or arguments.
"""

from __future__ import annotations

from derive.read._parser import Parser
from derive.read.tokens import Token
from derive.tree import Node, Relation, Statements, Symbol

CONNECTIVES = {
    "and": "and", "und": "and", "or": "or", "oder": "or", "where": ",", "with": ",", "wobei": ",", "mit": ",",
    "": ",", "so": ",", "thus": ",", "hence": ",", "also": ",", "then": ",",
}  # fmt: skip
"""Words between two statements, and what they make of them."""

_SIGNS = {",": ",", ";": ",", "gap": ",", "\\\\": ",", r"\vee": "or", r"\wedge": "and"}
_CONDITIONS = frozenset({"if", "for", "when", "falls", "wenn", "otherwise", "sonst", "else"})
_MEANING = _CONDITIONS | {
    "minimize", "maximize", "minimise", "maximise", "minimiere", "maximiere", "not", "never", "no", "nicht", "minus",
    "plus", "times", "mal", "min", "max", "log", "sum", "product", "integral", "lim", "limit",
}  # fmt: skip
"""Words before a formula that change what it says."""


def statements(p: Parser) -> Node:
    """All that a formula states."""
    _leading_words(p)
    starts, items, signs = [p.token], [p.statement()], []
    while sign := _separator(p):
        signs.append(sign)
        starts.append(p.token)
        items.append(p.statement())
    if len(items) == 1:
        return items[0]
    return Statements(tuple(_related(p, items, starts)), _sign(p, signs, starts))


def _leading_words(p: Parser) -> None:
    if p.token.key != "text":
        return
    while p.token.key in ("text", "gap", ",", ":"):
        if _MEANING & set(p.token.text.lower().split()):
            raise p.fail("words inside a formula are not read")
        p.take()


def _separator(p: Parser) -> str:
    """Take what parts two statements; empty where the formula ends. A word says more than a comma."""
    sign = ""
    at = p.at
    while p.token.key in _SIGNS or p.token.key == "text":
        found = _SIGNS.get(p.token.key) or CONNECTIVES.get(p.token.text.lower().strip(" ,.:;"), "")
        if not found and not _is_remark(p):
            p.go(at)
            return ""
        sign = found if found and sign in ("", ",") else sign
        p.take()
    if not sign or p.token.key == "end":
        p.go(at)
        return ""
    return sign


def _is_remark(p: Parser) -> bool:
    """Whether the words here only explain: they stand at the end of a line or before a sign that parts."""
    return p.token.text.lower() not in _CONDITIONS and p.key() in ("\\\\", ",", ";", "gap", "text", "end")


def _sign(p: Parser, signs: list[str], starts: list[Token]) -> str:
    found = set(signs) - {","}
    if len(found) > 1:
        raise p.fail("and beside or can be read in two ways", token=starts[-1])
    return found.pop() if found else ","


def _related(p: Parser, items: list[Node], starts: list[Token]) -> list[Relation]:
    """The parts, each a relation; names before ``\\in`` or ``\\sim`` get that of the last one."""
    last = items[-1]
    shared = isinstance(last, Relation) and last.signs in (("in",), ("~",))
    related = []
    for item, start in zip(items, starts, strict=True):
        if isinstance(item, Symbol) and shared and isinstance(last, Relation):
            item = Relation((item, last.sides[1]), last.signs)
        if not isinstance(item, Relation):
            hint = r"coordinates stand in brackets, solutions in x \in \{1, 2\}"
            raise p.fail("values in a row can be read in several ways", hint, start)
        related.append(item)
    return related
