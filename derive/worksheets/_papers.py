"""What everybody was handed out, kept in the folder for what is made of all at the end, and read one at a time.

A file a person: whose it is and a hash, then the exercises twice, pickled and compressed: first their outlines, which
is all that the tables for a class tell, then the whole, which course systems show. Only values of ours are read from
it, and only when nobody has changed it. The bytes of a pickle depend on which of its parts happen to be one object, so
that equal exercises may have different files; nobody is handed these.
"""

from __future__ import annotations

import io
import pickle
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from fractions import Fraction
from operator import attrgetter
from pathlib import Path
from typing import Any

from derive.documents._tree import Page
from derive.errors import DeriveError
from derive.worksheets._digests import bytes_digest
from derive.worksheets._manifest import HIDDEN, Record
from derive.worksheets.model import Exercise, Student

Papers = tuple[Student, tuple[Exercise, ...]]
"""A person and what the person is handed out."""

HINT = "run it again without --resume"


def papers_name(stem: str) -> str:
    """The path of a person's papers in the folder."""
    return f"{HIDDEN}/papers/{stem}"


def packed(papers: Papers, content: str) -> bytes:
    """A person's exercises as bytes; ``content`` is the hash of what they were made from."""
    student, exercises = papers
    return sealed([(student, tuple(map(outline, exercises))), papers], content)


def sealed(values: Iterable[Any], content: str) -> bytes:
    """Values one after another, what they have in common once, behind a line that tells whether they were changed."""
    out = io.BytesIO()
    pickler = pickle.Pickler(out, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _REDUCERS
    for value in values:
        pickler.dump(value)
    data = zlib.compress(out.getvalue(), 1)
    return _head(content, data) + data


def outline(exercise: Exercise) -> Exercise:
    """An exercise without what the person reads and without the steps of the solution: titles, gaps, results."""
    variant = exercise.variant
    lean = replace(variant, derivation=replace(variant.derivation, given=(), asked=(), parts=(), text=""))
    return replace(exercise, variant=lean, page=Page(exercise.page.title, (), (), None, None))


def unpacked(data: bytes, content: str, whole: bool = True) -> Papers:
    """What :func:`packed` has made, or the outlines of it. DeriveError for other bytes; nothing in them is executed."""
    head, _, rest = data.partition(b"\n")
    if head + b"\n" != _head(content, rest):
        raise DeriveError("kept exercises were changed", HINT)
    try:
        unpickler = _Unpickler(io.BytesIO(zlib.decompress(rest)))
        papers: Papers = unpickler.load()
        if whole:
            papers = unpickler.load()
    except (zlib.error, pickle.UnpicklingError, AttributeError, ImportError, EOFError, IndexError, TypeError) as error:
        raise DeriveError(f"kept exercises are damaged: {error}", HINT) from error
    return papers


class _Reducers(dict[type, Callable[[Any], tuple[Any, ...]]]):
    """How values of ours are pickled: as the class and its fields, three times as quick as dataclasses do it."""

    def __missing__(self, kind: type) -> Callable[[Any], tuple[Any, ...]]:
        if not is_dataclass(kind) or any(f.kw_only or not f.init for f in fields(kind)):
            raise KeyError(kind)  # which is pickled as Python does
        names = [f.name for f in fields(kind)]
        values = attrgetter(*names, "__class__", "__class__")  # of a single name its value alone would come

        def reducer(value: Any) -> tuple[Any, ...]:
            return kind, values(value)[:-2]

        self[kind] = reducer
        return reducer


_REDUCERS = _Reducers()
_PLAIN = {("fractions", "Fraction"): Fraction, ("builtins", "frozenset"): frozenset, ("builtins", "set"): set}


class _Unpickler(pickle.Unpickler):
    """Makes values of our classes and nothing else: dataclasses, words, and names of a closed list."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _PLAIN:
            return _PLAIN[module, name]
        found = super().find_class(module, name) if module.startswith("derive.") and "." not in name else None
        if isinstance(found, type) and (is_dataclass(found) or issubclass(found, str | Enum)):
            return found
        raise pickle.UnpicklingError(f"{module}.{name} is not a value of a worksheet")


def _head(content: str, data: bytes) -> bytes:
    return f"{content} {bytes_digest(data)}\n".encode()


def kept(folder: Path, record: Record) -> bool:
    """Whether a person's papers are there and unchanged."""
    try:
        head, _, rest = (folder / papers_name(record.stem)).read_bytes().partition(b"\n")
    except OSError:
        return False
    return head + b"\n" == _head(record.content, rest)


class KeptPapers(Sequence[Papers]):
    """What everybody was handed out, or outlines of it, in the order of the roster, read one at a time.

    ``people`` are the names of their files and the hashes of what their exercises were made from.
    """

    def __init__(self, folder: Path, people: Sequence[tuple[str, str]], whole: bool = True) -> None:
        self._folder, self._people, self._whole = folder, people, whole

    def outlines(self) -> KeptPapers:
        """The same without what only their persons read."""
        return KeptPapers(self._folder, self._people, whole=False)

    def part(self, start: int, stop: int) -> KeptPapers:
        """Those of some of the people, by their places on the roster."""
        return KeptPapers(self._folder, self._people[start:stop], self._whole)

    def __len__(self) -> int:
        return len(self._people)

    def __getitem__(self, index: int) -> Papers:  # type: ignore[override]
        return self._read(*self._people[index])

    def __iter__(self) -> Iterator[Papers]:
        return (self._read(stem, content) for stem, content in self._people)

    def _read(self, stem: str, content: str) -> Papers:
        path = self._folder / papers_name(stem)
        try:
            return unpacked(path.read_bytes(), content, self._whole)
        except OSError as error:
            raise DeriveError(f"{path}: {error.strerror}", HINT) from error
        except DeriveError as error:
            error.message = f"{path}: {error.message}"
            raise
