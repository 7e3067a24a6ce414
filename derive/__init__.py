"""derive: symbolic derivations for machine learning, every step verified.

>>> import derive
>>> print(derive.steps(r"\\frac{d}{dx} x^2").verdicts())          # doctest: +SKIP
>>> derivations = derive.solve("problems/sheets/calculus.toml")   # doctest: +SKIP
>>> print(derive.equal(r"\\sqrt{x^2}", "x", where="x > 0"))        # doctest: +SKIP

The names below are all there is to learn; nothing heavy is imported before one of them is used.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from derive.problem import Problem
    from derive.steps import Derivation, Verdict
    from derive.tree import Node

__all__ = ["Derivation", "Verdict", "equal", "formula", "solve", "steps"]


def solve(what: str | Path | Problem) -> list[Derivation]:
    """Solve and verify problems: a file or the name of a shipped one, a TOML text, or a problem made in Python.

    Returns a derivation for each problem, in order. Raises :class:`derive.errors.DeriveError` for input that
    cannot be used, and :class:`derive.errors.RefutedError` where an identity to be shown is false.
    """
    from derive.api import solve as solve_

    return solve_(what)


def steps(
    expression: str | Node,
    to: str | None = None,
    *,
    in_terms_of: Sequence[str] = (),
    at: Mapping[str, object] | None = None,
    where: str | Sequence[str] | Mapping[str, str] = (),
) -> Derivation:
    """Derive one expression: see :func:`derive.api.steps`."""
    from derive.api import steps as steps_

    return steps_(expression, to, in_terms_of=in_terms_of, at=at, where=where)


def equal(
    a: str | Node, b: str | Node | None = None, *, where: str | Sequence[str] | Mapping[str, str] = (),
    define: str | Sequence[str] = (), declare: str | Sequence[str] = (), relation: str = "=",
) -> Verdict:
    """Whether two formulas are equal wherever both have values: see :func:`derive.api.equal`."""
    from derive.api import equal as equal_

    return equal_(a, b, where=where, define=define, declare=declare, relation=relation)


def formula(
    text: str, *, where: str | Sequence[str] | Mapping[str, str] = (), define: str | Sequence[str] = (),
    declare: str | Sequence[str] = (),
) -> Node:
    """The tree that a formula in LaTeX writes: see :func:`derive.api.read_formula`."""
    from derive.api import read_formula

    return read_formula(text, where=where, define=define, declare=declare)


def __getattr__(name: str) -> Any:
    if name in ("Derivation", "Verdict"):
        from derive import api

        return getattr(api, name)
    raise AttributeError(f"module 'derive' has no attribute '{name}'")


class _Package(ModuleType):
    """Keeps ``derive.steps`` a function when the module of this name is imported."""

    def __setattr__(self, name: str, value: object) -> None:
        if name != "steps" or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
