"""Values of a problem file made into what kinds work with: one converter per type of field.

Called by :mod:`derive.read.problems` for every key of ``[given]``, by the row of the kind's ``FIELDS``. A new
type is a function here, a row in :data:`CONVERTERS` and a line in :class:`derive.problem.Field`. A converter
is handed the TOML value and a :class:`Reading`, and returns the converted value or raises
:class:`~derive.errors.DeriveError` (a :class:`MisfitError` where it is the wrong type).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from derive import limits
from derive.errors import DeriveError, FormulaError, LimitError
from derive.problem import Field
from derive.read.latex import Names, read, read_definition
from derive.steps import Definition
from derive.tree import (
    INFINITY,
    Matrix,
    Negative,
    Node,
    Number,
    Relation,
    Symbol,
    Vector,
    contains,
    entries,
    free_symbols,
)


class Spelled(str):
    """A decimal as it stands in the file; ``tomllib`` is told to keep these."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a converter may look at besides the value: the field's row, and the declared names."""

    field: Field
    names: Names


class MisfitError(DeriveError):
    """A value that does not fit its field. ``at`` is where inside the value, as positions in lists."""

    def __init__(self, message: str, hint: str = "", at: tuple[int, ...] = ()) -> None:
        super().__init__(message, hint)
        self.at = at


Converter = Callable[[Any, Reading], Any]

_TYPES = (
    (bool, "true or false"), (int, "a whole number"), (Spelled, "a decimal"), (float, "a decimal"), (str, "text"),
    (list, "a list"), (dict, "a table"),
)  # fmt: skip


def type_name(value: object) -> str:
    """What a TOML value is, for messages."""
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "a date or time")


def _expected(what: str, value: object, hint: str = "") -> MisfitError:
    shown = repr(value) if isinstance(value, str) and len(value) < 40 else ""
    found = f"{type_name(value)} {shown}".strip()
    return MisfitError(f"expected {what}, found {found}", hint)


# --- formulas ------------------------------------------------------------------------------------


def formula(value: Any, reading: Reading) -> Node:
    """A formula in text; a number stands for itself, and so does an expression that was made in Python."""
    if isinstance(value, Node):
        return value
    if isinstance(value, str) and not isinstance(value, Spelled):
        return read(value, reading.names)
    if isinstance(value, Spelled) or (isinstance(value, int) and not isinstance(value, bool)):
        return written_number(value)
    raise _expected("a formula in single quotes", value)


def function(value: Any, reading: Reading) -> Definition:
    """``f(x) = ...``; a bare formula is a function of the symbols in it, in alphabetical order."""
    node: Node | Definition
    if isinstance(value, Definition):
        return value
    if isinstance(value, str) and not isinstance(value, Spelled):
        node = read_definition(value, reading.names)
    else:
        node = formula(value, reading)
    if isinstance(node, Relation):
        raise MisfitError("expected a function such as f(x) = x^2, found a relation")
    if isinstance(node, Definition):
        return node if node.parameters else Definition(node.name, parameters(node.body), node.body)
    return Definition(_free_name(node), parameters(node), node)


def parameters(body: Node) -> tuple[Symbol, ...]:
    """The symbols in a formula in alphabetical order, numbers in labels by size: x_2 before x_10."""
    return tuple(sorted(free_symbols(body), key=_alphabetical))


def _alphabetical(symbol: Symbol) -> list[tuple[int, str]]:
    pieces: list[str] = re.findall(r"\d+|\D+", symbol.plain)
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in pieces]


def _free_name(body: Node) -> Symbol:
    taken = {s.name for s in free_symbols(body)}
    return Symbol(next(n for n in ("f", "g", "h", "F", "y", "C", "phi") if n not in taken))


def _functions(value: Any, reading: Reading) -> tuple[Definition, ...]:
    """Several functions; each may use those before it."""
    found: list[Definition] = []

    def one(item: Any, _: Reading) -> Definition:
        found.append(function(item, replace(reading, names=declaring(reading.names, found))))
        return found[-1]

    return _several(one)(value, reading)


def declaring(names: Names, definitions: Iterable[Definition]) -> Names:
    """The names with what is defined: functions that formulas may apply, and whole vectors and matrices."""
    definitions = tuple(definitions)
    functions = {d.name.plain for d in definitions if d.parameters}
    matrices = {d.name.plain for d in definitions if not d.parameters and isinstance(d.body, Matrix | Vector)}
    return replace(
        names, functions=names.functions | functions, matrices=names.matrices | matrices,
        indexed=names.indexed | matrices,
    )


def symbol(value: Any, reading: Reading | None = None) -> Symbol:
    r"""A name: LaTeX such as ``\theta_1``, or plain such as ``theta_1``."""
    if isinstance(value, Symbol):
        return value
    if not isinstance(value, str) or isinstance(value, Spelled):
        raise _expected(r"a name such as 'x' or '\theta_1'", value)
    plain = re.fullmatch(r"([A-Za-z]+)(?:_([A-Za-z0-9]+))?", value.strip())
    node = _plain_name(plain[1], plain[2]) if plain else read(value, reading.names if reading else None)
    if isinstance(node, Symbol):
        return node
    raise MisfitError(rf"expected one name such as x or \theta_1, found {value!r}")


def _plain_name(name: str, label: str | None) -> Node:
    """``x``, ``theta_1`` or ``MLE``: a letter, the name of a Greek one, or a word."""
    label = f"_{{{label}}}" if label else ""
    if len(name) == 1:
        return read(name + label)
    try:
        return read(rf"\{name}{label}")
    except FormulaError:
        return read(rf"\mathrm{{{name}}}{label}")


# --- numbers -------------------------------------------------------------------------------------


def number(value: Any, reading: Reading | None = None) -> Node:
    r"""An exact number: an integer, a decimal, or a formula without symbols (``'1/3'``, ``'\sqrt{2}'``).

    A float, which only Python can give, is the decimal that Python writes for it.
    """
    if isinstance(value, float):
        value = Spelled(repr(value))
    if isinstance(value, bool) or not isinstance(value, int | str | Node):
        raise _expected("a number", value)
    if isinstance(value, int | Spelled):
        return written_number(value)
    node = read(value) if isinstance(value, str) else value
    if isinstance(node, Relation | Vector | Matrix) or contains(node, INFINITY):
        raise _expected("a number", value)
    if unknown := sorted(s.plain for s in free_symbols(node)):
        raise MisfitError(f"expected a number, found a formula in {', '.join(unknown)}: {value!r}")
    return node


def written_number(value: int | Spelled) -> Node:
    """A TOML number as it is written: 0.10 keeps its last digit, ``1e-3`` becomes 0.001. Exact.

    Raises LimitError for more digits than :data:`derive.limits.NUMBER_DIGITS`, MisfitError for ``inf`` and ``nan``.
    """
    try:
        decimal = Decimal(value if isinstance(value, Spelled) else _bounded(value))
    except InvalidOperation as error:
        raise LimitError(_TOO_LONG) from error
    if not decimal.is_finite():
        raise _expected("a finite number", value)
    if abs(decimal.adjusted()) > limits.NUMBER_DIGITS or len(decimal.as_tuple().digits) > limits.NUMBER_DIGITS:
        raise LimitError(_TOO_LONG)
    node = Number(format(decimal.copy_abs(), "f"))
    return Negative(node) if decimal < 0 else node


_TOO_LONG = f"the number is too large: at most {limits.NUMBER_DIGITS} digits"


def _bounded(value: int) -> int:
    """Python takes time that grows with the square of the digits to write out an integer."""
    if value.bit_length() > 4 * limits.NUMBER_DIGITS:
        raise LimitError(_TOO_LONG)
    return value


def integer(value: Any, reading: Reading) -> int:
    """A whole number within the bounds of its field."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise _expected("a whole number", value)
    field = reading.field
    if not field.least <= value <= field.most:
        shown = value if value.bit_length() < 128 else "a larger number"
        raise MisfitError(f"expected a whole number from {field.least} to {field.most:_}, found {shown}")
    return value


def _point(value: Any, reading: Reading) -> tuple[Node, ...]:
    """A point: a number, a list of numbers, or coordinates as a formula, ``'(1, 9)'``."""
    if isinstance(value, list):
        return _several(number)(value, reading)
    if isinstance(value, str) and not isinstance(value, Spelled):
        coordinates = entries(read(value))
        if coordinates is not None and not any(map(free_symbols, coordinates)):
            return coordinates
    return (number(value, reading),)


# --- the rest ------------------------------------------------------------------------------------


def _boolean(value: Any, reading: Reading) -> bool:
    if not isinstance(value, bool):
        raise _expected("true or false", value)
    return value


def _text(value: Any, reading: Reading) -> str:
    if not isinstance(value, str) or isinstance(value, Spelled):
        raise _expected("text in quotes", value)
    return value


def _choice(value: Any, reading: Reading) -> str:
    text, choices = _text(value, reading), reading.field.choices
    if text in choices:
        return text
    raise MisfitError(f"{text!r} is not one of: {', '.join(choices)}", nearest(text, choices))


def _any(value: Any, reading: Reading) -> Any:
    return value


def _several(convert: Converter) -> Callable[[Any, Reading], tuple[Any, ...]]:
    """A list, item by item; a lone item is a list of one."""

    def items(value: Any, reading: Reading) -> tuple[Any, ...]:
        if not isinstance(value, list):
            return (convert(value, reading),)
        return tuple(_item(convert, item, reading, i) for i, item in enumerate(value))

    return items


def _item(convert: Converter, value: Any, reading: Reading, index: int) -> Any:
    try:
        return convert(value, reading)
    except DeriveError as error:
        inner = error.at if isinstance(error, MisfitError) else ()
        raise MisfitError(f"item {index + 1}: {error.message}", error.hint, (index, *inner)) from error


def _table(convert: Converter) -> Callable[[Any, Reading], dict[str, Any]]:
    """A table of texts and values, value by value."""

    def items(value: Any, reading: Reading) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _expected("a table", value)
        made: dict[str, Any] = {}
        for key, item in value.items():
            try:
                made[key] = convert(item, reading)
            except DeriveError as error:
                raise MisfitError(f"{key}: {error.message}", error.hint) from error
        return made

    return items


CONVERTERS: dict[str, Converter] = {
    "function": function,
    "functions": _functions,
    "formula": formula,
    "formulas": _several(formula),
    "formula_table": _table(_several(formula)),
    "number": number,
    "numbers": _several(number),
    "points": _several(_point),
    "symbol": symbol,
    "symbols": _several(symbol),
    "integer": integer,
    "boolean": _boolean,
    "text": _text,
    "choice": _choice,
    "choices_list": _several(_choice),
    "any": _any,
}
"""How a value becomes what a kind is handed, by :attr:`derive.problem.Field.type`."""


def options(
    table: Mapping[str, Any], rows: Sequence[Field], refuse: Callable[[str, DeriveError], None],
) -> dict[str, Any]:
    """A small table of settings, each key converted or its default. ``refuse`` is told each mistake, with its key."""
    known = [row.key for row in rows]
    for key in table:
        if key not in known:
            hint = nearest(key, known) or f"known are {', '.join(known) or 'none'}"
            refuse(key, MisfitError(f'unknown key "{key}"', hint))
    found = {row.key: row.default for row in rows}
    for row in rows:
        if row.key in table:
            try:
                found[row.key] = CONVERTERS[row.type](table[row.key], Reading(row, Names()))
            except DeriveError as error:
                refuse(row.key, MisfitError(f"{row.key}: {error.message}", error.hint))
        elif row.required:
            refuse(row.key, MisfitError(f'the key "{row.key}" is missing', row.about))
    return found


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint with the nearest known word, or nothing when none is near."""
    known = list(known)
    folded = {k.casefold().replace("_", "-"): k for k in known}
    close = get_close_matches(word.casefold().replace("_", "-"), folded, n=1, cutoff=0.6)
    return f'did you mean "{folded[close[0]]}"?' if close else ""
