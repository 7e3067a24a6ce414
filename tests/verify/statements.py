"""Statements in LaTeX and the verifier's verdict on them, for the tests of this folder."""

from __future__ import annotations

from derive.read.latex import Names, read, read_definition
from derive.steps import Context, Definition, Verdict
from derive.tree import Symbol
from derive.verify import verify_step

NAMES = Names(functions=frozenset({"f", "g", "C"}))


def symbol(name: str) -> Symbol:
    base, _, sub = name.partition("_")
    return Symbol(base, sub)


def context(domains: str = "", *definitions: str) -> Context:
    """``"x: positive; n: integer"`` and definitions in LaTeX."""
    pairs = [part.split(":") for part in domains.split(";") if part.strip()]
    made = [read_definition(d, NAMES) for d in definitions]
    return Context(
        {symbol(name.strip()): domain.strip() for name, domain in pairs},
        tuple(d for d in made if isinstance(d, Definition)),
    )


def verdict(
    before: str, relation: str, after: str, domains: str = "", *definitions: str, names: Names = NAMES
) -> Verdict:
    return verify_step(read(before, names), read(after, names), relation, context(domains, *definitions))
