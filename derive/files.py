"""Files written whole or not at all.

Everything that derive writes goes through :func:`write_bytes` or :func:`write_text`: a temporary file in
the same folder, flushed to the disk, then renamed over the target. A reader of the target sees the old
file or the new one, never a part; an interruption leaves the old one and no debris.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from derive.errors import DeriveError

_FILE_MODE = 0o666  # less the user's mask: what an ordinary program's new file gets


class OutputError(DeriveError):
    """An output folder or file that cannot be written."""


def _refusal(path: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    return OutputError(f"cannot write {path}: {reason}", "choose another folder with -o DIR")


def make_folder(folder: Path) -> Path:
    """Create a folder and its parents; an existing one is fine. Raises :class:`OutputError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refusal(folder, error) from error
    return folder


def _umask() -> int:
    mask = os.umask(0)  # it can only be read by setting it
    os.umask(mask)
    return mask


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path``, with its suffix, that takes its place when the block ends well.

    Raises :class:`OutputError` when the folder cannot be written. Any exception, Ctrl-C included, removes
    the temporary file and leaves ``path`` as it was.
    """
    make_folder(path.parent)
    try:
        handle, name = tempfile.mkstemp(suffix=path.suffix, prefix=".writing-", dir=path.parent)
    except OSError as error:
        raise _refusal(path, error) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        _settle(temporary, path)
    except OSError as error:
        raise _refusal(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


_saved: ContextVar[bool] = ContextVar("saved", default=True)


@contextmanager
def unsaved() -> Iterator[None]:
    """Files written inside the block need not outlive a power failure: scratch files, and those that hashes guard."""
    token = _saved.set(False)
    try:
        yield
    finally:
        _saved.reset(token)


def _settle(temporary: Path, path: Path) -> None:
    if _saved.get():
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
    temporary.chmod(_FILE_MODE & ~_umask())
    temporary.replace(path)


def move(finished: Path, path: Path) -> Path:
    """Put a finished file of the same disk in the place of another, whole. Raises :class:`OutputError`."""
    make_folder(path.parent)
    try:
        _settle(finished, path)
    except OSError as error:
        raise _refusal(path, error) from error
    return path


def write_bytes(path: Path, data: bytes) -> Path:
    """Write a whole file or nothing; returns the path. Raises :class:`OutputError`."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)
    return path


def write_text(path: Path, text: str) -> Path:
    """Write a whole UTF-8 text or nothing, with ``\\n`` line ends on every system."""
    return write_bytes(path, text.encode("utf-8"))
