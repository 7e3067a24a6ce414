"""What can go wrong, as types that carry where and what to change.

Every refusal derives from :class:`DeriveError`, whose text is fit for a person to read. The command line
turns each into a message and its ``exit_code``; nothing else is caught there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class DeriveError(Exception):
    """A refusal with a message for a person, and the exit code it ends a command with.

    ``key`` is the key of the problem's ``[given]`` that it is about, where that is known: the message gets its line.
    """

    exit_code = 2
    key = ""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


@contextmanager
def about(key: str) -> Iterator[None]:
    """Errors that are raised inside are about this key, unless they say which."""
    try:
        yield
    except DeriveError as error:
        error.key = error.key or key
        raise


class FormulaError(DeriveError):
    """A formula that cannot be read: the text, the offset of the first bad character, what was expected."""

    def __init__(self, text: str, position: int, problem: str, hint: str = "") -> None:
        self.text, self.position, self.problem = text, position, problem
        super().__init__(f"{problem}\n{self.picture()}", hint)

    def picture(self, width: int = 72) -> str:
        """The formula on one line with a caret under the position; a long formula is cut around it.

        Characters that are invisible or turn the writing direction are shown as a replacement mark.
        """
        line = "".join(" " if c.isspace() else c if c.isprintable() else "�" for c in self.text)
        at = max(0, min(self.position, len(line)))
        start = max(0, min(at - width // 2, len(line) - width))
        shown = line[start : start + width]
        left = "…" if start else ""
        right = "…" if start + width < len(line) else ""
        return f"  {left}{shown}{right}\n  {' ' * (at - start + len(left))}^"


class LimitError(DeriveError):
    """Something is larger than :mod:`derive.limits` allows: too large, never wrong."""


class ProblemError(DeriveError):
    """A problem file that cannot be used: the file, the line (from 1, 0 when unknown), the reason."""

    def __init__(self, file: str, line: int, message: str, hint: str = "") -> None:
        self.file, self.line = file, line
        where = f"{file}:{line}: " if line else f"{file}: "
        super().__init__(where + message, hint)


class MathError(DeriveError):
    """The mathematics asked for does not exist: a division by zero at a point, a logarithm of zero."""


class RefutedError(DeriveError):
    """A step was found false, or a claimed identity is; carries the counter-example in its message."""

    exit_code = 1


class ToolMissingError(DeriveError):
    """A program that was asked for is not on this machine."""

    exit_code = 4
