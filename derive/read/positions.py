"""Where each key of a TOML document stands, which ``tomllib`` does not say.

:mod:`derive.read.problems` parses a document with ``tomllib`` and asks here for lines, to point at the key
that a message is about, and for the strings as they were typed, to tell ``'\\frac'`` from ``"\\frac"``.
The scanner takes documents that ``tomllib`` has accepted; it checks nothing.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect
from dataclasses import dataclass, field
from functools import cached_property

Path = tuple[str | int, ...]
"""How to reach a value: keys, and positions from 0 in lists."""

_SPACE = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_GAP = re.compile(r"[ \t]*")
_KEY = re.compile(r"""\s*(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)\s*""")
_STRING = re.compile(
    r"""
    "{3} (?:[^\\]|\\.)*? "{3,5}  |  '{3} .*? '{3,5}  |  " (?:[^"\\\n]|\\.)* "  |  ' [^'\n]* '
    """,
    re.DOTALL | re.VERBOSE,
)
_SCALAR = re.compile(r"[^,\]}#\n]*")
_LINE = re.compile(r"[^\n]*")


@dataclass
class Positions:
    """The offset at which each value begins, and the double-quoted strings in it."""

    text: str
    offsets: dict[Path, int] = field(default_factory=dict)
    quoted: dict[Path, list[str]] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line, from 1, of a value or of the nearest thing around it; 0 when nothing is known."""
        while path:
            if path in self.offsets:
                return bisect(self._line_starts, self.offsets[path])
            path = path[:-1]
        return 0

    def strings(self, path: Path) -> list[str]:
        """The double-quoted strings in the value at ``path``, as they were typed."""
        return [s for at, found in self.quoted.items() if at[: len(path)] == path for s in found]

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(m.end() for m in re.finditer("\n", self.text))]


def scan(text: str) -> Positions:
    """The positions of a document; as far as it was understood, should anything be unexpected."""
    positions = Positions(text)
    try:
        _Scanner(positions).document()
    except (ValueError, IndexError, AttributeError, RecursionError):
        return positions
    return positions


class _Scanner:
    """Walks over a document once, with the offset ``at`` of the next character."""

    def __init__(self, positions: Positions) -> None:
        self.found = positions
        self.text = positions.text
        self.at = 0
        self.arrays: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        self._skip(_SPACE)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_LINE)
            self._skip(_SPACE)

    def _header(self) -> Path:
        """``[table]`` or ``[[table]]``: the path of what follows."""
        start = self.at
        brackets = 2 if self.text.startswith("[[", start) else 1
        self.at += brackets
        *outer, last = self._keys()
        path: Path = ()
        for key in outer:
            path = self._inside((*path, key))
        path = (*path, last)
        if brackets == 2:
            self.arrays[path] = self.arrays.get(path, -1) + 1
            path = self._inside(path)
        self.found.offsets.setdefault(path, start)
        return path

    def _inside(self, path: Path) -> Path:
        """Through an array of tables the path goes to its latest table."""
        return (*path, self.arrays[path]) if path in self.arrays else path

    def _pair(self, table: Path) -> None:
        start = self.at
        path = table
        for key in self._keys():
            path = (*path, key)
            self.found.offsets.setdefault(path, start)
        self.at += 1  # the equals sign
        self._skip(_GAP)
        self._value(path)

    def _keys(self) -> list[str]:
        keys = [self._key()]
        while self.text[self.at] == ".":
            self.at += 1
            keys.append(self._key())
        return keys

    def _key(self) -> str:
        raw = self._skip(_KEY).strip()
        return str(tomllib.loads(f"k = {raw}")["k"]) if raw[0] in "\"'" else raw

    def _value(self, path: Path) -> None:
        self.found.offsets.setdefault(path, self.at)
        match self.text[self.at]:
            case "'" | '"':
                raw = self._skip(_STRING)
                if raw[0] == '"':
                    self.found.quoted.setdefault(path, []).append(raw)
            case "[":
                self._list(path)
            case "{":
                self._inline_table(path)
            case _:
                self._skip(_SCALAR)

    def _list(self, path: Path) -> None:
        self.at += 1
        self._skip(_SPACE)
        index = 0
        while self.text[self.at] != "]":
            self._value((*path, index))
            index += 1
            self._skip_comma()
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        self._skip(_SPACE)
        while self.text[self.at] != "}":
            self._pair(path)
            self._skip_comma()
        self.at += 1

    def _skip_comma(self) -> None:
        self._skip(_SPACE)
        if self.text[self.at] == ",":
            self.at += 1
            self._skip(_SPACE)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise ValueError(self.at)
        self.at = found.end()
        return found.group()
