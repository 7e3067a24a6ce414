"""The record of a folder of worksheets: who has which files, made from what, and what came of the verification.

``manifest.jsonl`` holds JSON lines: first what the folder is for, then one for each person, the last of several being
the one that holds. A line is added when a person's files are all there, and is on the disk before the next begins, so
that a run that is killed loses only those at work. Called by ``making.py``, which reads it to go on where a run ended.

The folder belongs to one run at a time (:func:`opened`). Files of other people are never touched: a name is ours when
a line names it, or when the first line claims the name that all of a person's files begin with.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from derive import files
from derive.documents._figures import FOLDER as FIGURES
from derive.errors import DeriveError
from derive.files import OutputError
from derive.worksheets._digests import file_digest

NAME = "manifest.jsonl"
SCHEMA = "derive/worksheets/1"
HIDDEN = ".derive"  # what a run needs to go on, and nobody looks at
CLASS = "class"  # the files that are for the whole class
KEY = "-key"

_UNFINISHED = ".writing-"  # how files.replacing calls what is not whole yet


@dataclass(frozen=True, slots=True)
class Record:
    """A person's worksheet, or why there is none.

    ``stem`` is what the names of all files begin with, ``content`` the hash of all that they are made from, ``outputs``
    what was asked for (``tex``, ``tex-key``), ``files`` the SHA-256 of each file by its path in the folder. ``seeds``
    are what the numbers were drawn from, ``items`` what was drawn and how large it is, ``verdicts`` how many steps
    carry each verdict. ``error`` says why there is nothing, ``cause`` the same in words that are
    everybody's where there are such (:class:`~derive.worksheets.drawing.DrawError`), ``exit_code`` what a run with it
    ends with.
    """

    student: str
    stem: str
    content: str
    name: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    seeds: tuple[str, ...] = ()
    items: tuple[Mapping[str, Any], ...] = ()
    verdicts: Mapping[str, int] = field(default_factory=dict)
    error: str = ""
    cause: str = ""
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Head:
    """What a folder is for: the sheet's file, what was asked for, and the stems whose files are ours.

    ``files`` are those for the class with their SHA-256, ``people`` is the hash of all whom they are about, ``content``
    that of all that they were made from in the last run.
    """

    sheet: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    stems: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    people: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for when a folder was filled; it holds in later runs until something else is asked for."""

    formats: tuple[str, ...]
    key: bool
    courses: tuple[str, ...]
    engine: str
    detail: str
    template: Path | None

    def written(self) -> dict[str, Any]:
        """The settings of a :class:`Head`."""
        return {**asdict(self), "template": str(self.template or "")}

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> Asked | None:
        """What :meth:`written` was made of; None where the settings do not say it."""
        match settings:
            case {"formats": [*formats], "key": bool(key), "courses": [*courses], "engine": str(engine),
                  "detail": str(detail), "template": str(template)} if all(
                      isinstance(name, str) for name in (*formats, *courses)):
                place = Path(template) if template else None
                return cls(tuple(formats), key, tuple(courses), engine, detail, place)
        return None


class Manifest:
    """The manifest of a folder that this process has to itself."""

    def __init__(self, folder: Path, sheet: str) -> None:
        self.folder = folder
        self.records: dict[str, Record] = {}
        self.head = Head(sheet)
        self.damaged = 0
        self._stream = -1
        if self.path.exists():
            self._read(sheet)

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / NAME

    # --- reading ---------------------------------------------------------------------------------

    def _read(self, sheet: str) -> None:
        lines = [_parsed(line) for line in self.path.read_bytes().splitlines()]
        head = lines[0] if lines else None
        if not isinstance(head, dict) or head.pop("schema", "") != SCHEMA:
            raise DeriveError(f"{self.path} is no manifest of worksheets and is left as it is", "choose another folder")
        self.head = _made(Head, head) or Head(sheet)
        if self.head.sheet != sheet and self._is_empty(lines[1:]):
            self.head = Head(sheet)
            return
        if self.head.sheet != sheet:
            other = f"{self.folder} holds the worksheets of {self.head.sheet}"
            raise DeriveError(other, "choose another folder for this sheet with -o DIR")
        for data in lines[1:]:
            record = _made(Record, data)
            if record is None:
                self.damaged += 1
            else:
                self.records[record.student] = record

    def _is_empty(self, lines: Iterable[Any]) -> bool:
        """Whether a run of another sheet has left no file here, so that the folder is nobody's."""
        records = [_made(Record, data) for data in lines]
        named = self.head.files or any(record is None or record.files for record in records)
        return not named and not any(claimed(name, frozenset(self.head.stems)) for name in self._names())

    # --- writing ---------------------------------------------------------------------------------

    def begin(self, head: Head, records: Iterable[Record]) -> None:
        """Start over with these records; from now on the stems of ``head`` are ours as well as those so far."""
        self._close()
        self.records = {record.student: record for record in records}
        self.head = head
        lines = [_line({"schema": SCHEMA, **asdict(head)}), *(_line(asdict(r)) for r in self.records.values())]
        files.write_bytes(self.path, b"".join(lines))

    def add(self, record: Record) -> None:
        """Add a record; it is on the disk when this returns. Raises :class:`OutputError` and leaves the file whole."""
        self.records[record.student] = record
        end = 0
        try:
            if self._stream < 0:
                self._stream = os.open(self.path, os.O_WRONLY | os.O_APPEND)
            end = os.fstat(self._stream).st_size
            _write(self._stream, _line(asdict(record)))
            os.fsync(self._stream)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._stream, end)
            raise OutputError(f"cannot write {self.path}: {error.strerror}") from error

    def _close(self) -> None:
        if self._stream >= 0:
            os.close(self._stream)
            self._stream = -1

    def close(self) -> None:
        """Nothing more is added."""
        self._close()

    # --- what is in the folder -------------------------------------------------------------------

    def holds(self, names: Mapping[str, str]) -> bool:
        """Whether the files are there with these hashes."""
        return all(file_digest(self.folder / name) == hashed for name, hashed in names.items())

    def owned(self) -> set[str]:
        """The paths of all files that a line names."""
        return {name for record in self.records.values() for name in record.files} | set(self.head.files)

    def foreign(self) -> list[str]:
        """The files in the folder that are not ours."""
        owned, stems = self.owned(), frozenset(self.head.stems)
        return sorted(name for name in self._names() if name not in owned and not claimed(name, stems))

    def _names(self) -> Iterator[str]:
        for path in self.folder.rglob("*"):
            name = path.relative_to(self.folder).as_posix()
            ours = name == NAME or name.startswith((f"{HIDDEN}/", f"{CLASS}/"))
            if not ours and (path.is_file() or path.is_symlink()):
                yield name

    @contextmanager
    def unfinished(self) -> Iterator[Path]:
        """A folder of ours for files that are not whole yet. Raises :class:`OutputError`."""
        try:
            place = TemporaryDirectory(prefix=_UNFINISHED, dir=files.make_folder(self.folder / HIDDEN))
        except OSError as error:
            raise OutputError(f"cannot write {self.folder / HIDDEN}: {error.strerror}") from error
        with place as name:
            yield Path(name)

    def tidy(self) -> None:
        """Remove what a killed run did not finish writing."""
        ours = self.folder / HIDDEN
        for folder in (self.folder, self.folder / FIGURES, self.folder / CLASS, ours, ours / "papers"):
            for path in folder.glob(f"{_UNFINISHED}*"):
                if folder == ours and path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                with suppress(OSError):
                    path.unlink()


def asked_for(folder: Path) -> Asked | None:
    """What was asked for when a folder was filled, by whoever has it now; None where no manifest says it."""
    try:
        with (folder / NAME).open("rb") as lines:
            head = _made(Head, _parsed(lines.readline()))
    except OSError:
        return None
    return Asked.read(head.settings) if isinstance(head, Head) else None


def claimed(name: str, stems: frozenset[str]) -> bool:
    """Whether a path is one that a person's files may have, when these are the stems."""
    path = PurePosixPath(name)
    first = path.name.partition(".")[0]
    if path.parts[:-1] == (FIGURES,):
        words = first.split("-")
        return any("-".join(words[:i]).removesuffix(KEY) in stems for i in range(1, len(words)))
    return len(path.parts) == 1 and (first in stems or first.removesuffix(KEY) in stems)


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _made(kind: type[Any], data: Any) -> Any:
    """A dataclass of its JSON; None when that is damaged."""
    if not isinstance(data, dict):
        return None
    known = {f.name: f for f in fields(kind)}
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items() if key in known}
    try:
        made = kind(**values)
    except TypeError:
        return None
    sound = all(isinstance(getattr(made, name), _TYPES[str(row.type)]) for name, row in known.items())
    return made if sound and all(map(_inside, getattr(made, "files", {}))) else None


_TYPES: dict[str, type[Any]] = {
    "str": str, "int": int, "tuple[str, ...]": tuple, "tuple[Mapping[str, Any], ...]": tuple,
    "Mapping[str, str]": dict, "Mapping[str, int]": dict, "Mapping[str, Any]": dict,
}


def _inside(name: str) -> bool:
    """Whether a path stays in the folder."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _line(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(errors="replace") + b"\n"


def _write(stream: int, data: bytes) -> None:
    while data:
        data = data[os.write(stream, data) :]


# --- one run at a time ---------------------------------------------------------------------------


@contextmanager
def opened(folder: Path, sheet: str) -> Iterator[Manifest]:
    """The manifest of a folder, which is made where there is none, for this process alone.

    Raises :class:`DeriveError` while another process has it. The lock is the system's and ends with the process that
    holds it, however that ends: there are no stale ones.
    """
    path = files.make_folder(folder / HIDDEN) / "lock"
    try:
        stream = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}", "choose another folder with -o DIR") from error
    try:
        _lock(stream, folder)
        manifest = Manifest(folder, sheet)
        try:
            yield manifest
        finally:
            manifest.close()
    finally:
        os.close(stream)


def _lock(stream: int, folder: Path) -> None:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(stream, 20, 0).decode(errors="replace").strip()
        who = f" (process {holder})" if holder.isdigit() else ""
        message = f"another run{who} is writing into {folder}"
        raise DeriveError(message, "wait until it has ended, or choose another folder with -o DIR") from None
    with suppress(OSError):  # a full disk: whose lock it is is only for people
        os.ftruncate(stream, 0)
        os.pwrite(stream, str(os.getpid()).encode(), 0)
