r"""Environments: matrices, cases, and the lines of ``aligned``.

The lines of an aligned formula are one chain: each continues the one before with a relation or a sign. Two separate
statements are refused.
"""

from __future__ import annotations

from derive.errors import FormulaError
from derive.read._parser import IMPLICATIONS, RELATIONS, Parser
from derive.read.tokens import Token
from derive.tree import Call, Cases, Matrix, Node

MATRICES = frozenset({"matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "array", "smallmatrix"})
CASES = frozenset({"cases", "dcases"})
ALIGNED = frozenset(
    {"aligned", "align", "alignat", "alignedat", "split", "gather", "gathered", "multline", "equation", "eqnarray"}
)


def environment(p: Parser) -> Node:
    """A matrix or cases."""
    opening = p.take()
    name = opening.text.rstrip("*")
    if name in MATRICES:
        node = _matrix(p, name)
    elif name in CASES:
        node = _cases(p)
    elif name in ALIGNED:
        raise p.fail(f"{name} is read only around the whole formula", token=opening)
    else:
        raise p.fail(f"the environment {name} is not read", token=opening)
    if p.token.text != opening.text:
        raise p.fail(f"\\begin{{{opening.text}}} is closed by \\end{{{p.token.text}}}")
    p.take()
    return node


def _matrix(p: Parser, name: str) -> Node:
    rows: list[tuple[Node, ...]] = []
    while p.token.key != "close":
        row = [p.enclosed(p.expression)]
        while p.accept("&"):
            row.append(p.enclosed(p.expression))
        rows.append(tuple(row))
        _end_row(p, "& or \\\\ in the matrix")
    if not rows or len({len(row) for row in rows}) != 1:
        raise p.fail("the rows of the matrix have different lengths" if rows else "the matrix is empty")
    return Call("det", (Matrix(tuple(rows)),)) if name == "vmatrix" else Matrix(tuple(rows))


def _end_row(p: Parser, wanted: str) -> None:
    if not p.accept("\\\\") and p.token.key != "close":
        raise p.unexpected(wanted)


def _cases(p: Parser) -> Node:
    branches: list[tuple[Node, Node | None]] = []
    while p.token.key != "close":
        if branches and branches[-1][1] is None:
            raise p.fail("a case after the one for all other values")
        value = p.enclosed(p.expression)
        p.accept(",")
        branches.append((value, _condition(p)))
        if p.token.key in (",", ".", ";"):
            p.take()
        _end_row(p, "\\\\ in the cases")
    if not branches:
        raise p.fail("the cases are empty")
    return Cases(tuple(branches))


def _condition(p: Parser) -> Node | None:
    """What stands behind a value; None when it holds otherwise."""
    separated = p.accept("&")
    words = ""
    while p.token.key == "text":
        words = words or p.token.text.lower().strip(" ,.:")
        p.take()
    if p.token.key in ("\\\\", "close", ".") and (not words or words in _OTHERWISE):
        return None
    if not separated and not words:
        raise p.unexpected("& and the condition")
    if words not in _IF:
        raise p.fail(f"a condition begins with if, or is otherwise; found {words!r}")
    condition = p.enclosed(p.relation)
    while p.token.key == "text" and not p.token.text:
        p.take()
    return condition


_OTHERWISE = frozenset({"otherwise", "else", "sonst", "elsewhere"})
_IF = frozenset({"", "if", "for", "when", "where", "falls", "wenn", "für"})


# --- aligned lines -------------------------------------------------------------------------------------------------


def unaligned(p: Parser) -> None:
    """Join the lines of an ``aligned`` around the whole formula to one."""
    last = len(p.tokens) - 2
    while last > 0 and p.tokens[last].key in ("text", ".", ","):
        last -= 1
    opening = p.token
    if opening.key != "begin" or opening.text.rstrip("*") not in ALIGNED or p.tokens[last].text != opening.text:
        return
    joined: list[Token] = []
    for row in _rows(p.tokens[1:last]):
        if joined:
            _check_continuation(p, joined, row)
        joined += row
    p.tokens[: last + 1] = joined
    p.go(0)


def _rows(found: list[Token]) -> list[list[Token]]:
    r"""The lines between ``\\``, without ``&`` and remarks; those of an inner environment are left alone."""
    rows: list[list[Token]] = [[]]
    depth = 0
    for token in found:
        depth += (token.key == "begin") - (token.key == "close")
        if depth == 0 and token.key == "\\\\":
            rows.append([])
        elif depth or token.key != "&":
            rows[-1].append(token)
    for row in rows:
        while row and row[-1].key in ("text", ",", "."):
            row.pop()
    return [row for row in rows if row]


def _check_continuation(p: Parser, before: list[Token], row: list[Token]) -> None:
    first = row[0].key
    if first in RELATIONS or first in IMPLICATIONS:
        return
    begun = before[-1].key in RELATIONS or before[-1].key in IMPLICATIONS or before[-1].key in ("+", "-", "*")
    has_relation = any(token.key in RELATIONS for token in row)
    if has_relation if first in ("+", "-", "*") else not begun:
        raise _second_statement(p, row[0])


def _second_statement(p: Parser, token: Token) -> FormulaError:
    return p.fail("a second statement begins here", "give each statement its own formula", token)
