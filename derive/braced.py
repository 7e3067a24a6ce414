"""The places of values in words: ``{name}`` in the title or the text of a problem.

Called by :mod:`derive.api` for what stands in ``[given]``, and by :mod:`derive.worksheets` for what is drawn, so that
both say a value in the same words. What kinds of value there are is :func:`_said`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from derive.errors import DeriveError
from derive.problem import Problem, Sheet
from derive.read.fields import MisfitError, Spelled, type_name, written_number
from derive.read.latex import Names, read
from derive.read.problems import BRACED
from derive.steps import Definition, Value, Worded
from derive.tree import Matrix, Node, Symbol
from derive.write.text import text


def told(problem: Problem, drawn: Mapping[str, str | Node] | None = None) -> Problem:
    """The problem with words for the names in braces in its title and text: what is drawn for them, or what is given.

    Braces that hold no name of either stay.
    """
    if not problem.written and not drawn:
        return problem
    known = partial(_known, problem, drawn or {})
    title, words = str(filled(problem.title, known)), filled(problem.text, known)
    return replace(problem, title=title, text=words, written={})


def told_all(sheet: Sheet) -> Sheet:
    """The same for all problems of a file; one that has no title of its own is called as its only problem."""
    problems = tuple(map(told, sheet.problems))
    named = len(problems) == 1 and sheet.title == sheet.problems[0].title
    return replace(sheet, title=problems[0].title if named else sheet.title, problems=problems)


def _known(problem: Problem, drawn: Mapping[str, str | Node], name: str) -> str | Node | None:
    if name in drawn:
        return drawn[name]
    return _said(problem.written[name], problem.given.get(name)) if name in problem.written else None


def _said(written: Any, given: Any) -> str | Node | None:
    """What is said of a value, as it is written and as it was read; a matrix by its formula. None for a table."""
    match given:
        case Definition() as definition:
            return in_words(definition.equation if "=" in str(written) else definition.body)
        case Matrix() as matrix:
            return matrix
        case Node() as node:
            return in_words(node)
        case str() as words:
            return words
    try:
        return said(written, valued(written))
    except MisfitError:
        return None


def filled(words: str, said: Callable[[str], str | Node | None]) -> str:
    """The words with their values: ``said`` is handed each name, and says nothing of one that is no value's.

    A value that is said by a formula makes them :class:`~derive.steps.Worded`.
    """
    prose: list[str | Node] = [""]
    end = 0
    for found in BRACED.finditer(words):
        known = said(found[1])
        _add(prose, words[end : found.start()])
        _add(prose, found[0] if known is None else known)
        end = found.end()
    _add(prose, words[end:])
    plain = "".join(text(part) if isinstance(part, Node) else part for part in prose)
    return Worded(plain, tuple(filter(None, prose))) if any(isinstance(part, Node) for part in prose) else plain


def _add(prose: list[str | Node], part: str | Node) -> None:
    """Put a part at the end of prose; words go on with the words before them."""
    if isinstance(part, str) and isinstance(prose[-1], str):
        prose[-1] += part
    else:
        prose.append(part)


def valued(raw: Any) -> Value:
    """What stands in a file as a value: numbers, formulas, lists; a word is a name. MisfitError for a table."""
    if isinstance(raw, list):
        return tuple(valued(part) for part in raw)
    if isinstance(raw, bool):
        return Symbol(str(raw).lower(), font="rm")
    if isinstance(raw, Spelled | int):
        return written_number(raw)
    if not isinstance(raw, str):
        raise MisfitError(f"expected a number, a formula, a word or a list of these, found {type_name(raw)}")
    try:
        return read(raw, Names(labels=True))
    except DeriveError:
        return Symbol("".join(c for c in raw if c.isalpha() and c.isascii()) or "text", font="rm")


def in_words(value: Value) -> str:
    """A value as it is said in a sentence: ``3``, ``(1, -2)``; a list of one point is that point."""
    match value:
        case (tuple() as point,):
            return in_words(point)
        case tuple():
            return f"({', '.join(map(in_words, value))})"
    return text(value)


def said(raw: Any, value: Value) -> str:
    """What a file writes as ``raw`` in running text: a word as it is, a number or coordinates as text."""
    if isinstance(raw, str) and (isinstance(value, Symbol) or raw.isalpha()):
        return raw
    return in_words(value)
