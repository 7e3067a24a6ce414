"""What may be wrong with a worksheet that is right: remarks for whoever checks it before it is handed out.

Called by :mod:`derive.worksheets.gate`. A worksheet can be right in every step and still be no exercise: the text may
go on telling the numbers of the problem it was taken from, a number that is drawn may stand nowhere on the page, the
solution may be a statement that no rule leads to, and points may be given for what nobody is asked. These are told as
remarks, for only a person knows whether that is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from derive import choices
from derive.braced import in_words
from derive.documents._tree import sign_text
from derive.errors import DeriveError
from derive.steps import Chain, Value
from derive.tree import Node, Symbol, free_symbols, numeric
from derive.worksheets import drawing
from derive.worksheets._words import amount
from derive.worksheets.model import Exercise, Item, Student, Worksheet
from derive.worksheets.modes._visible import page_texts
from derive.worksheets.sheets import MODES, OVER, asks
from derive.write.text import text

TRIED = 3  # people whose exercises are looked at
_PLAIN = (0, 1, 2)  # numbers that words are full of
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_POWER = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")


def remarks(sheet: Worksheet, students: Sequence[Student]) -> list[str]:
    """What may be wrong with a sheet, judged by its words and by the exercises of a few people."""
    drawn = [item for item in sheet.items if item.draws]
    found = [remark for item in drawn for remark in _old_numbers(item)]
    found += [remark for item in sheet.items for remark in _unearned(item)]
    for item in sheet.items:
        exercises = _exercises(sheet, item, students[:TRIED])
        if first := next(exercises, None):
            found += [*_unseen(item, chain([first], exercises)), *_underived(first)]
    return found


# --- words about other numbers ----------------------------------------------------------------------------


def _old_numbers(item: Item) -> Iterator[str]:
    """Draws of keys whose old value is still told by the problem's title or text."""
    words = " ".join(str(item.source.table.get(key, "")) for key in OVER)
    for draw in item.draws:
        if f"{{{draw.name}}}" in words:
            continue
        for old in _told(_value_at(item.source.table.get("given", {}), draw.name), draw.name):
            if found := old.search(words):
                yield (f'{item.id}: its text says "{found[0].strip()}", which was the value of {draw.name}, and '
                       f"{draw.name} is drawn: give the item a text of its own, with {{{draw.name}}} in its place")
                break


def _value_at(given: Any, name: str) -> Any:
    """What the problem itself has at a dotted name; None where there is nothing."""
    for key in name.split("."):
        if isinstance(given, Mapping) and key in given:
            given = given[key]
        elif isinstance(given, list) and key.isdecimal() and int(key) < len(given):
            given = given[int(key)]
        else:
            return None
    return given


def _told(value: Any, name: str) -> Iterator[re.Pattern[str]]:
    """How words may tell a value: ``(1, 1)``, ``0.25``, ``three``; of 0, 1 and 2 only together with the name."""
    if isinstance(value, list):
        if value and not any(isinstance(part, list) for part in value):
            inside = r"\s*[,|]\s*".join(re.escape(str(part)) for part in value)
            yield re.compile(rf"\(\s*{inside}\s*\)" if len(value) > 1 else _alone(inside))
        for part in value:
            if isinstance(part, list):
                yield from _told(part, name)
    elif isinstance(value, bool) or not isinstance(value, int | str):
        return
    elif value in _PLAIN or str(value) in map(str, _PLAIN):
        yield re.compile(rf"\b{re.escape(name.rpartition('.')[2])}\s*=\s*{value}(?![\d.]\d|\d)")
    elif re.fullmatch(r"-?\d+(\.\d+)?(/\d+)?", str(value)):
        yield re.compile(_alone(re.escape(str(value))))
        if str(value) in _COUNTS:
            yield re.compile(rf"\b{_COUNTS[str(value)]}\b", re.IGNORECASE)


_COUNTS = {"3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight", "9": "nine", "10": "ten"}


def _alone(number: str) -> str:
    """A pattern for a number that is no part of another, nor of a name."""
    return rf"(?<![\w.]){number}(?!\.?\d)"


# --- what stands nowhere ----------------------------------------------------------------------------------


def _exercises(sheet: Worksheet, item: Item, students: Sequence[Student]) -> Iterator[Exercise]:
    """The exercises of some people; without draws, where all are alike, that of one of them."""
    for student in students if item.draws else students[:1]:
        with suppress(DeriveError):  # is told by the gate itself
            yield _exercise(sheet, item, student)


def _unseen(item: Item, exercises: Iterable[Exercise]) -> Iterator[str]:
    """Draws that are on the page of none of these people who have numbers that one would recognise."""
    missing: dict[str, str] = {}
    seen: set[str] = set()
    for exercise in exercises if item.draws else ():
        if len(seen) == len(item.draws):
            break
        lines = [_flat(line) for _, lines in page_texts(exercise.page) for line in lines]
        for name, value in exercise.variant.values.items():
            known = _known_by(value)
            if any(re.search(word, line) for word in known for line in lines):
                seen.add(name)
            elif known:
                missing.setdefault(name, f"student {exercise.variant.student.id}: {in_words(value)}")
    for name, example in missing.items():
        if name not in seen:
            yield (f"{item.id}: what is drawn for {name} stands nowhere in the exercise ({example}): write {{{name}}} "
                   "in the item's text, or do without the draw")


def _exercise(sheet: Worksheet, item: Item, student: Student) -> Exercise:
    variant = drawing.variant(sheet, item, student)
    made: Exercise = choices.load(MODES, item.mode).exercise(
        variant, item.options, drawing.chance(sheet, item, student, "mode")
    )
    return made


def _known_by(value: Value) -> list[str]:
    """Patterns of which one stands on a page that shows a value; none for values that every page has, as 0 and 1."""
    if isinstance(value, tuple):
        return [pattern for part in value for pattern in _known_by(part)]
    exact = numeric(value)
    if exact is None:
        return [re.escape(value.name if isinstance(value, Symbol) else _flat(text(value)))]
    if abs(exact) in (0, 1):
        return []
    printed = [_flat(text(value)).lstrip("-−"), *([str(float(abs(exact)))] if exact % 1 else [])]
    return [_alone(re.escape(words)) for words in printed]


def _flat(line: str) -> str:
    """A printed line with its exponents as plain numbers."""
    return _POWER.sub(lambda found: f" {found[0].translate(_RAISED)} ", line)



# --- what is not derived, and what is not asked -----------------------------------------------------------

UNTOLD = frozenset({"follows", "equal"})
"""What kinds call a step that no rule leads to: it is verified, and that is all that is known of it."""


def _underived(exercise: Exercise) -> Iterator[str]:
    """Statements that the solution only makes: no rule leads from one side to the other.

    That two things are the same of which each was derived takes no more.
    """
    derived: set[Node] = set()
    for part in exercise.variant.derivation.chains():
        ends = {part.steps[0].before, part.steps[-1].after} if part.steps else derived
        if _is_only_stated(part) and not ends <= derived:
            first, last = part.steps[0], part.steps[-1]
            yield (f"{exercise.variant.item.id}: the solution has no steps of its own for {text(first.before)} "
                   f"{sign_text(last.relation)} {text(last.after)}: no rule leads there, the line is only verified. "
                   "Where the key is to show how, put the lines between into the problem, or take another one")
        derived |= {step.after for step in part.steps}


def _is_only_stated(part: Chain) -> bool:
    """Whether nothing in a chain follows by a rule; to say that two numbers are equal takes none."""
    letters = {symbol for step in part.steps for symbol in free_symbols(step.before) | free_symbols(step.after)}
    return bool(letters) and all(step.rule in UNTOLD for step in part.steps)


def _unearned(item: Item) -> Iterator[str]:
    """Points of an item that asks for nothing."""
    if item.points and not asks(item.mode):
        count = f"{amount(item.points)} {'point' if item.points == 1 else 'points'}"
        yield f"{item.id}: a worked example, whose {count} cannot be earned: leave `points` out"
