r"""Environments: matrices, cases, and the lines of ``aligned``.

A line of an aligned formula that begins with a relation or a sign continues the one before; another line with a
relation in it is a statement of its own (:mod:`derive.read._statements`).
"""

from __future__ import annotations

from derive.read._layout import between_operands
from derive.read._parser import IMPLICATIONS, RELATIONS, Parser
from derive.read._statements import CONNECTIVES
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
    separated = p.accept("gap") or p.accept("&")
    words = _bare_word(p)
    while p.token.key in ("text", "gap"):
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


def _bare_word(p: Parser) -> str:
    """``if`` and ``otherwise`` without a command."""
    word = p.token.run
    if p.token.key != "letter" or word not in _OTHERWISE | _IF or not word:
        return ""
    p.go(p.at + len(word))
    return word


_OTHERWISE = frozenset({"otherwise", "else", "sonst", "elsewhere", "ansonsten"})
_IF = frozenset({"", "if", "for", "when", "where", "falls", "wenn", "für"})


# --- aligned lines -------------------------------------------------------------------------------------------------


def unaligned(p: Parser) -> None:
    """Put the lines of a whole formula, in environments or not, in one row with signs between its statements."""
    while _unwrap(p):
        pass
    if any(token.key in ("\\\\", "&") for token in p.tokens):
        p.tokens[:-1] = _joined(p, p.tokens[:-1])
    p.go(0)


def _unwrap(p: Parser) -> bool:
    """Take off the environment that stands around everything."""
    last = len(p.tokens) - 2
    while last > 0 and p.tokens[last].key in ("text", ".", ",", "gap"):
        last -= 1
    first = 0
    while p.tokens[first].key in ("text", "gap"):
        first += 1
    opening = p.tokens[first]
    is_aligned = opening.key == "begin" and opening.text.rstrip("*") in ALIGNED
    if not is_aligned or p.tokens[last].key != "close" or p.tokens[last].text != opening.text:
        return False
    p.tokens[: last + 1] = p.tokens[first + 1 : last]
    return True


def _joined(p: Parser, found: list[Token]) -> list[Token]:
    joined: list[Token] = []
    columns = False
    for row in _rows(found):
        goes_on = bool(joined) and _continues(p, joined, row)
        if goes_on and columns:
            raise p.fail("it is not clear which of the statements goes on here", "one statement a line", row[0])
        if joined and not goes_on:
            joined.append(Token("\\\\", "\\\\", row[0].at))
        joined += row
        columns = any(token.key == "gap" and token.text == "&" for token in row)
    return joined


def _rows(found: list[Token]) -> list[list[Token]]:
    r"""The lines between ``\\`` without remarks behind them; those of an inner environment are left alone.

    An ``&`` between two operands parts two statements in one line, any other only aligns.
    """
    rows: list[list[Token]] = [[]]
    depth = 0
    for i, token in enumerate(found):
        depth += (token.key == "begin") - (token.key == "close")
        if depth == 0 and token.key == "\\\\":
            rows.append([])
        elif depth or token.key != "&":
            rows[-1].append(token)
        elif between_operands(found, i):
            rows[-1].append(Token("gap", "&", token.at))
    for row in rows:
        while row and row[-1].key in ("text", ",", ".", "gap") and row[-1].text.lower() not in CONNECTIVES:
            row.pop()
    return [row for row in rows if row]


def _continues(p: Parser, before: list[Token], row: list[Token]) -> bool:
    """Whether a line goes on with the statement before it."""
    first = next((token.key for token in row if token.key != "gap"), "end")
    if first in RELATIONS or first in IMPLICATIONS:
        return True
    begun = before[-1].key in RELATIONS or before[-1].key in IMPLICATIONS or before[-1].key in ("+", "-", "*")
    has_relation = any(token.key in RELATIONS for token in row)
    if first in ("+", "-", "*"):
        if has_relation:
            raise p.fail("this line can continue the one before or begin a statement", "use brackets", row[0])
        return True
    if not begun and not has_relation:
        raise p.fail("this line is no statement and does not continue the one before", _GO_ON, row[0])
    return begun


_GO_ON = "begin it with a sign or a relation sign"
