r"""Problem files: TOML text to a :class:`~derive.problem.Sheet`, or a refusal with file, line and hint.

Called by ``derive.api``. What a problem's ``[given]`` takes is the kind's ``FIELDS``; how a value is converted
is in :mod:`derive.read.fields`. Every mistake of a file is found in one reading: a problem that cannot be read
goes into ``Sheet.errors``, one error for each mistake, and the others are still there to be solved. A file
that is no TOML at all, too large or not text raises :class:`~derive.errors.ProblemError`.

What ``[symbols]`` declares, of the sheet and of the problem, holds in every formula of the problem
(:mod:`derive.read.declared`), and so do the functions that it defines; where two of these contradict each other, the
message says both places.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from derive import choices, limits
from derive.declarations import WORDS
from derive.errors import DeriveError, FormulaError, ProblemError
from derive.problem import Field, Problem, Sheet
from derive.read import fields, sources
from derive.read.declared import Declared, stated
from derive.read.fields import MisfitError, Reading, Spelled, nearest, type_name
from derive.read.positions import Path as KeyPath
from derive.read.positions import Positions, scan
from derive.steps import Definition
from derive.tree import Node, Relation, Symbol

SHEET_KEYS = ("title", "symbols", "problem")
MISTAKES_TOLD = 50  # more of them are only counted
PROBLEM_KEYS = ("title", "kind", "text", "given", "symbols")

_QUOTES = "use single quotes: in double quotes TOML changes backslashes"
_EATEN = re.compile(r"\\\\|\\([btnfre])([A-Za-z]*)")
_DEEP_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){32}""")
_WHERE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


# --- from a file or a text -----------------------------------------------------------------------


def read_file(path: Path, only: Sequence[str] = ()) -> Sheet:
    """The sheet in a file. Raises ProblemError when the file as a whole cannot be used.

    ``only`` chooses problems by number, from 1, or by a part of the title; the others are not looked at.
    """
    return read_text(sources.load(path, "problem file"), str(path), path.stem, only)


def read_text(text: str, file: str = "problem", stem: str = "", only: Sequence[str] = ()) -> Sheet:
    """The sheet in a TOML text; ``file`` is what messages call it, ``stem`` names a sheet without a title."""
    if len(text.encode(errors="replace")) > limits.FILE_BYTES:
        raise ProblemError(file, 0, f"the file is too large: at most {limits.FILE_BYTES:,} bytes")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    data = _parsed(text, file)
    return _sheet(data, _Source(file, scan(text)), stem, only)


def titles(path: Path) -> list[str]:
    """The titles in a file, the sheet's first where it has many problems; nothing is converted."""
    data = _parsed(sources.load(path, "problem file"), str(path))
    tables = data.get("problem", [])
    return [str(t["title"]) for t in (data, *tables) if isinstance(t, dict) and "title" in t]


def _parsed(text: str, file: str) -> dict[str, Any]:
    if deep := _DEEP_KEY.search(text):  # tomllib takes time that grows with the square of a key's parts
        raise ProblemError(file, text.count("\n", 0, deep.start()) + 1, "tables are nested too deeply")
    try:
        return tomllib.loads(text, parse_float=Spelled)
    except RecursionError as error:
        raise ProblemError(file, 0, "lists or tables are nested too deeply") from error
    except ValueError as error:  # TOMLDecodeError, and Python's own bound on the digits of an integer
        raise _syntax_error(str(error), text, file) from error


def _syntax_error(message: str, text: str, file: str) -> ProblemError:
    where = _WHERE.search(message)
    if where is None:
        return ProblemError(file, 0, f"this is not TOML: {message}")
    line = int(where[1]) if where[1] else text.count("\n") + 1
    lines = text.split("\n")
    shown = lines[line - 1] if line <= len(lines) else ""
    at = int(where[2]) - 1 if where[2] else len(shown)
    picture = FormulaError(shown, at, "").picture()
    return ProblemError(file, line, f"this is not TOML: {message[: where.start()]}\n{picture}", _syntax_hint(shown))


def _syntax_hint(line: str) -> str:
    value = line.partition("=")[2].strip()
    if re.search(r'"[^"]*\\', line):
        return _QUOTES
    if value.startswith("'") and value.count("'") > 2:
        return "a formula with a prime stands between three quotes: '''f'(x)'''"
    if any(quote in line for quote in "‘’“”"):
        return "use straight quotes: '…'"
    if value and value[0] not in "'\"[{" and re.search(r"[\\^a-zA-Z]", value):
        return "put formulas and words in single quotes: '…'"
    return ""


# --- places in it --------------------------------------------------------------------------------


@dataclass
class _Source:
    """A file being read: where its keys stand, and the mistakes found so far, of which the first are kept."""

    file: str
    positions: Positions
    errors: list[ProblemError] = field(default_factory=list)
    mistakes: int = 0

    def refuse(self, path: KeyPath, message: str, hint: str = "") -> None:
        self.mistakes += 1
        if self.mistakes <= MISTAKES_TOLD:
            line = self.positions.line(path) or bool(self.positions.text)
            self.errors.append(ProblemError(self.file, int(line), message, hint))

    def place(self, path: KeyPath) -> str:
        """Where something stands, for the message about something else; nothing when there is no file."""
        line = self.positions.line(path)
        return f"{self.file}:{line}" if line else ""

    def unknown(self, path: KeyPath, known: tuple[str, ...], where: str, hint: str = "") -> None:
        if self.mistakes < MISTAKES_TOLD:
            hint = hint or nearest(str(path[-1]), known) or f"known are {', '.join(known)}"
        self.refuse(path, f'unknown key "{path[-1]}"{where}', hint)

    def told(self) -> tuple[ProblemError, ...]:
        """The mistakes, in the order of their lines where these are known, and how many more there are."""
        more = self.mistakes - len(self.errors)
        last = [ProblemError(self.file, 0, f"and {more:,} more mistakes")] if more else []
        return (*sorted(self.errors, key=lambda error: error.line), *last)


def _sheet(data: dict[str, Any], source: _Source, stem: str, only: Sequence[str]) -> Sheet:
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
    title = _words(data, "title", (), source, stem)
    return Sheet(title, tuple(p for p in found if p is not None), source.told())


def _unknown(table: dict[str, Any], known: Sequence[str]) -> list[str]:
    return [key for key in table if key not in known]


def _tables(value: Any, source: _Source) -> list[dict[str, Any]]:
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
    table: dict[str, Any], path: KeyPath, source: _Source, stem: str, declared: Declared,
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
    text = _words(table, "text", path, source, "")
    title = _words(table, "title", path, source, stem.replace("-", " ") or kind.replace("-", " ").capitalize())
    _declare(declared, table, path, source)
    given = _given(_table(table, "given", path, source), rows, (*path, "given"), source, declared) if kind else {}
    if source.mistakes > before:
        return None
    lines = {row.key: source.positions.line((*path, "given", row.key)) for row in rows}
    return Problem(title, kind, given, declared.domains(), text, source.file, source.positions.line(path) or 1, lines)


def _kind(table: dict[str, Any], path: KeyPath, source: _Source) -> str:
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


def _table(table: dict[str, Any], key: str, path: KeyPath, source: _Source) -> dict[str, Any]:
    value = table.get(key, {})
    if isinstance(value, dict):
        return value
    source.refuse((*path, key), f"{key}: expected a table, found {type_name(value)}", f"write [{key}] on its own line")
    return {}


def _words(table: dict[str, Any], key: str, path: KeyPath, source: _Source, default: str) -> str:
    """A title or a statement: text on one line, without control characters."""
    value = table.get(key, default)
    if not isinstance(value, str) or isinstance(value, Spelled):
        source.refuse((*path, key), f"{key}: expected text in quotes, found {type_name(value)}")
        return default
    if eaten := _eaten(source.positions.strings((*path, key)), allowed="n" if key == "text" else ""):
        source.refuse((*path, key), f"{key}: {eaten}", _QUOTES)
    return " ".join(value.split())


def _declare(declared: Declared, table: dict[str, Any], path: KeyPath, source: _Source) -> None:
    """Add the declarations of a ``[symbols]`` table; what the sheet says of a name may be said again."""
    shared = {*declared.single, *declared.families}
    for key, value in _table(table, "symbols", path, source).items():
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
    table: dict[str, Any], rows: tuple[Field, ...], path: KeyPath, source: _Source, declared: Declared,
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


def _hold_together(raw: Any, value: Any, declared: Declared, path: KeyPath, source: _Source) -> None:
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


def _converted(value: Any, reading: Reading, path: KeyPath, source: _Source, declared: Declared) -> Any:
    row = reading.field
    if row.type not in ("text", "any") and (eaten := _eaten(source.positions.strings(path))):
        source.refuse(path, f"{row.key}: {eaten}", _QUOTES)
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


def _eaten(strings: list[str], allowed: str = "") -> str:
    """What TOML made of a command in double quotes, in words; nothing when it left all as it was."""
    for found in (match for raw in strings for match in _EATEN.finditer(raw)):
        escape, rest = found[1], found[2]
        if escape and escape not in allowed:
            follows = f' followed by "{rest}"' if rest else ""
            return f'"\\{escape}{rest}" in double quotes is {_ESCAPES[escape]}{follows}'
    return ""


_ESCAPES = {"b": "a backspace", "t": "a tab", "n": "a new line", "f": "a form feed", "r": "a carriage return",
            "e": "an escape character"}


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


def make(
    kind: str, given: Mapping[str, Any], symbols: Mapping[str, str] | Declared | None = None, title: str = "",
) -> Problem:
    """A problem from values as they would stand in a file. Raises the first mistake as DeriveError."""
    title = title or kind.replace("-", " ").capitalize()
    known, said = (symbols.copy(), {}) if isinstance(symbols, Declared) else (Declared(), dict(symbols or {}))
    table = {"kind": kind, "title": title, "given": dict(given), "symbols": said}
    source = _Source("", Positions(""))
    problem = _problem(table, (), source, "", known)
    if problem is None:
        first = source.errors[0]
        raise DeriveError(first.message.removeprefix(": "), first.hint)
    return replace(problem, line=0)
