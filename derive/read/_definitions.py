r"""The left side of a definition: ``C(\theta_1, \theta_2) =`` or ``s =``."""

from __future__ import annotations

from dataclasses import replace

from derive.errors import FormulaError
from derive.read._parser import Parser
from derive.read._symbols import NAMES, symbol
from derive.tree import Symbol

Head = tuple[Symbol, tuple[Symbol, ...]]


def head(p: Parser) -> Head | None:
    """The name and the parameters before the = sign, the parser behind it; None when it is no definition.

    The parameters may then occur in the body.
    """
    if p.token.key not in NAMES:
        return None
    try:
        name = symbol(p)
        parameters = _parameters(p)
    except FormulaError:
        return None
    if parameters is None or not (p.accept("=") or p.accept(":=")):
        return None
    if p.token.key == "end":
        raise p.fail("expected a formula after =")
    if len(set(parameters)) < len(parameters):
        raise p.fail("two parameters have the same name", token=p.tokens[0])
    if p.names.symbols is not None:
        p.names = replace(p.names, symbols=p.names.symbols | {s.plain for s in parameters})
    return name, parameters


def _parameters(p: Parser) -> tuple[Symbol, ...] | None:
    sized = p.accept(r"\left")
    if not p.accept("("):
        return None if sized else ()
    found = [symbol(p)]
    while p.accept(","):
        found.append(symbol(p))
    if sized:
        p.expect(r"\right")
    return tuple(found) if p.accept(")") else None
