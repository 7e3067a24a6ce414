"""The text of a file that a person wrote: UTF-8, not too large, or a refusal that says what is wrong with it.

Called by the readers of problem files and of whole texts.
"""

from __future__ import annotations

from pathlib import Path

from derive import limits
from derive.errors import ProblemError


def load(path: Path, what: str = "file") -> str:
    """The text of a file, byte order mark and line ends as they are. ``what`` is what the file should have been.

    ProblemError where it is missing, a folder, larger than :data:`derive.limits.FILE_BYTES` or not UTF-8.
    """
    return decoded(_bytes(path, what), str(path))


def _bytes(path: Path, what: str) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(limits.FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise ProblemError(str(path), 0, "there is no such file") from error
    except IsADirectoryError as error:
        raise ProblemError(str(path), 0, f"this is a folder, not a {what}") from error
    except OSError as error:
        raise ProblemError(str(path), 0, f"cannot be read: {error.strerror or error}") from error


def decoded(data: bytes, file: str) -> str:
    """Bytes as text. ProblemError, with the line, where they are not UTF-8."""
    if len(data) > limits.FILE_BYTES:
        raise ProblemError(file, 0, f"the file is too large: at most {limits.FILE_BYTES:,} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ProblemError(file, line, "the file is not UTF-8 text", "save it as UTF-8 in your editor") from error
