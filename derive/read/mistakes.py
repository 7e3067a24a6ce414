r"""A TOML file being read: its text as a table, where its keys stand, and the mistakes found so far.

Called by the readers of problem files and of worksheets, which go through the table and :meth:`Mistakes.refuse` what
cannot be used, so that one reading finds every mistake of a file, each with its line and a hint. A file that is no TOML
at all, too large or not text raises :class:`~derive.errors.ProblemError` at once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from derive import limits
from derive.errors import FormulaError, ProblemError
from derive.read.fields import Spelled, nearest, type_name
from derive.read.positions import Path as KeyPath
from derive.read.positions import Positions, scan

MISTAKES_TOLD = 50  # more of them are only counted
QUOTES = "use single quotes: in double quotes TOML changes backslashes"

_EATEN = re.compile(r"\\\\|\\([btnfre])([A-Za-z]*)")
_DEEP_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){32}""")
_WHERE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


# --- TOML ----------------------------------------------------------------------------------------


def opened(text: str, file: str) -> tuple[dict[str, Any], Mistakes]:
    """A TOML text as a table, and the reading of it. ProblemError where it is too large or no TOML."""
    if len(text.encode(errors="replace")) > limits.FILE_BYTES:
        raise ProblemError(file, 0, f"the file is too large: at most {limits.FILE_BYTES:,} bytes")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    return parsed(text, file), Mistakes(file, scan(text))


def parsed(text: str, file: str) -> dict[str, Any]:
    """A TOML text as a table, decimals with their spelling. ProblemError, with the place, where it is none."""
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
        return QUOTES
    if value.startswith("'") and value.count("'") > 2:
        return "a formula with a prime stands between three quotes: '''f'(x)'''"
    if any(quote in line for quote in "‘’“”"):
        return "use straight quotes: '…'"
    if value and value[0] not in "'\"[{" and re.search(r"[\\^a-zA-Z]", value):
        return "put formulas and words in single quotes: '…'"
    return ""


# --- places and mistakes -------------------------------------------------------------------------


@dataclass
class Mistakes:
    """A file being read. ``beginning`` is the line that a mistake is told with when its own place is not known."""

    file: str
    positions: Positions
    errors: list[ProblemError] = field(default_factory=list)
    mistakes: int = 0
    beginning: int = 0

    def line(self, path: KeyPath) -> int:
        """The line to tell for a key; 0 where there is no file."""
        return self.positions.line(path) or self.beginning or int(bool(self.positions.text))

    def refuse(self, path: KeyPath, message: str, hint: str = "") -> None:
        """Note a mistake."""
        self.mistakes += 1
        if self.mistakes <= MISTAKES_TOLD:
            self.errors.append(ProblemError(self.file, self.line(path), message, hint))

    def place(self, path: KeyPath) -> str:
        """Where something stands, for the message about something else; nothing when there is no file."""
        line = self.positions.line(path)
        return f"{self.file}:{line}" if line else ""

    def unknown(self, path: KeyPath, known: Sequence[str], where: str, hint: str = "") -> None:
        """Note a key that there is not, with the nearest that there is."""
        if self.mistakes < MISTAKES_TOLD:
            hint = hint or nearest(str(path[-1]), known) or f"known are {', '.join(known)}"
        self.refuse(path, f'unknown key "{path[-1]}"{where}', hint)

    def told(self) -> tuple[ProblemError, ...]:
        """The mistakes, in the order of their lines where these are known, and how many more there are."""
        more = self.mistakes - len(self.errors)
        last = [ProblemError(self.file, 0, f"and {more:,} more mistakes")] if more else []
        return (*sorted(self.errors, key=lambda error: error.line), *last)

    def words(self, table: dict[str, Any], key: str, path: KeyPath, default: str = "", allowed: str = "") -> str:
        """A title or a statement: text on one line, without control characters but the ``allowed`` escapes."""
        value = table.get(key, default)
        if not isinstance(value, str) or isinstance(value, Spelled):
            self.refuse((*path, key), f"{key}: expected text in quotes, found {type_name(value)}")
            return default
        if found := self.eaten((*path, key), allowed):
            self.refuse((*path, key), f"{key}: {found}", QUOTES)
        return " ".join(value.split())

    def table(self, table: dict[str, Any], key: str, path: KeyPath) -> dict[str, Any]:
        """A table within a table, empty where there is none."""
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        message = f"{key}: expected a table, found {type_name(value)}"
        self.refuse((*path, key), message, f"write [{key}] on its own line")
        return {}

    def eaten(self, path: KeyPath, allowed: str = "") -> str:
        """What TOML made of a command in double quotes, in words; nothing when it left all as it was."""
        return _eaten(self.positions.strings(path), allowed)


def _eaten(strings: Iterable[str], allowed: str) -> str:
    for found in (match for raw in strings for match in _EATEN.finditer(raw)):
        escape, rest = found[1], found[2]
        if escape and escape not in allowed:
            follows = f' followed by "{rest}"' if rest else ""
            return f'"\\{escape}{rest}" in double quotes is {_ESCAPES[escape]}{follows}'
    return ""


_ESCAPES = {"b": "a backspace", "t": "a tab", "n": "a new line", "f": "a form feed", "r": "a carriage return",
            "e": "an escape character"}
