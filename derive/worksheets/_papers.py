"""What everybody was handed out, kept in the folder for what is made of all at the end, and read one at a time.

A file a person: whose it is and a hash, then the exercises, pickled and compressed. Only values of ours are read from
it, and only when nobody has changed it. The bytes of a pickle depend on which of its parts happen to be one object, so
that equal exercises may have different files; nobody is handed these.
"""

from __future__ import annotations

import io
import pickle
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import is_dataclass
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

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
    data = zlib.compress(pickle.dumps(papers, pickle.HIGHEST_PROTOCOL), 1)
    return _head(content, data) + data


def _head(content: str, data: bytes) -> bytes:
    return f"{content} {bytes_digest(data)}\n".encode()


def unpacked(data: bytes, content: str) -> Papers:
    """What :func:`packed` has made. Raises DeriveError for other bytes; nothing in them is executed."""
    head, _, rest = data.partition(b"\n")
    if head + b"\n" != _head(content, rest):
        raise DeriveError("kept exercises were changed", HINT)
    try:
        papers: Papers = _Unpickler(io.BytesIO(zlib.decompress(rest))).load()
    except (zlib.error, pickle.UnpicklingError, AttributeError, ImportError, EOFError, IndexError, TypeError) as error:
        raise DeriveError(f"kept exercises are damaged: {error}", HINT) from error
    return papers


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


def kept(folder: Path, record: Record) -> bool:
    """Whether a person's papers are there and unchanged."""
    try:
        head, _, rest = (folder / papers_name(record.stem)).read_bytes().partition(b"\n")
    except OSError:
        return False
    return head + b"\n" == _head(record.content, rest)


class KeptPapers(Sequence[Papers]):
    """What everybody was handed out, in the order of the roster, read from the folder one at a time."""

    def __init__(self, folder: Path, records: Iterable[Record]) -> None:
        self._folder = folder
        self._people = [(record.stem, record.content) for record in records]

    def __len__(self) -> int:
        return len(self._people)

    def __getitem__(self, index: int) -> Papers:  # type: ignore[override]
        return self._read(*self._people[index])

    def __iter__(self) -> Iterator[Papers]:
        return (self._read(stem, content) for stem, content in self._people)

    def _read(self, stem: str, content: str) -> Papers:
        path = self._folder / papers_name(stem)
        try:
            return unpacked(path.read_bytes(), content)
        except OSError as error:
            raise DeriveError(f"{path}: {error.strerror}", HINT) from error
        except DeriveError as error:
            error.message = f"{path}: {error.message}"
            raise
