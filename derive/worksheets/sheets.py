r"""Sheet files: TOML text to a :class:`~derive.worksheets.model.Worksheet`, or every mistake with file, line and hint.

Called by the commands of worksheets. A sheet names problems, what is drawn for each person and what that must satisfy;
the keys are the tables below. Reading tries the problem of every item with numbers of a trial, so that what is wrong
with a problem is told before anybody's sheet is made. Titles and names are words and nothing else, whatever is in them.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from derive import choices, limits, resources
from derive.documents import _languages
from derive.errors import DeriveError, ProblemError
from derive.read import fields, problems, sources
from derive.read.fields import Spelled, nearest, type_name
from derive.read.mistakes import Mistakes, opened
from derive.read.positions import Path as KeyPath
from derive.steps import Value
from derive.tree import numeric
from derive.worksheets import conditions, draws, placing
from derive.worksheets.model import Condition, Draw, Item, Source, Worksheet

FRONT = ("course", "author", "date")
"""The keys that are printed at the head of every page, in this order."""
STYLE = "article"
KEYS = ("title", "seed", *FRONT, "language", "style", "roster", "item")
ROSTER_KEYS = ("id", "name")
OVER = ("title", "text")
"""Keys of an item that replace those of its problem, whose words may be about numbers that are drawn here."""

ITEM_KEYS = ("id", *OVER, "problem", "only", "points", "version", "mode", "options", "draw", "when")
MODES = "worksheets.modes"
MODE = "blank"


class SheetError(ProblemError):
    """A sheet file with mistakes. ``errors`` are all of them; the message is that of the first, and how many more."""

    def __init__(self, errors: Sequence[ProblemError]) -> None:
        first, more = errors[0], len(errors) - 1
        super().__init__(first.file, first.line, "", first.hint)
        self.errors = tuple(errors)
        self.message = f"{first.message}\n(and {more} more)" if more else first.message
        self.args = (self.message,)


def asks(mode: str) -> bool:
    """Whether a mode asks for something, for which there are points; a name that is none is taken for one that does."""
    return mode not in choices.names(MODES) or getattr(choices.load(MODES, mode), "ASKS", True)


def is_sheet(table: Mapping[str, Any]) -> bool:
    """Whether a table of TOML is a worksheet and no problem file."""
    return "item" in table


def read_sheet(path: Path, templates: Path | None = None) -> Worksheet:
    """The worksheet in a file. Raises :class:`SheetError` with all its mistakes.

    ProblemError where the file as a whole cannot be read. ``templates`` is a folder of somebody's own, whose styles
    there are too.
    """
    data, told = opened(sources.load(path, "sheet file"), str(path))
    sheet = _Reader(path, told, templates).sheet(data)
    if told.mistakes:
        raise SheetError(told.told())
    return sheet


_Found = tuple[Source, str, Mistakes, KeyPath]
"""A problem, the id that it gives an item, where its mistakes are told, and where it stands there."""


class _Reader:
    """Goes through a sheet file once; ``told`` collects the mistakes."""

    def __init__(self, path: Path, told: Mistakes, templates: Path | None) -> None:
        self.path, self.told, self.templates = path, told, templates

    # --- the whole ------------------------------------------------------------------------------

    def sheet(self, data: dict[str, Any]) -> Worksheet:
        told = self.told
        if not is_sheet(data) and {"kind", "problem"} & data.keys():
            hint = f"a worksheet names it: [[item]] and below it problem = '{self.path.name}'"
            raise ProblemError(told.file, 0, "this is a problem file, not a worksheet", hint)
        for key in data:
            if key not in KEYS:
                hint = f'"{key}" belongs under [[item]]' if key in ITEM_KEYS else ""
                hint = 'a problem stands under [item.problem], or in a file of its own' if key == "problem" else hint
                told.unknown((key,), KEYS, "", hint)
        stem = self.path.stem
        id_column, name_columns = self._roster(told.table(data, "roster", ()))
        return Worksheet(
            told.words(data, "title", (), "") or stem.replace("-", " "), self._seed(data), self._items(data),
            id_column, name_columns, self._front(data), self._known(data, "language", [*_languages.LANGUAGES], "en"),
            self._style(data), str(self.path),
        )

    def _style(self, data: dict[str, Any]) -> str:
        if "style" not in data:
            return STYLE
        from derive.documents import _template  # what fills templates in is not needed to check most sheets

        own = "" if self.templates else "a style of your own comes with --template DIR"
        return self._known(data, "style", _template.styles(self.templates), STYLE, hint=own)

    def _seed(self, data: dict[str, Any]) -> str:
        """The words that everybody's numbers come from. There is no default: it would be known to everybody."""
        value = data.get("seed")
        if isinstance(value, int | Spelled) and not isinstance(value, bool):
            return str(value)
        if value is None or (isinstance(value, str) and not value.strip()):
            hint = "seed = 'words of your own': everybody's numbers come from them, so keep them from the students"
            self.told.refuse((), f'the key "seed" is {"missing" if value is None else "empty"}', hint)
        return self.told.words(data, "seed", (), "")

    def _front(self, data: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        if isinstance(data.get("date"), datetime.date):  # a date of TOML
            data = {**data, "date": data["date"].isoformat()[:10]}
        return tuple((key, words) for key in FRONT if (words := self.told.words(data, key, ())))

    def _known(
        self, data: dict[str, Any], key: str, known: Sequence[str], default: str, path: KeyPath = (), hint: str = "",
    ) -> str:
        """One of some words; ``hint`` is what else may help where it is none of them."""
        word = self.told.words(data, key, path, default)
        if word not in known:
            hints = (nearest(word, known) or f"known are {', '.join(known)}", hint)
            self.told.refuse((*path, key), f'there is no {key} "{word}"', "; ".join(filter(None, hints)))
        return word

    def _roster(self, table: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
        for key in table:
            if key not in ROSTER_KEYS:
                self.told.unknown(("roster", key), ROSTER_KEYS, " in [roster]")
        names = table.get("name", "name")
        if isinstance(names, list) and names and all(type(name) is str for name in names):
            columns = tuple(" ".join(name.split()) for name in names)
        else:
            columns = (self.told.words(table, "name", ("roster",), "name"),)
        return self.told.words(table, "id", ("roster",), "id"), columns

    # --- items ----------------------------------------------------------------------------------

    def _items(self, data: dict[str, Any]) -> tuple[Item, ...]:
        tables = data.get("item", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self.told.refuse(("item",), "items are tables", "write [[item]] with two brackets")
            return ()
        if not tables:
            self.told.refuse((), "the sheet has no items", "write [[item]] and below it problem = 'FILE.toml'")
        if len(tables) > limits.PROBLEMS_IN_FILE:
            message = f"{len(tables)} items are too many: at most {limits.PROBLEMS_IN_FILE}"
            raise ProblemError(self.told.file, 0, message)
        items = [self._item(table, ("item", i)) for i, table in enumerate(tables)]
        first: dict[str, KeyPath] = {}
        for i, item in enumerate(items):
            if item is not None and first.setdefault(item.id, ("item", i)) != ("item", i):
                line = self.told.positions.line(first[item.id])
                hint = "give each its own: id = '…'. A person's numbers depend on it"
                self.told.refuse(("item", i), f'the item of line {line} has the id "{item.id}" too', hint)
        return tuple(item for item in items if item is not None)

    def _item(self, table: dict[str, Any], path: KeyPath) -> Item | None:
        before = self.told.mistakes
        for key in table:
            if key not in ITEM_KEYS:
                hint = f'"{key}" belongs to the problem' if key in problems.PROBLEM_KEYS else ""
                self.told.unknown((*path, key), ITEM_KEYS, " in an item", hint)
        found = self._said_anew(self._source(table, path), table, path)
        drawn = self._draws(table, path)
        conditions_ = self._conditions(table, path, drawn)
        mode = self._known(table, "mode", choices.names(MODES), MODE, path)
        options = self._options(mode, table, path)
        points, version = self._points(table, path, mode), self._version(table, path)
        id_ = self.told.words(table, "id", path, "") or (found[1] if found else "?")
        if found is None or self.told.mistakes > before:
            return None
        if isinstance(table["problem"], dict):  # one in a file is called like the file
            called = id_.replace("-", " ")
            found = (replace(found[0], table={"title": called[:1].upper() + called[1:], **found[0].table}), *found[1:])
        line = self.told.line(path)
        item = Item(id_, found[0], points, drawn, conditions_, mode, options, version, line)
        self._trial(item, path, found[2], found[3])
        return item

    def _said_anew(self, found: _Found | None, table: dict[str, Any], path: KeyPath) -> _Found | None:
        """The problem with the item's own title and text in place of its own."""
        own = {key: self.told.words(table, key, path, "") for key in OVER if key in table}
        if found is None or not own:
            return found
        source, *rest = found
        return replace(source, table={**source.table, **own}), *rest  # type: ignore[return-value]

    def _points(self, table: dict[str, Any], path: KeyPath, mode: str) -> Fraction:
        try:
            value = numeric(fields.number(table.get("points", int(asks(mode)))))
            if value is None or value < 0:
                raise DeriveError("expected a number that is not negative")
        except DeriveError as error:
            self.told.refuse((*path, "points"), f"points: {error.message}", error.hint or "points = 6, or '1/2'")
            return Fraction(1)
        return value

    def _version(self, table: dict[str, Any], path: KeyPath) -> int:
        value = table.get("version", 1)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return value
        self.told.refuse((*path, "version"), "version: expected a whole number from 1", "a new one draws new numbers")
        return 1

    def _options(self, mode: str, table: dict[str, Any], path: KeyPath) -> dict[str, Any]:
        given = self.told.table(table, "options", path)
        if mode not in choices.names(MODES):
            return {}
        rows = choices.load(MODES, mode).FIELDS
        return fields.options(
            given, rows, lambda key, error: self.told.refuse((*path, "options", key), error.message, error.hint)
        )

    # --- the problem of an item -----------------------------------------------------------------

    def _source(self, table: dict[str, Any], path: KeyPath) -> _Found | None:
        """The problem, the id that it gives an item, and where its mistakes are told; None where it was refused."""
        at = (*path, "problem")
        match table.get("problem"):
            case None:
                hint = "problem = 'FILE.toml', or a table [item.problem]"
                self.told.refuse(path, 'the key "problem" is missing', hint)
            case dict() as inline:
                if "only" in table:
                    self.told.refuse((*path, "only"), "only: the problem stands here, there is nothing to choose from")
                source = Source(inline, {}, self.told.file, self.told.line(at))
                return self._checked(source, str(inline.get("kind", "item")), self.told, at)
            case str() as name if not isinstance(name, Spelled):
                try:
                    return self._from_file(name, table.get("only"), path)
                except ProblemError as error:
                    self._pass_on(error, at)
            case other:
                self.told.refuse(at, f"problem: expected the name of a file or a table, found {type_name(other)}")
        return None

    def _pass_on(self, error: ProblemError, at: KeyPath) -> None:
        """Tell a mistake of a problem file as one of the line that names it."""
        self.told.refuse(at, error.message, error.hint)

    def _from_file(self, name: str, only: Any, path: KeyPath) -> _Found | None:
        file = self._find(name)
        data, told = opened(sources.load(file, "problem file"), str(file))
        if is_sheet(data):
            raise ProblemError(str(file), 0, "this is a worksheet, not a problem file")
        tables = data.get("problem")
        if tables is None:
            return self._checked(Source(data, {}, str(file), 1), file.stem, told, ())
        if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
            raise ProblemError(str(file), told.line(("problem",)), "problems are tables", "write [[problem]]")
        number = self._chosen(tables, only, file, path)
        if number is None:
            return None
        at = ("problem", number)
        symbols = data.get("symbols", {})
        source = Source(tables[number], symbols if isinstance(symbols, dict) else {}, str(file), told.line(at))
        id_ = f"{file.stem}-{number + 1}" if len(tables) > 1 else file.stem
        return self._checked(source, id_, told, at)

    def _find(self, name: str) -> Path:
        """A problem file beside the sheet, or a shipped one by its name. ProblemError where there is none."""
        beside = self.path.parent / name
        if beside.is_file():
            return beside
        with_letters = resources.worksheets() / f"{name.removesuffix('.toml')}.toml"
        shipped = resources.problem_file(name)
        if shipped is not None or with_letters.is_file():
            return shipped or with_letters
        here = [p.name for p in self.path.parent.glob("*.toml")]
        known = [known for full in resources.problem_files() for known in (full, full.rpartition("/")[2])]
        hint = nearest(name, [*here, *known]) or "the path starts at the sheet's folder; derive list shows shipped ones"
        raise ProblemError(str(beside), 0, "there is no such file, and no shipped problem of that name", hint)

    def _chosen(self, tables: list[dict[str, Any]], only: Any, file: Path, path: KeyPath) -> int | None:
        """Which problem of a file, from 0; None where the choice was refused."""
        titles = [str(table.get("title", "")) for table in tables]
        if only is None and len(tables) == 1:
            return 0
        word = "" if only is None else str(only)
        if word.isdecimal():
            found = [int(word) - 1] if 1 <= int(word) <= len(tables) else []
        else:
            found = [i for i, title in enumerate(titles) if word and word.casefold() in title.casefold()]
        if len(found) == 1:
            return found[0]
        known = "; ".join(f"{i} {title!r}" for i, title in enumerate(titles, 1))
        many = "more than one" if found else "none"
        what = "one of them is wanted" if only is None else f"{word!r} is {many} of them"
        message = f"{file.name} has {len(tables)} problems, and {what}"
        at = (*path, "problem" if only is None else "only")
        self.told.refuse(at, message, f"only = a number or a part of the title: {known}")
        return None

    def _checked(
        self, source: Source, id_: str, told: Mistakes, at: KeyPath
    ) -> _Found | None:
        """The source, where its kind is known; else its mistake is told."""
        kind = source.table.get("kind")
        if isinstance(kind, str) and kind in choices.names("kinds"):
            return source, id_, told, at
        problems.of_table(dict(source.table), source.symbols, told, at)
        self._gather(told)
        return None

    def _gather(self, told: Mistakes) -> None:
        """Mistakes of a problem file become mistakes of the sheet, with their own file and line."""
        if told is not self.told:
            self.told.errors += told.errors
            self.told.mistakes += told.mistakes

    # --- draws and conditions -------------------------------------------------------------------

    def _draws(self, table: dict[str, Any], path: KeyPath) -> tuple[Draw, ...]:
        found = []
        for keys, value in _leaves(self.told.table(table, "draw", path), ()):
            at = (*path, "draw", *keys)
            draw = self._draw(".".join(keys), value, at)
            if draw is not None:
                try:
                    draws.settings(draw)
                    found.append(draw)
                except DeriveError as error:
                    self.told.refuse(at, error.message, error.hint)
        return tuple(found)

    def _draw(self, name: str, value: Any, at: KeyPath) -> Draw | None:
        if not isinstance(value, dict):
            hint = f"{name} = {{integers = [1, 5]}}; to give a key one value for all, write it in the problem"
            self.told.refuse(at, f"{name}: expected what is drawn, a table, found {type_name(value)}", hint)
            return None
        kinds = [key for key in value if key in draws.DRAWS]
        if len(kinds) == 1:
            options = value[kinds[0]] if len(value) == 1 else value
            return Draw(name, kinds[0], options, self.told.line(at))
        if kinds:
            self.told.refuse(at, f"{name}: {' and '.join(kinds)} cannot both be drawn", "write one of them")
        elif not value:
            self.told.refuse(at, f"{name}: nothing says what is drawn", f"{name} = {{integers = [1, 5]}}")
        else:
            word = next(iter(value))
            hint = nearest(word, draws.DRAWS) or f"what can be drawn is {', '.join(draws.DRAWS)}"
            self.told.refuse(at, f'{name}: there is no draw "{word}"', hint)
        return None

    def _conditions(self, table: dict[str, Any], path: KeyPath, drawn: tuple[Draw, ...]) -> tuple[Condition, ...]:
        given = table.get("when", {})
        texts = {"when": given} if isinstance(given, str) else self.told.table(table, "when", path)
        values = {draw.name: draws.trial(draw).value for draw in drawn}
        found = []
        for name in texts:
            at = (*path, "when") if isinstance(given, str) else (*path, "when", name)
            before, words = self.told.mistakes, self.told.words(texts, name, at[:-1])
            if not name.strip():
                self.told.refuse(at, "a condition needs a name", f"nice = '{words}'")
            if self.told.mistakes > before:
                continue
            try:
                self._known_letters(conditions.condition(words, values), values)
                found.append(Condition(name, words, self.told.line(at)))
            except DeriveError as error:
                self.told.refuse(at, f"{name}: {error.message}", error.hint)
        return tuple(found)

    def _known_letters(self, test: conditions.Test, values: Mapping[str, Value]) -> None:
        """DeriveError for a relation that names what is not drawn."""
        for letter in conditions.foreign(test, values):
            known = sorted(conditions.names(values))
            hint = nearest(letter, known) or f"drawn are {', '.join(known) or 'no numbers'}"
            raise DeriveError(f"{letter} is not drawn", hint)
        if test.early and not test.names:
            known = sorted(conditions.names(values))
            hint = f"drawn are {', '.join(known) or 'no numbers'}"
            raise DeriveError("names nothing that is drawn, so that it is the same for everybody", hint)

    def _trial(self, item: Item, path: KeyPath, told: Mistakes, at: KeyPath) -> None:
        """Read the item's problem with numbers of a trial, and tell what is wrong with it."""
        before = told.mistakes
        try:
            placing.made(item.source, {draw.name: draws.trial(draw) for draw in item.draws}, told, at)
        except placing.PlaceError as error:
            self.told.refuse((*path, "draw", *error.name.split(".")), error.message, error.hint)
        except DeriveError:
            return  # these numbers do not go, others may
        if told.mistakes > before:
            self._gather(told)


def _leaves(table: Mapping[str, Any], above: tuple[str, ...]) -> list[tuple[tuple[str, ...], Any]]:
    """The draws by their names; ``data.n = {…}`` is a table in a table to TOML, and the name ``data.n`` to us."""
    found: list[tuple[tuple[str, ...], Any]] = []
    for key, value in table.items():
        inner = isinstance(value, dict) and bool(value) and all(isinstance(v, dict) for v in value.values())
        if inner and not any(word in draws.DRAWS for word in value):
            found += _leaves(value, (*above, key))
        else:
            found.append(((*above, key), value))
    return found
