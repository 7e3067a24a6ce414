"""A problem as a value, and the declaration of what a kind of problem takes.

``derive.read.problems`` makes :class:`Problem` values from TOML by each kind's list of :class:`Field`;
kinds turn them into derivations. A new type of field is a row in ``derive/read/fields.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from derive.tree import Symbol


@dataclass(frozen=True, slots=True)
class Field:
    r"""One key of a problem's ``[given]`` table.

    ``type`` is a converter of ``derive/read/fields.py``:

    =============  ==========================================================================
    function       ``'C(\theta_1, \theta_2) = 2\theta_1^2'`` or a bare formula -> :class:`~derive.steps.Definition`
    functions      a list of those -> tuple
    formula        -> :class:`~derive.tree.Node`
    formulas       a list of those -> tuple
    formula_table  a table of names and formulas, or lists of those -> dict of tuples
    number         an integer, a decimal, or a formula without symbols -> Node, exact, spelling kept
    numbers        a list of those -> tuple
    points         a list of points; a point is a number or a list of numbers -> tuple of tuples of Nodes
    symbol         ``'x'`` -> :class:`~derive.tree.Symbol`; ``symbols`` a list of those
    integer        -> int, between ``least`` and ``most``
    boolean        -> bool
    text           -> str
    choice         one of ``choices`` -> str; ``choices_list`` a list of those -> tuple
    any            checked by the kind itself -> the TOML value (decimals as strings with their spelling)
    =============  ==========================================================================
    """

    key: str
    type: str
    about: str
    required: bool = False
    default: Any = None
    example: str = ""
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem to solve: its title, its kind's name, and the converted values of ``[given]``.

    ``given`` holds every field of the kind (the default where the file has none). ``domains`` are the ones
    declared in ``[symbols]``, of the sheet and of the problem. ``file`` and ``line`` say where it stands, for
    messages; ``lines`` the line of each given key. ``written`` is what the file has for each name that stands in braces
    in title or text; :mod:`derive.braced` puts its words there.
    """

    title: str
    kind: str
    given: Mapping[str, Any]
    domains: Mapping[Symbol, str] = field(default_factory=dict)
    text: str = ""
    file: str = ""
    line: int = 0
    lines: Mapping[str, int] = field(default_factory=dict)
    written: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The problems of one file, under one title. ``errors`` are those that could not be read."""

    title: str
    problems: tuple[Problem, ...]
    errors: tuple[Exception, ...] = ()
