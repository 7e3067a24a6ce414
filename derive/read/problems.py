r"""Problem files: TOML text to a :class:`~derive.problem.Sheet`, or a refusal with file, line and hint.

Called by ``derive.api``. What a problem's ``[given]`` takes is the kind's ``FIELDS``; how a value is converted
is in :mod:`derive.read.fields`. Every mistake of a file is found in one reading: a problem that cannot be read
goes into ``Sheet.errors``, one error for each mistake, and the others are still there to be solved. A file
that is no TOML at all, too large or not text raises :class:`~derive.errors.ProblemError`.

What ``[symbols]`` declares, of the sheet and of the problem, holds in every formula of the problem
(:mod:`derive.read.declared`), and so do the functions that it defines; where two of these contradict each other, the
message says both places. What ``{name}`` in title and text stands for is kept for :mod:`derive.braced`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from derive import choices, limits
from derive.declarations import WORDS
from derive.errors import DeriveError, ProblemError
from derive.problem import Field, Problem, Sheet
from derive.read import fields, sources
from derive.read.declared import Declared, stated
from derive.read.fields import MisfitError, Reading, Spelled, nearest, type_name
from derive.read.mistakes import QUOTES, Mistakes, opened, parsed
from derive.read.positions import Path as KeyPath
from derive.read.positions import Positions
from derive.steps import Definition
from derive.tree import Node, Relation, Symbol

SHEET_KEYS = ("title", "symbols", "problem")
PROBLEM_KEYS = ("title", "kind", "text", "given", "symbols")


# --- from a file or a text -----------------------------------------------------------------------


def read_file(path: Path, only: Sequence[str] = ()) -> Sheet:
    """The sheet in a file. Raises ProblemError when the file as a whole cannot be used.

    ``only`` chooses problems by number, from 1, or by a part of the title; the others are not looked at.
    """
    return read_text(sources.load(path, "problem file"), str(path), path.stem, only)


def read_text(text: str, file: str = "problem", stem: str = "", only: Sequence[str] = ()) -> Sheet:
    """The sheet in a TOML text; ``file`` is what messages call it, ``stem`` names a sheet without a title."""
    data, source = opened(text, file)
    return _sheet(data, source, stem, only)


def titles(path: Path) -> list[str]:
    """The titles in a file, the sheet's first where it has many problems; nothing is converted."""
    data = parsed(sources.load(path, "problem file"), str(path))
    tables = data.get("problem", [])
    return [str(t["title"]) for t in (data, *tables) if isinstance(t, dict) and "title" in t]


def _sheet(data: dict[str, Any], source: Mistakes, stem: str, only: Sequence[str]) -> Sheet:
    if "item" in data and "kind" not in data:
        hint = "derive worksheet check FILE, derive worksheet make FILE"
        raise ProblemError(source.file, source.line(("item",)), "this is a worksheet, not a problem file", hint)
    if "problem" not in data:
        problem = _problem(data, (), source, stem, Declared()) if _chosen(data, 1, only) else None
        return Sheet(problem.title if problem else stem, (problem,) if problem else (), source.told())
    for key in _unknown(data, SHEET_KEYS):
        hint = f'"{key}" belongs under [[problem]]' if key in PROBLEM_KEYS else ""
        source.unknown((key,), SHEET_KEYS, " outside the problems", hint)
    shared = Declared()
    _declare(shared, data, (), source)
    tables = _tables(data["problem"], source)
    chosen = [(i, table) for i, table in enumerate(tables) if _chosen(table, i + 1, only)]
    found = [_problem(table, ("problem", i), source, "", shared.copy()) for i, table in chosen]
    title = source.words(data, "title", (), stem)
    return Sheet(title, tuple(p for p in found if p is not None), source.told())


def _unknown(table: dict[str, Any], known: Sequence[str]) -> list[str]:
    return [key for key in table if key not in known]


def _tables(value: Any, source: Mistakes) -> list[dict[str, Any]]:
    """The ``[[problem]]`` tables of a sheet."""
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        source.refuse(("problem",), "problems are tables", "write [[problem]] with two brackets")
        return []
    if len(value) > limits.PROBLEMS_IN_FILE:
        message = f"{len(value)} problems are too many: at most {limits.PROBLEMS_IN_FILE} in a file"
        raise ProblemError(source.file, 0, message)
    return value


def _chosen(table: dict[str, Any], number: int, only: Sequence[str]) -> bool:
    """Whether a problem is asked for by its number or a part of its title."""
    title = str(table.get("title", "")).casefold()
    return not only or any(str(number) == word or (not word.isdecimal() and word.casefold() in title) for word in only)


# --- one problem ---------------------------------------------------------------------------------


def _problem(
    table: dict[str, Any], path: KeyPath, source: Mistakes, stem: str, declared: Declared,
) -> Problem | None:
    """A problem, or None when something in it was refused (then it is in ``source.errors``).

    ``declared`` is what the sheet declares for all its problems; what this one declares is added to it.
    """
    before = source.mistakes
    kind = _kind(table, path, source)
    rows = kind_fields(kind) if kind else ()
    for key in _unknown(table, PROBLEM_KEYS):
        hint = f'"{key}" belongs under [given]' if any(key == row.key for row in rows) else ""
        source.unknown((*path, key), PROBLEM_KEYS, "", hint)
    text = source.words(table, "text", path, allowed="n")
    title = source.words(table, "title", path, stem.replace("-", " ") or title_of(kind))
    _declare(declared, table, path, source)
    given = _given(source.table(table, "given", path), rows, (*path, "given"), source, declared) if kind else {}
    if source.mistakes > before:
        return None
    lines = {row.key: source.positions.line((*path, "given", row.key)) for row in rows}
    written = {name: value for name in BRACED.findall(f"{title} {text}")
               if (value := _written(table.get("given", {}), name)) is not None}
    return Problem(title, kind, given, declared.domains(), text, source.file, source.line(path) or 1, lines, written)


BRACED = re.compile(r"\{([^{}]+)\}")
"""The place of a value in title and text: ``{a}``."""


def _written(given: Any, name: str) -> Any:
    """What stands at a name, which may reach into tables and lists (``data.x``, ``start.0``); None for no key's."""
    value = given
    for key in name.split("."):
        match value:
            case dict() if key in value:
                value = value[key]
            case list() if key.isdecimal() and int(key) < len(value):
                value = value[int(key)]
            case _:
                return None
    return value


def title_of(kind: str) -> str:
    """What a problem without a title is called: its kind, spelled as the kind's ``TITLE`` where it has one."""
    words = kind.replace("-", " ").capitalize()
    return getattr(choices.load("kinds", kind), "TITLE", words) if kind in choices.names("kinds") else words


def _kind(table: dict[str, Any], path: KeyPath, source: Mistakes) -> str:
    """The name of the kind, or nothing when it was refused."""
    known = choices.names("kinds")
    match table.get("kind"):
        case None:
            source.refuse(path, 'the key "kind" is missing', f"kind = '…', one of {', '.join(known)}")
        case str() as kind if kind in known:
            return kind
        case str() as kind:
            hint = nearest(kind, known) or f"kinds are {', '.join(known)}"
            source.refuse((*path, "kind"), f'there is no kind "{kind}"', hint)
        case other:
            source.refuse((*path, "kind"), f"kind: expected text, found {type_name(other)}")
    return ""


def kind_fields(kind: str) -> tuple[Field, ...]:
    """What the ``[given]`` table of a kind takes. KeyError for an unknown kind."""
    return tuple(choices.load("kinds", kind).FIELDS)


def _declare(declared: Declared, table: dict[str, Any], path: KeyPath, source: Mistakes) -> None:
    """Add the declarations of a ``[symbols]`` table; what the sheet says of a name may be said again."""
    shared = {*declared.single, *declared.families}
    for key, value in source.table(table, "symbols", path).items():
        at = (*path, "symbols", key)
        try:
            new = stated(key, _declaration_text(value), source.place(at))
            declared.add(new, again=new.subject.symbol in shared)
        except DeriveError as error:
            source.refuse(at, f"{key}: {error.message}", error.hint)


def _declaration_text(value: Any) -> str:
    """What stands behind a name in ``[symbols]``. DeriveError for anything but text."""
    if not isinstance(value, str) or isinstance(value, Spelled):
        raise MisfitError(f"expected a domain in quotes, found {type_name(value)}", _DOMAIN_HINT)
    return value


_DOMAIN_HINT = f"such as {', '.join(map(repr, WORDS[:4]))} or '(0, 1)'"


# --- [given] -------------------------------------------------------------------------------------


def _given(
    table: dict[str, Any], rows: tuple[Field, ...], path: KeyPath, source: Mistakes, declared: Declared,
) -> dict[str, Any]:
    """The value of every field: converted, or its default. Functions are read first; formulas may apply them."""
    known = tuple(row.key for row in rows)
    for key in _unknown(table, known):
        hint = f'"{key}" belongs outside [given]' if key in PROBLEM_KEYS else ""
        source.unknown((*path, key), known, " in [given]", hint)
    names = declared.names()
    given = {row.key: row.default for row in rows}
    for row in sorted(rows, key=lambda row: not row.type.startswith("function")):
        if row.key in table:
            value = _converted(table[row.key], Reading(row, names), (*path, row.key), source, declared)
            given[row.key] = value
            _hold_together(table[row.key], value, declared, (*path, row.key), source)
            names = fields.declaring(names, _definitions(value))
        elif row.required:
            example = f"\n  for instance: {example_line(row)}" if row.example else ""
            source.refuse(path, f'the key "{row.key}" is missing from [given]', f"{row.about}{example}")
    return given


def _hold_together(raw: Any, value: Any, declared: Declared, path: KeyPath, source: Mistakes) -> None:
    """Refuse a definition that contradicts a declaration or another definition."""
    several = isinstance(value, tuple)
    pairs = zip(raw if isinstance(raw, list) else [raw], value if several else [value], strict=False)
    for i, (written, made) in enumerate(pairs):
        at = (*path, i) if isinstance(raw, list) else path
        definition = _equation(made) if isinstance(made, Node) else made
        named = isinstance(written, str) and "=" in written  # not a bare formula, whose name is made up
        if not isinstance(definition, Definition) or not named:
            continue
        try:
            if isinstance(made, Node):
                declared.check(definition)
            else:
                declared.define(definition, source.place(at))
        except DeriveError as error:
            source.refuse(at, f"{path[-1]}: {error.message}", error.hint)


def _equation(node: Node) -> Definition | None:
    """``x = 2`` as the definition that it may be."""
    match node:
        case Relation((Symbol() as name, body), ("=",)):
            return Definition(name, (), body)
    return None


def _definitions(value: Any) -> tuple[Definition, ...]:
    """The functions among the values of a field."""
    values = value if isinstance(value, tuple) else (value,)
    return tuple(v for v in values if isinstance(v, Definition))


def _converted(value: Any, reading: Reading, path: KeyPath, source: Mistakes, declared: Declared) -> Any:
    row = reading.field
    if row.type not in ("text", "any") and (eaten := source.eaten(path)):
        source.refuse(path, f"{row.key}: {eaten}", QUOTES)
        return None
    try:
        return fields.CONVERTERS[row.type](value, reading)
    except RecursionError:
        source.refuse(path, f"{row.key}: nested too deeply")
    except DeriveError as error:
        at = error.at if isinstance(error, MisfitError) else ()
        hint = declared.about(error) or error.hint or _field_hint(row, error)
        source.refuse((*path, *at), f"{row.key}: {error.message}", hint)
    return None


def _field_hint(row: Field, error: DeriveError) -> str:
    return f"for instance: {example_line(row)}" if isinstance(error, MisfitError) and row.example else ""


def example_line(row: Field) -> str:
    """The line of a problem file that gives a field its example; text that is no TOML value is quoted."""
    return f"{row.key} = {toml_value(row.example)}"


def toml_value(text: str) -> str:
    """The text itself where it is a TOML value, else a quoted one."""
    try:
        tomllib.loads(f"x = {text}")
    except ValueError:
        return f"'{text}'" if "'" not in text else f"'''{text}'''"
    return text


# --- without a file ------------------------------------------------------------------------------


def of_table(
    table: dict[str, Any], symbols: Mapping[str, Any], source: Mistakes, path: KeyPath = (), stem: str = "",
) -> Problem | None:
    """The problem of a table of TOML, under the declarations ``symbols`` of its sheet; None when it was refused.

    Then ``source`` has the mistakes. ``stem`` names a problem without a title.
    """
    declared = Declared()
    _declare(declared, {"symbols": dict(symbols)}, (), source)
    return _problem(table, path, source, stem, declared)


def make(
    kind: str, given: Mapping[str, Any], symbols: Mapping[str, str] | Declared | None = None, title: str = "",
) -> Problem:
    """A problem from values as they would stand in a file. Raises the first mistake as DeriveError."""
    title = title or title_of(kind)
    known, said = (symbols.copy(), {}) if isinstance(symbols, Declared) else (Declared(), dict(symbols or {}))
    table = {"kind": kind, "title": title, "given": dict(given), "symbols": said}
    source = Mistakes("", Positions(""))
    problem = _problem(table, (), source, "", known)
    if problem is None:
        first = source.errors[0]
        raise DeriveError(first.message.removeprefix(": "), first.hint)
    return replace(problem, line=0)
