r"""Formulas of machine learning as people write them: each with the tree that it means, written down beforehand.

``unseen.json`` holds for each formula its topic, what is declared (``functions``, ``indexed``, ``matrices``,
``densities``, ``symbols``; words with spaces between) and either its ``tree`` or ``refused`` with words of the refusal.
A tree is a bracket expression: an atom is a number, a constant (``e``, ``pi``, ``inf``), dots (``...``) or a name with
its marks, ``hat~y_1^(0)`` or ``bold!w`` (``:e`` is the name and no constant); ``(+ a b)``, ``(/ a b)``,
``(sum body i 1 n)`` and so on are the rows of ``MAKERS``, and any other head is a function applied, ``(f' x)`` once
primed.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from derive import tree as t
from derive.errors import DeriveError
from derive.read.latex import Names, read
from derive.tree import Node, Symbol
from derive.write.latex import latex

ROWS = json.loads((Path(__file__).parent / "unseen.json").read_text(encoding="utf-8"))
KINDS = ("functions", "indexed", "matrices", "densities")
ATOM = re.compile(
    r"(?:(?P<accent>[a-z]+)~)?(?:(?P<font>[a-z]+)!)?(?P<name>[A-Za-z]+|[01])(?:_(?P<sub>[^^]+))?(?:\^(?P<sup>.+))?"
)
CONSTANTS = {"e": t.E, "pi": t.PI, "inf": t.INFINITY, "...": t.Dots()}
SIGNS = frozenset({
    "=", "!=", "<", "<=", ">", ">=", "~=", "=>", "<=>", ":=", "===", "in", "propto", "->", "~", "<<", ">>", "subset",
})  # fmt: skip


def parsed(text: str):
    """The bracket expression as nested lists of words."""
    words = re.findall(r"[^\s()]+\^\([^()\s]*\)|[()]|[^\s()]+", text)
    stack: list[list] = [[]]
    for word in words:
        if word == "(":
            stack.append([])
        elif word == ")":
            stack[-2].append(stack.pop())
        else:
            stack[-1].append(word)
    ((only,),) = stack
    return only


def symbol(word: str) -> Symbol:
    found = ATOM.fullmatch(word)
    assert found, word
    return Symbol(found["name"], found["sub"] or "", found["sup"] or "", found["accent"] or "", found["font"] or "")


def node(part) -> Node:
    """The tree of a parsed bracket expression."""
    if isinstance(part, str):
        if part[0] == ":":
            return Symbol(part[1:])
        if part in CONSTANTS:
            return CONSTANTS[part]
        return t.Number(part) if part[0].isdigit() or part[0] == "." else symbol(part)
    head, *rest = part
    if head in MAKERS:
        return MAKERS[head](*rest)
    if head in SIGNS:
        return t.Relation(nodes(rest), (head,) * (len(rest) - 1))
    return t.Call(head.rstrip("'"), nodes(rest), head.count("'"))


def nodes(parts) -> tuple[Node, ...]:
    return tuple(map(node, parts))


def _over(kind) -> Callable[..., Node]:
    return lambda body, index, *ends: kind(node(body), symbol(index), *nodes(ends))


def _where(kind) -> Callable[..., Node]:
    return lambda body, index, where: kind(node(body), symbol(index), where=node(where))


def _derivative(partial: bool) -> Callable[..., Node]:
    return lambda body, by, order="1": t.Derivative(node(body), node(by), int(order), partial)


def _optimum(operator: str) -> Callable[..., Node]:
    return lambda body, variables, *where: t.Optimum(operator, node(body), tuple(map(symbol, variables)), *nodes(where))


def _given(sign: str) -> Callable[..., Node]:
    return lambda items, given: t.Given(nodes(items), nodes(given), sign)


def _chain(*parts: str) -> Node:
    return t.Relation(nodes(parts[::2]), tuple(parts[1::2]))


MAKERS: dict[str, Callable[..., Node]] = {
    "+": lambda *u: t.Sum(nodes(u)),
    "-": lambda u: t.Negative(node(u)),
    "*": lambda *u: t.Product(nodes(u)),
    "/": lambda u, v: t.Quotient(node(u), node(v)),
    "^": lambda u, v: t.Power(node(u), node(v)),
    "sqrt": lambda u: t.Root(node(u)),
    "root": lambda u, n: t.Root(node(u), node(n)),
    "ix": lambda base, *i: t.Indexed(symbol(base), nodes(i)),
    "rel": _chain,
    "|": _given("|"),
    ";": _given(";"),
    "||": _given("||"),
    "dd": _derivative(partial=False),
    "pd": _derivative(partial=True),
    "nabla": lambda name, *u: t.Gradient(name, nodes(u)),
    "nablaof": lambda body, by, order="1": t.GradientOf(node(body), tuple(map(symbol, by)), int(order)),
    "at": lambda body, *where: t.At(
        node(body), tuple((symbol(a), node(b)) for a, b in zip(where[::2], where[1::2], strict=True))
    ),
    "int": _over(t.Integral),
    "sum": _over(t.SumOver),
    "prod": _over(t.ProductOver),
    "sumw": _where(t.SumOver),
    "prodw": _where(t.ProductOver),
    "lim": lambda body, by, to, side="": t.Limit(node(body), symbol(by), node(to), side),
    "argmin": _optimum("argmin"),
    "argmax": _optimum("argmax"),
    **{f"{name}.": _optimum(name) for name in ("min", "max", "inf", "sup")},
    "Ex": lambda operator, args, over=(): t.Expectation(operator, nodes(args), nodes(over)),
    "norm": lambda u, *order: t.Norm(node(u), *nodes(order)),
    "inner": lambda u, v: t.Inner(node(u), node(v)),
    "had": lambda *u: t.Entrywise(nodes(u)),
    "comp": lambda u, *i: t.Component(node(u), nodes(i)),
    "iv": lambda ends, u, v: t.Interval(node(u), node(v), ends[0] == "o", ends[1] == "o"),
    "mat": lambda *rows: t.Matrix(tuple(map(nodes, rows))),
    "vec": lambda *u: t.Vector(nodes(u)),
    "set": lambda *u: t.Set(nodes(u)),
    "T": lambda u: t.Transpose(node(u)),
    "cases": lambda *rows: t.Cases(tuple((node(r[0]), node(r[1]) if len(r) > 1 else None) for r in rows)),
    "both": lambda *u: t.Statements(nodes(u)),
    "or": lambda *u: t.Statements(nodes(u), "or"),
    "and": lambda *u: t.Statements(nodes(u), "and"),
}
"""How a node is written in ``unseen.json``; a dot ends the operators of an optimum that are also functions."""


def names(row) -> Names:
    declared = {kind: frozenset(row.get(kind, "").split()) for kind in KINDS}
    symbols = frozenset(row["symbols"].split()) if "symbols" in row else None
    return Names(**declared, symbols=symbols, labels=True, others=symbols is not None)


@pytest.mark.parametrize("row", [r for r in ROWS if "tree" in r], ids=lambda row: row["latex"])
def test_formulas_mean_what_their_writer_meant(row):
    assert read(row["latex"], names(row)) == node(parsed(row["tree"]))


@pytest.mark.parametrize("row", [r for r in ROWS if "tree" in r], ids=lambda row: row["latex"])
def test_what_they_mean_is_printed_and_read_again(row):
    meant = node(parsed(row["tree"]))
    assert read(latex(meant), names(row)) == meant


@pytest.mark.parametrize("row", [r for r in ROWS if "refused" in r], ids=lambda row: row["latex"])
def test_what_can_be_read_in_two_ways_is_refused(row):
    with pytest.raises(DeriveError, match=row["refused"] or None):
        read(row["latex"], names(row))


def test_every_row_says_one_thing():
    assert all(("tree" in row) != ("refused" in row) for row in ROWS)
    assert len({(row["latex"], str(names(row))) for row in ROWS}) == len(ROWS)
    assert len(ROWS) >= 200
