r"""Drawn numbers put into a problem: as keys of ``[given]``, in the place of letters, and as ``{name}`` in its words.

Called by :mod:`derive.worksheets.drawing` for every person and by the reader of sheet files for a trial. Letters are
replaced in the converted formulas, and in the texts that a kind converts itself; where a number went in, the expression
around it is tidied as a person would write it (:mod:`derive.worksheets._tidy`). What a field of a kind makes of a drawn
value is said in :func:`_fitting`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from derive import braced
from derive.declarations import declaration
from derive.errors import DeriveError
from derive.problem import Field, Problem
from derive.read.declared import Declared, stated
from derive.read.fields import Spelled, nearest, symbol
from derive.read.latex import Names, read
from derive.read.mistakes import Mistakes
from derive.read.positions import Path as KeyPath
from derive.read.positions import Positions
from derive.read.problems import kind_fields, of_table
from derive.steps import Definition, Value
from derive.tree import Matrix, Node, Number, Symbol, Vector, free_symbols, numeric
from derive.worksheets._tidy import Letters, placed
from derive.worksheets.draws import Drawn
from derive.worksheets.model import Source
from derive.write.latex import latex
from derive.write.text import text

_READ_LATER = ("number", "numbers", "points", "any")
"""Fields whose letters are replaced before they are converted: numbers may have none, or the kind reads them itself."""


class PlaceError(DeriveError):
    """A drawn name that has no place in the problem, whatever is drawn. ``name`` is it."""

    def __init__(self, name: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.name = name


@dataclass(frozen=True, slots=True)
class Places:
    """Where the drawn values of an item go: keys of ``[given]`` by their fields, and letters by their symbols."""

    keys: Mapping[str, Field]
    letters: Mapping[str, Symbol]


def places(source: Source, names: Sequence[str]) -> Places:
    """Where values of these names go. PlaceError for a name that is neither a key nor a letter."""
    rows = {row.key: row for row in kind_fields(source.table["kind"])}
    keys = {name: rows[head] for name in names if (head := name.partition(".")[0]) in rows}
    letters = {name: _letter(name, rows) for name in names if name not in keys}
    return Places(keys, letters)


def _letter(name: str, rows: Mapping[str, Field]) -> Symbol:
    try:
        return symbol(name)
    except DeriveError as error:
        raise _unplaced(name, rows) from error


def _unplaced(name: str, rows: Mapping[str, Field], letters: Sequence[str] = ()) -> PlaceError:
    known = (*rows, *letters)
    hint = nearest(name, known) or f"keys are {', '.join(rows)}"
    if letters and not nearest(name, known):
        hint += f"; letters are {', '.join(letters)}"
    return PlaceError(name, f'"{name}" is neither a key of [given] nor a letter of its formulas', hint)


# --- the problem with its numbers -------------------------------------------------------------------


def problem_with(source: Source, drawn: Mapping[str, Drawn]) -> Problem:
    """The problem with drawn values in their places.

    ProblemError where the problem cannot be read, PlaceError where a name has no place, DeriveError where a value does
    not fit, MathError where a denominator becomes zero.
    """
    told = Mistakes(source.file, Positions(""), beginning=source.line)
    problem = made(source, drawn, told)
    if problem is None:
        raise told.errors[0]
    return problem


def made(source: Source, drawn: Mapping[str, Drawn], told: Mistakes, path: KeyPath = ()) -> Problem | None:
    """The same, with every mistake of the problem's table in ``told``; None where there are any."""
    where = places(source, tuple(drawn))
    _none_is_kept(where, source)
    letters = {where.letters[name]: _in_formulas(name, drawn[name]) for name in where.letters}
    table = _with_raw_letters(_with_keys(source.table, where, drawn), letters, _names(source))
    words = {name: said(one) for name, one in drawn.items()}
    problem = of_table(table, source.symbols, told, path, Path(source.file).stem)
    if problem is None:
        return None
    problem = braced.told(problem, words)
    _fits_its_domain(problem, letters)
    found = _with_letters(problem, letters, source.table)
    _all_placed(source, where, drawn, problem)
    return found


def _names(source: Source) -> Names:
    """What the declarations of a problem say to the reader of formulas; what is wrong with them is told elsewhere."""
    declared = Declared()
    for name, says in (*source.symbols.items(), *source.table.get("symbols", {}).items()):
        try:
            declared.add(stated(name, says), again=True)
        except (DeriveError, AttributeError, TypeError):
            continue
    return declared.names()


def _in_formulas(name: str, drawn: Drawn) -> Node:
    """What takes the place of a letter. PlaceError for words that are no formula: a part of them would be taken."""
    if isinstance(drawn.raw, str) and not isinstance(drawn.raw, Spelled):
        try:
            read(drawn.raw, Names(labels=True))
        except DeriveError as error:
            message = f"{name} is a letter of the formulas, and {drawn.raw!r}, which is drawn for it, is no formula"
            raise PlaceError(name, message, error.message) from error
    return _node(drawn.value)


def _node(value: Value) -> Node:
    """A value in the place of a letter: a number, a vector, a matrix."""
    if not isinstance(value, tuple):
        return value
    if all(isinstance(row, tuple) for row in value):
        return Matrix(tuple(tuple(map(_node, row)) for row in value if isinstance(row, tuple)))
    return Vector(tuple(map(_node, value)))


# --- keys -------------------------------------------------------------------------------------------


def _with_keys(table: Mapping[str, Any], where: Places, drawn: Mapping[str, Drawn]) -> dict[str, Any]:
    """The table with the drawn values as keys of ``[given]``; the table itself is left as it is."""
    given = copy.deepcopy(table.get("given", {}))
    for name, row in where.keys.items():
        head, *rest = name.split(".")
        value = _fitting(drawn[name], row, nested=bool(rest), before=given.get(head))
        if not rest:
            given[head] = value
            continue
        _put(given, [head, *rest], value, name)
    return {**table, "given": given}


def _put(given: dict[str, Any], path: list[str], value: Any, name: str) -> None:
    """Set a value inside tables and lists, where the last key may be new. DeriveError where the way ends before."""
    inside: Any = given
    for i, key in enumerate(path):
        last = i == len(path) - 1
        if isinstance(inside, dict) and (last or key in inside):
            at: Any = key
        elif isinstance(inside, list) and key.isdecimal() and int(key) < len(inside):
            at = int(key)
        else:
            reached = ".".join(path[: i + 1])
            hint = "a table is reached into by its keys, a list by numbers from 0"
            raise PlaceError(name, f'"{name}" leads nowhere: [given] has no {reached}', hint)
        if last:
            inside[at] = value
        inside = inside[at]


def _fitting(drawn: Drawn, row: Field, nested: bool, before: Any = None) -> Any:
    """A drawn value as the field's converter takes it; ``before`` is what the problem itself has there."""
    value = drawn.value
    if isinstance(before, list) and not any(isinstance(part, list) for part in before):
        match drawn.raw:
            case [[*point]]:
                return point  # one point where the problem has its coordinates in a row
    if nested or not isinstance(value, tuple):
        return drawn.raw
    if row.type in ("formula", "function"):
        return _node(value)
    if row.type == "points" and not drawn.apart and not any(isinstance(part, tuple) for part in value):
        return [drawn.raw]  # coordinates in a row are one point
    return drawn.raw


# --- words ------------------------------------------------------------------------------------------


def said(drawn: Drawn) -> str | Node:
    """A drawn value in running text; a matrix is set as a formula."""
    return _node(drawn.value) if drawn.is_matrix else braced.said(drawn.raw, drawn.value)


# --- letters ----------------------------------------------------------------------------------------


def _fits_its_domain(problem: Problem, letters: Letters) -> None:
    """DeriveError where a number does not lie in the declared domain of the letter that it takes the place of."""
    for letter, node in letters.items():
        says, value = problem.domains.get(letter), numeric(node)
        if says is not None and value is not None and not declaration(says).allows(value):
            hint = "change the declaration under [symbols], or what is drawn"
            raise DeriveError(f"{letter.plain} = {text(node)} was drawn, but {letter.plain} is declared {says}", hint)


def _with_letters(problem: Problem, letters: Letters, table: Mapping[str, Any]) -> Problem:
    """The problem with numbers in its converted formulas in place of the letters, whose declarations go."""
    if not letters:
        return problem
    raw = table.get("given", {})
    given = {key: _replaced(value, letters, raw.get(key), key) for key, value in problem.given.items()}
    domains = {name: says for name, says in problem.domains.items() if name not in letters}
    return replace(problem, given=given, domains=domains)


def _kept_at(letter: Symbol, given: Mapping[str, Any], above: tuple[str, ...] = ()) -> str:
    """What to draw in the place of a letter that the problem keeps: the key of ``[given]`` with its value."""
    for key, value in given.items():
        inside = _kept_at(letter, value, (*above, key)) if isinstance(value, dict) else ""
        if inside:
            return inside
        if above and _spells(key, letter):
            name = ".".join((*above, key))
            return f'draw its value: "{name}" = {{…}}'
    return ""


def _spells(key: str, letter: Symbol) -> bool:
    try:
        return symbol(key) == letter
    except DeriveError:
        return False


def _replaced(value: Any, letters: Letters, raw: Any, key: str) -> Any:
    match value:
        case Symbol() if value in letters:
            message = f"{value.plain} is drawn, but {key} needs it as a letter"
            raise PlaceError(value.plain, message, "give what is drawn another name")
        case Definition():
            return _in_definition(value, letters, raw, key)
        case Node():
            return placed(value, letters)
        case tuple():
            raws = raw if isinstance(raw, list) and len(raw) == len(value) else [raw] * len(value)
            return tuple(_replaced(part, letters, one, key) for part, one in zip(value, raws, strict=True))
        case dict():
            return {name: _replaced(part, letters, None, key) for name, part in value.items()}
    return value


def _in_definition(definition: Definition, letters: Letters, raw: Any, key: str) -> Definition:
    """A function with numbers in its formula. A bare formula was made a function of all its letters; drawn ones go."""
    taken = [p for p in definition.parameters if p in letters]
    if taken and isinstance(raw, str) and "=" in raw:
        name = taken[0].plain
        message = f"{name} is drawn, but {key} has it as a variable"
        raise PlaceError(name, message, f"without {name} in the brackets of the function it is a constant")
    kept = tuple(p for p in definition.parameters if p not in letters)
    return Definition(definition.name, kept, placed(definition.body, letters))


def _none_is_kept(where: Places, source: Source) -> None:
    """PlaceError for a letter that ``[given]`` has a value for: nothing would be left that this value is given to."""
    for name, letter in where.letters.items():
        if hint := _kept_at(letter, source.table.get("given", {})):
            raise PlaceError(name, f"{name} is drawn as a letter of the formulas, and [given] has a value for it", hint)


# --- letters in what is not converted yet -----------------------------------------------------------


def _with_raw_letters(table: dict[str, Any], letters: Letters, names: Names) -> dict[str, Any]:
    """The table with numbers for letters in those texts of ``[given]`` that no converter reads as formulas."""
    if not letters:
        return table
    later = {row.key for row in kind_fields(table["kind"]) if row.type in _READ_LATER}
    given = {key: _raw(value, letters, names) if key in later else value for key, value in table["given"].items()}
    return {**table, "given": given}


def _raw(value: Any, letters: Letters, names: Names) -> Any:
    if isinstance(value, dict):
        return {key: _raw(part, letters, names) for key, part in value.items()}
    if isinstance(value, list):
        return [_raw(part, letters, names) for part in value]
    if not isinstance(value, str) or isinstance(value, Spelled):
        return value
    try:
        node = read(value, names)
    except DeriveError:  # words, such as the name of a family: Normal(0, a)
        return _in_words(value, letters)
    return value if free_symbols(node).isdisjoint(letters) else latex(placed(node, letters))


def _in_words(value: str, letters: Letters) -> str:
    """A text with a number for every letter that stands for itself, in brackets where it is no plain number."""
    for letter, node in letters.items():
        name = latex(letter)
        number = latex(node) if isinstance(node, Number) else f"({latex(node)})"
        pattern = rf"(?<![A-Za-z\\_]){re.escape(name)}(?![A-Za-z_])"
        value = number.join(re.split(pattern, value))
    return value


# --- whether every name has a place -----------------------------------------------------------------

_PROBE = Symbol("drawn", font="rm")


def _all_placed(source: Source, where: Places, drawn: Mapping[str, Drawn], problem: Problem) -> None:
    """DeriveError for a drawn letter that no formula has."""
    if not where.letters:
        return
    rows = {row.key: row for row in kind_fields(source.table["kind"])}
    raw = {key: value for key, value in source.table.get("given", {}).items() if rows[key].type in _READ_LATER}
    present = {s for value in problem.given.values() for s in _symbols(value)}
    present |= {s for s in where.letters.values() if _raw(raw, {s: _PROBE}, _names(source)) != raw}
    for name, letter in where.letters.items():
        if letter not in present:
            raise _unplaced(name, rows, sorted(s.plain for s in present))


def _symbols(value: Any) -> Iterator[Symbol]:
    match value:
        case Definition(_, _, body):
            yield from free_symbols(body)
        case Node():
            yield from free_symbols(value)
        case tuple():
            for part in value:
                yield from _symbols(part)
        case dict():
            for part in value.values():
                yield from _symbols(part)
