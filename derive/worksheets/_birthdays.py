"""Birthdays as people write them: ``16.03.2001``, ``2001-03-16``, ``03-16``, and any other order that is stated.

Called by the draw of that name. A date with slashes may have the day or the month first, so that it is only read with
a format, such as ``month/day/year``.
"""

from __future__ import annotations

import re
from datetime import date

from derive.errors import DeriveError
from derive.read.fields import MisfitError

_LEAP_YEAR = 2000  # 29 February is somebody's birthday
_PARTS = {"day": r"(?P<day>\d{1,2})", "month": r"(?P<month>\d{1,2})", "year": r"(?P<year>\d{4}|\d{2})"}
_CUSTOMARY = ("year-month-day", "month-day", "day.month.year", "day.month.")
_FORMAT_HINT = 'format = "month/day/year", with the words day, month and year in the order of the roster'


def check(format_: str) -> None:
    """MisfitError for a format that does not say where day and month stand; none at all is one."""
    words = re.findall(r"[A-Za-z]+", format_)
    wrong = any(word not in _PARTS for word in words) or len(set(words)) < len(words)
    if format_ and (wrong or not {"day", "month"} <= set(words)):
        raise MisfitError(f"format: {format_!r} is no way to write a date", _FORMAT_HINT)


def read(cell: str, format_: str = "") -> date:
    """The date in a cell of a roster; one without a year has a leap year. DeriveError where it is none."""
    for known in (format_,) if format_ else _CUSTOMARY:
        found = re.fullmatch(_pattern(known), " ".join(cell.split()))
        if found:
            return _date(found.groupdict(), cell)
    hint = f"write it as {format_}" if format_ else "write 16.03.2001 or 2001-03-16"
    if "/" in cell and not format_:
        hint = f"the day or the month may stand first: say which in the sheet, {_FORMAT_HINT}"
    raise DeriveError(f"{cell!r} is no birthday", hint)


def _pattern(format_: str) -> str:
    pieces = re.split(r"(day|month|year)", format_)
    return "".join(_PARTS.get(piece, re.escape(piece)) for piece in pieces)


def _date(parts: dict[str, str], cell: str) -> date:
    year = int(parts.get("year") or _LEAP_YEAR)
    try:
        return date(year + (2000 if year < 100 else 0), int(parts["month"]), int(parts["day"]))
    except ValueError as error:
        raise DeriveError(f"{cell!r} is no day of the calendar: {error}", "correct it in the roster") from error
