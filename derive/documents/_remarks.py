"""What a run tells of its documents beside them: where they could not be made as they were asked for.

Formats say so with :func:`remark` while they write, and go on. Whoever runs them collects it with :func:`remarked` and
tells each thing once, in the words of :func:`sentences`. Where nobody listens nothing happens. What can be said is a
sentence about the whole run, or :class:`Unset` about one document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, is_dataclass

from derive.documents._escape import foreign
from derive.documents._tree import Row
from derive.tree import Node

SHOWN = 5  # letters that are told before it says how many more there are

Letters = Mapping[str, str]
"""Letters that could not be set, and what is printed in place of each."""


@dataclass(frozen=True, slots=True)
class Unset:
    """Letters of a document that the fonts it is set in do not have, each with what is printed in its place."""

    file: str
    letters: tuple[tuple[str, str], ...]


Remark = str | Unset

_remarks: ContextVar[dict[Remark, None] | None] = ContextVar("remarks", default=None)


@contextmanager
def remarked() -> Iterator[Mapping[Remark, None]]:
    """The remarks on what is written inside the block, each once, in order."""
    found: dict[Remark, None] = {}
    token = _remarks.set(found)
    try:
        yield found
    finally:
        _remarks.reset(token)


def remark(said: Remark) -> None:
    """Say something of what is being written."""
    found = _remarks.get()
    if found is not None:
        found[said] = None


def remark_letters(shown: object, file: str, spelled: Callable[[str], str]) -> None:
    """Say which letters of a document are not set; ``spelled`` is what is printed for a letter, empty for itself."""
    if _remarks.get() is not None and (letters := unset(words_of(shown), spelled)):
        remark(Unset(file, letters))


def unset(words: Iterable[str], spelled: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    """The letters of some words that are not set, each with what is printed in its place."""
    return tuple((letter, told) for letter in foreign(words) if (told := spelled(letter)))


def words_of(part: object) -> list[str]:
    """All words that stand in a part of a document, but for formulas, which have letters of their own."""
    found: list[str] = []
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, tuple):
            waiting += one[::-1]
        else:
            waiting += [getattr(one, name) for name in _PARTS[type(one)]]
    return found


class _Parts(dict[type, tuple[str, ...]]):
    """The fields with what stands in a value of a document, the last first; a line does not show its finer lines."""

    def __missing__(self, kind: type) -> tuple[str, ...]:
        shown = fields(kind) if is_dataclass(kind) and not issubclass(kind, Node) else ()
        self[kind] = tuple(field.name for field in reversed(shown) if (kind, field.name) != (Row, "finer"))
        return self[kind]


_PARTS = _Parts()


# --- in words ------------------------------------------------------------------------------------


def sentences(remarks: Iterable[Remark]) -> list[str]:
    """What is to be told of a run: of the letters once for all documents that lack the same ones."""
    files: dict[tuple[tuple[str, str], ...], list[str]] = {}
    told: list[str] = []
    for said in remarks:
        match said:
            case str():
                told.append(said)
            case Unset(file, letters):
                files.setdefault(letters, []).append(file)
    for letters, names in files.items():
        said = f"the fonts do not have {listed([letter for letter, _ in letters])}"
        told.append(f"{listed(names)}: {said}; they are {instead(dict(letters))}")
    return told


def listed(words: Sequence[str], most: int = SHOWN) -> str:
    """The first of some words, and how many more there are."""
    shown = ", ".join(words[:most])
    return f"{shown} and {len(words) - most:,} more" if len(words) > most else shown


def instead(letters: Letters) -> str:
    """What is printed in place of letters: ``printed as [U+674E], …``."""
    return f"printed as {listed(list(letters.values()))}"
