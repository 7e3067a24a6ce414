"""What is printed as MathML and Typst says what was meant: read by its visible signs, it has the number of the tree."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from derive import tree as t
from derive.tree import Node
from derive.write._piece import Level, Piece
from derive.write._walk import Printer
from derive.write.mathml import MathML, mathml
from derive.write.typst import Typst, typst
from tests.trees import random_tree
from tests.write import read_mathml, read_typst
from tests.write.meaning import of_tree
from tests.write.reading import MisreadError, Tokens, value

READERS: dict[str, tuple[Callable[[Node], str], Callable[[str], Tokens]]] = {
    "mathml": (mathml, read_mathml.tokens), "typst": (typst, read_typst.tokens),
}  # fmt: skip


def same(tree: Node, read: Callable[[], float]) -> bool:
    """Whether a reading has the number of the tree; one that makes no sense has not."""
    meant = of_tree(tree)
    try:
        return abs(read() - meant) <= 1e-6 * (1 + abs(meant))
    except MisreadError:
        return False


def trees(count: int, seed: int = 0) -> Iterator[Node]:
    source = random.Random(seed)
    return (random_tree(source, 5) for _ in range(count))


@pytest.mark.parametrize("notation", READERS)
def test_random_trees_are_read_as_meant(notation):
    printer, tokens = READERS[notation]
    for tree in trees(300):
        assert same(tree, lambda tree=tree: value(tokens(printer(tree)))), printer(tree)


@pytest.mark.slow
@pytest.mark.parametrize("notation", READERS)
@pytest.mark.parametrize("seed", range(10))
def test_many_random_trees_are_read_as_meant(notation, seed):
    printer, tokens = READERS[notation]
    for tree in trees(10_000, seed):
        assert same(tree, lambda tree=tree: value(tokens(printer(tree)))), printer(tree)


# --- a printer that is wrong is found out ----------------------------------------------------------------


class _NoBrackets:
    """Forgets every bracket that keeps a part together."""

    def bracketed(self: Any, piece: Piece) -> Piece:
        return piece


class _NoBracketsAroundSums:
    """Forgets the brackets around a sum only."""

    def bracketed(self: Any, piece: Piece) -> Piece:
        return piece if piece.level == Level.SUM else super().bracketed(piece)  # type: ignore[misc]


class _NoBracketsBelowExponents:
    """Raises the last factor instead of the product."""

    def fit(self: Any, node: Node, level: Level) -> Piece:
        loose = level == Level.ATOM and isinstance(node, t.Product)
        return self.piece(node) if loose else super().fit(node, level)  # type: ignore[misc]


class _NoMinus:
    """Writes each difference as a sum."""

    def _sum(self: Any, node: t.Sum) -> Piece:
        terms = tuple(n.operand if isinstance(n, t.Negative) else n for n in node.terms[1:])
        return super()._sum(replace(node, terms=(node.terms[0], *terms)))  # type: ignore[misc]

    def piece(self: Any, node: Node) -> Piece:
        return self._sum(node) if isinstance(node, t.Sum) else super().piece(node)  # type: ignore[misc]


class _NoDots:
    """Never puts a dot between factors."""

    def needs_dot(self: Any, left: Node, right: Node, written: str) -> bool:
        return False


class _OtherEnd:
    """Takes the ends of an interval for each other's kind."""

    def interval(self: Any, left: str, inside: str, right: str, tall: bool) -> str:
        return super().interval("(" if left == "[" else "[", inside, right, tall)  # type: ignore[misc]


class _NoLimits:
    """Forgets what stands above a large sign."""

    def limits(self: Any, sign: str, lower: str, upper: str = "", where: str = "") -> str:
        return super().limits(sign, lower, "", where)  # type: ignore[misc]


BROKEN = (_NoBrackets, _NoBracketsAroundSums, _NoBracketsBelowExponents, _NoMinus, _OtherEnd, _NoLimits)


@pytest.mark.parametrize("broken", BROKEN, ids=lambda mixin: mixin.__name__)
@pytest.mark.parametrize("printer", [MathML, Typst])
def test_a_wrong_printer_is_found_out(printer: type[Printer], broken: type) -> None:
    assert any(_misprinted(printer, broken))


def test_a_bracket_after_a_name_is_found_out() -> None:
    """In MathML an application is a sign of its own; Typst has only the dot to tell a product from it."""
    assert any(_misprinted(Typst, _NoDots, 3000))


def _misprinted(printer: type[Printer], broken: type, count: int = 400) -> Iterator[bool]:
    """For each tree, whether a printer with a fault prints what is not read as it was meant."""
    faulty = type("Faulty", (broken, printer), {})(frozenset({"C", "f"}))
    for tree in trees(count):
        written = faulty.write(tree)
        if printer is MathML:
            written = f'<math xmlns="http://www.w3.org/1998/Math/MathML">{written}</math>'
        tokens = READERS["mathml" if printer is MathML else "typst"][1]
        yield not same(tree, lambda written=written, tokens=tokens: value(tokens(written)))
