"""Hashes that say whether a personal worksheet would come out the same again.

Two hashes are equal when the same sheet, person and choices went into the same version of derive. Where something
stands in a file (lines, the file's name) makes no difference. Called by ``making.py``.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import derive
from derive import resources

LIBRARIES = ("numpy", "scipy", "sympy", "python-flint", "matplotlib", "jinja2", "typst")
"""What computes, draws and sets pages: another version of one of these may give other bytes."""

_PLACES = ("file", "line")


def digest(*values: Any) -> str:
    """The SHA-256 of values of ours: dataclasses, mappings, sequences, sets, numbers, words."""
    hashed = hashlib.sha256()
    for piece in _pieces(values):
        hashed.update(f"{len(piece)}:".encode())  # so that no two sequences of pieces read the same
        hashed.update(piece)
    return hashed.hexdigest()


def _pieces(value: Any) -> Iterator[bytes]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield type(value).__name__.encode()
        yield from _many((f.name, getattr(value, f.name)) for f in dataclasses.fields(value) if f.name not in _PLACES)
        return
    match value:
        case Mapping():
            yield from _many(sorted(value.items(), key=lambda pair: str(pair[0])))
        case list() | tuple():
            yield from _many(value)
        case set() | frozenset():
            yield from _many(sorted(value, key=str))
        case str() | Fraction() | int() | float() | None:
            yield f"{type(value).__name__} {value}".encode(errors="surrogatepass")
        case bytes():
            yield value
        case _:
            yield f"{type(value).__name__} {value!r}".encode(errors="surrogatepass")


def _many(values: Iterable[Any]) -> Iterator[bytes]:
    yield b"("
    for value in values:
        yield from _pieces(value)
    yield b")"


def bytes_digest(data: bytes) -> str:
    """The SHA-256 of the bytes of a file."""
    return hashlib.sha256(data).hexdigest()


def file_digest(path: Path) -> str:
    """The SHA-256 of a file; empty when it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def folder_digest(*folders: Path) -> str:
    """The SHA-256 of the files of folders and of their names."""
    files = sorted((path.relative_to(folder).as_posix(), path) for folder in folders for path in folder.rglob("*")
                   if path.is_file() and path.suffix != ".pyc")
    return digest([(name, file_digest(path)) for name, path in files])


@cache
def engine() -> str:
    """What this derive is: the hash of its program, its templates, and the versions of what it stands on."""
    package = Path(derive.__file__).parent
    return digest(folder_digest(package, resources.folder("templates")), [_version(name) for name in LIBRARIES])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
