"""What can be drawn for a person: one row of :data:`DRAWS` a kind of draw.

Called by :mod:`derive.worksheets.sheets`, which lets :func:`settings` check what a sheet file says, and by
:mod:`derive.worksheets.drawing`, which calls :func:`drawn` for each person. A new kind is a row: what it is, the keys
it takes (rows of :class:`derive.problem.Field`, its own key first) and a function that draws.

All chance is taken through :mod:`derive.worksheets._chance`, so that it is the same in every version of Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import gcd, prod
from random import Random
from typing import Any

from derive import limits
from derive.braced import valued
from derive.errors import DeriveError
from derive.problem import Field
from derive.read.fields import MisfitError, Spelled, nearest, options
from derive.read.problems import example_line
from derive.steps import Value
from derive.tree import ONE, Node, Number, decimal, number, numeric, whole
from derive.worksheets import _birthdays, _matrices
from derive.worksheets._chance import RANGE_MOST, between, one_of, several_below, shuffled
from derive.worksheets.model import Draw, Student
from derive.write.latex import latex

Settings = Mapping[str, Any]
"""What a sheet file says of one draw, each key converted."""



@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn: as an exact value, and as a problem file would write it.

    ``apart`` says that the numbers of a list belong to different points; else they may be the coordinates of one.
    ``is_matrix`` says that a list of lists is the rows of a matrix.
    """

    value: Value
    raw: Any
    apart: bool = False
    is_matrix: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of draw. ``draw`` is handed chance, the settings, and the person; ``check`` refuses settings.

    ``personal`` draws are no chance: they are the same however often one tries. Where ``reads_number``, the cell of the
    roster that is drawn is a number.
    """

    about: str
    fields: tuple[Field, ...]
    draw: Callable[[Random, Settings, Student], Drawn]
    check: Callable[[Settings], None] = lambda settings: None
    personal: bool = False
    reads_number: bool = False


# --- values -----------------------------------------------------------------------------------------


def written(value: Value) -> Any:
    """A value as a problem file would write it: 3, 0.25, ``'1/3'``, a list of those."""
    if isinstance(value, tuple):
        return [written(part) for part in value]
    if (integer := whole(value)) is not None:
        return integer
    exact = numeric(value)
    if exact is None:
        return latex(value)
    size = value if isinstance(value, Number) else getattr(value, "operand", None)
    return Spelled(f"{'-' if exact < 0 else ''}{size.text}") if isinstance(size, Number) else str(exact)


def _made(value: Value) -> Drawn:
    return Drawn(value, written(value))


# --- ranges -----------------------------------------------------------------------------------------


def _range(numbers: Sequence[Node], key: str) -> tuple[Fraction, Fraction]:
    """The two ends of a range. MisfitError where there are not two, or the larger one stands first."""
    ends = [numeric(n) for n in numbers]
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        raise MisfitError(f"{key}: expected the two ends of a range", f"{key} = [1, 5]")
    if ends[0] > ends[1]:
        raise MisfitError(f"{key}: the range is empty, {ends[0]} > {ends[1]}", "the smaller end stands first")
    return ends[0], ends[1]


def _grid(numbers: Sequence[Node], key: str, places: int) -> tuple[int, int]:
    """The ends of a range in steps of one in the last decimal place. MisfitError for ends with more decimals."""
    low, high = (end * 10**places for end in _range(numbers, key))
    if low.denominator != 1 or high.denominator != 1:
        what = f"have at most {places} decimals" if places else "are whole numbers"
        raise MisfitError(f"{key}: the ends of the range {what}", f"{key} = [1, 5]")
    if high - low >= RANGE_MOST:
        raise MisfitError(f"{key}: the range is too large: at most {RANGE_MOST:,} numbers")
    return int(low), int(high)


def _on_grid(value: int, places: int) -> Node:
    """A number of a grid: ``12`` at one place is ``1.2``."""
    exact = Fraction(value, 10**places)
    return decimal(exact) or number(exact)


def _left_out(settings: Settings, low: int, high: int, places: int = 0) -> list[int]:
    """Those numbers of a grid, in order, that are not to be drawn."""
    scaled = {value * 10**places for n in settings["without"] if (value := numeric(n)) is not None}
    return sorted(int(value) for value in scaled if value.denominator == 1 and low <= value <= high)


def _outside(random: Random, low: int, high: int, left_out: Sequence[int]) -> int:
    """A whole number of a range without some."""
    value = between(random, low, high - len(left_out))
    for skipped in left_out:
        value += value >= skipped
    return value


_WITHOUT = Field("without", "numbers", "numbers that are left out", default=(), example="[0]")


def _some_left(low: int, high: int, left_out: Sequence[int], key: str) -> None:
    if len(left_out) > high - low:
        raise MisfitError(f"{key}: nothing is left to draw from", "make the range larger")


# --- numbers ----------------------------------------------------------------------------------------


def _integers(random: Random, settings: Settings, student: Student) -> Drawn:
    low, high = _grid(settings["integers"], "integers", 0)
    return _made(number(_outside(random, low, high, _left_out(settings, low, high))))


def _check_integers(settings: Settings) -> None:
    low, high = _grid(settings["integers"], "integers", 0)
    _some_left(low, high, _left_out(settings, low, high), "integers")


def _decimals(random: Random, settings: Settings, student: Student) -> Drawn:
    places = settings["places"]
    low, high = _grid(settings["decimals"], "decimals", places)
    return _made(_on_grid(_outside(random, low, high, _left_out(settings, low, high, places)), places))


def _check_decimals(settings: Settings) -> None:
    low, high = _grid(settings["decimals"], "decimals", settings["places"])
    _some_left(low, high, _left_out(settings, low, high, settings["places"]), "decimals")


def _fractions(settings: Settings) -> list[Fraction]:
    """The different fractions in lowest terms whose numerators and denominators are of the ranges, in order."""
    tops, bottoms = (_grid(settings[key], key, 0) for key in ("rationals", "denominators"))
    if bottoms[0] < 1:
        raise MisfitError("denominators: expected numbers from 1", "denominators = [2, 5]")
    if (tops[1] - tops[0] + 1) * (bottoms[1] - bottoms[0] + 1) > FRACTIONS_MOST:
        raise MisfitError(f"rationals: more than {FRACTIONS_MOST:,} fractions to draw from", "make the ranges smaller")
    without = {numeric(n) for n in settings["without"]}
    pairs = ((p, q) for q in range(bottoms[0], bottoms[1] + 1) for p in range(tops[0], tops[1] + 1))
    found = sorted(Fraction(p, q) for p, q in pairs if gcd(p, q) == 1)
    kept = [value for value in found if value not in without]
    if not kept:
        raise MisfitError("rationals: there is no such fraction in lowest terms", "make the ranges larger")
    return kept


def _check_rationals(settings: Settings) -> None:
    _fractions(settings)


FRACTIONS_MOST = 100_000  # fractions to draw one from


def _rationals(random: Random, settings: Settings, student: Student) -> Drawn:
    return _made(number(one_of(random, _fractions(settings))))


# --- things -----------------------------------------------------------------------------------------


def _choice(random: Random, settings: Settings, student: Student) -> Drawn:
    raw = one_of(random, settings["choice"])
    return Drawn(valued(raw), raw)


def _check_choice(settings: Settings) -> None:
    items = settings["choice"]
    if not isinstance(items, list) or not items:
        raise MisfitError("choice: expected a list of things to choose from", "choice = [2, 3, -3]")
    for item in items:
        valued(item)


def _permuted(settings: Settings) -> list[Any]:
    """What is permuted: the numbers from 1, or the things of a list. MisfitError for what is neither."""
    given = settings["permutation"]
    if isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= LIST_MOST:
        return list(range(1, given + 1))
    if not isinstance(given, list) or not given:
        raise MisfitError(f"permutation: expected a list, or how many numbers from 1 (at most {LIST_MOST})")
    for item in given:
        valued(item)
    return given


LIST_MOST = 1_000  # numbers or points in one list; a page has room for fewer


def _permutation(random: Random, settings: Settings, student: Student) -> Drawn:
    raw = shuffled(random, _permuted(settings))
    return Drawn(valued(raw), raw)


def _check_permutation(settings: Settings) -> None:
    _permuted(settings)


def _distribution(random: Random, settings: Settings, student: Student) -> Drawn:
    """Every way of sharing out the units is as likely as another: where the cuts between the parts are, is drawn."""
    parts, units = settings["distribution"], settings["denominator"]
    extra = parts if settings["zeros"] else 0
    cuts = several_below(random, parts - 1, units + extra - 1)
    ends = pairwise([-1, *cuts, units + extra - 1])
    shares = [after - before - (1 if settings["zeros"] else 0) for before, after in ends]
    return _made(tuple(number(Fraction(share, units)) for share in shares))


def _check_distribution(settings: Settings) -> None:
    parts, units = settings["distribution"], settings["denominator"]
    if units < parts and not settings["zeros"]:
        hint = f"denominator = {parts} or more, or zeros = true"
        raise MisfitError(f"distribution: {units} parts of a whole are too few for {parts} outcomes", hint)


# --- points and matrices ----------------------------------------------------------------------------


def _ranges(settings: Settings) -> tuple[list[tuple[int, int]], bool]:
    """The range of each coordinate on the grid, and whether plain numbers are drawn instead of points."""
    given: tuple[tuple[Node, ...], ...] = settings["in"]
    flat = len(given) == 2 and all(len(part) == 1 for part in given)
    ranges = [tuple(part[0] for part in given)] if flat else list(given)
    return [_grid(numbers, "in", settings["places"]) for numbers in ranges], flat


def _points(random: Random, settings: Settings, student: Student) -> Drawn:
    ranges, flat = _ranges(settings)
    found: list[tuple[int, ...]] = []
    while len(found) < settings["points"]:
        point = tuple(between(random, low, high) for low, high in ranges)
        if not settings["distinct"] or point not in found:
            found.append(point)
    nodes = [tuple(_on_grid(x, settings["places"]) for x in point) for point in found]
    return replace(_made(tuple(point[0] for point in nodes)), apart=True) if flat else _made(tuple(nodes))


def _check_points(settings: Settings) -> None:
    ranges, _ = _ranges(settings)
    if not ranges:
        raise MisfitError("in: expected a range for each coordinate", "in = [[-3, 3], [0, 5]]")
    room = prod(high - low + 1 for low, high in ranges)
    if settings["distinct"] and room < 2 * settings["points"]:
        wanted = settings["points"]
        raise MisfitError(f"points: {wanted} different points are drawn from {2 * wanted} places or more, and the "
                          f"ranges have {room}", "make the ranges larger, or write distinct = false")


def _wanted(settings: Settings) -> _matrices.Wanted:
    """What a matrix is to be. MisfitError where that contradicts itself."""
    sides = [whole(n) for n in settings["matrix"]]
    rows, columns = (sides * 2)[:2] if len(sides) == 1 else sides if len(sides) == 2 else (None, None)
    if rows is None or columns is None or not 1 <= rows <= limits.MATRIX_SIDE or not 1 <= columns <= limits.MATRIX_SIDE:
        raise MisfitError(f"matrix: expected rows and columns, from 1 to {limits.MATRIX_SIDE}", "matrix = [2, 2]")
    properties = frozenset(settings["properties"])
    if properties and rows != columns:
        raise MisfitError(f"properties: {', '.join(sorted(properties))} is said of square matrices", "matrix = [2, 2]")
    low, high = _grid(settings["entries"], "entries", 0)
    if "positive definite" in properties and high < 1:
        raise MisfitError("entries: a positive definite matrix has a positive diagonal", "entries = [-3, 5]")
    of = settings["eigenvalues"]
    return _matrices.Wanted(rows, columns, low, high, properties, _grid(of, "eigenvalues", 0) if of else None)


def _matrix(random: Random, settings: Settings, student: Student) -> Drawn:
    found = _matrices.draw(random, _wanted(settings))
    return replace(_made(tuple(tuple(map(number, row)) for row in found)), is_matrix=True)


def _check_matrix(settings: Settings) -> None:
    wanted = _wanted(settings)
    if wanted.eigenvalues and "nice eigenvalues" not in wanted.properties:
        raise MisfitError("eigenvalues: their range is for whole ones", 'properties = ["nice eigenvalues"]')
    _matrices.draw(Random(0), wanted)


# --- what is known of a person ----------------------------------------------------------------------


def _birthday(random: Random, settings: Settings, student: Student) -> Drawn:
    if not student.columns:  # a variant for nobody in particular
        day = between(random, 1, 31)
    else:
        day = _birthdays.read(_cell(student, settings["birthday"]), settings["format"]).day
    return _made((number(day // 10), number(day % 10)))


_WRITTEN = re.compile(r"[-−]?\d{1,30}(?:\.\d{1,30}|/[1-9]\d{0,30})?")


def _column(random: Random, settings: Settings, student: Student) -> Drawn:
    cell = _cell(student, settings["column"])
    if not _WRITTEN.fullmatch(cell):
        raise DeriveError(f'the column "{settings["column"]}" has {cell!r}, which is no number', _to_write(cell))
    cell = cell.replace("−", "-")
    exact = Fraction(cell)
    return _made((decimal(exact) if "." in cell else None) or number(exact))


_DECIMAL_COMMA = re.compile(r"([-−]?\d{1,30}),(\d{1,30})")
_BETWEEN = re.compile(r"[ \u00a0\u202f'’.,]")
_GROUPED = re.compile(rf"[-−]?\d{{1,3}}(?:{_BETWEEN.pattern}\d{{3}})+(?:[.,]\d*)?")


def with_point(cell: str) -> str:
    """A number with a decimal comma as one with a point; every other cell as it is."""
    found = _DECIMAL_COMMA.fullmatch(cell)
    return f"{found[1]}.{found[2]}" if found else cell


def _ungrouped(cell: str) -> str:
    """A number without signs between its thousands; the last sign stands before decimals where it is another one."""
    signs = _BETWEEN.findall(cell)
    *groups, last = _BETWEEN.split(cell)
    return "".join(groups) + ("." if signs[-1] != signs[0] else "") + last


def _to_write(cell: str) -> str:
    """What to write in the roster in place of a cell that is no number."""
    if (pointed := with_point(cell)) != cell:
        return f"write {pointed}; a decimal comma is read where semicolons stand between the columns"
    if _GROUPED.fullmatch(cell):
        return f"write {_ungrouped(cell)}: nothing between the thousands, and a point before the decimals"
    return "write 3, 0.25 or 3/4 in the roster"


def _cell(student: Student, column: str) -> str:
    """What stands in a column of the roster for a person. DeriveError where there is nothing."""
    if column in student.columns:
        cell = student.columns[column].strip()
        if cell:
            return cell
        raise DeriveError(f'the column "{column}" is empty', "fill it in")
    if not student.columns:
        raise DeriveError(f'the column "{column}" is wanted, and there is no roster', "give a roster")
    hint = nearest(column, student.columns) or f"its columns are {', '.join(student.columns)}"
    raise DeriveError(f'the roster has no column "{column}"', hint)


DRAWS: dict[str, Kind] = {
    "integers": Kind(
        "a whole number of a range",
        (Field("integers", "numbers", "the ends of the range", required=True, example="[1, 5]"), _WITHOUT),
        _integers, _check_integers,
    ),
    "decimals": Kind(
        "a decimal of a range",
        (Field("decimals", "numbers", "the ends of the range", required=True, example="[0.1, 0.9]"),
         Field("places", "integer", "decimal places", default=1, most=9, example="1"), _WITHOUT),
        _decimals, _check_decimals,
    ),
    "rationals": Kind(
        "a fraction in lowest terms, with these numerators and denominators",
        (Field("rationals", "numbers", "the ends of the range of numerators", required=True, example="[-5, 5]"),
         Field("denominators", "numbers", "the ends of the range of denominators", required=True, example="[2, 5]"),
         _WITHOUT),
        _rationals, _check_rationals,
    ),
    "choice": Kind(
        "one of some numbers, formulas or words",
        (Field("choice", "any", "what there is to choose from", required=True, example="[2, 3, -3]"),),
        _choice, _check_choice,
    ),
    "permutation": Kind(
        "the numbers from 1, or the things of a list, in some order",
        (Field("permutation", "any", "how many numbers, or a list", required=True, example="4"),),
        _permutation, _check_permutation,
    ),
    "matrix": Kind(
        "a matrix of whole numbers",
        (Field("matrix", "numbers", "rows and columns; one number for a square matrix", required=True,
               example="[2, 2]"),
         Field("entries", "numbers", "the ends of the range of entries", default=(number(-5), number(5)),
               example="[-3, 3]"),
         Field("properties", "choices_list", "what it is to be", default=(), choices=tuple(_matrices.PROPERTIES),
               example='["symmetric", "nice eigenvalues"]'),
         Field("eigenvalues", "numbers", "the ends of the range of nice eigenvalues", default=(), example="[1, 6]")),
        _matrix, _check_matrix,
    ),
    "points": Kind(
        "data points, or plain numbers where `in` is a single range",
        (Field("points", "integer", "how many", required=True, least=1, most=LIST_MOST, example="5"),
         Field("in", "points", "the range of each coordinate", required=True, example="[[-3, 3], [0, 5]]"),
         Field("places", "integer", "decimal places", default=0, most=9, example="1"),
         Field("distinct", "boolean", "whether no two are the same", default=True, example="false")),
        _points, _check_points,
    ),
    "distribution": Kind(
        "probabilities that sum to one",
        (Field("distribution", "integer", "how many outcomes", required=True, least=1, most=LIST_MOST, example="3"),
         Field("denominator", "integer", "into how many parts the whole is shared out", required=True, least=1,
               most=RANGE_MOST, example="8"),
         Field("zeros", "boolean", "whether an outcome may have no probability", default=False, example="true")),
        _distribution, _check_distribution,
    ),
    "birthday": Kind(
        "the two digits of the day of a birthday",
        (Field("birthday", "text", "the roster's column of birthdays", required=True, example='"birthday"'),
         Field("format", "text", "how they are written", default="", example='"month/day/year"')),
        _birthday, lambda settings: _birthdays.check(settings["format"]), personal=True,
    ),
    "column": Kind(
        "a number that stands in the roster",
        (Field("column", "text", "the roster's column", required=True, example='"weight"'),),
        _column, personal=True, reads_number=True,
    ),
}
"""The kinds of draw by the key that names them in ``[item.draw]``."""


# --- what a sheet says of them ----------------------------------------------------------------------


def settings(draw: Draw) -> dict[str, Any]:
    """What a sheet file says of a draw, converted and checked. DeriveError with what to change."""
    kind = DRAWS.get(draw.kind)
    if kind is None:
        hint = nearest(draw.kind, DRAWS) or f"what can be drawn is {', '.join(DRAWS)}"
        raise DeriveError(f'{draw.name}: there is no draw "{draw.kind}"', hint)
    table = draw.options if isinstance(draw.options, dict) and draw.kind in draw.options else {draw.kind: draw.options}
    try:
        found = options(table, kind.fields, _raise)
        kind.check(found)
    except MisfitError as error:
        hint = error.hint or f"for instance: {draw.name} = {{{example_line(kind.fields[0])}}}"
        raise DeriveError(f"{draw.name}: {error.message}", hint) from error
    return found


def _raise(key: str, error: DeriveError) -> None:
    raise error


def drawer(draw: Draw) -> Callable[[Random, Student], Drawn]:
    """What draws, again and again, with the settings converted once. DeriveError for settings that cannot be used."""
    known = settings(draw)
    return lambda random, student: DRAWS[draw.kind].draw(random, known, student)


def drawn(draw: Draw, random: Random, student: Student) -> Drawn:
    """Draw for a person. DeriveError for settings that cannot be used, and for a cell of the roster that cannot."""
    return drawer(draw)(random, student)


def trial(draw: Draw) -> Drawn:
    """Some value that may be drawn, the same each time, for trying a problem before there are people."""
    if draw.kind == "column":
        return _made(ONE)
    return drawn(draw, Random(0), Student(""))
