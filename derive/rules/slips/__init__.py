r"""Wrong rules: the slips that people really make, as data of the same face as the right ones.

A slip is a row: its name, the right rule it distorts, the false law, and what went wrong with a way to see it. It
takes a part of an expression and gives what somebody who makes the slip would write, or nothing where it cannot be
made. :func:`slipped` tries every row at every place; diagnosis of a person's working and spot-the-error worksheets
use that. No derivation does: the engine's tables do not contain these rows.

To add one, add a row to the table of its subject: ``wrong_law`` where the law is a pattern (letters of
:mod:`derive.pattern`), ``slip`` with a small function where it is an algorithm. The walk over all tables in
``tests/rules`` then asks for an instance on which the slip changes the value; its list of templates needs one.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.rules.slips._rows import Slip
from derive.rules.slips.derivatives import DERIVATIVES
from derive.rules.slips.functions import FUNCTIONS
from derive.rules.slips.matrices import MATRICES
from derive.rules.slips.numbers import NUMBERS
from derive.rules.slips.optimisation import OPTIMISATION
from derive.rules.slips.powers import POWERS
from derive.rules.slips.probability import PROBABILITY
from derive.rules.slips.sums import SUMS
from derive.tree import Node, Path, Product, Sum, children, part_at, replace_at

__all__ = ["SLIPS", "Slip", "slipped"]

SLIPS: tuple[Slip, ...] = (
    *DERIVATIVES, *POWERS, *FUNCTIONS, *MATRICES, *SUMS, *PROBABILITY, *OPTIMISATION, *NUMBERS,
)
"""All slips; where several explain the same error, the one that says most comes first."""


def slipped(node: Node) -> Iterator[tuple[Slip, Path, Node]]:
    """Every slip at every place where it can be made: the slip, the place, the whole expression afterwards.

    Outermost places come first. What is given back differs from ``node`` as it is written; that it also has another
    value is usual and not certain: (u + v)^2 = u^2 + v^2 is true where v is 0.
    """
    for path in _places(node):
        part = part_at(node, path)
        for row in SLIPS:
            made = row.apply(part)
            if made is not None and made != part:
                yield row, path, _put(node, path, made)


def _places(node: Node, path: Path = ()) -> Iterator[Path]:
    yield path
    for k, child in enumerate(children(node)):
        yield from _places(child, (*path, k))


def _put(node: Node, path: Path, made: Node) -> Node:
    """The expression with a part replaced; a product inside a product, or a sum in a sum, loses its brackets."""
    if path and isinstance(made, (Sum, Product)):
        parent = part_at(node, path[:-1])
        if isinstance(parent, type(made)):
            parts, k = children(parent), path[-1]
            return replace_at(node, path[:-1], type(made)((*parts[:k], *children(made), *parts[k + 1 :])))
    return replace_at(node, path, made)
