"""Quantities told in nats, bits and base 10 side by side. Called by the kinds ``kl-divergence`` and ``entropy``."""

from __future__ import annotations

from collections.abc import Sequence

from derive.kinds._entropy_exact import UNITS, Quantity, prose_of
from derive.steps import Heading, Paragraph, Part, Prose, Table
from derive.tree import Call, Node, number, size

EXACT_MOST = 30  # parts of an exact value in the table; the chains above it show longer ones
CHAINS_MOST = 2  # quantities whose change of base is written out; the table has all


def units(quantities: Sequence[Quantity]) -> list[Part]:
    """The quantities that are numbers in every unit, with the chains that lead there; nothing where none is."""
    finite = [q for q in quantities if q.is_number]
    if not finite:
        return []
    parts: list[Part] = [Heading(("Units",)), Paragraph((
        "With the natural logarithm the unit is the nat. Divided by ", Call("log", (number(2),)),
        " a quantity is in bits, divided by ", Call("log", (number(10),)), " it has the logarithm to base 10.",
    ))]
    rows: list[tuple[Prose, ...]] = []
    for k, quantity in enumerate(finite):
        chains, told = quantity.told
        parts += chains if k < CHAINS_MOST else []
        rows.append(((quantity.label,), *(_cell(*told[u.name], quantity.number is not None) for u in UNITS)))
    header: tuple[Prose, ...] = (("",), *((u.name,) for u in UNITS))
    return [*parts, Table(header, tuple(rows), ("The same quantities with the three logarithms.",))]


def _cell(exact: Node, decimal: Node | None, is_open: bool) -> Prose:
    """The exact value and its decimal; the decimal alone where the exact one is no closed form or would not fit."""
    short = size(exact) <= EXACT_MOST and not is_open
    return prose_of(exact, decimal) if decimal is None or short else ("≈ ", decimal)
