import re
from dataclasses import dataclass

import pytest
from hypothesis import assume, given, settings

from derive.functions import FUNCTIONS
from derive.tree import (
    Call,
    Constant,
    Hole,
    Interval,
    Node,
    Number,
    Power,
    Quotient,
    Relation,
    Symbol,
    from_plain,
    walk,
)
from derive.write.latex import latex
from derive.write.text import text
from derive.write.typst import typst
from tests.trees import expressions
from tests.write.rows import GAPS, ROWS, x

PRINTERS = (latex, typst, text)


@pytest.mark.parametrize("row", (*ROWS, *GAPS), ids=lambda row: row[1])
def test_each_notation_prints_the_row(row):
    node, *expected = row
    assert [printer(node) for printer in PRINTERS] == expected


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_known_function_is_printed_in_each_notation(name):
    for printer in PRINTERS:
        printer(Call(name, (x,), 1))
        assert "x" in printer(Call(name, (x,)))


@given(expressions())
@settings(max_examples=50)
def test_two_signs_never_meet(tree):
    for printer in PRINTERS:
        assert not re.search(r"[-+] ?[-+]|(\\cdot|dot|·) ?[-+]", printer(tree))


@given(expressions())
@settings(max_examples=50)
def test_brackets_of_every_notation_are_balanced(tree):
    assume(not any(isinstance(n, Interval) and n.left_open != n.right_open for n in walk(tree)))
    for printer in PRINTERS:
        assert _balanced(printer(tree))


def _balanced(written: str) -> bool:
    partner, stack = {")": "(", "]": "[", "}": "{"}, []
    for c in written.replace(r"\right|", "").replace(r"\left|", "").replace('"["', ""):
        if c in "([{":
            stack.append(c)
        elif c in partner and (not stack or stack.pop() != partner[c]):
            return False
    return not stack


@pytest.mark.parametrize(
    "node",
    [
        Symbol(r"\input{x}"), Symbol("x y"), Symbol("x", r"\write18"), Symbol("x", sup="}$"), Symbol("x", "(1"),
        Symbol("x", accent="input"), Symbol("x", font="tt"), Symbol("é"), Symbol(""), Number("1e5"), Number("1/2"),
        Number("-1"), Number("3."), Call(r"f\input", (x,)), Call("1", (x,)), Symbol("x", '"'),
        Constant("input"), Relation((x, x), (r"\input",)),
        Hole(4, r"\input{x}"), Hole(4, "é"), Hole(4, '"'), Hole(4, "<b>"), Hole(0), Hole(-3), Hole(10**9)],
)  # fmt: skip
def test_text_from_outside_never_reaches_the_page(node):
    for printer in PRINTERS:
        with pytest.raises(ValueError, match="not a"):
            printer(node)


def test_a_new_kind_of_node_is_refused():
    @dataclass(frozen=True, slots=True)
    class Strange(Node):
        pass

    for printer in PRINTERS:
        with pytest.raises(TypeError, match="nothing prints a Strange"):
            printer(Strange())


@pytest.mark.parametrize(
    "symbol",
    [Symbol("x"), Symbol("theta", "1"), Symbol("y", accent="hat"), Symbol("w", "1,2", "2"), Symbol("bar"),
     Symbol("dot", "1"), Symbol("theta", "1", "*", "hat")],
)  # fmt: skip
def test_a_plain_name_comes_back(symbol):
    assert from_plain(symbol.plain) == symbol


def test_deep_trees_are_printed_without_repeated_work():
    node = x
    for _ in range(40):
        node = Power(Quotient(Number("1"), node), Number("2"))
    assert latex(node).count("frac") == 40
